"""What a caller hears, step by step, in no carrier's language. Rendering lives in the carrier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Say:
    """Speak a sentence in one language."""

    text: str
    language: str
    """A tag that the policy knows: zh or en; a plain word, because telephony knows no policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Speak the prompts while listening for keys; then fetch the document at `action`.

    `action` is a path of ours ("/twilio/page/x/key"). It is fetched also when nothing was pressed.
    """

    prompts: tuple[Say, ...]
    digits: int
    timeout_s: int
    action: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Be silent for some seconds."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Go:
    """Fetch the next document from a path of ours."""

    to: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuse the call before it is answered; nobody is billed."""


Step: TypeAlias = Say | Ask | Pause | Go | HangUp | Reject
Document: TypeAlias = tuple[Step, ...]
