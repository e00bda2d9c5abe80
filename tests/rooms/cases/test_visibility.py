"""Who may see which case: lists, items, counts and pages always agree (promise P6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select

from tests.factories import cases as factory
from tests.factories.accounts import make_supervisor, make_user
from tests.factories.moments import NOW
from tests.factories.statements import counted
from tests.rooms.cases.conftest import People
from wellbeing.accounts.operations import grants as accounts
from wellbeing.accounts.queries import grants
from wellbeing.accounts.rules.grants import GrantKind
from wellbeing.accounts.rules.roles import Role
from wellbeing.cases.models.cases import CASE
from wellbeing.cases.operations import changes
from wellbeing.cases.queries import cases as queries
from wellbeing.cases.queries import visibility
from wellbeing.cases.rules.cases import CaseFilters, CaseRow, CaseStatus, Cursor
from wellbeing.foundation.database import session, transaction
from wellbeing.foundation.errors import NotFound
from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import RiskLevel

ScopeOf = Callable[[int], Scope]
EVERY = CaseFilters()


def grant(case: CaseRow, *, user_id: int, kind: GrantKind, ends_at: datetime | None = None) -> None:
    with transaction():
        accounts.grant_access(
            user_id=user_id,
            subject_kind=queries.GRANT_SUBJECT,
            subject_id=case.case_id,
            kind=kind,
            now=NOW,
            ends_at=ends_at,
        )


def all_pages(scope: Scope, filters: CaseFilters, *, now: datetime, size: int) -> list[CaseRow]:
    found: list[CaseRow] = []
    before = None
    while True:
        page = queries.list_cases(scope=scope, filters=filters, before=before, limit=size, now=now)
        found += page
        if len(page) < size:
            return found
        before = Cursor(opened_at=page[-1].opened_at, case_id=page[-1].case_id)


def items(scope: Scope, cases: Iterable[CaseRow], *, now: datetime) -> set[str]:
    found = set()
    for case in cases:
        try:
            found.add(queries.get(reference=case.reference, scope=scope, now=now).reference)
        except NotFound:
            continue
    return found


def fill(people: People, dice: Random) -> list[CaseRow]:
    """Open cases at every unit, with equal times among them; close, hand over, grant some."""
    city = people.city
    owners = [people.counselor, people.colleague, people.district, people.supervisor]
    units = [
        city.municipality, city.district, city.other_district,
        city.school, city.other_school, city.university,
    ]  # fmt: skip
    made = [
        factory.make_case(
            owner_id=dice.choice(owners),
            organization_id=dice.choice(units).id,
            level=RiskLevel.LOW,
            now=NOW - timedelta(hours=dice.randrange(4)),
        )
        for _ in range(24)
    ]
    for case in dice.sample(made, 6):
        factory.close(case=case)
    for case in dice.sample([one for one in made if _is_open(one)], 4):
        factory.hand_over(case=case, to_user_id=dice.choice(owners))
    for case in dice.sample(made, 6):
        grant(case, user_id=dice.choice(owners), kind=GrantKind.ESCALATION)
    for case in dice.sample(made, 4):
        ends_at = NOW + timedelta(minutes=dice.choice([5, 90]))
        grant(case, user_id=dice.choice(owners), kind=GrantKind.BREAK_GLASS, ends_at=ends_at)
    return list(queries.many(case_ids=[case.case_id for case in made]).values())


def _is_open(case: CaseRow) -> bool:
    return queries.case_by_id(case_id=case.case_id).closed_at is None


def expected(scope: Scope, cases: Iterable[CaseRow], *, now: datetime) -> set[str]:
    """Say the rule again, in plain words: a grant in force, or supervising over its unit."""
    granted = set(grants.granted_ids(user_id=scope.user_id, subject_kind="case", now=now))
    return {
        case.reference
        for case in cases
        if "open_case" in scope.permissions
        and (
            case.case_id in granted
            or ("supervise" in scope.permissions and scope.covers(case.organization_path))
        )
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_lists_items_counts_and_pages_agree_for_every_reader(
    people: People, scope_of: ScopeOf, seed: int
):
    dice = Random(seed)  # noqa: S311 - any cases will do
    cases = fill(people, dice)
    city = people.city
    readers = [
        people.counselor, people.colleague, people.district, people.supervisor,
        make_supervisor(),
        make_supervisor(organization_id=city.school.id),
        make_supervisor(organization_id=city.university.id),
        make_user(role=Role.PRINCIPAL, organization_id=city.school.id),
        make_user(role=Role.AUDITOR),
    ]  # fmt: skip
    now = NOW + timedelta(hours=1)

    for reader in readers:
        scope = scope_of(reader)
        should = expected(scope, cases, now=now)
        for size in (1, 5, 100):
            listed = all_pages(scope, EVERY, now=now, size=size)
            newest_first = sorted(listed, key=lambda one: (one.opened_at, one.case_id))[::-1]
            assert {case.reference for case in listed} == should
            assert len(listed) == len(should)
            assert listed == newest_first
        assert items(scope, cases, now=now) == should
        assert queries.count_cases(scope=scope, filters=EVERY, now=now) == len(should)
        assert {
            row.reference
            for row in session().execute(
                select(CASE.c.reference).where(visibility.scoped(scope=scope, now=now))
            )
        } == should


@pytest.mark.parametrize(
    "filters",
    [
        CaseFilters(open_only=True),
        CaseFilters(status=CaseStatus.CLOSED),
        CaseFilters(status=CaseStatus.OPEN, level=RiskLevel.LOW),
        CaseFilters(level=RiskLevel.HIGH),
    ],
)
def test_a_filter_leaves_exactly_the_cases_that_match(
    people: People, scope_of: ScopeOf, filters: CaseFilters
):
    cases = fill(people, Random(4))  # noqa: S311 - any cases will do
    with transaction():
        living = next(case for case in cases if case.closed_at is None)
        changes.raise_level(
            case_id=living.case_id, level=RiskLevel.HIGH, by=people.counselor, now=NOW
        )
    cases = list(queries.many(case_ids=[case.case_id for case in cases]).values())
    scope = scope_of(people.supervisor)

    listed = all_pages(scope, filters, now=NOW, size=4)

    assert {case.reference for case in listed} == {
        case.reference
        for case in cases
        if case.reference in expected(scope, cases, now=NOW)
        and (not filters.open_only or case.closed_at is None)
        and filters.status in {None, case.status}
        and filters.level in {None, case.level}
    }
    assert queries.count_cases(scope=scope, filters=filters, now=NOW) == len(listed)


def test_mine_are_the_cases_i_own(people: People, scope_of: ScopeOf):
    mine = factory.make_case(owner_id=people.counselor)
    other = factory.make_case(owner_id=people.colleague)
    grant(other, user_id=people.counselor, kind=GrantKind.REQUEST)
    scope = scope_of(people.counselor)

    found = queries.list_cases(
        scope=scope, filters=CaseFilters(owner_id=people.counselor), limit=9, now=NOW
    )

    assert found == (mine,)


def test_a_case_is_found_by_its_reference_however_it_was_typed(people: People, scope_of: ScopeOf):
    made = factory.make_case(owner_id=people.counselor)
    factory.make_case(owner_id=people.counselor)
    typed = made.reference.lower().removeprefix("wb-")
    scope = scope_of(people.counselor)

    found = [
        queries.list_cases(scope=scope, filters=CaseFilters(reference=one), limit=9, now=NOW)
        for one in (typed, "not one")
    ]

    assert found == [(made,), ()]


def test_a_reference_of_another_unit_is_not_found_by_typing_it(people: People, scope_of: ScopeOf):
    made = factory.make_case(owner_id=people.counselor)
    scope = scope_of(make_supervisor(organization_id=people.city.other_district.id))

    found = queries.list_cases(
        scope=scope, filters=CaseFilters(reference=made.reference), limit=9, now=NOW
    )

    assert found == ()


def test_a_grant_that_ran_out_opens_nothing(people: People, scope_of: ScopeOf):
    made = factory.make_case(owner_id=people.counselor)
    grant(
        made,
        user_id=people.district,
        kind=GrantKind.BREAK_GLASS,
        ends_at=NOW + timedelta(minutes=60),
    )
    scope = scope_of(people.district)

    before, after = NOW + timedelta(minutes=59), NOW + timedelta(minutes=60)

    assert queries.get(case_id=made.case_id, scope=scope, now=before) == made
    with pytest.raises(NotFound):
        queries.get(case_id=made.case_id, scope=scope, now=after)


def test_a_list_is_one_query_whatever_it_holds(people: People, scope_of: ScopeOf):
    fill(people, Random(5))  # noqa: S311 - any cases will do
    scope = scope_of(people.supervisor)

    with counted() as sent:
        queries.list_cases(scope=scope, filters=CaseFilters(open_only=True), limit=25, now=NOW)

    assert len(sent) == 1


def test_a_principal_learns_how_many_cases_there_are_and_nothing_else(
    people: People, scope_of: ScopeOf
):
    factory.make_case(owner_id=people.counselor, level=RiskLevel.HIGH)
    factory.make_case(owner_id=people.counselor)
    factory.close(case=factory.make_case(owner_id=people.counselor))
    factory.make_case(owner_id=people.district)
    principal = scope_of(make_user(role=Role.PRINCIPAL, organization_id=people.city.school.id))

    counted_cases = queries.exists_for(scope=principal)

    assert counted_cases == {RiskLevel.HIGH: 1, RiskLevel.LOW: 1}
    assert queries.list_cases(scope=principal, filters=EVERY, limit=9, now=NOW) == ()
    assert queries.exists_for(scope=scope_of(people.counselor)) == {}


def test_a_scope_without_paths_sees_nothing_even_with_every_permission(
    people: People, scope_of: ScopeOf
):
    made = factory.make_case(owner_id=people.counselor)
    scope = replace(scope_of(people.supervisor), paths=())

    assert items(scope, [made], now=NOW) == set()
    assert queries.list_cases(scope=scope, filters=EVERY, limit=9, now=NOW) == ()
