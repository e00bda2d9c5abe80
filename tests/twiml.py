"""Holds documents to what Twilio accepts: verbs, nesting, attributes, values, and where they lead.

Verbs, nesting and attribute names come from Twilio's own generated library, values and the rules
of each place from its documentation; nothing is shared with the simulator, so that both would have
to be wrong in the same way. `fits` and its sisters raise `TwimlBroken` with a readable reason.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from functools import cache
from xml.etree import ElementTree as ET

from twilio.twiml import TwiML
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

MOST_BYTES = 64 * 1024
LONGEST_TEXT = 1_600
NO_ATTRIBUTES = {"self", "kwargs"}
CONTENT = {
    "Say": "message", "Redirect": "url", "Enqueue": "name", "Number": "phone_number",
    "Client": "identity", "Queue": "name", "Conference": "name", "Dial": "number",
    "Message": "body", "Play": "url",
}  # fmt: skip
"""What the library takes as a parameter and writes between the tags."""
LANGUAGES = {"cmn-CN", "cmn-TW", "zh-CN", "zh-TW", "zh-HK", "yue-HK", "en-US", "en-GB", "en-AU"}
VOICES = re.compile(
    r"(man|woman|alice|Polly\.(Zhiyu|Hiujin|Joanna|Amy)(-Neural)?"
    r"|Google\.(cmn-CN|cmn-TW|yue-HK|en-US)-[A-Za-z0-9-]+)"
)
E164 = re.compile(r"\+[1-9]\d{7,14}")
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
OURS = re.compile(
    r"/twilio/[A-Za-z0-9/._-]+(\?[A-Za-z0-9=&%._*-]+)?#rc=2&rp=ct,5xx,rt&ct=1000&rt=3500"
)
IN_WAITING = {"Play", "Say", "Pause", "Hangup", "Redirect", "Leave", "Gather"}
IN_SCREENING = {"Play", "Say", "Pause", "Hangup", "Redirect", "Gather"}
ENDS = {"Redirect", "Hangup", "Leave", "Reject"}
GO_ON_BY_ACTION = {"Gather", "Dial", "Enqueue", "Record"}


class TwimlBroken(AssertionError):
    """A document that Twilio would refuse, or that leaves somebody in silence."""


def fits(document: str) -> None:
    """Check a document of a call; an empty one is meant to be empty."""
    root = _root(document)
    for verb in root:
        _check(verb, _children(VoiceResponse))
    _leads_on(list(root))


def fits_waiting(document: str) -> None:
    """Check a document that is heard in a queue."""
    fits(document)
    _only(document, IN_WAITING)


def fits_screening(document: str) -> None:
    """Check a document that is heard by whoever was dialled, before they are connected."""
    fits(document)
    _only(document, IN_SCREENING)


def fits_place(document: str, *, path: str) -> None:
    """Check a document by where it is heard, which follows from the address it was asked at."""
    if path.startswith("/twilio/text/") or path.endswith("/fallback/text"):
        fits_text(document)
    elif path.endswith(("/wait", "/wait-key", "/wait-time")):
        fits_waiting(document)
    elif path.endswith(("/direct", "/direct-key")):
        fits_screening(document)
    else:
        fits(document)


def fits_text(document: str) -> None:
    """Check an answer to a text."""
    for verb in _root(document):
        _check(verb, _children(MessagingResponse))
        if verb.tag == "Message" and len(verb.text or "") > LONGEST_TEXT:
            raise TwimlBroken("a text is too long")


def _root(document: str) -> ET.Element:
    if len(document.encode()) > MOST_BYTES:
        raise TwimlBroken("larger than the carrier reads")
    if not document.startswith("<?xml"):
        raise TwimlBroken("something stands before the declaration")
    try:
        root = ET.fromstring(document.encode())  # noqa: S314 - our own document
    except ET.ParseError as error:
        raise TwimlBroken("not well-formed") from error
    if root.tag != "Response" or (root.text or "").strip():
        raise TwimlBroken(f"no Response: {root.tag}")
    return root


def _check(verb: ET.Element, allowed: Mapping[str, frozenset[str]]) -> None:
    if verb.tag not in allowed:
        raise TwimlBroken(f"{verb.tag} may not stand here")
    unknown = set(verb.attrib) - allowed[verb.tag]
    if unknown:
        raise TwimlBroken(f"{verb.tag} knows no {sorted(unknown)}")
    for name, value in verb.attrib.items():
        _value_fits(verb.tag, name, value)
    if verb.tag in CONTENTS:
        CONTENTS[verb.tag](verb)
    nested = NESTED.get(verb.tag)
    for child in verb:
        _check(child, {} if nested is None else _children(nested))


def _value_fits(tag: str, name: str, value: str) -> None:
    rule = VALUES.get(f"{tag}.{name}") or VALUES.get(name)
    if rule is None:
        raise TwimlBroken(f"{tag}: no rule for {name}={value!r}")
    if not rule(value):
        raise TwimlBroken(f"{tag}: {name}={value!r}")


def _leads_on(verbs: list[ET.Element]) -> None:
    for position, verb in enumerate(verbs):
        is_last = position == len(verbs) - 1
        goes_on = verb.tag in GO_ON_BY_ACTION and "action" in verb.attrib
        listens_on = verb.tag == "Gather" and verb.get("actionOnEmptyResult") != "true"
        is_end = verb.tag in ENDS or (goes_on and not listens_on)
        # What the wait loop says before it comes back is reached if no key was pressed there.
        if is_end and not is_last and verb.tag != "Gather":
            raise TwimlBroken(f"nothing after {verb.tag} is ever heard")
        if is_last and not is_end:
            raise TwimlBroken(f"{verb.tag} ends in silence")
        if verb.tag == "Reject" and position:
            raise TwimlBroken("only the first verb can refuse a call")


def _only(document: str, allowed: set[str]) -> None:
    for verb in _root(document):
        if verb.tag not in allowed:
            raise TwimlBroken(f"{verb.tag} is not heard at this place")


@cache
def _children(parent: type[TwiML]) -> Mapping[str, frozenset[str]]:
    """Read verbs and their attributes from the methods of Twilio's class."""
    found = {}
    for name, method in inspect.getmembers(parent, inspect.isfunction):
        if name.startswith("_") or name in dir(TwiML):
            continue
        tag = "".join(part.capitalize() for part in name.split("_"))
        given = set(inspect.signature(method).parameters) - NO_ATTRIBUTES - {CONTENT.get(tag)}
        found[tag] = frozenset(_camel(one) for one in given if one is not None)
    return found


def _camel(name: str) -> str:
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(part.capitalize() for part in rest)


def _between(lowest: int, highest: int) -> Callable[[str], bool]:
    return lambda value: value.isascii() and value.isdigit() and lowest <= int(value) <= highest


def _of(*words: str) -> Callable[[str], bool]:
    return lambda value: set(value.split()) <= set(words)


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: pattern.fullmatch(value) is not None


def _boolean(value: str) -> bool:
    return value in {"true", "false"}


VALUES: Mapping[str, Callable[[str], bool]] = {
    "action": _matches(OURS),
    "url": _matches(OURS),
    "waitUrl": lambda value: not value or OURS.fullmatch(value) is not None,
    "statusCallback": _matches(OURS),
    "recordingStatusCallback": _matches(OURS),
    "language": lambda value: value in LANGUAGES,
    "voice": _matches(VOICES),
    "length": _between(1, 600),
    "timeout": _between(1, 600),
    "timeLimit": _between(1, 14_400),
    "maxLength": _between(1, 3_600),
    "numDigits": _between(1, 32),
    "finishOnKey": lambda value: value == "" or set(value) <= set("0123456789*#"),
    "actionOnEmptyResult": _boolean,
    "answerOnBridge": _boolean,
    "playBeep": _boolean,
    "muted": _boolean,
    "startConferenceOnEnter": _boolean,
    "endConferenceOnExit": _boolean,
    "beep": _of("true", "false", "onEnter", "onExit"),
    "trim": _of("trim-silence", "do-not-trim"),
    "callerId": _matches(E164),
    "Conference.statusCallbackEvent": _of(
        "start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement"
    ),
    "recordingStatusCallbackEvent": _of("in-progress", "completed", "absent"),
}
NESTED: Mapping[str, type[TwiML]] = {"Gather": Gather, "Dial": Dial}


def _text_matches(pattern: re.Pattern[str]) -> Callable[[ET.Element], None]:
    def check(verb: ET.Element) -> None:
        if pattern.fullmatch(verb.text or "") is None:
            raise TwimlBroken(f"{verb.tag}: {verb.text!r}")

    return check


def _dial(verb: ET.Element) -> None:
    if len(verb) > 1:
        raise TwimlBroken("whoever picks up first, a voicemail perhaps, ends all the others")
    if not len(verb):
        _text_matches(E164)(verb)


def _say(verb: ET.Element) -> None:
    if not (verb.text or "").strip():
        raise TwimlBroken("nothing is said")


CONTENTS: Mapping[str, Callable[[ET.Element], None]] = {
    "Say": _say,
    "Redirect": _text_matches(OURS),
    "Enqueue": _text_matches(NAME),
    "Queue": _text_matches(NAME),
    "Conference": _text_matches(NAME),
    "Number": _text_matches(E164),
    "Client": _text_matches(re.compile(r"[A-Za-z0-9_]{1,256}")),
    "Dial": _dial,
}
