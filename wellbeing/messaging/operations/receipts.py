"""What a report of the carrier changes on an order. Whom it is told to is decided beside this."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update

from wellbeing.foundation.database import changed, session
from wellbeing.messaging.models import OUTBOUND
from wellbeing.messaging.rules import (
    ASK_AFTER,
    OrderKind,
    OrderState,
    Receipt,
    is_final,
    send_again_after,
    statuses_before,
)

MAY_BE_TAKEN = (OrderState.SENDING.value, OrderState.IN_DOUBT.value, OrderState.ACCEPTED.value)


def is_about(*, row: Any, receipt: Receipt) -> bool:
    """Tell whether a report is about this order, not about another call or a try before this."""
    if receipt.sid in _tries_before(row):
        return False
    if row["sid"] is not None:
        return bool(row["sid"] == receipt.sid)
    taken = select(OUTBOUND.c.id).where(OUTBOUND.c.sid == receipt.sid)
    return row["tried_at"] is not None and session().execute(taken).first() is None


def forward(*, receipt: Receipt, now: datetime) -> Any:
    """Give the guarded UPDATE that moves an order by a report, and never back."""
    final = is_final(status=receipt.status)
    before = [status.value for status in statuses_before(status=receipt.status)]
    statement = update(OUTBOUND).where(
        OUTBOUND.c.id == receipt.outbound_id,
        OUTBOUND.c.state.in_((OrderState.QUEUED.value, *MAY_BE_TAKEN)),
        or_(OUTBOUND.c.sid.is_(None), OUTBOUND.c.sid == receipt.sid),
        or_(OUTBOUND.c.status.is_(None), OUTBOUND.c.status.in_(before)),
    )
    if receipt.sequence_number is not None:
        late = OUTBOUND.c.sequence_number >= receipt.sequence_number
        statement = statement.where(or_(OUTBOUND.c.sequence_number.is_(None), ~late))
    values: dict[str, Any] = {"settled_at": now, "due_at": None}
    if not final:
        values = {"due_at": now + ASK_AFTER[1]}
    if receipt.sequence_number is not None:
        values["sequence_number"] = receipt.sequence_number
    return statement.values(
        sid=receipt.sid,
        status=receipt.status.value,
        state=(OrderState.SETTLED if final else OrderState.ACCEPTED).value,
        error_code=receipt.error_code,
        **values,
    )


def send_again(*, row: Any, receipt: Receipt, now: datetime) -> bool:
    """Queue a text once more that a switched-off phone did not take; tell whether it was queued.

    It leaves its thread: whatever is written meanwhile does not wait for it.
    """
    before = _tries_before(row)
    wait = send_again_after(code=receipt.error_code, times=len(before))
    if wait is None or row["kind"] != OrderKind.TEXT.value or row["unwanted_at"] is not None:
        return False
    values = {
        "state": OrderState.QUEUED.value,
        "sid": None,
        "status": None,
        "settled_at": None,
        "ordering_key": None,
        "due_at": now + wait,
        "sids_before": " ".join((*before, receipt.sid)),
    }
    return changed(update(OUTBOUND).where(OUTBOUND.c.id == row["id"]).values(**values)) == 1


def _tries_before(row: Any) -> tuple[str, ...]:
    return tuple((row["sids_before"] or "").split())
