"""TwiML as Twilio publishes it: parse strictly, refuse what is not in the vocabulary.

Stricter than the carrier on purpose: Twilio only warns of an unknown verb, we refuse it, so
that a slip of the product is found here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

MAX_BYTES = 64 * 1024
_XML_TYPES = frozenset({"text/xml", "application/xml", "text/html"})
_LANGUAGE = re.compile(r"[a-z]{2,3}(-([A-Z]{2}|\d{3}))?(-WLS)?")
_DIGITS = re.compile(r"[0-9*#wW]+")
_KEYS = re.compile(r"[0-9*#]*")

Check = Callable[[str], bool]


class TwimlError(Exception):
    """A document the carrier cannot use, with Twilio's error code."""

    def __init__(self, *, code: int, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Element:
    """A verb or noun with its attributes, text and children."""

    name: str
    attributes: Mapping[str, str]
    text: str
    children: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Spec:
    """What the vocabulary allows for a verb; `instead` may stand for the content."""

    attributes: Mapping[str, Check] = field(default_factory=dict)
    children: frozenset[str] = frozenset()
    text: bool = False
    needs_content: bool = False
    instead: str = ""


def _anything(_value: str) -> bool:
    return True


def _filled(value: str) -> bool:
    return bool(value.strip())


def _method(value: str) -> bool:
    return value in {"GET", "POST"}


def _truth(value: str) -> bool:
    return value in {"true", "false"}


def _whole(least: int, most: int) -> Check:
    return lambda value: value.isascii() and value.isdigit() and least <= int(value) <= most


def _one_of(*words: str) -> Check:
    return lambda value: value in words


def _pattern(pattern: re.Pattern[str]) -> Check:
    return lambda value: pattern.fullmatch(value) is not None


def _auto_or_whole(value: str) -> bool:
    return value == "auto" or _whole(1, 3600)(value)


_SPEECH = frozenset({"Say", "Play", "Pause"})

VOICE: dict[str, Spec] = {
    "Say": Spec(
        attributes={
            "voice": _filled,
            "language": _pattern(_LANGUAGE),
            "loop": _whole(0, 1000),
        },
        text=True,
        needs_content=True,
    ),
    "Play": Spec(
        attributes={"loop": _whole(0, 1000), "digits": _pattern(_DIGITS)},
        text=True,
        needs_content=True,
        instead="digits",
    ),
    "Pause": Spec(attributes={"length": _whole(0, 3600)}),
    "Gather": Spec(
        attributes={
            "input": _one_of("dtmf", "speech", "dtmf speech", "speech dtmf"),
            "action": _filled,
            "method": _method,
            "timeout": _auto_or_whole,
            "speechTimeout": _auto_or_whole,
            "maxSpeechTime": _whole(1, 3600),
            "profanityFilter": _truth,
            "finishOnKey": _pattern(_KEYS),
            "numDigits": _whole(1, 10_000),
            "partialResultCallback": _filled,
            "partialResultCallbackMethod": _method,
            "language": _anything,
            "hints": _anything,
            "bargeIn": _truth,
            "debug": _truth,
            "actionOnEmptyResult": _truth,
            "dtmfDetection": _filled,
            "speechModel": _filled,
            "enhanced": _truth,
        },
        children=_SPEECH,
    ),
    "Redirect": Spec(attributes={"method": _method}, text=True, needs_content=True),
    "Hangup": Spec(),
    "Reject": Spec(attributes={"reason": _one_of("rejected", "busy")}),
}

TEXT: dict[str, Spec] = {
    "Message": Spec(
        attributes={
            "to": _filled,
            "from": _filled,
            "action": _filled,
            "method": _method,
            "statusCallback": _filled,
        },
        children=frozenset({"Body", "Media"}),
        text=True,
        needs_content=True,
    ),
    "Body": Spec(text=True),
    "Media": Spec(text=True, needs_content=True),
    "Redirect": Spec(attributes={"method": _method}, text=True, needs_content=True),
}
_VOICE_VERBS = frozenset(VOICE)
_TEXT_VERBS = frozenset({"Message", "Redirect"})


def parse_voice(*, body: bytes, content_type: str) -> list[Element]:
    """Read the verbs of a voice document.

    Raises:
        TwimlError: 11750 over 64 kB, 12300 content type, 12100 not XML, 12200 not the vocabulary.

    """
    return _parse(body, content_type, VOICE, _VOICE_VERBS)


def parse_text(*, body: bytes, content_type: str) -> list[Element]:
    """Read the verbs of a messaging document; an empty body says nothing and is allowed there.

    Raises:
        TwimlError: as for `parse_voice`.

    """
    if not body:
        return []
    return _parse(body, content_type, TEXT, _TEXT_VERBS)


def _parse(
    body: bytes, content_type: str, vocabulary: Mapping[str, Spec], top: frozenset[str]
) -> list[Element]:
    if len(body) > MAX_BYTES:
        raise TwimlError(code=11750, detail=f"{len(body)} bytes")
    if content_type.partition(";")[0].strip().lower() not in _XML_TYPES:
        raise TwimlError(code=12300, detail=content_type or "no content type")
    if not body.startswith(b"<"):
        raise TwimlError(code=12100, detail="the document does not begin with '<'")
    try:
        root = ET.fromstring(body)  # noqa: S314 - it comes from the product under test, ≤ 64 kB
    except ET.ParseError as error:
        raise TwimlError(code=12100, detail=str(error)) from error
    if root.tag != "Response" or root.attrib:
        raise TwimlError(code=12200, detail="the root must be a bare Response")
    _refuse_stray_text(root)
    return [_element(child, vocabulary, top) for child in root]


def _element(node: ET.Element, vocabulary: Mapping[str, Spec], allowed: frozenset[str]) -> Element:
    if node.tag not in allowed:
        raise TwimlError(code=12200, detail=f"{node.tag} is not allowed here")
    spec = vocabulary[node.tag]
    for name, value in node.attrib.items():
        check = spec.attributes.get(name)
        if check is None or not check(value):
            raise TwimlError(code=12200, detail=f"{node.tag} {name} is not allowed or not valid")
    if not spec.text:
        _refuse_stray_text(node)
    children = tuple(_element(child, vocabulary, spec.children) for child in node)
    text = (node.text or "").strip() if spec.text else ""
    if spec.needs_content and not (text or children or spec.instead in node.attrib):
        raise TwimlError(code=12200, detail=f"{node.tag} is empty")
    return Element(node.tag, dict(node.attrib), text, children)


def _refuse_stray_text(node: ET.Element) -> None:
    pieces = [node.text, *(child.tail for child in node)]
    if any(piece and piece.strip() for piece in pieces):
        raise TwimlError(code=12200, detail=f"{node.tag} holds text that no verb says")
