"""Reads TwiML strictly and refuses what is not in the vocabulary.

Stricter than the carrier on purpose: Twilio only warns of an unknown verb, we refuse it, so
that a slip of the product is found here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from wellbeing.simulator.vocabulary import TEXT, TEXT_VERBS, VOICE, VOICE_VERBS, Spec

MAX_BYTES = 64 * 1024
UNKNOWN_WORD = 12200
_XML_TYPES = frozenset({"text/xml", "application/xml", "text/html"})


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


def parse_voice(
    *,
    body: bytes,
    content_type: str,
    allowed: frozenset[str] = VOICE_VERBS,
    refusal: int = UNKNOWN_WORD,
) -> list[Element]:
    """Read the verbs of a voice document; some places allow only a few and refuse with `refusal`.

    Raises:
        TwimlError: 11750 over 64 kB, 12300 content type, 12100 not XML, 12200 not the vocabulary.

    """
    verbs = _parse(body, content_type, VOICE, VOICE_VERBS | allowed)
    for verb in verbs:
        if verb.name not in allowed:
            raise TwimlError(code=refusal, detail=f"{verb.name} is not allowed here")
    return verbs


def parse_text(*, body: bytes, content_type: str) -> list[Element]:
    """Read the verbs of a messaging document; an empty body says nothing and is allowed there.

    Raises:
        TwimlError: as for `parse_voice`.

    """
    if not body:
        return []
    return _parse(body, content_type, TEXT, TEXT_VERBS)


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
