"""Texts and calls that reached the carrier and never us are recorded from the carrier's own list.

A door of its own: the command and the jobs call it. Asking is idempotent, each by its sid.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from wellbeing.accounts.queries import people as accounts
from wellbeing.contacts.queries import standing as standings
from wellbeing.foundation import phone
from wellbeing.foundation.database import session, transaction
from wellbeing.hotline import text as hotline
from wellbeing.hotline.rules.texts import is_acknowledgement
from wellbeing.hotline.voice import arrival, endings
from wellbeing.policy import current as policy
from wellbeing.telephony.gateway import Gateway, InboundRecord

logger = logging.getLogger(__name__)

OVER = frozenset({"completed", "busy", "no-answer", "no_answer", "failed", "canceled"})
"""A call that still goes on is our webhooks' own: recorded as missed it would be closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a back-fill found: recorded now, or failed and to be tried again."""

    texts: int
    calls: int
    failed: int


def back_fill(*, gateway: Gateway, since: datetime, now: datetime) -> Counts:
    """Record every text and finished call since then that we do not know, oldest first.

    Each has a transaction of its own; one that cannot be recorded does not stop the others.

    Raises:
        TelephonyError: the carrier does not tell what it has.

    """
    texts = _ours(gateway.inbound_texts(since=since))
    calls = [one for one in _ours(gateway.inbound_calls(since=since)) if one.status in OVER]
    recorded = [_tried(one, _text, now) for one in texts]
    missed = [_tried(one, _call, now) for one in calls]
    return Counts(
        texts=recorded.count(True),
        calls=missed.count(True),
        failed=(recorded + missed).count(None),
    )


def _ours(newest_first: Iterable[InboundRecord]) -> list[InboundRecord]:
    """Leave out what went to other numbers of the carrier's account."""
    numbers = frozenset(policy.current().line.own_numbers())
    found = [one for one in newest_first if phone.sender(one.line_number) in numbers]
    return sorted(found, key=lambda one: one.at)


def _tried(
    one: InboundRecord, record: Callable[[InboundRecord, datetime], bool], now: datetime
) -> bool | None:
    try:
        with transaction():
            return record(one, now)
    except Exception:
        # The edge of a loop: one bad row must not keep the others from a human.
        logger.exception("a contact could not be back-filled", extra={"sid": one.sid})
        session().rollback()
        return None


def _text(one: InboundRecord, now: datetime) -> bool:
    if _is_known(one, now) or _answers_a_page(one):
        return False
    text = hotline.CarrierText(
        sid=one.sid,
        sender=one.sender,
        line_number=one.line_number,
        body=one.body,
        media_count=len(one.media_sids),
        media_sids=one.media_sids,
    )
    hotline.receive_text(text=text, now=now)
    return True


def _is_known(one: InboundRecord, now: datetime) -> bool:
    line_number = policy.current().line.home_of(number=one.line_number)
    standing = standings.standing_of(
        number_index=b"", line_number=line_number, sid=one.sid, since=now
    )
    return standing.message_id is not None


def _answers_a_page(one: InboundRecord) -> bool:
    """A colleague's "1" leaves no message; taken late, it would acknowledge a newer page."""
    sender = phone.sender(one.sender)
    return (
        sender is not None
        and is_acknowledgement(text=one.body)
        and accounts.user_by_phone(number=sender) is not None
    )


def _call(one: InboundRecord, now: datetime) -> bool:
    if arrival.record_missed_call(
        call_sid=one.sid, sender=one.sender, line_number=one.line_number, at=one.at, now=now
    ):
        return True
    # Known, and over: if the callback that says so was lost, it is settled now, and else nothing.
    endings.caller_hung_up(call_sid=one.sid, now=now)
    return False
