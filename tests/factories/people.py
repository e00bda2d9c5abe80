"""Invented people of a case, written down by the real operations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.factories.moments import NOW
from wellbeing.cases.operations import people, reaching
from wellbeing.cases.queries import people as queries
from wellbeing.cases.rules.people import Details, NewPerson, NumberKind, PersonRow, Relation
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
