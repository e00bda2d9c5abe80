"""What became of a claimed order is written here, fenced by the claim's token. Nothing is sent."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from wellbeing.foundation import events
from wellbeing.foundation.database import changed, session
from wellbeing.messaging import operations
from wellbeing.messaging.delivery import claims
from wellbeing.messaging.delivery.claims import Claim
from wellbeing.messaging.events import MediumFetched, RecordingFetched
from wellbeing.messaging.models import OUTBOUND
from wellbeing.messaging.operations import senders
from wellbeing.messaging.rules import (
    ASK_AFTER,
    ERRANDS,
    CallChange,
    Decision,
    DeliveryStatus,
    OrderKind,
    OrderState,
    back_off,
    is_final,
    retry_decision,
)
from wellbeing.telephony.gateway import Accepted, TelephonyError

logger = logging.getLogger(__name__)

ASK_IN = timedelta(seconds=10)
"""How long an order in doubt rests before the carrier is asked: its own lists lag a little."""
FORGETTING = frozenset({OrderKind.DELETE_MEDIUM, OrderKind.DELETE_RECORDING})
FORGET_AGAIN_AFTER = timedelta(days=1)
CHANGES = tuple(kind.value for kind in ERRANDS)


def accepted(*, claim: Claim, answer: Accepted, now: datetime) -> None:
    """Record that the carrier took the order; a receipt may have told it before us."""
    taken = _fenced(claim).values(**taken_values(answer=answer, now=now)).returning(OUTBOUND)
    row = session().execute(taken).mappings().first()
    if claim.was_failing:
        senders.note_success(number=claim.from_number)
    if row is None:
        _recorded_late(claim, answer, now)
    else:
        finish_taken(row=row, answer=answer, now=now)


def finish_taken(*, row: Any, answer: Accepted, now: datetime) -> None:
    """Cancel a call that nobody wants any more, and tell of an order that was over at once."""
    if is_final(status=answer.status):
        changed(
            update(OUTBOUND)
            .where(OUTBOUND.c.id == row["id"])
            .values(state=OrderState.SETTLED.value, settled_at=now, due_at=None)
        )
        operations.tell_settled(
            row=row, status=answer.status, error_code=row["error_code"], now=now
        )
    elif row["unwanted_at"] is not None and row["kind"] == OrderKind.CALL.value:
        operations.queue_call_change(outbound_id=row["id"], change=CallChange.CANCEL, now=now)


def taken_values(*, answer: Accepted, now: datetime) -> dict[str, Any]:
    """Say what is written on an order that the carrier took."""
    return {
        "state": OrderState.ACCEPTED.value,
        "sid": answer.sid,
        "status": answer.status.value,
        "error_code": None,
        "sent_at": now,
        "due_at": now + ASK_AFTER[1],
        "questions": 0,
        "lease_until": None,
        "lease_token": None,
    }


def errand_done(*, claim: Claim, media: bytes | None, now: datetime) -> None:
    """Record that the carrier did as asked; hand over what was fetched, once."""
    done = {"state": OrderState.SETTLED.value, "sent_at": now, "settled_at": now, "due_at": None}
    if changed(_fenced(claim).values(**done)) == 1 and media is not None:
        events.publish(_fetched(claim, media, now))


def _fetched(claim: Claim, media: bytes, now: datetime) -> RecordingFetched | MediumFetched:
    if claim.kind is OrderKind.FETCH_MEDIUM:
        return MediumFetched(medium_id=claim.purpose_id, picture=media, at=now)
    return RecordingFetched(recording_id=claim.purpose_id, media=media, at=now)


def failed(*, claim: Claim, error: TelephonyError, now: datetime) -> None:
    """Record that the carrier did not take the order: try again, ask, or tell of the end."""
    if error.alarm:
        logger.error(
            "the carrier refuses us; operators must act",
            extra={"code": error.code, "outbound_id": claim.outbound_id},
        )
    wait = back_off(attempts=claim.attempts, retry_after=error.retry_after)
    if error.whole_account:
        claims.pause(until=now + wait)
    if claim.kind is OrderKind.TEXT:
        senders.note_failure(number=claim.from_number, error=error, now=now)
    decision = retry_decision(error=error, attempts=claim.attempts)
    if decision is Decision.RECONCILE and claim.kind.value in CHANGES:
        # Asking twice for the same errand does no harm.
        decision = Decision.TRY_AGAIN
    if decision is Decision.RECONCILE:
        _release(claim, error, state=OrderState.IN_DOUBT, due_at=now + ASK_IN)
    elif _row(claim.outbound_id)["unwanted_at"] is not None:
        _release(claim, error, state=OrderState.WITHDRAWN, due_at=None, settled_at=now)
    elif decision is Decision.TRY_AGAIN:
        _release(claim, error, state=OrderState.QUEUED, due_at=now + wait)
    else:
        _give_up(claim, error, now)


def _give_up(claim: Claim, error: TelephonyError, now: datetime) -> None:
    number = senders.move_on(row=_row(claim.outbound_id), code=error.code, now=now)
    if number is not None:
        # The carrier never took it: it goes out from the next number, once.
        _release(claim, error, state=OrderState.QUEUED, due_at=now, via_number=number)
        return
    if claim.kind in FORGETTING:
        # A child's picture lies there until the carrier says that it is gone.
        logger.error(
            "the carrier does not delete what it should",
            extra={"outbound_id": claim.outbound_id, "code": error.code},
        )
        _release(claim, error, state=OrderState.QUEUED, due_at=now + FORGET_AGAIN_AFTER)
        return
    logger.warning(
        "an order failed for good", extra={"outbound_id": claim.outbound_id, "code": error.code}
    )
    status = DeliveryStatus.FAILED
    if _release(
        claim, error, state=OrderState.FAILED, status=status.value, due_at=None, settled_at=now
    ):
        operations.tell_settled(
            row=_row(claim.outbound_id), status=status, error_code=error.code, now=now
        )


def _release(claim: Claim, error: TelephonyError, *, state: OrderState, **values: Any) -> bool:
    released = {"state": state.value, "error_code": error.code}
    lease = {"lease_until": None, "lease_token": None}
    return changed(_fenced(claim).values(**released, **lease, **values)) == 1


def _recorded_late(claim: Claim, answer: Accepted, now: datetime) -> None:
    """Keep the carrier's id although the claim was lost: to a receipt (fine) or to its lease."""
    adopted = (
        update(OUTBOUND)
        .where(
            OUTBOUND.c.id == claim.outbound_id,
            OUTBOUND.c.sid.is_(None),
            OUTBOUND.c.state.in_((OrderState.IN_DOUBT.value, OrderState.QUEUED.value)),
        )
        .values(**taken_values(answer=answer, now=now))
    )
    if changed(adopted) == 1:
        finish_taken(row=_row(claim.outbound_id), answer=answer, now=now)
        return
    known = update(OUTBOUND).where(OUTBOUND.c.id == claim.outbound_id, OUTBOUND.c.sid == answer.sid)
    if changed(known.values(sent_at=now, lease_until=None, lease_token=None)) != 1:
        logger.error(
            "an order may have gone out twice",
            extra={"outbound_id": claim.outbound_id, "sid": answer.sid},
        )


def _fenced(claim: Claim) -> Any:
    return update(OUTBOUND).where(
        OUTBOUND.c.id == claim.outbound_id,
        OUTBOUND.c.lease_token == claim.token,
        OUTBOUND.c.state == OrderState.SENDING.value,
    )


def _row(outbound_id: int) -> Any:
    found = session().execute(select(OUTBOUND).where(OUTBOUND.c.id == outbound_id))
    return found.mappings().one()
