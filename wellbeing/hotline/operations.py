"""What the line owes a student beyond answering: a lost text and a hint of abuse reach a human.

How texts are received is in `text`; what the desks are paged for is in `text` and escalation.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from wellbeing.cases.operations import duties, reporting
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import NewDuty
from wellbeing.cases.rules.reporting import NewReport
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.calls import CallRow
from wellbeing.escalation.operations import desks, pages
from wellbeing.escalation.operations.desks import Desk
from wellbeing.escalation.rules.words import (
    SUPERVISOR_DESK,
    DutyKind,
    PageSubject,
    PageSubjectKind,
)
from wellbeing.followups.operations import plans
from wellbeing.followups.rules import CallBackReason, Owner
from wellbeing.organizations import queries as organizations

logger = logging.getLogger(__name__)

LOST_TEXT = "undelivered_text"
UNREACHABLE_CALLER = "unreachable_caller"
"""A message of a caller without a number: somebody hears it and decides."""

CALL_BACK_DESK_WITHIN = timedelta(hours=1)
"""By when a supervisor puts somebody on an empty desk that callers were sent to."""
LOST_TEXT_WITHIN = timedelta(minutes=30)
"""A student who was promised an answer and got none is tried another way soon."""


@dataclass(frozen=True, slots=True)
class _Held:
    """What a duty is about, and who has it."""

    contact_id: int
    case_id: int | None
    organization_id: int
    holder_id: int | None


def give_lost_text(*, message_id: int, now: datetime) -> None:
    """Make a duty of a text that never reached the student, for whoever is responsible now."""
    contact_id = contacts.contact_of_message(message_id=message_id)
    _open(contact_id, kind=LOST_TEXT, by_at=now + LOST_TEXT_WITHIN, now=now)


def give_lost_automatic_reply(*, contact_id: int, now: datetime) -> None:
    """Make a duty of an automatic answer that did not arrive: the student hears nothing at all."""
    _open(contact_id, kind=LOST_TEXT, by_at=now + LOST_TEXT_WITHIN, now=now)


def ask_for_report(*, contact_id: int, now: datetime) -> None:
    """Let a supervisor decide whether what a student hinted at must be reported (product 4.5)."""
    reporting.open_report(new=NewReport(contact_id=contact_id), now=now)


def note_empty_desk(*, contact_id: int, organization_id: int, desk: str, now: datetime) -> None:
    """Raise the alarm that a caller was sent to a desk where nobody can be rung.

    A duty of the city's supervisor where the policy wants somebody at any hour; else a log line.
    """
    logger.warning("nobody to ring", extra={"contact_id": contact_id, "desk": desk})
    if not desks.is_always_staffed(organization_id=organization_id, desk=desk):
        return
    city = Desk(organization_id=organizations.municipality().id, desk=SUPERVISOR_DESK)
    held = _Held(contact_id, None, city.organization_id, desks.holder_at(desk=city, now=now))
    _give(held, kind=DutyKind.COVERAGE_GAP.value, by_at=now + CALL_BACK_DESK_WITHIN, now=now)


def can_be_called_back(*, call: CallRow) -> bool:
    """Tell whether the caller can be dialled: not withheld, no short code, no SIP address."""
    number = contacts.number_of(contact_id=call.contact_id) if call.has_number else None
    return number is not None and number.startswith("+")


def promise_call_back(
    *, call: CallRow, reason: CallBackReason, due_at: datetime, now: datetime
) -> None:
    """Promise to call a student back, and page who leads the desk; without a number, a duty."""
    desk = desks.supervising(organization_id=call.organization_id)
    holder_id = desks.holder_at(desk=desk, now=now)
    if holder_id is None or not can_be_called_back(call=call):
        held = _Held(call.contact_id, None, desk.organization_id, holder_id)
        _give(held, kind=UNREACHABLE_CALLER, by_at=due_at, now=now)
        return
    follow_up_id = plans.promise_call_back(
        contact_id=call.contact_id,
        owner=Owner(user_id=holder_id, organization_id=desk.organization_id),
        level=call.urgency,
        due_at=due_at,
        reason=reason,
        now=now,
    )
    pages.page_desk(
        subject=PageSubject(kind=PageSubjectKind.FOLLOW_UP, id=follow_up_id),
        organization_id=desk.organization_id,
        desk=desk.desk,
        urgency=call.urgency,
        now=now,
    )


def _open(contact_id: int, *, kind: str, by_at: datetime, now: datetime) -> None:
    contact = contacts.contact_by_id(contact_id=contact_id)
    case = cases.case_of_contact(contact_id=contact_id)
    if case is not None:
        held = _Held(contact_id, case.case_id, case.organization_id, case.owner_id)
    elif contact.claimed_by is not None:
        held = _Held(contact_id, None, contact.organization_id, contact.claimed_by)
    else:
        held = _supervisor(contact_id, None, contact.organization_id, now)
    _give(held, kind=kind, by_at=by_at, now=now)


def _supervisor(contact_id: int, case_id: int | None, place: int, now: datetime) -> _Held:
    desk = desks.supervising(organization_id=place)
    holder_id = desks.holder_at(desk=desk, now=now)
    return _Held(contact_id, case_id, desk.organization_id, holder_id)


def _give(held: _Held, *, kind: str, by_at: datetime, now: datetime) -> None:
    if held.holder_id is None:
        logger.error("nobody can hold a duty", extra={"contact_id": held.contact_id})
        return
    new = NewDuty(
        kind=kind,
        case_id=held.case_id,
        contact_id=held.contact_id if held.case_id is None else None,
        holder_id=held.holder_id,
        organization_id=held.organization_id,
        by_at=by_at,
    )
    duties.open_duty(new=new, now=now)
