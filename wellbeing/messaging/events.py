"""What the outbox tells upward: an order moved or came to its end. Ids and times only.

Two exceptions: a recording and a picture that were fetched are handed on here, because nobody
else may keep them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from wellbeing.telephony.gateway import DeliveryStatus, Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSettled:
    """A text was delivered, or will never be (undelivered by the carrier, or never taken by it)."""

    outbound_id: int
    purpose: Purpose
    purpose_id: int
    status: DeliveryStatus
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSettled:
    """A call is over, or will never be placed (status FAILED)."""

    outbound_id: int
    purpose: Purpose
    purpose_id: int
    status: DeliveryStatus
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRefusedByOptOut:
    """A text was not sent because its recipient wants no texts; a human must find another way."""

    outbound_id: int
    purpose: Purpose
    purpose_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderExpired:
    """An order's time ran out before it could be sent; it was withdrawn."""

    outbound_id: int
    purpose: Purpose
    purpose_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMoved:
    """A call of ours rings, or was picked up (RINGING, IN_PROGRESS)."""

    outbound_id: int
    purpose: Purpose
    purpose_id: int
    public_id: str
    status: DeliveryStatus
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFetched:
    """The carrier gave us the sound of a recording; whoever owns it seals it now."""

    recording_id: int
    media: bytes = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MediumFetched:
    """A picture that came with a text was fetched and drawn anew; empty if it was none."""

    medium_id: int
    picture: bytes = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MediumLost:
    """The carrier will never give us what came with a text."""

    medium_id: int
    at: datetime
