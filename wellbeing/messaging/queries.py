"""Questions to the outbox: states, opt-outs, signs of life. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from wellbeing.foundation.crypto import ring
from wellbeing.foundation.database import session
from wellbeing.messaging.models import HEARTBEAT, OPT_OUT, OUTBOUND, SWEEP
from wellbeing.messaging.rules import (
    WATCH,
    DeliveryStatus,
    OrderKind,
    OrderState,
    Purpose,
    SweepBeat,
    Watched,
)

ALIVE_FOR = timedelta(seconds=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """Where one order stands; its words and its recipient stay sealed."""

    outbound_id: int
    kind: OrderKind
    purpose: Purpose
    purpose_id: int
    state: OrderState
    status: DeliveryStatus | None
    sid: str | None
    error_code: int | None
    created_at: datetime
    due_at: datetime | None
    sent_at: datetime | None
    settled_at: datetime | None
    via_number: str | None = None
    """The spare that carried it instead of its line's own number."""


def order(*, outbound_id: int) -> OrderRow | None:
    """Tell where one order stands."""
    return orders(outbound_ids=[outbound_id]).get(outbound_id)


def orders(*, outbound_ids: Iterable[int]) -> Mapping[int, OrderRow]:
    """Tell where many orders stand, by their id, with one query."""
    statement = select(OUTBOUND).where(OUTBOUND.c.id.in_(list(outbound_ids)))
    return {row["id"]: _order(row) for row in session().execute(statement).mappings()}


def texts_of(*, purpose: Purpose, ids: Iterable[int]) -> Mapping[int, tuple[OrderRow, ...]]:
    """List the texts and calls queued for these purpose ids, oldest first, with one query."""
    statement = (
        select(OUTBOUND)
        .where(
            OUTBOUND.c.purpose == purpose.value,
            OUTBOUND.c.purpose_id.in_(list(ids)),
            OUTBOUND.c.kind.in_((OrderKind.TEXT.value, OrderKind.CALL.value)),
        )
        .order_by(OUTBOUND.c.id)
    )
    found: dict[int, tuple[OrderRow, ...]] = {}
    for row in session().execute(statement).mappings():
        found[row["purpose_id"]] = (*found.get(row["purpose_id"], ()), _order(row))
    return found


def is_redirect_under_way(*, purpose: Purpose, purpose_id: int) -> bool:
    """Tell whether a call for this purpose is about to be led elsewhere."""
    statement = select(OUTBOUND.c.id).where(
        OUTBOUND.c.purpose == purpose.value,
        OUTBOUND.c.purpose_id == purpose_id,
        OUTBOUND.c.kind == OrderKind.REDIRECT.value,
        OUTBOUND.c.settled_at.is_(None),
    )
    return session().execute(statement).first() is not None


def opted_out(*, number: str, line_number: str) -> bool:
    """Tell whether this number wants no texts from this line."""
    statement = select(OPT_OUT.c.id).where(
        OPT_OUT.c.number_index == ring.blind_index(purpose="phone", value=number),
        OPT_OUT.c.line_number == line_number,
        OPT_OUT.c.ended_at.is_(None),
    )
    return session().execute(statement).first() is not None


LATEST_SIGN_OF_LIFE = select(func.max(HEARTBEAT.c.at))
"""Built once: every turn of a wait loop asks it."""


def is_delivery_alive(*, now: datetime) -> bool:
    """Tell whether a process that delivers gave a sign of life in the last 15 seconds."""
    latest = session().execute(LATEST_SIGN_OF_LIFE).scalar()
    return latest is not None and latest >= now - ALIVE_FOR


def sweeps() -> tuple[SweepBeat, ...]:
    """List when each sweep of the scheduled work last came through, by name."""
    statement = select(SWEEP).order_by(SWEEP.c.name)
    return tuple(
        SweepBeat(name=row["name"], at=row["at"], every=timedelta(seconds=row["every_s"]))
        for row in session().execute(statement).mappings()
    )


def silent_sweeps(*, now: datetime) -> tuple[str, ...]:
    """Name the sweeps that should have come through again and did not, in any process."""
    return tuple(one.name for one in sweeps() if one.is_silent(now=now))


def watched() -> Watched | None:
    """Tell what the watch found last; None when it never ran."""
    statement = select(SWEEP).where(SWEEP.c.name == WATCH, SWEEP.c.broken.is_not(None))
    row = session().execute(statement).mappings().first()
    if row is None:
        return None
    leap = timedelta(seconds=row["leap_s"] or 0)
    return Watched(at=row["at"], broken=row["broken"], leap=leap)


def next_due_at() -> datetime | None:
    """Tell when delivery has something to do next; None when nothing waits."""
    due = session().execute(select(func.min(OUTBOUND.c.due_at))).scalar()
    lapsing = select(func.min(OUTBOUND.c.lease_until)).where(
        OUTBOUND.c.state == OrderState.SENDING.value
    )
    lease = session().execute(lapsing).scalar()
    return min((moment for moment in (due, lease) if moment is not None), default=None)


def _order(row: Any) -> OrderRow:
    return OrderRow(
        outbound_id=row["id"],
        kind=OrderKind(row["kind"]),
        purpose=Purpose(row["purpose"]),
        purpose_id=row["purpose_id"],
        state=OrderState(row["state"]),
        status=DeliveryStatus(row["status"]) if row["status"] else None,
        sid=row["sid"],
        error_code=row["error_code"],
        created_at=row["created_at"],
        due_at=row["due_at"],
        sent_at=row["sent_at"],
        settled_at=row["settled_at"],
        via_number=row["via_number"],
    )
