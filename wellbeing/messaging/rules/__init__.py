"""Decisions about texts and calls: order of statuses, retries, unasked texts, quiet hours. Pure.

How long a text is and where it is cut stands in `lengths`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from wellbeing.policy.model import FollowUpPolicy, Hours, RiskLevel, leaks
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
    FETCH_MEDIUM = "fetch_medium"
    DELETE_MEDIUM = "delete_medium"
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
class SweepBeat:
    """When a sweep of the scheduled work last came through, and how often it looks."""

    name: str
    at: datetime
    every: timedelta

    def is_silent(self, *, now: datetime) -> bool:
        """Tell whether it should have come through again, or claims to have in the future."""
        patience = max(self.every * MISSED_TICKS, SHORTEST_SILENCE)
        return not now - patience <= self.at <= now + SHORTEST_SILENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What the watch over the scheduled work found last."""

    at: datetime
    broken: int
    leap: timedelta


WATCH = "watch"
"""Name of the sweep that looks after all the others."""
MISSED_TICKS = 3
SHORTEST_SILENCE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewText:
    """A text to be queued.

    Texts with the same `ordering_key` leave in order. `scheduled` texts (nobody waits for them,
    anybody may read them) keep quiet hours and lessons, and say nothing that the policy forbids
    nor one of `never_say`: names of people and schools, the case, the agreed word.
    `despite_opt_out` is for the one confirmation of STOP and for HELP.
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
    never_say: tuple[str, ...] = ()
    has_lessons: bool = True
    """Whether its recipient sits in lessons; students of a university do not."""


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


def told_to_strangers(
    *, body: str, policy: FollowUpPolicy, never_say: Iterable[str] = ()
) -> tuple[str, ...]:
    """Name what an unasked text says that whoever holds the phone must not read; () is safe."""
    return leaks(
        text=body,
        words=policy.forbidden_words,
        patterns=policy.forbidden_patterns,
        names=never_say,
    )


def unasked_not_before(
    *, policy: FollowUpPolicy, now: datetime, has_lessons: bool = True
) -> datetime | None:
    """Tell until when a text that nobody waits for must wait; None when it may go now.

    Quiet hours and, on school days of the calendar, lessons, if its recipient has any; one may
    begin where the other ends.
    """
    moment = now
    while (end := _end_of_pause(policy, moment, has_lessons=has_lessons)) is not None:
        moment = end
    return moment if moment > now else None


def _end_of_pause(
    policy: FollowUpPolicy, moment: datetime, *, has_lessons: bool
) -> datetime | None:
    day = moment.astimezone(ZoneInfo(policy.zone)).date()
    has_lessons = has_lessons and policy.calendar.is_school_day(day=day)
    pauses = (policy.quiet_hours, *(policy.class_hours if has_lessons else ()))
    ends = (end_of_quiet(hours=one, now=moment) for one in pauses)
    return next((end for end in ends if end is not None), None)


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
