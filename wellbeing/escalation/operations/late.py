"""A student whom nobody contacted in time: who is told, who takes over, when it ends.

The tier that accepted owns the case; its clock goes on with the desks above it until the student
was reached, as the chain of the escalation says (product.md 5.4).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Update, update

from wellbeing.accounts.operations import grants as accounts
from wellbeing.accounts.rules.grants import GrantKind
from wellbeing.cases.operations import changes, entries
from wellbeing.cases.queries import cases
from wellbeing.escalation import queries
from wellbeing.escalation.events import StudentContactMissed
from wellbeing.escalation.models import ESCALATION
from wellbeing.escalation.operations import handing_over, pages, receivers, senders, supervision
from wellbeing.escalation.rules.chain import first_above, late_chain, next_step_at
from wellbeing.escalation.rules.rows import EscalationRow
from wellbeing.escalation.rules.words import (
    AlreadyAccepted,
    DutyKind,
    Entry,
    EscalationState,
)
from wellbeing.foundation import events
from wellbeing.foundation.database import changed, session


def move(*, row: EscalationRow, now: datetime) -> bool:
    """Do the due step of a contact clock that has run out: tell whoever is next, set the next step.

    The accepting unit's supervisors are told first, then the desks above, each in its time; who was
    told is rung again each round. Tells whether this process did it.
    """
    organization_id = row.accepted_organization_id
    if organization_id is None:
        return False
    if cases.case_by_id(case_id=row.case_id).closed_at is not None:
        return changed(_owed(row).values(next_step_at=None)) == 1
    missed_at = row.contact_missed_at or now
    if changed(_owed(row).values(contact_missed_at=missed_at)) != 1:
        return False
    if row.contact_missed_at is None:
        _tell_supervisor(row, organization_id, now)
    counting = senders.counting(level=row.level)
    chain = late_chain(
        chain=row.chain,
        acknowledge_by=row.acknowledge_by,
        contact_by=row.contact_by,
        counting=counting,
    )
    _tell(replace(row, chain=chain), first_above(chain=chain, organization_id=organization_id), now)
    return True


def hear(*, row: EscalationRow, now: datetime) -> bool:
    """Give whoever was told a round's time to see that the student is reached."""
    has_heard = row.escalation_id in queries.heard_by_the_last(rows=[row])
    again = now + receivers.round_of(row=row, has_heard=has_heard)
    return changed(_owed(row).values(next_step_at=again)) == 1


def take_over(*, row: EscalationRow, by: int, organization_id: int, now: datetime) -> None:
    """Hand the case to a receiver, away from whoever did not contact the student; one wins.

    The clock of the student's contact runs on, with a round's time for the new owner.

    Raises:
        AlreadyAccepted: another was faster, or this person has it.

    """
    owner_id = cases.case_by_id(case_id=row.case_id).owner_id
    won = _owed(row).values(
        accepted_by=by,
        accepted_organization_id=organization_id,
        next_step_at=now + receivers.patience(row=row),
    )
    if owner_id == by or changed(won) != 1:
        raise AlreadyAccepted
    changes.transfer(
        case_id=row.case_id,
        to_user_id=by,
        to_organization_id=organization_id,
        from_user_id=owner_id,
        now=now,
    )
    settle(row=row, now=now)
    handing_over.tell_the_others(row=row, winner=by, now=now)
    facts = {"escalation_id": row.escalation_id, "organization_id": organization_id}
    entries.add_entry(case_id=row.case_id, kind=Entry.TAKEN_OVER, actor_id=by, facts=facts, now=now)


def settle(*, row: EscalationRow, now: datetime) -> None:
    """Stop calling anybody: the student was reached, or somebody took the case over."""
    pages.withdraw_pages(subject=receivers.subject_of(escalation_id=row.escalation_id), now=now)
    if any(one.is_open for one in queries.of_case(case_id=row.case_id)):
        # It is being passed on meanwhile: who decides about that reads on.
        return
    accounts.end_grants(
        subject_kind=cases.GRANT_SUBJECT,
        subject_id=row.case_id,
        kind=GrantKind.ESCALATION,
        now=now,
    )


def inherit_clock(*, row: EscalationRow, now: datetime) -> None:
    """Whoever takes over owes the student the earliest contact that was promised.

    An earlier receiver that passed the case on before it reached the student owes nothing more; a
    clock that had run out there is told already, and ends with it.
    """
    earlier = (
        update(ESCALATION)
        .where(
            ESCALATION.c.case_id == row.case_id,
            ESCALATION.c.id != row.escalation_id,
            ESCALATION.c.state == EscalationState.ACCEPTED.value,
            ESCALATION.c.contacted_at.is_(None),
            ESCALATION.c.next_step_at.is_not(None),
        )
        .values(next_step_at=None, version=ESCALATION.c.version + 1)
        .returning(ESCALATION.c.id, ESCALATION.c.contact_by, ESCALATION.c.contact_missed_at)
    )
    found = session().execute(earlier).all()
    for one in found:
        pages.withdraw_pages(subject=receivers.subject_of(escalation_id=one.id), now=now)
    running = [one.contact_by for one in found if one.contact_missed_at is None]
    if running:
        first = min(*running, row.contact_by)
        mine = update(ESCALATION).where(ESCALATION.c.id == row.escalation_id)
        changed(mine.values(contact_by=first, next_step_at=first))


def _owed(row: EscalationRow) -> Update:
    return (
        update(ESCALATION)
        .where(
            ESCALATION.c.id == row.escalation_id,
            ESCALATION.c.version == row.version,
            ESCALATION.c.state == EscalationState.ACCEPTED.value,
            ESCALATION.c.contacted_at.is_(None),
        )
        .values(version=ESCALATION.c.version + 1)
    )


def _tell_supervisor(row: EscalationRow, organization_id: int, now: datetime) -> None:
    facts = {
        "escalation_id": row.escalation_id,
        "contact_by": row.contact_by,
        "organization_id": organization_id,
    }
    entries.add_entry(
        case_id=row.case_id, kind=Entry.CONTACT_MISSED, actor_id=None, facts=facts, now=now
    )
    supervision.give_to_supervisor(
        row=row, organization_id=organization_id, kind=DutyKind.CONTACT_MISSED, now=now
    )
    events.publish(
        StudentContactMissed(
            escalation_id=row.escalation_id,
            case_id=row.case_id,
            organization_id=organization_id,
            at=now,
        )
    )


def _tell(row: EscalationRow, first: int, now: datetime) -> None:
    """Ring who was told before, let join whose time has come; `row` has the late chain."""
    known = receivers.known_of(rows=[row], now=now)
    # Places below the accepting unit, or of it, that never joined are not called any more.
    calls = receivers.calls_of(
        row=row, since=first, joins_from=max(row.step, first), at_once=False, known=known
    )
    receivers.make(calls=[calls], staff=known.staff, now=now)
    following = next_step_at(
        chain=row.chain,
        joined=calls.joined,
        by=row.contact_by,
        again=receivers.round_of(row=row, has_heard=row.escalation_id in known.heard),
        now=now,
    )
    mine = update(ESCALATION).where(ESCALATION.c.id == row.escalation_id)
    changed(mine.values(step=calls.joined, next_step_at=following))
