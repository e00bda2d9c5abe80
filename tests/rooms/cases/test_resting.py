"""Sealing: after the time of keeping nobody reads a record, and no list or count names it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import cases as factory
from tests.factories.accounts import make_supervisor, make_user
from tests.factories.moments import NOW
from tests.rooms.cases.conftest import People
from wellbeing.accounts.operations import grants
from wellbeing.accounts.rules.grants import GrantKind
from wellbeing.accounts.rules.roles import Role
from wellbeing.cases.operations import changes, resting
from wellbeing.cases.queries import cases
from wellbeing.cases.queries import resting as queries
from wellbeing.cases.rules.cases import CaseFilters, CaseRow, CaseStatus, IllegalTransition
from wellbeing.cases.rules.resting import sealed_before
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import NotFound
from wellbeing.organizations.rules import Scope

ScopeOf = Callable[[int], Scope]
LATER = NOW + timedelta(days=3 * 366)


@pytest.fixture
def rested(people: People) -> CaseRow:
    """Give a case that was sealed."""
    made = factory.make_case(owner_id=people.counselor)
    factory.close(case=made)
    with transaction():
        assert resting.advance(made.case_id, now=LATER)
    return cases.case_by_id(case_id=made.case_id)


def test_a_case_is_sealed_when_its_years_are_over_and_once(people: People):
    made, living = (factory.make_case(owner_id=people.counselor) for _ in range(2))
    factory.close(case=made)

    early = queries.due_ids(now=NOW + timedelta(days=3 * 365 - 1), limit=9)
    due = queries.due_ids(now=LATER, limit=9)
    with transaction():
        told = [
            resting.advance(made.case_id, now=NOW + timedelta(days=365)),
            resting.advance(made.case_id, now=LATER),
            resting.advance(made.case_id, now=LATER),
            resting.advance(living.case_id, now=LATER),
        ]

    assert (early, due) == ((), (made.case_id,))
    assert told == [False, True, False, False]
    assert cases.case_by_id(case_id=made.case_id).status is CaseStatus.SEALED


@pytest.mark.parametrize("reader", ["counselor", "supervisor", "city"])
def test_nobody_reads_lists_or_counts_a_sealed_case(
    people: People, scope_of: ScopeOf, rested: CaseRow, reader: str
):
    city = make_supervisor(organization_id=people.city.municipality.id)
    scope = scope_of({"city": city}.get(reader) or getattr(people, reader))

    with pytest.raises(NotFound):
        cases.get(reference=rested.reference, scope=scope, now=LATER)
    assert cases.list_cases(scope=scope, filters=CaseFilters(), limit=9, now=LATER) == ()
    assert cases.count_cases(scope=scope, filters=CaseFilters(), now=LATER) == 0


def test_an_emergency_view_opens_it_for_its_hour(
    people: People, scope_of: ScopeOf, rested: CaseRow
):
    with transaction():
        grants.grant_access(
            user_id=people.supervisor,
            subject_kind=cases.GRANT_SUBJECT,
            subject_id=rested.case_id,
            kind=GrantKind.BREAK_GLASS,
            now=LATER,
            ends_at=LATER + timedelta(hours=1),
        )
    scope = scope_of(people.supervisor)

    assert cases.get(case_id=rested.case_id, scope=scope, now=LATER).case_id == rested.case_id
    with pytest.raises(NotFound):
        cases.get(case_id=rested.case_id, scope=scope, now=LATER + timedelta(hours=2))


def test_a_sealed_case_is_not_opened_again(people: People, rested: CaseRow):
    with pytest.raises(IllegalTransition), transaction():
        changes.change_status(
            case_id=rested.case_id, status=CaseStatus.OPEN, by=people.counselor, now=LATER
        )


def test_that_it_exists_is_told_to_its_supervisor_and_the_auditor_alone(
    people: People, scope_of: ScopeOf, rested: CaseRow
):
    auditor = make_user(role=Role.AUDITOR, organization_id=people.city.municipality.id)
    told = {
        name: [one.reference for one in queries.sealed_cases(scope=scope_of(user), limit=9)]
        for name, user in {
            "auditor": auditor,
            "supervisor": people.supervisor,
            "counselor": people.counselor,
        }.items()
    }

    assert told == {
        "auditor": [rested.reference],
        "supervisor": [rested.reference],
        "counselor": [],
    }


def test_years_are_those_of_the_calendar():
    leap = datetime(2028, 2, 29, 12, tzinfo=UTC)

    assert sealed_before(now=leap, years=3) == datetime(2025, 2, 28, 12, tzinfo=UTC)
    assert sealed_before(now=NOW, years=3) == NOW.replace(year=NOW.year - 3)
