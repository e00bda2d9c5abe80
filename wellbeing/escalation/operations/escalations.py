"""What receivers and senders do with a running escalation: acknowledge, accept, decline, release.

Sending is in `senders`, what happens by itself in `sweeps`, how a page is answered in `answers`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from wellbeing.accounts.operations import grants as accounts
from wellbeing.accounts.queries import people
from wellbeing.accounts.rules.grants import GrantKind
from wellbeing.accounts.rules.roles import Permission
from wellbeing.cases.operations import changes, entries, holds
from wellbeing.cases.queries import cases
from wellbeing.contacts.models import MESSAGE
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.escalation import queries
from wellbeing.escalation.events import (
    EscalationAccepted,
    EscalationAcknowledged,
    EscalationDeclined,
    EscalationReleased,
)
from wellbeing.escalation.models import ESCALATION, RECEIVER
from wellbeing.escalation.operations import handing_over, late, pages, receivers, supervision
from wellbeing.escalation.rules.rows import EscalationRow
from wellbeing.escalation.rules.words import (
    HOLD,
    OPEN_STATES,
    AcknowledgedVia,
    AlreadyAccepted,
    DutyKind,
    Entry,
    EscalationOver,
    EscalationState,
    NoSuchEscalation,
    NotTheSender,
    ReasonNeeded,
)
from wellbeing.foundation import events
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import changed, session
from wellbeing.organizations import queries as organizations
from wellbeing.policy import current as policy

OPEN = [state.value for state in OPEN_STATES]


def acknowledge(*, escalation_id: int, by: int, via: AcknowledgedVia, now: datetime) -> bool:
    """Say that a receiver heard of it: the ringing stops and the case opens to this person.

    Tells whether nobody had said so before; whoever comes second may read and accept as well.

    Raises:
        NoSuchEscalation: this person belongs to no receiver and was not rung.
        AlreadyAccepted: another organization has it already.
        EscalationOver: it was declined or released.

    """
    row = _running(escalation_id, is_late_too=True)
    organization_id = _receiver(escalation_id, by)
    _stop_ringing(escalation_id, organization_id, by, via, now)
    accounts.grant_access(
        user_id=by,
        subject_kind=cases.GRANT_SUBJECT,
        subject_id=row.case_id,
        kind=GrantKind.ESCALATION,
        now=now,
    )
    if row.is_late:
        return late.hear(row=row, now=now)
    if not _is_first(row, by, now):
        return False
    facts = {"organization_id": organization_id, "via": via.value}
    _note(row, Entry.ACKNOWLEDGED, by, now, facts)
    events.publish(
        EscalationAcknowledged(
            escalation_id=escalation_id,
            case_id=row.case_id,
            user_id=by,
            organization_id=organization_id,
            at=now,
        )
    )
    return True


def accept(*, escalation_id: int, by: int, now: datetime) -> None:
    """Take the case over; of several who try at once, one wins (promise P3).

    Also from whoever accepted it and did not contact the student in time.

    Raises:
        NoSuchEscalation: this person belongs to no receiver and was not rung.
        AlreadyAccepted: another was faster; its fields name the winner's organization.
        EscalationOver: it was declined or released.

    """
    row = _running(escalation_id, is_late_too=True)
    organization_id = _receiver(escalation_id, by)
    if row.is_late:
        late.take_over(row=row, by=by, organization_id=organization_id, now=now)
        return
    _win(row, by, organization_id, now)
    changes.transfer(
        case_id=row.case_id,
        to_user_id=by,
        to_organization_id=organization_id,
        from_user_id=cases.case_by_id(case_id=row.case_id).owner_id,
        now=now,
    )
    late.inherit_clock(row=row, now=now)
    _settle(row, now)
    handing_over.tell_the_others(row=row, winner=by, now=now)
    _note(row, Entry.ACCEPTED, by, now, {"organization_id": organization_id})
    events.publish(
        EscalationAccepted(
            escalation_id=escalation_id,
            case_id=row.case_id,
            by_user_id=by,
            organization_id=organization_id,
            level=row.level,
            at=now,
        )
    )


def decline(*, escalation_id: int, by: int, reason: str, now: datetime) -> bool:
    """Say no for this person's organization, with a reason; tell whether that ends it.

    While other receivers have not declined it goes on with them, and the next one joins at once.
    When all have, the sender's supervisor is paged and has it as a duty.

    Raises:
        ReasonNeeded: no reason was given.
        NoSuchEscalation: this person belongs to no receiver and was not rung.
        AlreadyAccepted, EscalationOver: it is over.

    """
    row = _running(escalation_id)
    organization_id = _receiver(escalation_id, by)
    if policy.current().tiers.decline_needs_reason and not reason.strip():
        raise ReasonNeeded
    _leave(row, organization_id, by, reason.strip(), now)
    # Whoever said no need not be rung any more; everybody else is.
    subject = receivers.subject_of(escalation_id=escalation_id)
    pages.withdraw_pages(subject=subject, organization_id=organization_id, now=now)
    facts = {"organization_id": organization_id}
    _note(row, Entry.DECLINED, by, now, facts, {"reason": reason.strip()})
    others = select(RECEIVER.c.id).where(
        RECEIVER.c.escalation_id == escalation_id, RECEIVER.c.declined_at.is_(None)
    )
    if session().execute(others.limit(1)).first() is not None:
        receivers.move(row=_running(escalation_id), now=now, at_least_one=True)
        return False
    _give_back(row, by, organization_id, now)
    return True


def release(*, escalation_id: int, by: int, now: datetime) -> None:
    """Take an escalation back before anybody accepted it; the ringing stops everywhere.

    Raises:
        NotTheSender: `by` neither sent it, nor owns the case, nor supervises it.
        AlreadyAccepted, EscalationOver: it is over.

    """
    row = _running(escalation_id)
    case = cases.case_by_id(case_id=row.case_id)
    scope = people.scope_of(user_id=by)
    supervises = scope.may(Permission.SUPERVISE) and scope.covers(case.organization_path)
    if by not in {row.from_user_id, case.owner_id} and not supervises:
        raise NotTheSender
    _close(row, EscalationState.RELEASED, now, released_at=now)
    _note(row, Entry.RELEASED, by, now)
    events.publish(
        EscalationReleased(escalation_id=escalation_id, case_id=row.case_id, by_user_id=by, at=now)
    )


def note_contacted(*, case_id: int, by: int, now: datetime) -> bool:
    """Note that the student was reached, which settles the contact clock; tell whether it ran."""
    reached = (
        update(ESCALATION)
        .where(
            ESCALATION.c.case_id == case_id,
            ESCALATION.c.state == EscalationState.ACCEPTED.value,
            ESCALATION.c.contacted_at.is_(None),
        )
        .values(contacted_at=now, next_step_at=None, version=ESCALATION.c.version + 1)
        .returning(ESCALATION.c.id)
    )
    found = session().execute(reached).scalars().all()
    for escalation_id in found:
        row = queries.by_id(escalation_id=escalation_id)
        if row.contact_missed_at is not None:
            late.settle(row=row, now=now)
        _note(row, Entry.CONTACTED, by, now, {"contact_by": row.contact_by})
    return bool(found)


def note_text_delivered(*, message_id: int, now: datetime) -> bool:
    """Note that a text of the case's owner arrived at the student, which settles the contact clock.

    A text that somebody else wrote, or that is only queued, reaches nobody in the owner's name.
    """
    contact_id = contacts.contact_of_message(message_id=message_id)
    case = cases.case_of_contact(contact_id=contact_id)
    if case is None:
        return False
    by_owner = select(MESSAGE.c.id).where(
        MESSAGE.c.id == message_id, MESSAGE.c.author_id == case.owner_id
    )
    if session().execute(by_owner).first() is None:
        return False
    return note_contacted(case_id=case.case_id, by=case.owner_id, now=now)


def _running(escalation_id: int, *, is_late_too: bool = False) -> EscalationRow:
    row = next(iter(queries.held(escalation_ids=[escalation_id])), None)
    if row is None:
        raise NoSuchEscalation
    if is_late_too and row.is_late:
        return row
    if row.accepted_organization_id is not None:
        winner = organizations.get(organization_id=row.accepted_organization_id)
        raise AlreadyAccepted(
            organization_id=winner.id,
            name_zh=winner.name_zh,
            name_en=winner.name_en,
            accepted_at=row.accepted_at,
        )
    if not row.is_open:
        raise EscalationOver
    return row


def _receiver(escalation_id: int, user_id: int) -> int:
    found = queries.receiving_organization(escalation_id=escalation_id, user_id=user_id)
    if found is None:
        raise NoSuchEscalation
    return found


def _stop_ringing(
    escalation_id: int, organization_id: int, by: int, via: AcknowledgedVia, now: datetime
) -> None:
    subject = receivers.subject_of(escalation_id=escalation_id)
    for page in queries.pages_of(subject=subject):
        if page.organization_id == organization_id:
            pages.mark_acknowledged(page_id=page.page_id, user_id=by, via=via, now=now)
    pages.withdraw_pages(subject=subject, now=now)


def _is_first(row: EscalationRow, by: int, now: datetime) -> bool:
    has_heard = row.escalation_id in queries.heard_by_the_last(rows=[row])
    first = (
        update(ESCALATION)
        .where(
            ESCALATION.c.id == row.escalation_id,
            ESCALATION.c.state == EscalationState.SENT.value,
        )
        .values(
            state=EscalationState.ACKNOWLEDGED.value,
            acknowledged_at=now,
            acknowledged_by=by,
            # Whoever hears of it must also take it: without acceptance the chain goes on.
            next_step_at=now + receivers.round_of(row=row, has_heard=has_heard),
            version=ESCALATION.c.version + 1,
        )
    )
    return changed(first) == 1


def _win(row: EscalationRow, by: int, organization_id: int, now: datetime) -> None:
    won = (
        update(ESCALATION)
        .where(
            ESCALATION.c.id == row.escalation_id,
            ESCALATION.c.accepted_at.is_(None),
            ESCALATION.c.state.in_(OPEN),
        )
        .values(
            state=EscalationState.ACCEPTED.value,
            accepted_at=now,
            accepted_by=by,
            accepted_organization_id=organization_id,
            acknowledged_at=func.coalesce(ESCALATION.c.acknowledged_at, now),
            acknowledged_by=func.coalesce(ESCALATION.c.acknowledged_by, by),
            next_step_at=row.contact_by,
            version=ESCALATION.c.version + 1,
        )
    )
    if changed(won) != 1:
        _running(row.escalation_id)
        raise EscalationOver


def _leave(row: EscalationRow, organization_id: int, by: int, said: str, now: datetime) -> None:
    key = cases.case_by_id(case_id=row.case_id).data_key_id
    place = "escalation_receiver.decline_reason"
    changed(
        update(RECEIVER)
        .where(
            RECEIVER.c.escalation_id == row.escalation_id,
            RECEIVER.c.organization_id == organization_id,
            RECEIVER.c.declined_at.is_(None),
        )
        .values(
            declined_at=now,
            declined_by=by,
            decline_reason_sealed=sealed.seal(said, key_id=key, place=place) if said else None,
        )
    )


def _give_back(row: EscalationRow, by: int, organization_id: int, now: datetime) -> None:
    _close(row, EscalationState.DECLINED, now, declined_at=now, declined_by=by)
    supervision.give_to_supervisor(
        row=row,
        organization_id=row.from_organization_id,
        kind=DutyKind.ESCALATION_DECLINED,
        now=now,
    )
    events.publish(
        EscalationDeclined(
            escalation_id=row.escalation_id,
            case_id=row.case_id,
            by_user_id=by,
            organization_id=organization_id,
            at=now,
        )
    )


def _close(row: EscalationRow, state: EscalationState, now: datetime, **values: Any) -> None:
    over = (
        update(ESCALATION)
        .where(ESCALATION.c.id == row.escalation_id, ESCALATION.c.state.in_(OPEN))
        .values(state=state.value, next_step_at=None, version=ESCALATION.c.version + 1, **values)
    )
    if changed(over) != 1:
        _running(row.escalation_id)
        raise EscalationOver
    _settle(row, now)


def _settle(row: EscalationRow, now: datetime) -> None:
    """Stop the ringing, lift the hold, and end what was opened only to decide."""
    pages.withdraw_pages(subject=receivers.subject_of(escalation_id=row.escalation_id), now=now)
    holds.lift_hold(case_id=row.case_id, kind=HOLD, source_id=row.escalation_id, now=now)
    accounts.end_grants(
        subject_kind=cases.GRANT_SUBJECT,
        subject_id=row.case_id,
        kind=GrantKind.ESCALATION,
        now=now,
    )


def _note(
    row: EscalationRow,
    kind: Entry,
    by: int,
    now: datetime,
    facts: dict[str, Any] | None = None,
    details: dict[str, str] | None = None,
) -> None:
    entries.add_entry(
        case_id=row.case_id,
        kind=kind,
        actor_id=by,
        facts={"escalation_id": row.escalation_id} | (facts or {}),
        details=details,
        now=now,
    )
