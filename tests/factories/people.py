"""Invented people of a case, written down by the real operations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.factories.moments import NOW
from wellbeing.cases.operations import consents, matching, people, reaching
from wellbeing.cases.queries import people as queries
from wellbeing.cases.rules.consents import Basis, Giver, NewConsent, Purpose
from wellbeing.cases.rules.people import (
    Details,
    NewPerson,
    NumberKind,
    PersonRow,
    Relation,
    Verdict,
)
from wellbeing.foundation.database import transaction

NAME = "示例甲"


def make_person(*, case_id: int, by: int, now: datetime = NOW, **changes: Any) -> PersonRow:
    """Write down the student of a case, or somebody else, and give them in the clear."""
    details = Details(**changes.pop("details", {}))
    wanted = {"relation": Relation.STUDENT, "name": NAME, "details": details} | changes
    with transaction():
        person_id = people.add_person(case_id=case_id, new=NewPerson(**wanted), by=by, now=now)
    return queries.person(person_id=person_id, case_id=case_id)


def make_number(*, person: PersonRow, typed: str, by: int, is_shared: bool = False) -> int:
    """Give a person a mobile number."""
    with transaction():
        return reaching.add_number(
            person=person,
            typed=typed,
            kind=NumberKind.MOBILE,
            is_shared=is_shared,
            by=by,
            now=NOW,
        )


def make_consent(*, case_id: int, by: int, now: datetime = NOW, **changes: Any) -> int:
    """Let the student agree to be texted, or to something else."""
    wanted = {
        "purpose": Purpose.CONTACT_BY_TEXT,
        "basis": Basis.CONSENT,
        "given_by": Giver.STUDENT,
        "given_at": now,
    } | changes
    with transaction():
        return consents.give_consent(case_id=case_id, new=NewConsent(**wanted), by=by, now=now)


def make_link(*, one: PersonRow, other: PersonRow, by: int, now: datetime = NOW) -> int:
    """Find two records to be one person."""
    with transaction():
        return matching.decide(
            one=one, other=other, verdict=Verdict.SAME, reason="虚构：同一个人", by=by, now=now
        )
