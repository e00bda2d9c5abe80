"""What follows for the promises to a student, and for the clocks that they keep."""

from __future__ import annotations

from typing import Protocol

from wellbeing.cases.events import (
    CaseClosed,
    CaseErased,
    CaseOpened,
    CaseReopened,
    ContactAttached,
    LevelChanged,
    OwnerChanged,
    TextsForbidden,
)
from wellbeing.cases.operations import changes, closing
from wellbeing.cases.queries import cases
from wellbeing.contacts.events import ContactClaimed
from wellbeing.contacts.queries import calls
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.calls import CallState
from wellbeing.escalation import queries as passings
from wellbeing.escalation.events import EscalationAccepted
from wellbeing.escalation.operations import desks, escalations, pages
from wellbeing.escalation.rules.words import PageSubject, PageSubjectKind
from wellbeing.followups import queries as promises
from wellbeing.followups.events import FollowUpMissed, StudentReached, StudentUnreachable
from wellbeing.followups.operations import attempts, erasing, plans, wishes
from wellbeing.followups.rules import Owner
from wellbeing.policy.model import MissedStepHolder


class _OfCase(Protocol):
    """A fact about a case, or about somebody who has none yet."""

    @property
    def case_id(self) -> int | None:
        """Name the case, if there is one."""


def plan_promises(fact: CaseOpened | CaseReopened | LevelChanged | EscalationAccepted) -> None:
    """The level, or whoever took over, decides when the student hears from us again."""
    case = cases.case_by_id(case_id=fact.case_id)
    plans.plan_for(
        case_id=case.case_id,
        level=case.level,
        owner=Owner(user_id=case.owner_id, organization_id=case.organization_id),
        anchor=fact.at,
        now=fact.at,
    )


def note_next_step(fact: _OfCase) -> None:
    """Keep on the case by when something happens next, so that lists need not look around."""
    if fact.case_id is None:
        return
    moments = [one.due_at for one in promises.open_of_case(case_id=fact.case_id)]
    moments += [one.acknowledge_by for one in passings.of_case(case_id=fact.case_id) if one.is_open]
    changes.set_next_step(case_id=fact.case_id, at=min(moments, default=None))


def hand_over_promises(fact: OwnerChanged) -> None:
    """Promises go along with the case."""
    owner = Owner(user_id=fact.user_id, organization_id=fact.organization_id)
    plans.change_owner(case_id=fact.case_id, owner=owner)


def cancel_promises(fact: CaseClosed) -> None:
    """A closed case promises nothing any more."""
    plans.cancel_for(case_id=fact.case_id, now=fact.at)


def forget_promises(fact: CaseErased) -> None:
    """Of an erased case nobody knows any more to whom its promises were kept."""
    erasing.forget_case(case_id=fact.case_id)


def stop_texts(fact: TextsForbidden) -> None:
    """The student may not be texted any more: what has not left is taken back."""
    wishes.stop_texts(case_id=fact.case_id, now=fact.at)


def stop_contact_clock(fact: StudentReached) -> None:
    """The student was reached: the tier that took over has kept its time."""
    if fact.case_id is not None:
        escalations.note_contacted(case_id=fact.case_id, by=fact.by_user_id, now=fact.at)


def note_contact_for_closing(fact: StudentReached) -> None:
    """A kept promise is a contact: closing a case asks when they were, and what was wanted."""
    if fact.case_id is not None:
        closing.note_reached(
            case_id=fact.case_id, by=fact.by_user_id, has_declined=fact.has_declined, now=fact.at
        )


def take_call_backs_along(fact: CaseOpened | ContactAttached) -> None:
    """Who was promised a call without a case has one now: the promise goes along."""
    plans.attach_to_case(contact_id=fact.contact_id, case_id=fact.case_id, now=fact.at)


def keep_call_backs(fact: ContactClaimed) -> None:
    """The student came back before they were called, and a human answered: the promise is kept."""
    caller_id = contacts.contact_by_id(contact_id=fact.contact_id).caller_id
    call = calls.call_of(contact_id=fact.contact_id)
    # A caller thought gone who was on the line after all is spoken with in the same contact.
    is_spoken_with = call is not None and call.state is CallState.ANSWERED
    attempts.settle_call_backs(
        caller_id=caller_id,
        by=fact.user_id,
        answered_contact_id=None if is_spoken_with else fact.contact_id,
        now=fact.at,
    )


def tell_about_missed_promise(fact: FollowUpMissed | StudentUnreachable) -> None:
    """The owner sees it in their work; then the supervisors are paged, then the next tier."""
    holder = getattr(fact, "holder", MissedStepHolder.SUPERVISOR)
    if holder is MissedStepHolder.OWNER:
        return
    desk = desks.supervising(organization_id=fact.organization_id)
    if holder is MissedStepHolder.NEXT_TIER:
        desk = desks.above(desk=desk) or desk
    pages.page_desk(
        subject=PageSubject(kind=PageSubjectKind.FOLLOW_UP, id=fact.follow_up_id),
        organization_id=desk.organization_id,
        desk=desk.desk,
        urgency=fact.level,
        case_id=fact.case_id,
        now=fact.at,
    )
