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


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Let the caller wait in a queue of their own, which is made on demand.

    `wait` is fetched again and again while they wait (only Say, Ask, Pause, Go, Leave and HangUp
    are heard there), `action` once they have left, in whichever way.
    """

    queue: str
    wait: str
    action: str


@dataclass(frozen=True, slots=True)
class Leave:
    """Take the caller out of their queue; its `action` goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectWaiting:
    """Connect this call with whoever waits in a queue; `timeout_s` if nobody is there (yet)."""

    queue: str
    action: str
    timeout_s: int
    limit_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """Ring one number or "client:…" and connect; `screen` is heard there before it is connected.

    Never more than one: with several, whoever picks up first (a voicemail) ends all the others.
    """

    number: str
    caller_id: str
    action: str
    timeout_s: int
    limit_s: int
    screen: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinConference:
    """Talk with whoever is in the conference; it begins with the first and is made on demand.

    With `ends_it` it is over for all when this one leaves; `status` hears what happens in it, if
    this one is its first.
    """

    name: str
    action: str
    ends_it: bool
    status: str | None = None
    muted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Take a message after a tone; `stored` hears when it can be fetched."""

    action: str
    stored: str
    limit_s: int


@dataclass(frozen=True, slots=True)
class Stay:
    """Do nothing: whoever asked is connected, or gone, without a word of ours."""


Step: TypeAlias = (
    Say
    | Ask
    | Pause
    | Go
    | HangUp
    | Reject
    | Hold
    | Leave
    | ConnectWaiting
    | Dial
    | JoinConference
    | Record
    | Stay
)
Document: TypeAlias = tuple[Step, ...]
