"""What the outbox tells upward: an order came to its end. Ids and times only."""

from __future__ import annotations

from dataclasses import dataclass
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
