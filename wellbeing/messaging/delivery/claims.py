"""Which orders go out now, and whose they are: claims, pace, quiet hours. Nothing is sent here."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from sqlalchemy import and_, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from wellbeing.foundation import events
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.crypto.ring import Unreadable
from wellbeing.foundation.database import changed, session
from wellbeing.messaging import operations
from wellbeing.messaging.events import OrderExpired
from wellbeing.messaging.models import CALL_BUCKET, OPT_OUT, OUTBOUND
from wellbeing.messaging.operations import senders, storing
from wellbeing.messaging.operations.senders import Chosen
from wellbeing.messaging.rules import (
    CALLS_PER_SECOND,
    OPTED_OUT_CODE,
    DeliveryStatus,
    OrderKind,
    OrderState,
    Purpose,
    tokens_at,
    told_to_strangers,
    unasked_not_before,
)
from wellbeing.policy import current as policy

logger = logging.getLogger(__name__)

ACCOUNT = "main"
LEASE = timedelta(seconds=30)
"""Longer than a claim is good for plus the carrier's time-outs (3 + 10 s)."""
REST_AFTER_FAILURE = timedelta(minutes=1)
UNSENT = (OrderState.QUEUED.value, OrderState.SENDING.value, OrderState.IN_DOUBT.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One order that this process, and no other, may send under its token."""

    outbound_id: int
    kind: OrderKind
    purpose: Purpose
    purpose_id: int
    public_id: str
    to: str
    from_number: str
    body: str
    target_sid: str
    target_in: str
    ring_seconds: int
    limit_s: int | None
    attempts: int
    token: str
    was_failing: bool
    """Its number failed lately: a text that goes out from it clears it."""


class Obstacle(Enum):
    """Why an order that is due does not go out."""

    EXPIRED = auto()
    OPTED_OUT = auto()
    QUIET = auto()
    ERASED = auto()
    UNSAFE = auto()


NEVER: Mapping[Obstacle, int | None] = {
    Obstacle.OPTED_OUT: OPTED_OUT_CODE,
    Obstacle.UNSAFE: None,
}
"""What no waiting cures, and the carrier's number for it, if it has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What goes out now, and what is put aside, each row with its reason."""

    claims: tuple[Claim, ...]
    aside: tuple[tuple[int, Obstacle], ...]


NOTHING = Batch(claims=(), aside=())


def claim(*, now: datetime, limit: int) -> Batch:
    """Take the most urgent due orders for this process; within a thread only the oldest."""
    tokens, refilled_at, paused_until = _pace(now)
    if paused_until is not None and paused_until > now:
        return NOTHING
    allowed = tokens_at(tokens=tokens, refilled_at=refilled_at, now=now)
    rows = _due(now, limit, calls=False)
    if allowed >= 1:
        rows += _due(now, int(allowed), calls=True)
    rows.sort(key=lambda row: (-row["urgency"], row["id"]))
    ready, aside = _sorted_out(rows[:limit], now)
    calls = [row for row in ready if row["kind"] == OrderKind.CALL.value]
    if calls and not _spend(tokens, refilled_at, allowed - len(calls), now):
        ready = [row for row in ready if row["kind"] != OrderKind.CALL.value]
    return Batch(claims=_taken(ready, now), aside=tuple(aside))


def give_back(*, claims: Sequence[Claim]) -> None:
    """Return claimed orders that were not tried; the next claim starts with the most urgent."""
    if claims:
        statement = update(OUTBOUND).where(
            OUTBOUND.c.id.in_([claim.outbound_id for claim in claims]),
            OUTBOUND.c.state == OrderState.SENDING.value,
            OUTBOUND.c.lease_token == claims[0].token,
        )
        changed(
            statement.values(
                state=OrderState.QUEUED.value,
                attempts=OUTBOUND.c.attempts - 1,
                tried_at=None,
                lease_until=None,
                lease_token=None,
            )
        )


def pause(*, until: datetime) -> None:
    """Hold every order back, because the carrier asked the whole account to wait."""
    slower = or_(CALL_BUCKET.c.paused_until.is_(None), CALL_BUCKET.c.paused_until < until)
    changed(
        update(CALL_BUCKET)
        .where(CALL_BUCKET.c.account == ACCOUNT, slower)
        .values(paused_until=until)
    )


def put_aside(*, outbound_id: int, obstacle: Obstacle, now: datetime) -> None:
    """Settle an order that may not go out now: push it, withdraw it or tell why it never will."""
    row = session().execute(select(OUTBOUND).where(OUTBOUND.c.id == outbound_id)).mappings().one()
    if obstacle is Obstacle.QUIET:
        later = _quiet_until(row, now) or now
        if row["expires_at"] is None or row["expires_at"] > later:
            _leave_queue(outbound_id, state=OrderState.QUEUED, due_at=later)
            return
        obstacle = Obstacle.EXPIRED
    if obstacle in NEVER:
        _fail(row, NEVER[obstacle], now)
        return
    if not _withdraw(outbound_id, now):
        return
    if obstacle is Obstacle.ERASED:
        _forget_there(row, now)
    elif obstacle is Obstacle.EXPIRED:
        events.publish(
            OrderExpired(
                outbound_id=outbound_id,
                purpose=Purpose(row["purpose"]),
                purpose_id=row["purpose_id"],
                at=now,
            )
        )


FORGOTTEN_BY: Mapping[OrderKind, OrderKind] = {
    OrderKind.FETCH_MEDIUM: OrderKind.DELETE_MEDIUM,
    OrderKind.FETCH_RECORDING: OrderKind.DELETE_RECORDING,
}
"""What is never fetched any more because its contact was erased is deleted at the carrier."""


def _forget_there(row: Any, now: datetime) -> None:
    kind = FORGOTTEN_BY.get(OrderKind(row["kind"]))
    if kind is not None:
        copied = ("purpose", "purpose_id", "data_key_id", "urgency")
        values = {name: row[name] for name in copied}
        sids = {"target_sid": row["target_sid"], "target_in": row["target_in"]}
        storing.store(values=values, now=now, kind=kind, **sids)


def _withdraw(outbound_id: int, now: datetime) -> bool:
    return _leave_queue(outbound_id, state=OrderState.WITHDRAWN, settled_at=now, due_at=None)


def _fail(row: Any, code: int | None, now: datetime) -> None:
    """End a text that may never go out, and tell so: a human finds another way."""
    if code is None:
        logger.error("an unasked text says too much", extra={"outbound_id": row["id"]})
    status = DeliveryStatus.FAILED
    failed = {"status": status.value, "error_code": code, "settled_at": now, "due_at": None}
    if _leave_queue(row["id"], state=OrderState.FAILED, **failed):
        operations.tell_settled(row=row, status=status, error_code=code, now=now)


def push_back(*, outbound_id: int, now: datetime) -> None:
    """Let an order rest whose handling failed, so that it does not stop the others."""
    _leave_queue(outbound_id, state=OrderState.QUEUED, due_at=now + REST_AFTER_FAILURE)


def _leave_queue(outbound_id: int, *, state: OrderState, **values: Any) -> bool:
    queued = and_(OUTBOUND.c.id == outbound_id, OUTBOUND.c.state == OrderState.QUEUED.value)
    return changed(update(OUTBOUND).where(queued).values(state=state.value, **values)) == 1


def _pace(now: datetime) -> tuple[float, datetime, datetime | None]:
    wanted = select(
        CALL_BUCKET.c.tokens, CALL_BUCKET.c.refilled_at, CALL_BUCKET.c.paused_until
    ).where(CALL_BUCKET.c.account == ACCOUNT)
    found = session().execute(wanted).first()
    if found is None:
        try:
            with session().begin_nested():
                session().execute(
                    insert(CALL_BUCKET).values(
                        account=ACCOUNT, tokens=CALLS_PER_SECOND, refilled_at=now
                    )
                )
        except IntegrityError:
            # Another process made it in between; its row is as good as ours.
            found = session().execute(wanted).one()
        else:
            return CALLS_PER_SECOND, now, None
    return found.tokens, found.refilled_at, found.paused_until


def _spend(tokens: float, refilled_at: datetime, left: float, now: datetime) -> bool:
    """Take tokens if nobody else did since they were counted (compare and set)."""
    unchanged = and_(
        CALL_BUCKET.c.account == ACCOUNT,
        CALL_BUCKET.c.tokens == tokens,
        CALL_BUCKET.c.refilled_at == refilled_at,
    )
    return changed(update(CALL_BUCKET).where(unchanged).values(tokens=left, refilled_at=now)) == 1


def _due(now: datetime, limit: int, *, calls: bool) -> list[Any]:
    earlier = OUTBOUND.alias("earlier")
    blocked = exists().where(
        earlier.c.ordering_key == OUTBOUND.c.ordering_key,
        earlier.c.id < OUTBOUND.c.id,
        earlier.c.state.in_(UNSENT),
        # What waits for the morning must not hold back an answer that somebody waits for.
        earlier.c.scheduled.is_(False),
    )
    is_call = OUTBOUND.c.kind == OrderKind.CALL.value
    statement = (
        select(OUTBOUND)
        .where(
            OUTBOUND.c.state == OrderState.QUEUED.value,
            OUTBOUND.c.due_at <= now,
            is_call if calls else ~is_call,
            or_(OUTBOUND.c.ordering_key.is_(None), ~blocked),
        )
        .order_by(OUTBOUND.c.urgency.desc(), OUTBOUND.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=OUTBOUND)
    )
    return list(session().execute(statement).mappings().all())


def _sorted_out(rows: list[Any], now: datetime) -> tuple[list[Any], list[tuple[int, Obstacle]]]:
    refused = _refused([row["to_index"] for row in rows if row["to_index"] is not None])
    sealed.prefetch(key_ids={row["data_key_id"] for row in rows})
    ready, aside = [], []
    for row in rows:
        obstacle = _obstacle(row, now=now, refused=refused)
        if obstacle is None:
            ready.append(row)
        else:
            aside.append((row["id"], obstacle))
    return ready, aside


def _obstacle(row: Any, *, now: datetime, refused: frozenset[tuple[bytes, str]]) -> Obstacle | None:
    if row["expires_at"] is not None and row["expires_at"] <= now:
        return Obstacle.EXPIRED
    is_text = row["kind"] == OrderKind.TEXT.value
    wanted = row["despite_opt_out"] or (row["to_index"], row["from_number"]) not in refused
    if is_text and not wanted:
        return Obstacle.OPTED_OUT
    if row["scheduled"] and _quiet_until(row, now) is not None:
        return Obstacle.QUIET
    try:
        _to(row)
        return Obstacle.UNSAFE if row["scheduled"] and not _is_safe(row) else None
    except Unreadable:
        return Obstacle.ERASED


def _quiet_until(row: Any, now: datetime) -> datetime | None:
    followups = policy.current().followups
    return unasked_not_before(policy=followups, now=now, has_lessons=not row["in_lessons"])


def _is_safe(row: Any) -> bool:
    """Look again at what nobody asked for: the policy may have changed since it was written."""
    never = row["never_sealed"]
    names = sealed.open_sealed(never, place="outbound.never").split("\n") if never else ()
    body = sealed.open_sealed(row["body_sealed"], place="outbound.body")
    return not told_to_strangers(body=body, policy=policy.current().followups, never_say=names)


def _refused(number_indexes: list[bytes]) -> frozenset[tuple[bytes, str]]:
    statement = select(OPT_OUT.c.number_index, OPT_OUT.c.line_number).where(
        OPT_OUT.c.number_index.in_(number_indexes), OPT_OUT.c.ended_at.is_(None)
    )
    return frozenset((row[0], row[1]) for row in session().execute(statement))


def _taken(rows: list[Any], now: datetime) -> tuple[Claim, ...]:
    if not rows:
        return ()
    token = uuid.uuid4().hex
    chosen = senders.choose(rows=rows, now=now)
    statement = (
        update(OUTBOUND)
        .where(
            OUTBOUND.c.id.in_([row["id"] for row in rows]),
            OUTBOUND.c.state == OrderState.QUEUED.value,
        )
        .values(
            state=OrderState.SENDING.value,
            attempts=OUTBOUND.c.attempts + 1,
            tried_at=now,
            lease_until=now + LEASE,
            lease_token=token,
        )
        .returning(OUTBOUND.c.id)
    )
    mine = set(session().execute(statement).scalars())
    return tuple(_claim(row, token, chosen) for row in rows if row["id"] in mine)


def _claim(row: Any, token: str, chosen: Chosen) -> Claim:
    body = row["body_sealed"]
    from_number = chosen.spares.get(row["id"], row["from_number"]) or ""
    return Claim(
        outbound_id=row["id"],
        kind=OrderKind(row["kind"]),
        purpose=Purpose(row["purpose"]),
        purpose_id=row["purpose_id"],
        public_id=row["public_id"] or "",
        to=_to(row),
        from_number=from_number,
        body="" if body is None else sealed.open_sealed(body, place="outbound.body"),
        target_sid=row["target_sid"] or "",
        target_in=row["target_in"] or "",
        ring_seconds=row["ring_seconds"] or 0,
        limit_s=row["limit_s"],
        attempts=row["attempts"] + 1,
        token=token,
        was_failing=from_number in chosen.failing,
    )


def _to(row: Any) -> str:
    """Open the number; an errand has none, and goes out although its contact was erased."""
    sealed_to = row["to_sealed"]
    return "" if sealed_to is None else sealed.open_sealed(sealed_to, place="outbound.to")
