"""Invented cases, opened by the real operations for contacts that came in by text."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from tests.factories.accounts import make_supervisor
from tests.factories.contacts import claim, make_contact
from tests.factories.moments import NOW
from wellbeing.accounts.queries import people as accounts
from wellbeing.cases.operations import changes as case_changes
from wellbeing.cases.operations import closing, duties, notes, opening, plans
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow, NewDuty
from wellbeing.cases.rules.plans import Heading
from wellbeing.contacts.operations import conversations as contacts
from wellbeing.contacts.queries import conversations as contact_queries
from wellbeing.contacts.rules.conversations import Disposition
from wellbeing.foundation.database import transaction
from wellbeing.policy.model import RiskLevel
from wellbeing.triage.rules.levels import Decider

_numbers = count(10_000_001)


def counselor_decides(user_id: int) -> Decider:
    """Let somebody decide as a counselor."""
    return Decider(user_id=user_id, is_supervisor=False)


def supervisor_decides(user_id: int) -> Decider:
    """Let somebody decide as a supervisor."""
    return Decider(user_id=user_id, is_supervisor=True)


def make_case(*, owner_id: int, now: datetime = NOW, **changes: Any) -> CaseRow:
    """Open a case for a new caller at its owner's unit; blue unless another level is given."""
    contact_id = changes.pop("contact_id", None) or make_contact(
        sender=f"+86139{next(_numbers)}", now=now
    )
    wanted = {
        "contact_id": contact_id,
        "by": owner_id,
        "organization_id": accounts.user(user_id=owner_id).organization_id,
        "level": RiskLevel.LOW,
        "note": "虚构：夜里睡不着。",
    } | changes
    with transaction():
        return opening.open_case(now=now, **wanted)


def make_note(*, case_id: int, by: int, body: str = "虚构：明天再谈。") -> int:
    """Write a counselor's note."""
    with transaction():
        return notes.add_note(case_id=case_id, by=counselor_decides(by), body=body, now=NOW)


def make_duty(*, holder_id: int, organization_id: int, **changes: Any) -> int:
    """Give somebody a duty due in an hour."""
    now = changes.pop("now", NOW)
    new = {
        "kind": "call_back_failed",
        "holder_id": holder_id,
        "organization_id": organization_id,
        "by_at": now + timedelta(hours=1),
    } | changes
    with transaction():
        return duties.open_duty(new=NewDuty(**new), now=now)


def decline(*, case: CaseRow, now: datetime = NOW) -> None:
    """Let a student say twice, a day apart, that they want no more of us; a supervisor signs."""
    supervisor = make_supervisor(organization_id=case.organization_id)
    with transaction():
        for days in (0, 1):
            closing.note_reached(
                case_id=case.case_id,
                by=case.owner_id,
                has_declined=True,
                now=now + timedelta(days=days),
            )
        closing.sign_closing(
            case_id=case.case_id,
            by=supervisor_decides(supervisor),
            reason="虚构：已和家人约好。",
            now=now + timedelta(days=1),
        )


def make_safety_plan(*, case: CaseRow, now: datetime = NOW) -> None:
    """Write a first safety plan by the owner."""
    with transaction():
        plans.save_safety_plan(
            case_id=case.case_id,
            by=case.owner_id,
            typed={one.value: "虚构：去操场走走。" for one in Heading},
            version=0,
            now=now,
        )


def close(*, case: CaseRow, now: datetime = NOW) -> None:
    """Close a blue case by its owner, after the student declined and a supervisor signed."""
    decline(case=case, now=now)
    with transaction():
        case_changes.close_case(
            case_id=case.case_id, by=case.owner_id, note="虚构", told=True, now=now
        )


def hand_over(*, case: CaseRow, to_user_id: int, now: datetime = NOW) -> None:
    """Transfer a case to another person and their unit."""
    place = accounts.user(user_id=to_user_id).organization_id
    with transaction():
        case_changes.transfer(
            case_id=case.case_id,
            to_user_id=to_user_id,
            to_organization_id=place,
            from_user_id=case.owner_id,
            now=now,
        )


def end_contacts(*, case: CaseRow, now: datetime = NOW) -> None:
    """Let the owner take and end the conversations of a case."""
    for contact_id in cases.contacts_of(case_id=case.case_id):
        claim(contact_id=contact_id, user_id=case.owner_id, now=now)
        with transaction():
            contacts.close_contact(
                contact_id=contact_id,
                disposition=Disposition.CASE_OPENED,
                wrap_up="虚构：已约好。",
                by=case.owner_id,
                now=now,
            )


def contact_again(*, contact_id: int, now: datetime = NOW + timedelta(days=30)) -> int:
    """Let the caller of an ended contact write again, much later; give the new contact."""
    sender = contact_queries.number_of(contact_id=contact_id)
    return make_contact(sender=sender, body="虚构：我又来了。", now=now)
