"""What the product asks of the carrier by REST, after parsing: one text, one call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wellbeing.simulator.records import Hook


@dataclass(frozen=True, slots=True)
class TextOrder:
    """A text that is to go out; `send_at` schedules it."""

    to: str
    from_: str
    body: str
    media: int = 0
    service_sid: str | None = None
    status_callback: Hook | None = None
    send_at: datetime | None = None
    direction: str = "outbound-api"


@dataclass(frozen=True, slots=True)
class CallOrder:
    """A call that is to be placed; exactly one of `document` and `twiml` is given."""

    to: str
    from_: str
    document: Hook | None = None
    twiml: str | None = None
    fallback: Hook | None = None
    status_callback: Hook | None = None
    events: frozenset[str] = frozenset({"completed"})
    ring_seconds: int = 60
    time_limit: int = 14400
    detects_machine: bool = False
