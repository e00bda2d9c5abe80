"""Who may open one record, why, and until when."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.factories.accounts import make_counselor
from tests.factories.moments import NOW
from tests.rooms.accounts.conftest import Staff
from wellbeing.accounts.operations import grants as operations
from wellbeing.accounts.queries import grants as queries
from wellbeing.accounts.rules.grants import GrantKind
from wellbeing.foundation.database import session, transaction
from wellbeing.organizations.models import ORGANIZATION


def grant(
    user_id: int,
    subject_id: int = 12,
    *,
    kind: GrantKind = GrantKind.ASSIGNMENT,
    at: datetime = NOW,
    ends_at: datetime | None = None,
) -> int:
    with transaction():
        return operations.grant_access(
            user_id=user_id,
            subject_kind="case",
            subject_id=subject_id,
            kind=kind,
            now=at,
            ends_at=ends_at,
        )


def end(**which: object) -> int:
    with transaction():
        return operations.end_grants(
            subject_kind="case",
            subject_id=12,
            now=NOW,
            **which,  # type: ignore[arg-type]
        )


def may(user_id: int, subject_id: int = 12, *, at: datetime = NOW, kind: str = "case") -> bool:
    session().rollback()
    return queries.has_grant(user_id=user_id, subject_kind=kind, subject_id=subject_id, now=at)


def test_a_grant_opens_one_record_of_one_kind_to_one_person(staff: Staff):
    grant(staff.counselor)

    assert may(staff.counselor)
    assert not may(staff.counselor, 13)
    assert not may(staff.counselor, kind="contact")
    assert not may(make_counselor())


def test_a_grant_with_an_end_runs_out_by_itself(staff: Staff):
    grant(staff.counselor, kind=GrantKind.BREAK_GLASS, ends_at=NOW + timedelta(minutes=60))

    assert may(staff.counselor, at=NOW + timedelta(minutes=59))
    assert not may(staff.counselor, at=NOW + timedelta(minutes=60))


def test_a_grant_does_not_count_before_it_starts(staff: Staff):
    grant(staff.counselor)

    assert not may(staff.counselor, at=NOW - timedelta(seconds=1))


def test_the_same_grant_twice_is_one(staff: Staff):
    first = grant(staff.counselor)
    second = grant(staff.counselor, at=NOW + timedelta(minutes=1))

    assert first == second
    assert end() == 1


def test_a_grant_given_again_takes_the_new_end(staff: Staff):
    grant(staff.counselor, ends_at=NOW + timedelta(minutes=5))

    grant(staff.counselor, at=NOW + timedelta(minutes=1))

    assert may(staff.counselor, at=NOW + timedelta(days=1))


def test_a_grant_that_ran_out_is_given_anew(staff: Staff):
    later = NOW + timedelta(hours=2)
    first = grant(staff.counselor, ends_at=NOW + timedelta(hours=1))

    second = grant(staff.counselor, at=later, ends_at=later + timedelta(hours=1))

    assert first != second
    assert may(staff.counselor, at=later)


def test_ending_the_grants_of_a_record_ends_those_of_everybody(staff: Staff):
    other = make_counselor()
    grant(staff.counselor)
    grant(other)

    assert end() == 2
    assert not may(staff.counselor)
    assert not may(other)


def test_ending_one_persons_grants_leaves_the_others(staff: Staff):
    other = make_counselor()
    grant(staff.counselor)
    grant(other)

    assert end(user_id=other) == 1
    assert may(staff.counselor)


def test_ending_one_kind_leaves_the_other(staff: Staff):
    grant(staff.counselor)
    grant(staff.counselor, kind=GrantKind.ESCALATION)

    assert end(kind=GrantKind.ESCALATION) == 1
    assert may(staff.counselor)


def test_an_ended_grant_can_be_given_again(staff: Staff):
    grant(staff.counselor)
    end()

    grant(staff.counselor)

    assert may(staff.counselor)


def test_the_records_of_a_person_are_listed_once_each(staff: Staff):
    for subject in (14, 12, 13):
        grant(staff.counselor, subject)
    grant(staff.counselor, kind=GrantKind.ESCALATION)
    end()

    found = queries.granted_ids(user_id=staff.counselor, subject_kind="case", now=NOW)

    assert found == (13, 14)


def test_a_higher_rooms_query_takes_the_grants_in(staff: Staff):
    grant(staff.counselor, staff.city.school.id)
    granted = queries.grants_subquery(user_id=staff.counselor, subject_kind="case", now=NOW)

    found = session().execute(select(ORGANIZATION.c.code).where(ORGANIZATION.c.id.in_(granted)))

    assert found.scalars().all() == ["S1"]


def test_the_holders_of_a_record_are_listed(staff: Staff):
    other = make_counselor()
    grant(other)
    grant(staff.counselor)

    found = queries.holders_of(subject_kind="case", subject_id=12, now=NOW)

    assert found == (staff.counselor, other)


def test_nobody_is_granted_who_does_not_exist(staff: Staff):
    with pytest.raises(IntegrityError):
        grant(4711)
