"""Duties: something to be done by a time. One of a case holds it open until it is done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from wellbeing.cases.events import DutyOpened, DutySettled
from wellbeing.cases.models.cases import DUTY
from wellbeing.cases.operations import entries, holds
from wellbeing.cases.rules.cases import (
    DECIDED_ELSEWHERE,
    DUTY_HOLD,
    DecidedElsewhere,
    DutyDone,
    EntryKind,
    NewDuty,
)
from wellbeing.contacts.operations import conversations as contacts
from wellbeing.foundation import events
from wellbeing.foundation.database import session


def open_duty(*, new: NewDuty, now: datetime) -> int:
    """Give somebody a duty with its deadline; an open one of the same kind is the same duty."""
    statement = contacts.meeting(DUTY).values(
        kind=new.kind,
        case_id=new.case_id,
        contact_id=new.contact_id,
        holder_id=new.holder_id,
        organization_id=new.organization_id,
        by_at=new.by_at,
        opened_at=now,
    )
    made = session().execute(statement.on_conflict_do_nothing().returning(DUTY.c.id)).scalar()
    if made is None:
        return _open_one(new)
    if new.case_id is not None:
        # A closed case has nothing left to hold, but what came late must be done all the same.
        if holds.is_living(case_id=new.case_id):
            holds.place_hold(case_id=new.case_id, kind=DUTY_HOLD, source_id=made, now=now)
        _show_in_timeline(new.case_id, made, new, now)
    events.publish(
        DutyOpened(
            duty_id=made,
            kind=new.kind,
            case_id=new.case_id,
            contact_id=new.contact_id,
            holder_id=new.holder_id,
            organization_id=new.organization_id,
            by_at=new.by_at,
            at=now,
        )
    )
    return int(made)


def settle_duty(
    *, duty_id: int, by: int, note: str = "", is_decided: bool = False, now: datetime
) -> None:
    """Mark a duty as done, and let its case go; the note stands in the timeline of a case.

    Raises:
        DutyDone: it is done already, or there never was one.
        DecidedElsewhere: its end is a decision of its own, which is not taken yet.

    """
    statement = (
        update(DUTY)
        .where(DUTY.c.id == duty_id, DUTY.c.done_at.is_(None))
        .values(done_at=now, done_by=by)
        .returning(DUTY.c.case_id, DUTY.c.kind)
    )
    done = session().execute(statement).first()
    if done is None:
        raise DutyDone
    if done.kind in DECIDED_ELSEWHERE and not is_decided:
        raise DecidedElsewhere
    if done.case_id is not None:
        holds.lift_hold(case_id=done.case_id, kind=DUTY_HOLD, source_id=duty_id, now=now)
        entries.add_entry(
            case_id=done.case_id,
            kind=EntryKind.DUTY_DONE,
            actor_id=by,
            facts={"duty_id": duty_id, "duty_kind": done.kind},
            details={"note": note.strip()} if note.strip() else None,
            now=now,
        )
    events.publish(DutySettled(duty_id=duty_id, by_user_id=by, at=now))


def hand_over(*, case_id: int, from_user_id: int, to_user_id: int, to_organization_id: int) -> int:
    """Give the old owner's open duties of a case to its new owner; tell how many."""
    statement = (
        update(DUTY)
        .where(
            DUTY.c.case_id == case_id, DUTY.c.holder_id == from_user_id, DUTY.c.done_at.is_(None)
        )
        .values(holder_id=to_user_id, organization_id=to_organization_id)
        .returning(DUTY.c.id)
    )
    return len(session().execute(statement).all())


def _show_in_timeline(case_id: int, duty_id: int, new: NewDuty, now: datetime) -> None:
    entries.add_entry(
        case_id=case_id,
        kind=EntryKind.DUTY_OPENED,
        actor_id=None,
        facts={
            "duty_id": duty_id,
            "duty_kind": new.kind,
            "holder_id": new.holder_id,
            "by_at": new.by_at,
        },
        now=now,
    )


def _open_one(new: NewDuty) -> int:
    subject = (
        DUTY.c.case_id == new.case_id
        if new.case_id is not None
        else DUTY.c.contact_id == new.contact_id
    )
    statement = select(DUTY.c.id).where(DUTY.c.kind == new.kind, subject, DUTY.c.done_at.is_(None))
    return int(session().execute(statement).scalar_one())
