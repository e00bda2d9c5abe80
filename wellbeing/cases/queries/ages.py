"""How old the student of a case is, as far as anybody said: by their record, else by a contact."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from wellbeing.cases.models.cases import CASE_CONTACT
from wellbeing.cases.models.people import PERSON
from wellbeing.cases.queries import people
from wellbeing.cases.rules import ages
from wellbeing.cases.rules.people import Relation
from wellbeing.contacts.models import CONTACT
from wellbeing.foundation.database import session
from wellbeing.policy import current as policy

THEMSELVES = "self"
"""Only what students said on the line themselves counts: of others nobody knows whose age it is."""


def student_years(*, case_id: int, now: datetime) -> int | None:
    """Tell how old the student of a case is at most; None where nobody knows.

    Not a read of anybody: nobody is shown it; consents are held against it (PIPL 31).
    """
    zone = ZoneInfo(policy.current().followups.zone)
    today = now.astimezone(zone).date()
    of_record = _by_record(case_id, zone, today)
    return of_record if of_record is not None else _by_contact(case_id, zone, today)


def consents_alone(*, case_id: int, now: datetime) -> bool:
    """Tell whether the student may agree without a guardian; whose age nobody knows may."""
    return ages.consents_alone(years=student_years(case_id=case_id, now=now))


def _by_record(case_id: int, zone: ZoneInfo, today: date) -> int | None:
    statement = select(PERSON.c.id).where(
        PERSON.c.case_id == case_id,
        PERSON.c.relation == Relation.STUDENT.value,
        PERSON.c.removed_at.is_(None),
    )
    person_id = session().execute(statement).scalar()
    if person_id is None:
        return None
    student = people.person(person_id=person_id, case_id=case_id)
    said_on = (student.edited_at or student.at).astimezone(zone).date()
    return ages.years_old(said=student.details.born, said_on=said_on, today=today)


def _by_contact(case_id: int, zone: ZoneInfo, today: date) -> int | None:
    statement = (
        select(CONTACT.c.age_band, CONTACT.c.arrived_at)
        .join(CASE_CONTACT, CASE_CONTACT.c.contact_id == CONTACT.c.id)
        .where(
            CASE_CONTACT.c.case_id == case_id,
            CONTACT.c.caller_type == THEMSELVES,
            CONTACT.c.age_band.is_not(None),
        )
        .order_by(CONTACT.c.arrived_at.desc(), CONTACT.c.id.desc())
        .limit(1)
    )
    found = session().execute(statement).first()
    if found is None:
        return None
    oldest = {one.key: one.to_years for one in policy.current().triage.age_bands}
    years = oldest.get(found.age_band)
    said_on = found.arrived_at.astimezone(zone).date()
    return None if years is None else ages.counted_on(years=years, said_on=said_on, today=today)
