"""Queue, withdraw and settle texts and calls; opt-outs. The carrier is never called from here."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from wellbeing.foundation import events
from wellbeing.foundation.crypto import ring, sealed
from wellbeing.foundation.database import changed, session
from wellbeing.foundation.errors import DomainError
from wellbeing.messaging.events import (
    CallMoved,
    CallSettled,
    MediumLost,
    TextRefusedByOptOut,
    TextSettled,
)
from wellbeing.messaging.models import HEARTBEAT, OPT_OUT, OUTBOUND
from wellbeing.messaging.operations import beats, receipts, senders, storing
from wellbeing.messaging.operations.receipts import MAY_BE_TAKEN
from wellbeing.messaging.rules import (
    OPTED_OUT_CODE,
    ORDERS,
    CallChange,
    DeliveryStatus,
    NewCall,
    NewText,
    OrderKind,
    OrderState,
    Purpose,
    Receipt,
    SweepBeat,
    is_final,
    told_to_strangers,
)
from wellbeing.messaging.rules.lengths import parts
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel

logger = logging.getLogger(__name__)

REACHING = tuple(kind.value for kind in ORDERS)
MOVES = frozenset({DeliveryStatus.RINGING, DeliveryStatus.IN_PROGRESS})


class NothingToSend(DomainError):
    """An empty text cannot be sent."""


class UnsafeText(DomainError):
    """Whoever holds the phone may read this: it must not say who writes, to whom, or why."""

    def __init__(self, *, found: tuple[str, ...]) -> None:
        super().__init__(found=found)
        self.found = found


class NoSuchCall(DomainError):
    """The carrier has no such call of ours."""


def queue_text(*, order: NewText, now: datetime) -> int:
    """Queue a text in the caller's transaction; give its id, which comes back in its events.

    A body above the carrier's limit leaves in parts, one after the other; the id is the last one's.

    Raises:
        NothingToSend: the body is blank.
        UnsafeText: nobody waits for it, and it says more than whoever holds the phone may read.

    """
    if not order.body.strip():
        raise NothingToSend
    if order.scheduled:
        refuse_unsafe(body=order.body, never_say=order.never_say)
    pieces = parts(body=order.body)
    key = order.ordering_key or (uuid.uuid4().hex if len(pieces) > 1 else None)
    outbound_id = 0
    for piece in pieces:
        outbound_id = storing.insert_order(
            order=order,
            now=now,
            kind=OrderKind.TEXT,
            **storing.said(order=order, piece=piece, key=key),
        )
    return outbound_id


def refuse_unsafe(*, body: str, never_say: Iterable[str]) -> None:
    """Refuse words that nobody asked for and that a stranger must not read (product.md 2.7).

    Raises:
        UnsafeText: it has some; `found` says which.

    """
    found = told_to_strangers(body=body, policy=policy.current().followups, never_say=never_say)
    if found:
        raise UnsafeText(found=found)


def queue_call(*, order: NewCall, now: datetime) -> int:
    """Queue a call in the caller's transaction; give its id, which comes back in its events."""
    return storing.insert_order(
        order=order, now=now, kind=OrderKind.CALL, **storing.rung(order=order)
    )


def queue_call_change(
    *, outbound_id: int, change: CallChange, now: datetime, not_before: datetime | None = None
) -> int:
    """Queue a change of a call that the carrier took; give the change's own id.

    Raises:
        NoSuchCall: the carrier never took such a call.

    """
    statement = select(OUTBOUND).where(
        OUTBOUND.c.id == outbound_id,
        OUTBOUND.c.kind == OrderKind.CALL.value,
        OUTBOUND.c.sid.is_not(None),
    )
    call = session().execute(statement).mappings().first()
    if call is None:
        raise NoSuchCall
    copied = ("purpose", "purpose_id", "public_id", "urgency", "from_number", "to_index")
    values = {name: call[name] for name in (*copied, "to_sealed", "data_key_id")}
    more = {"target_sid": call["sid"], "due_at": not_before or now}
    return storing.store(values=values, now=now, kind=OrderKind(change.value), **more)


def queue_redirect(
    *,
    call_sid: str,
    purpose_id: int,
    public_id: str,
    data_key_id: uuid.UUID,
    urgency: RiskLevel,
    now: datetime,
) -> int:
    """Queue that a caller's own call fetches its document of this moment; `purpose_id` names it."""
    values = storing.errand(
        purpose=Purpose.CALL, purpose_id=purpose_id, data_key_id=data_key_id, urgency=urgency
    ) | {"public_id": public_id}
    return storing.store(values=values, now=now, kind=OrderKind.REDIRECT, target_sid=call_sid)


def queue_end(
    *,
    call_sid: str,
    purpose_id: int,
    public_id: str,
    data_key_id: uuid.UUID,
    urgency: RiskLevel,
    now: datetime,
) -> int:
    """Queue the end of a caller's own call; `purpose_id` names its contact."""
    values = storing.errand(
        purpose=Purpose.CALL, purpose_id=purpose_id, data_key_id=data_key_id, urgency=urgency
    ) | {"public_id": public_id}
    return storing.store(values=values, now=now, kind=OrderKind.HANG_UP, target_sid=call_sid)


def queue_recording_fetch(
    *, sid: str, recording_id: int, data_key_id: uuid.UUID, now: datetime
) -> int:
    """Queue that the sound of a recording is fetched; `RecordingFetched` hands it over."""
    values = storing.errand(
        purpose=Purpose.RECORDING,
        purpose_id=recording_id,
        data_key_id=data_key_id,
        urgency=RiskLevel.HIGH,
    )
    # Sealed, so that nothing is fetched any more once its contact was erased.
    values["to_sealed"] = sealed.seal(sid, key_id=data_key_id, place="outbound.to")
    return storing.store(values=values, now=now, kind=OrderKind.FETCH_RECORDING, target_sid=sid)


def queue_recording_deletion(
    *, sid: str, recording_id: int, data_key_id: uuid.UUID, now: datetime
) -> int:
    """Queue that the carrier forgets a recording, whether or not its contact still exists."""
    values = storing.errand(
        purpose=Purpose.RECORDING,
        purpose_id=recording_id,
        data_key_id=data_key_id,
        urgency=RiskLevel.LOW,
    )
    return storing.store(values=values, now=now, kind=OrderKind.DELETE_RECORDING, target_sid=sid)


def queue_queue_deletion(
    *, name: str, contact_id: int, data_key_id: uuid.UUID, now: datetime
) -> int:
    """Queue that the carrier forgets the queue of a call; by itself it would keep it for ever."""
    values = storing.errand(
        purpose=Purpose.QUEUE, purpose_id=contact_id, data_key_id=data_key_id, urgency=RiskLevel.LOW
    )
    return storing.store(values=values, now=now, kind=OrderKind.DELETE_QUEUE, target_sid=name)


def queue_hold(
    *,
    conference_sid: str,
    call_sid: str,
    held: bool,
    contact_id: int,
    data_key_id: uuid.UUID,
    now: datetime,
) -> int:
    """Queue that somebody in a conference is held, or hears the others again."""
    values = storing.errand(
        purpose=Purpose.CONFERENCE,
        purpose_id=contact_id,
        data_key_id=data_key_id,
        urgency=RiskLevel.IMMINENT,
    )
    kind = OrderKind.HOLD if held else OrderKind.UNHOLD
    return storing.store(
        values=values, now=now, kind=kind, target_sid=call_sid, target_in=conference_sid
    )


def withdraw(
    *,
    now: datetime,
    purpose: Purpose | None = None,
    purpose_id: int | None = None,
    outbound_id: int | None = None,
) -> int:
    """Take back what was queued for a purpose (or one order); give how many will not go out.

    A call that already rings is canceled; one that is being sent is canceled once it is known.

    Raises:
        ValueError: neither an order nor a whole purpose was named.

    """
    chosen = _chosen(purpose, purpose_id, outbound_id)
    gone = changed(
        update(OUTBOUND)
        .where(chosen, OUTBOUND.c.state == OrderState.QUEUED.value)
        .values(state=OrderState.WITHDRAWN.value, due_at=None, settled_at=now, unwanted_at=now)
    )
    running = (
        update(OUTBOUND)
        .where(chosen, OUTBOUND.c.state.in_(MAY_BE_TAKEN), OUTBOUND.c.unwanted_at.is_(None))
        .values(unwanted_at=now)
        .returning(OUTBOUND.c.id, OUTBOUND.c.kind, OUTBOUND.c.state)
    )
    for row in session().execute(running).all():
        if row.kind == OrderKind.CALL.value and row.state == OrderState.ACCEPTED.value:
            queue_call_change(outbound_id=row.id, change=CallChange.CANCEL, now=now)
    return gone


def withdraw_redirect(*, purpose: Purpose, purpose_id: int, now: datetime) -> None:
    """Take back that a call for this purpose is led elsewhere, if that has not gone out yet."""
    waiting = update(OUTBOUND).where(
        OUTBOUND.c.purpose == purpose.value,
        OUTBOUND.c.purpose_id == purpose_id,
        OUTBOUND.c.kind == OrderKind.REDIRECT.value,
        OUTBOUND.c.state == OrderState.QUEUED.value,
    )
    withdrawn = {"state": OrderState.WITHDRAWN.value, "due_at": None, "unwanted_at": now}
    changed(waiting.values(**withdrawn, settled_at=now))


def opt_out(*, number: str, line_number: str, now: datetime) -> None:
    """Send this number no more texts from this line; saying it twice changes nothing."""
    refuse_texts(
        number_index=ring.blind_index(purpose="phone", value=number),
        line_number=line_number,
        now=now,
    )


def refuse_texts(*, number_index: bytes, line_number: str, now: datetime) -> None:
    """Do as `opt_out` where only the blind index of the number is at hand."""
    if session().execute(select(OPT_OUT.c.id).where(*_in_force(number_index, line_number))).first():
        return
    try:
        with session().begin_nested():
            session().execute(
                insert(OPT_OUT).values(number_index=number_index, line_number=line_number, at=now)
            )
    except IntegrityError:
        # Another process wrote the same wish in between; the one in force is enough.
        logger.info("opt-out was recorded twice at once")


def opt_in(*, number: str, line_number: str, now: datetime) -> None:
    """Let this number have texts from this line again."""
    index = ring.blind_index(purpose="phone", value=number)
    changed(update(OPT_OUT).where(*_in_force(index, line_number)).values(ended_at=now))


def apply_receipt(*, receipt: Receipt, now: datetime) -> bool:
    """Move an order forward by what the carrier reports; tell whether it was news.

    Late, repeated and contradicting reports change nothing (promise P4). A report with another
    id than the one we were given is refused. Where our own answer got lost, the report itself
    proves that the carrier took the order, for its address carries our id.
    """
    found = session().execute(select(OUTBOUND).where(OUTBOUND.c.id == receipt.outbound_id))
    row = found.mappings().first()
    if row is None or not receipts.is_about(row=row, receipt=receipt):
        logger.warning(
            "receipt refused", extra={"outbound_id": receipt.outbound_id, "sid": receipt.sid}
        )
        return False
    if changed(receipts.forward(receipt=receipt, now=now)) != 1:
        return False
    if row["sid"] is None and row["unwanted_at"] and row["kind"] == OrderKind.CALL.value:
        queue_call_change(outbound_id=row["id"], change=CallChange.CANCEL, now=now)
    if is_final(status=receipt.status):
        senders.move_on(row=row, code=receipt.error_code, now=now)
        if receipts.send_again(row=row, receipt=receipt, now=now):
            return True
        tell_settled(row=row, status=receipt.status, error_code=receipt.error_code, now=now)
    elif row["kind"] == OrderKind.CALL.value and receipt.status in MOVES:
        moved = CallMoved(**_about(row, now), public_id=row["public_id"], status=receipt.status)
        events.publish(moved)
    return True


def tell_settled(
    *, row: Any, status: DeliveryStatus, error_code: int | None, now: datetime
) -> None:
    """Publish the end of an order; a recipient's opt-out is recorded and told as such."""
    about = _about(row, now)
    if row["kind"] == OrderKind.CALL.value:
        events.publish(CallSettled(**about, status=status))
    elif row["kind"] == OrderKind.TEXT.value and error_code == OPTED_OUT_CODE:
        refuse_texts(number_index=row["to_index"], line_number=row["from_number"], now=now)
        events.publish(TextRefusedByOptOut(**about))
    elif row["kind"] == OrderKind.TEXT.value:
        events.publish(TextSettled(**about, status=status))
    elif row["kind"] == OrderKind.FETCH_MEDIUM.value:
        events.publish(MediumLost(medium_id=row["purpose_id"], at=now))


def heartbeat(*, process: str, now: datetime, sweeps: Iterable[SweepBeat] = ()) -> None:
    """Leave a sign of life of a process that delivers, and of each sweep that came through."""
    alive = update(HEARTBEAT).where(HEARTBEAT.c.process == process).values(at=now)
    if changed(alive) == 0:
        session().execute(insert(HEARTBEAT).values(process=process, at=now))
    beats.note_all(beats=sweeps, now=now)


def _about(row: Any, now: datetime) -> dict[str, Any]:
    return {
        "outbound_id": row["id"],
        "purpose": Purpose(row["purpose"]),
        "purpose_id": row["purpose_id"],
        "at": now,
    }


def _chosen(
    purpose: Purpose | None, purpose_id: int | None, outbound_id: int | None
) -> ColumnElement[bool]:
    if outbound_id is not None:
        return and_(OUTBOUND.c.id == outbound_id, OUTBOUND.c.kind.in_(REACHING))
    if purpose is None or purpose_id is None:
        raise ValueError("name an order, or a purpose and its id")
    return and_(
        OUTBOUND.c.purpose == purpose.value,
        OUTBOUND.c.purpose_id == purpose_id,
        OUTBOUND.c.kind.in_(REACHING),
    )


def _in_force(number_index: bytes, line_number: str) -> tuple[ColumnElement[bool], ...]:
    return (
        OPT_OUT.c.number_index == number_index,
        OPT_OUT.c.line_number == line_number,
        OPT_OUT.c.ended_at.is_(None),
    )
