"""Asking the carrier: was an order in doubt taken, and what became of one never reported on."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update

from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.crypto.ring import Unreadable
from wellbeing.foundation.database import changed, session
from wellbeing.messaging import operations
from wellbeing.messaging.delivery import results
from wellbeing.messaging.delivery.claims import LEASE
from wellbeing.messaging.models import OUTBOUND
from wellbeing.messaging.rules import ASK_AFTER, OrderKind, OrderState, Receipt, back_off
from wellbeing.telephony.gateway import Accepted, CarrierCall, CarrierText, Gateway

CLOCKS_DIFFER_BY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One order that only the carrier can tell about, held by this process under its token."""

    outbound_id: int
    kind: OrderKind
    to: str
    from_number: str
    body: str
    since: datetime
    sid: str | None
    questions: int
    token: str


def mark_lapsed(*, now: datetime) -> None:
    """Put in doubt what a process took and never reported on: it may have died while sending.

    A lease that ends later than one taken now was taken by a clock that was wrong.
    """
    ended = or_(OUTBOUND.c.lease_until <= now, OUTBOUND.c.lease_until > now + LEASE * 2)
    lapsed = (OUTBOUND.c.state == OrderState.SENDING.value, ended)
    free = {"lease_until": None, "lease_token": None, "due_at": now}
    is_change = OUTBOUND.c.kind.in_(results.CHANGES)
    statement = update(OUTBOUND).where(*lapsed)
    changed(statement.where(is_change).values(state=OrderState.QUEUED.value, **free))
    changed(statement.where(~is_change).values(state=OrderState.IN_DOUBT.value, **free))


def take(*, now: datetime, limit: int) -> tuple[Question, ...]:
    """Take the due questions, most urgent first; each rests for a lease while it is asked."""
    open_states = (OrderState.IN_DOUBT.value, OrderState.ACCEPTED.value)
    due = (OUTBOUND.c.state.in_(open_states), OUTBOUND.c.due_at <= now)
    chosen = (
        select(OUTBOUND.c.id)
        .where(*due)
        .order_by(OUTBOUND.c.urgency.desc(), OUTBOUND.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(session().execute(chosen).scalars())
    if not ids:
        return ()
    token = uuid.uuid4().hex
    taken = (
        update(OUTBOUND)
        .where(OUTBOUND.c.id.in_(ids), *due)
        .values(due_at=now + LEASE, lease_token=token, questions=OUTBOUND.c.questions + 1)
        .returning(OUTBOUND)
    )
    rows = list(session().execute(taken).mappings())
    return tuple(filter(None, (_question(row, token, now) for row in rows)))


def ask(*, gateway: Gateway, question: Question) -> Sequence[CarrierText | CarrierCall]:
    """Ask the carrier what it took for this pair of numbers; no session is open meanwhile."""
    pair = {"number": question.to, "from_number": question.from_number}
    if question.kind is OrderKind.CALL:
        return gateway.calls_to(**pair, since=question.since)
    return gateway.texts_to(**pair, since=question.since)


def answered(
    *, question: Question, found: Sequence[CarrierText | CarrierCall], now: datetime
) -> None:
    """Write what the carrier said: adopt the order, send it again, or move its status."""
    if question.sid is not None:
        _report(question, found, now)
        return
    own = _unknown([item for item in found if _matches(item, question)])
    if own:
        _adopt(question, own[-1], now)
    else:
        _send_again(question, now)


def unanswered(*, question: Question, now: datetime) -> None:
    """Ask again later, because the carrier could not tell."""
    later = now + back_off(attempts=question.questions)
    changed(_held(question).values(due_at=later, lease_token=None))


def _question(row: Any, token: str, now: datetime) -> Question | None:
    body = row["body_sealed"]
    try:
        return Question(
            outbound_id=row["id"],
            kind=OrderKind(row["kind"]),
            to=sealed.open_sealed(row["to_sealed"], place="outbound.to"),
            from_number=row["via_number"] or row["from_number"],
            body="" if body is None else sealed.open_sealed(body, place="outbound.body"),
            since=row["tried_at"] - CLOCKS_DIFFER_BY,
            sid=row["sid"],
            questions=row["questions"],
            token=token,
        )
    except Unreadable:
        # Its contact was erased: there is nobody left to ask about.
        values = {"state": OrderState.WITHDRAWN.value, "due_at": None, "settled_at": now}
        changed(update(OUTBOUND).where(OUTBOUND.c.id == row["id"]).values(**values))
        return None


def _matches(item: CarrierText | CarrierCall, question: Question) -> bool:
    return isinstance(item, CarrierCall) or item.body == question.body


def _unknown(
    items: Sequence[CarrierText | CarrierCall],
) -> list[CarrierText | CarrierCall]:
    sids = [item.sid for item in items]
    known = set(session().execute(select(OUTBOUND.c.sid).where(OUTBOUND.c.sid.in_(sids))).scalars())
    return [item for item in items if item.sid not in known]


def _adopt(question: Question, item: CarrierText | CarrierCall, now: datetime) -> None:
    answer = Accepted(sid=item.sid, status=item.status)
    values = results.taken_values(answer=answer, now=now)
    values["error_code"] = getattr(item, "error_code", None)
    if changed(_held(question).values(**values)) == 1:
        row = session().execute(select(OUTBOUND).where(OUTBOUND.c.id == question.outbound_id))
        results.finish_taken(row=row.mappings().one(), answer=answer, now=now)


def _send_again(question: Question, now: datetime) -> None:
    free = {"lease_until": None, "lease_token": None}
    wanted = OUTBOUND.c.unwanted_at.is_(None)
    again = _held(question).where(wanted)
    if changed(again.values(state=OrderState.QUEUED.value, due_at=now, **free)) == 1:
        return
    gone = {"state": OrderState.WITHDRAWN.value, "due_at": None, "settled_at": now}
    changed(_held(question).where(~wanted).values(**gone, **free))


def _report(question: Question, found: Sequence[CarrierText | CarrierCall], now: datetime) -> None:
    for item in found:
        if item.sid == question.sid:
            receipt = Receipt(
                outbound_id=question.outbound_id,
                sid=item.sid,
                status=item.status,
                error_code=getattr(item, "error_code", None),
            )
            operations.apply_receipt(receipt=receipt, now=now)
    wait = ASK_AFTER.get(question.questions + 1)
    later = None if wait is None else now + wait
    changed(_held(question).values(due_at=later, lease_token=None))


def _held(question: Question) -> Any:
    return update(OUTBOUND).where(
        OUTBOUND.c.id == question.outbound_id,
        OUTBOUND.c.lease_token == question.token,
        or_(
            OUTBOUND.c.state == OrderState.IN_DOUBT.value,
            OUTBOUND.c.state == OrderState.ACCEPTED.value,
        ),
    )
