"""Where calls wait, meet and leave words: queues, conferences, recordings; and the lines they use.

What happens there is in `queues`, `conferences` and `recordings`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from wellbeing.simulator.catalogue import new_sid
from wellbeing.simulator.records import After, Call, Hook
from wellbeing.simulator.settings import Settings

QUEUE_SIZE = 1000


@dataclass(slots=True)
class LineNumber:
    """A number of the account and where its calls and texts go."""

    sid: str
    number: str
    created_at: datetime
    updated_at: datetime
    hooks: dict[str, Hook | None]
    """By the names of the REST API: VoiceUrl, VoiceFallbackUrl, SmsUrl and so on."""


def lines_of(*, settings: Settings, at: datetime) -> dict[str, LineNumber]:
    """Make the account's numbers as the settings want them, by number."""
    paths = {
        "VoiceUrl": settings.hooks.voice,
        "VoiceFallbackUrl": settings.hooks.voice_fallback,
        "SmsUrl": settings.hooks.text,
        "SmsFallbackUrl": settings.hooks.text_fallback,
        "StatusCallback": settings.hooks.call_status,
    }
    urls = {name: settings.webhook(path=path) for name, path in paths.items()}
    hooks = {name: None if url is None else Hook(url) for name, url in urls.items()}
    return {
        number: LineNumber(number_sid(number=number), number, at, at, dict(hooks))
        for number in settings.numbers
    }


def number_sid(*, number: str) -> str:
    """Give a number of the account its SID; it is the same in every run."""
    return "PN" + hashlib.sha256(number.encode()).hexdigest()[:32]


@dataclass(slots=True)
class Member:
    """A call that waits in a queue."""

    call: Call
    entered_at: datetime
    after: After
    wait: Hook | None


@dataclass(slots=True)
class Queue:
    """A queue, made by Enqueue or by REST; it stays until it is deleted."""

    name: str
    created_at: datetime
    updated_at: datetime
    max_size: int = QUEUE_SIZE
    sid: str = field(default_factory=lambda: new_sid(prefix="QU"))
    members: list[Member] = field(default_factory=list)

    def position(self, *, call: Call) -> int:
        """Give the place of a call, the first being 1; 0 if it is not here."""
        places = [place for place, member in enumerate(self.members, 1) if member.call is call]
        return places[0] if places else 0

    def average_wait(self, *, at: datetime) -> int:
        """Give the mean of the seconds that the present members have waited."""
        waited = [(at - member.entered_at).total_seconds() for member in self.members]
        return round(sum(waited) / len(waited)) if waited else 0


@dataclass(slots=True)
class Participant:
    """A call in a conference."""

    call: Call
    after: After
    created_at: datetime
    updated_at: datetime
    label: str | None
    starts_it: bool
    ends_it: bool
    is_muted: bool
    is_held: bool = False


@dataclass(slots=True)
class Conference:
    """A conference; the first participant decides where its events are told."""

    name: str
    created_at: datetime
    updated_at: datetime
    status: str = "init"
    sid: str = field(default_factory=lambda: new_sid(prefix="CF"))
    participants: list[Participant] = field(default_factory=list)
    status_callback: Hook | None = None
    events: frozenset[str] = frozenset()
    sequence: int = 0
    reason_ended: str | None = None
    ended_by: str | None = None


@dataclass(slots=True)
class Recording:
    """Words that somebody left; they are kept as text, and its sound is made when it is fetched."""

    call_sid: str
    started_at: datetime
    updated_at: datetime
    status: str = "in-progress"
    seconds: int = 0
    words: list[str] = field(default_factory=list)
    sid: str = field(default_factory=lambda: new_sid(prefix="RE"))
