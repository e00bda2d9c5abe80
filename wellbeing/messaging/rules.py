"""Decisions about texts and calls: order of statuses, retries, segments, quiet hours. Pure."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from wellbeing.policy.model import Hours, RiskLevel
from wellbeing.telephony.gateway import DeliveryStatus, Purpose, TelephonyError

__all__ = [
    "ERRANDS",
    "ORDERS",
    "CallChange",
    "Decision",
    "DeliveryStatus",
    "NewCall",
    "NewText",
    "OrderKind",
    "OrderState",
    "Purpose",
    "Receipt",
]

OPTED_OUT_CODE = 21610
"""The carrier's number for "this recipient wants no texts"."""
PART_CHARACTERS = 1_500
"""A body longer than this is split; the carrier refuses 1,600 (21617)."""
ATTEMPTS = 12
"""About 20 minutes of trying: longer than the ten-minute outage that must be survived."""
BACK_OFF_CEILING_S = 300.0
CALLS_PER_SECOND = 1.0
ASK_AFTER = {
    1: timedelta(minutes=5),
    2: timedelta(minutes=30),
    3: timedelta(hours=6),
}
"""When the carrier is asked what became of an order that it took and never reported on."""


PASSING_CODES = frozenset({30003, 30008, 30410})
"""A phone that is off, an unknown reason, a network that did not answer: it may pass."""
SEND_AGAIN_AFTER = (timedelta(seconds=30), timedelta(minutes=2))
"""After these a human looks for another way; nobody in danger waits longer for that."""


class OrderKind(StrEnum):
    """What the carrier is asked to do."""

    TEXT = "text"
    CALL = "call"
    REDIRECT = "redirect"
    CANCEL = "cancel"
    HANG_UP = "hang_up"
    FETCH_RECORDING = "fetch_recording"
    DELETE_RECORDING = "delete_recording"
    DELETE_QUEUE = "delete_queue"
    HOLD = "hold"
    UNHOLD = "unhold"


ORDERS = frozenset({OrderKind.TEXT, OrderKind.CALL})
"""What reaches a person: it must never go out twice, and the carrier reports on it."""
ERRANDS = frozenset(OrderKind) - ORDERS
"""What may be asked of the carrier twice without harm; it is over once the carrier says yes."""


class CallChange(StrEnum):
    """What can be asked for a call that the carrier already took."""

    REDIRECT = "redirect"
    CANCEL = "cancel"
    HANG_UP = "hang_up"


class OrderState(StrEnum):
    """Where an order stands with us; what the carrier says of it is its DeliveryStatus."""

    QUEUED = "queued"
    SENDING = "sending"
    IN_DOUBT = "in_doubt"
    ACCEPTED = "accepted"
    SETTLED = "settled"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewText:
    """A text to be queued.

    Texts with the same `ordering_key` leave in order. `scheduled` texts (nobody waits for them)
    keep quiet hours. `despite_opt_out` is for the one confirmation of STOP and for HELP.
    """

    to: str
    from_number: str
    body: str
    purpose: Purpose
    purpose_id: int
    data_key_id: uuid.UUID
    urgency: RiskLevel
    ordering_key: str | None = None
    scheduled: bool = False
    not_before: datetime | None = None
    expires_at: datetime | None = None
    despite_opt_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCall:
    """A call to be queued; `public_id` names its document in URLs (a page's public id)."""

    to: str
    from_number: str
    purpose: Purpose
    purpose_id: int
    public_id: str
    data_key_id: uuid.UUID
    urgency: RiskLevel
    not_before: datetime | None = None
    expires_at: datetime | None = None
    ring_seconds: int = 25
    limit_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the carrier reports of one order; calls also carry a sequence number."""

    outbound_id: int
    sid: str
    status: DeliveryStatus
    error_code: int | None = None
    sequence_number: int | None = None


RANK: dict[DeliveryStatus, int] = {
    DeliveryStatus.QUEUED: 0,
    DeliveryStatus.SENDING: 1,
    DeliveryStatus.RINGING: 1,
    DeliveryStatus.SENT: 2,
    DeliveryStatus.IN_PROGRESS: 2,
    DeliveryStatus.DELIVERED: 3,
    DeliveryStatus.UNDELIVERED: 3,
    DeliveryStatus.COMPLETED: 3,
    DeliveryStatus.BUSY: 3,
    DeliveryStatus.NO_ANSWER: 3,
    DeliveryStatus.CANCELED: 3,
    DeliveryStatus.FAILED: 3,
}
FINAL_RANK = 3


def is_final(*, status: DeliveryStatus) -> bool:
    """Tell whether nothing can follow; final statuses are sticky."""
    return RANK[status] == FINAL_RANK


def is_forward(*, old: DeliveryStatus | None, new: DeliveryStatus) -> bool:
    """Tell whether a report is news; repeated and late ones are not (promise P4)."""
    return old is None or RANK[old] < RANK[new]


def statuses_before(*, status: DeliveryStatus) -> tuple[DeliveryStatus, ...]:
    """Name the statuses from which this one is a step forward."""
    return tuple(old for old in DeliveryStatus if is_forward(old=old, new=status))


class Decision(StrEnum):
    """What to do about an order that the carrier did not take."""

    TRY_AGAIN = "try_again"
    RECONCILE = "reconcile"
    OPTED_OUT = "opted_out"
    GIVE_UP = "give_up"


def retry_decision(*, error: TelephonyError, attempts: int) -> Decision:
    """Decide by the error's class; `attempts` counts the one that just failed."""
    if error.code == OPTED_OUT_CODE:
        return Decision.OPTED_OUT
    if error.in_doubt:
        return Decision.RECONCILE
    if error.permanent or attempts >= ATTEMPTS:
        return Decision.GIVE_UP
    return Decision.TRY_AGAIN


def send_again_after(*, code: int | None, times: int) -> timedelta | None:
    """Tell when an undelivered text is sent again; None when it is a human's turn."""
    if code not in PASSING_CODES or times >= len(SEND_AGAIN_AFTER):
        return None
    return SEND_AGAIN_AFTER[times]


def back_off(*, attempts: int, retry_after: float | None = None) -> timedelta:
    """Tell how long to wait after `attempts` failures: 2, 4, 8 … 300 s, never less than asked."""
    wait = min(2.0 ** min(attempts, 20), BACK_OFF_CEILING_S)
    return timedelta(seconds=max(wait, retry_after or 0.0))


def tokens_at(*, tokens: float, refilled_at: datetime, now: datetime) -> float:
    """Tell how many calls may be placed now; a clock that went back gives none away."""
    passed = max((now - refilled_at).total_seconds(), 0.0)
    return min(tokens + passed * CALLS_PER_SECOND, CALLS_PER_SECOND)


def end_of_quiet(*, hours: Hours, now: datetime) -> datetime | None:
    """Tell when quiet hours end, or None outside of them; wall-clock time of their zone."""
    if not hours.covers(moment=now):
        return None
    local = now.astimezone(ZoneInfo(hours.zone))
    end = local.replace(
        hour=hours.ends.hour, minute=hours.ends.minute, second=hours.ends.second, microsecond=0
    )
    if end <= local:
        end = end + timedelta(days=1)
    return end.astimezone(now.tzinfo)


GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("^{}\\[~]|€\f")


def segments(*, text: str) -> int:
    """Count what the carrier bills: GSM-7 160/153 characters, else UCS-2 70/67 code units."""
    if all(letter in GSM_BASIC or letter in GSM_EXTENDED for letter in text):
        units, single, joined = sum(1 + (letter in GSM_EXTENDED) for letter in text), 160, 153
    else:
        units, single, joined = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if units <= single else -(-units // joined)


def parts(*, body: str) -> tuple[str, ...]:
    """Split a long body below the carrier's limit, after a sentence or blank where there is one."""
    found = []
    rest = body
    while len(rest) > PART_CHARACTERS:
        breaks = [match.end() for match in re.finditer(r"[\s。！？；.!?;]", rest[:PART_CHARACTERS])]
        cut = breaks[-1] if breaks and breaks[-1] > PART_CHARACTERS // 2 else PART_CHARACTERS
        found.append(rest[:cut])
        rest = rest[cut:]
    return (*found, rest)
