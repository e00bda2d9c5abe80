"""Hold the consents of a case to the student's age whenever it is told: under 14, with a guardian.

What a child under 14 agreed to alone is no consent (PIPL 31): from the moment the age is known
nothing relies on it. It is suspended, not withdrawn, so that a guardian's consent or another
ground takes its place, and a mistaken age gives it back. Levels, rescues, reports and escalations
ask for no consent and are never held up.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from wellbeing.cases.events import TextsForbidden
from wellbeing.cases.models.cases import CASE
from wellbeing.cases.models.people import CONSENT
from wellbeing.cases.operations import entries
from wellbeing.cases.queries import ages, cases, consents
from wellbeing.cases.rules.cases import CaseStatus
from wellbeing.cases.rules.consents import (
    STUDENTS_OWN,
    Basis,
    ConsentEntry,
    ConsentRow,
    Giver,
    Purpose,
    lacks_guardian,
)
from wellbeing.foundation import events
from wellbeing.foundation.database import changed, session

SHUT = (CaseStatus.SEALED.value, CaseStatus.ERASED.value)
"""Nothing is done with the identity in a record at rest; there is nothing to suspend."""


def hold_to_age(*, case_id: int, by: int | None, now: datetime) -> None:
    """Suspend what rests on a child under 14 alone; give back what a mistaken age suspended.

    `by` is whoever told the age; None where it came along with a conversation.
    """
    found = _of_student_alone(case_id)
    if not found:
        return
    alone = ages.consents_alone(case_id=case_id, now=now)
    for consent_id in found:
        row = consents.consent(consent_id=consent_id, case_id=case_id)
        lacks = lacks_guardian(given=row, consents_alone=alone)
        if lacks and row.suspended_at is None:
            _suspend(row, by, now)
        elif not lacks and row.suspended_at is not None:
            _resume(row, by, now)


def hold_to_age_of_contact(*, contact_id: int, now: datetime) -> None:
    """Do so for the case of a conversation, whose record may say how old the student is."""
    case = cases.case_of_contact(contact_id=contact_id)
    if case is not None:
        hold_to_age(case_id=case.case_id, by=None, now=now)


def make_way(*, case_id: int, purpose: Purpose, by: int, now: datetime) -> None:
    """Let a consent of the law take the place of a suspended one for the same purpose."""
    statement = (
        update(CONSENT)
        .where(
            CONSENT.c.case_id == case_id,
            CONSENT.c.purpose == purpose.value,
            CONSENT.c.withdrawn_at.is_(None),
            CONSENT.c.suspended_at.is_not(None),
        )
        .values(withdrawn_at=now, withdrawn_by=by, version=CONSENT.c.version + 1)
    )
    changed(statement)


def _of_student_alone(case_id: int) -> list[int]:
    statement = (
        select(CONSENT.c.id)
        .join(CASE, CASE.c.id == CONSENT.c.case_id)
        .where(
            CONSENT.c.case_id == case_id,
            CASE.c.status.not_in(SHUT),
            CONSENT.c.withdrawn_at.is_(None),
            CONSENT.c.basis == Basis.CONSENT.value,
            CONSENT.c.given_by == Giver.STUDENT.value,
            CONSENT.c.purpose.not_in([one.value for one in STUDENTS_OWN]),
        )
        .order_by(CONSENT.c.id)
    )
    return list(session().execute(statement).scalars())


def _suspend(row: ConsentRow, by: int | None, now: datetime) -> None:
    _set(row, now)
    _note(row, ConsentEntry.SUSPENDED, by, now)
    if row.purpose is Purpose.CONTACT_BY_TEXT:
        events.publish(TextsForbidden(case_id=row.case_id, at=now))


def _resume(row: ConsentRow, by: int | None, now: datetime) -> None:
    _set(row, None)
    _note(row, ConsentEntry.RESUMED, by, now)


def _set(row: ConsentRow, suspended_at: datetime | None) -> None:
    statement = update(CONSENT).where(CONSENT.c.id == row.consent_id)
    changed(statement.values(suspended_at=suspended_at, version=CONSENT.c.version + 1))


def _note(row: ConsentRow, kind: ConsentEntry, by: int | None, now: datetime) -> None:
    facts = {"consent_id": row.consent_id, "purpose": row.purpose.value, "basis": row.basis.value}
    entries.add_entry(case_id=row.case_id, kind=kind, actor_id=by, facts=facts, now=now)
