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
from wellbeing.cases.operations import access, changes, resting
from wellbeing.cases.queries import cases
from wellbeing.cases.queries import resting as queries
from wellbeing.cases.rules.access import SealedOpensInEmergency
from wellbeing.cases.rules.cases import CaseFilters, CaseRow, CaseStatus, IllegalTransition
from wellbeing.cases.rules.resting import Last, sealed_before
from wellbeing.contacts.queries import conversations as contacts
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


def test_no_approved_request_opens_a_sealed_record(
    people: People, scope_of: ScopeOf, rested: CaseRow
):
    """Its time is over: neither a grant that came in after the sealing nor an approval opens it."""
    asked = _request(people, scope_of, rested)
    for kind in (GrantKind.REQUEST, GrantKind.ASSIGNMENT, GrantKind.ESCALATION):
        with transaction():
            grants.grant_access(
                user_id=people.colleague,
                subject_kind=cases.GRANT_SUBJECT,
                subject_id=rested.case_id,
                kind=kind,
                now=LATER,
            )

    with pytest.raises(SealedOpensInEmergency), transaction():
        access.approve(
            request_id=asked,
            scope=scope_of(people.supervisor),
            reason="虚构",
            ends_at=LATER + timedelta(days=1),
            now=LATER,
        )
    with pytest.raises(NotFound):
        cases.get(case_id=rested.case_id, scope=scope_of(people.colleague), now=LATER)


def _request(people: People, scope_of: ScopeOf, case: CaseRow) -> int:
    with transaction():
        return access.ask(
            typed=case.reference, reason="虚构", scope=scope_of(people.colleague), now=LATER
        )


def test_what_was_said_in_a_sealed_record_is_as_shut_as_the_record(
    people: People, scope_of: ScopeOf
):
    made = factory.make_case(owner_id=people.counselor)
    factory.close(case=made)
    factory.end_contacts(case=made)
    (contact_id,) = cases.contacts_of(case_id=made.case_id)
    public_id = contacts.contact_by_id(contact_id=contact_id).public_id
    readers = (people.counselor, people.supervisor)
    for reader in readers:
        scope = scope_of(reader)
        assert cases.contact(public_id=public_id, scope=scope, now=LATER).contact_id == contact_id

    with transaction():
        assert resting.advance(made.case_id, now=LATER)

    for reader in readers:
        with pytest.raises(NotFound):
            cases.contact(public_id=public_id, scope=scope_of(reader), now=LATER)


def test_the_list_of_sealed_records_is_turned_by_its_last_row(people: People, scope_of: ScopeOf):
    made = [factory.make_case(owner_id=people.counselor) for _ in range(3)]
    for case in made:
        factory.close(case=case)
        with transaction():
            assert resting.advance(case.case_id, now=LATER)
    scope = scope_of(people.supervisor)

    first = queries.sealed_cases(scope=scope, limit=2)
    last = Last(closed_at=first[-1].closed_at, case_id=first[-1].case_id)
    rest = queries.sealed_cases(scope=scope, limit=2, after=last)

    assert [one.case_id for one in (*first, *rest)] == [one.case_id for one in made]
