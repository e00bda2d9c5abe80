"""Every list of every room shows exactly what its reader could open (promise P6), in any city."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from random import Random

import pytest
from flask import Flask

from tests.factories.accounts import make_user
from tests.factories.cases import make_case, make_duty
from tests.factories.escalation import make_escalation
from tests.factories.moments import NOW
from tests.factories.organizations import City, make_city
from wellbeing.accounts.operations import grants
from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.grants import GrantKind
from wellbeing.accounts.rules.roles import Role
from wellbeing.cases.operations import access
from wellbeing.cases.queries import access as asked
from wellbeing.cases.queries import cases, search
from wellbeing.cases.rules.cases import CaseFilters, CaseRow
from wellbeing.cases.rules.search import CaseSearch, Standing
from wellbeing.escalation import queries as escalation
from wellbeing.followups import queries as followups
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import RiskLevel
from wellbeing.worklists import queries as worklists

FAR = NOW + timedelta(days=400)
MANY = 500


class Made:
    """Everything in an invented city, by id."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)  # noqa: S311 - any city will do
        self.city: City = make_city()
        units = [
            self.city.municipality, self.city.district, self.city.other_district,
            self.city.school, self.city.other_school, self.city.university,
        ]  # fmt: skip
        self.staff = [
            make_user(role=role, organization_id=unit.id)
            for unit in units
            for role in (Role.COUNSELOR, Role.SUPERVISOR)
        ]
        self.others = [
            make_user(role=role, organization_id=self.city.school.id)
            for role in (Role.PRINCIPAL, Role.ADMINISTRATOR, Role.AUDITOR)
        ]
        self.cases = [self._case() for _ in range(14)]
        self.escalations = [one for case in self.cases[:6] if (one := self._escalated(case))]
        self.duties = [self._duty(case) for case in self.cases[6:10]]
        self.views, self.requests = self._beyond()
        self._grant()

    def _case(self) -> CaseRow:
        level = self.dice.choice([RiskLevel.LOW, RiskLevel.HIGH])
        return make_case(owner_id=self.dice.choice(self.staff), level=level)

    def _escalated(self, case: CaseRow) -> int | None:
        try:
            return make_escalation(case_id=case.case_id, by=case.owner_id)
        except DomainError:
            # The highest unit passes nothing up.
            return None

    def _duty(self, case: CaseRow) -> int:
        holder = self.dice.choice(self.staff)
        place = accounts.user(user_id=holder).organization_id
        return make_duty(holder_id=holder, organization_id=place, case_id=case.case_id)

    def _beyond(self) -> tuple[list[int], list[int]]:
        views, requests = [], []
        for case in self.cases[:8]:
            scope = accounts.scope_of(user_id=self.dice.choice(self.staff))
            try:
                with transaction():
                    words = {"typed": case.reference, "reason": "虚构", "scope": scope, "now": NOW}
                    if self.dice.random() < 0.5:
                        views.append(access.open_in_emergency(**words)[1].view_id)
                    else:
                        requests.append(access.ask(**words))
            except DomainError:
                continue
        return views, requests

    def _grant(self) -> None:
        for case in self.dice.sample(self.cases, 6):
            with transaction():
                grants.grant_access(
                    user_id=self.dice.choice(self.staff + self.others),
                    subject_kind=cases.GRANT_SUBJECT,
                    subject_id=case.case_id,
                    kind=self.dice.choice(list(GrantKind)),
                    now=NOW,
                    ends_at=self.dice.choice([None, NOW + timedelta(minutes=5)]),
                )


def openable(open_one: Callable[[int], object], ids: Iterable[int]) -> set[int]:
    found = set()
    for one in ids:
        try:
            open_one(one)
        except NotFound:
            continue
        found.add(one)
    return found


def disagreements(made: Made, scope: Scope, now: datetime) -> list[str]:
    """Name every list of one reader that differs from what they can open one by one."""
    ids = [case.case_id for case in made.cases]
    items = openable(lambda one: cases.get(case_id=one, scope=scope, now=now), ids)
    everything = CaseSearch(standing=Standing.ANY)
    listed = cases.list_cases(scope=scope, filters=CaseFilters(), limit=MANY, now=now)
    found = search.find(scope=scope, search=everything, limit=MANY, now=now)
    pairs = {
        "cases": ({one.case_id for one in listed}, items),
        "search": ({one.case_id for one in found}, items),
        "count": (
            {cases.count_cases(scope=scope, filters=CaseFilters(), now=now)}, {len(items)},
        ),
        "count of a search": (
            {search.count(scope=scope, search=everything, now=now)}, {len(items)},
        ),
        "escalations": (
            {one.escalation_id for one in escalation.open_escalations(scope=scope)},
            openable(lambda one: escalation.get(escalation_id=one, scope=scope), made.escalations),
        ),
        "duties": (
            {one.duty_id for one in cases.duties(scope=scope)} & set(made.duties),
            openable(lambda one: cases.duty(duty_id=one, scope=scope), made.duties),
        ),
        "follow-ups": _follow_ups(made, scope, now),
        "requests": (
            {one.row.request_id for one in asked.to_decide(scope=scope, now=now)},
            openable(lambda one: asked.request(request_id=one, scope=scope), made.requests),
        ),
        "views": (
            {one.row.view_id for one in asked.to_review(scope=scope)},
            openable(lambda one: asked.view(view_id=one, scope=scope), made.views),
        ),
        "references in my work and on the wall": (_references(scope, now) - items, set()),
    }  # fmt: skip
    return [
        f"{name}: {left} is not {right}" for name, (left, right) in pairs.items() if left != right
    ]


def _follow_ups(made: Made, scope: Scope, now: datetime) -> tuple[set[int], set[int]]:
    planned = [
        row.follow_up_id
        for case in made.cases
        for row in followups.open_of_case(case_id=case.case_id)
    ]
    listed = followups.due_for(scope=scope, until=FAR, now=now, limit=MANY)
    may = openable(lambda one: followups.get(follow_up_id=one, scope=scope, now=now), planned)
    return {row.follow_up_id for row in listed}, may


def _references(scope: Scope, now: datetime) -> set[int]:
    """Give the cases that the reader's work and wall name by their reference."""
    work = worklists.my_work(scope=scope, user_id=scope.user_id, now=now)
    wall = worklists.wall(scope=scope, now=now)
    rows = (*work.follow_ups, *work.escalations, *work.to_contact, *wall.follow_ups)
    named = {one.row.case_id for one in (*rows, *wall.escalations) if one.reference}
    named |= {one.case_id for one in (*work.duties, *wall.duties) if one.reference and one.case_id}
    return {one for one in named if one is not None} | {one.case_id for one in work.cases}


@pytest.mark.parametrize("seed", [1, 2])
def test_every_list_shows_what_its_reader_could_open_and_nothing_else(database: Flask, seed: int):
    made = Made(seed)
    wrong = {}
    for user_id in made.staff + made.others:
        scope = accounts.scope_of(user_id=user_id)
        for now in (NOW + timedelta(minutes=1), NOW + timedelta(minutes=30)):
            if found := disagreements(made, scope, now):
                wrong[user_id, now] = found

    assert wrong == {}
