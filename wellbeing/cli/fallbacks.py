"""Documents that an operator keeps at the carrier for the hours in which this service is down.

They must not depend on us: full numbers, no address of ours. The portal never serves them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import click
from flask.cli import with_appcontext

from wellbeing.carrier import twiml
from wellbeing.policy import current as policy
from wellbeing.policy.model import Language, LineNumber, Policy

DESK_RINGS_S = 25
"""Less than a voicemail usually takes to answer: it would keep the student from the next number."""
TEXT = "text.xml"


@click.command("carrier-fallback")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write files here.")
@with_appcontext
def carrier_fallback(out: Path | None) -> None:
    """Print, or write into a folder, the documents to be kept at the carrier (TwiML Bins)."""
    written = documents(policy=policy.current())
    for name, document in written.items():
        if out is None:
            click.echo(f"# {name}\n{document}\n")
        else:
            out.mkdir(parents=True, exist_ok=True)
            (out / name).write_text(document, encoding="utf-8")
    click.echo(
        "Keep each as a document at the carrier: voice-… as the voice fallback of its number, "
        f"{TEXT} as the message fallback of every number. The others are for the proxy, for calls "
        "that we place: docs/operations.md names the address of each."
    )


def documents(*, policy: Policy) -> Mapping[str, str]:
    """Write every document, by the name of its file.

    Raises:
        DocumentTooLarge: the carrier would not read one of them.

    """
    found = {f"voice-{one.number[1:]}.xml": _voice(policy, one) for one in policy.line.numbers}
    found[TEXT] = twiml.text_fallback(prompts=policy.prompts)
    for path, write in twiml.PLACED_CALLS.items():
        found[_file_of(path)] = write(prompts=policy.prompts)
    if any(len(document.encode()) > twiml.MOST_BYTES for document in found.values()):
        raise twiml.DocumentTooLarge
    return found


def _file_of(path: str) -> str:
    """Name the file that the proxy serves at this address while we are down."""
    return f"{path.rpartition('/')[2]}.xml"


def _voice(policy: Policy, line: LineNumber) -> str:
    """Say what happens, ring the desk's numbers one by one, then say and ring the lifeline."""
    rest = twiml.caller_fallback(
        prompts=policy.prompts, lifeline=policy.line.lifeline.dialled, line_number=line.number
    )
    if not policy.line.voice.fallback_numbers:
        return rest
    root = ET.fromstring(rest)  # noqa: S314 - written by ourselves a line ago
    for place, verb in enumerate(_desk(policy, line)):
        root.insert(place, verb)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written.decode()


def _desk(policy: Policy, line: LineNumber) -> Iterator[ET.Element]:
    for language in Language.ZH, Language.EN:
        said = ET.Element("Say", language=twiml.LANGUAGES[language])
        said.text = policy.prompts.text(key="fallback_desk", language=language)
        yield said
    for number in policy.line.voice.fallback_numbers:
        # One after the other: of several at once, whoever picks up first ends all the others.
        dial = ET.Element("Dial", callerId=line.number, timeout=str(DESK_RINGS_S))
        dial.text = number
        yield dial
