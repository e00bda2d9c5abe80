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
    """Let the caller wait in a queue of their own; `wait` is fetched again and again."""

    queue: str
    wait: str
    action: str


@dataclass(frozen=True, slots=True)
class Leave:
    """Leave the queue from within its wait document; the queue's action goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectWaiting:
    """Bridge this leg with whoever waits in a queue; at the end fetch `action`."""

    queue: str
    action: str
    timeout_s: int
    limit_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """Ring one number and bridge; `screen` is heard by whoever picks up, before the bridge."""

    number: str
    caller_id: str
    action: str
    timeout_s: int
    limit_s: int
    screen: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinConference:
    """Join a conference by name; `status` hears of its events, if this leg is its first."""

    name: str
    action: str
    ends_it: bool
    status: str | None = None
    muted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Record after a tone; `stored` hears when the carrier has the recording."""

    action: str
    stored: str
    limit_s: int


@dataclass(frozen=True, slots=True)
class Stay:
    """Add nothing: an empty document lets a screened bridge come about."""


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
