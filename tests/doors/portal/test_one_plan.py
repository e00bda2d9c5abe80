"""The page of a case without a care plan offers the one of the same student's other case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from tests.doors.portal.test_case_work import care_plan
from tests.factories import people as made
from tests.factories import records
from tests.house import page_gate
from wellbeing.cases.models.cases import CASE
from wellbeing.cases.operations import matching
from wellbeing.cases.queries import plans
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.plans import PlanKind, PlanRow
from wellbeing.foundation import clock
from wellbeing.foundation.database import session, transaction

GOAL = "示例：睡够八小时。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Two:
    """A case without a plan, one of the same student with a plan, and their link."""

    here: CaseRow
    there: CaseRow
    link_id: int

    @property
    def page(self) -> str:
        return f"/cases/{self.here.reference}/care-plan"

    @property
    def seen(self) -> dict[str, str]:
        return {"source": self.there.reference, "version": "1"}


@pytest.fixture
def two(app: Flask, people: Any, claimed: Any, clients: Any, post: Any) -> Two:
    here, there = (records.case_of(app, people, claimed) for _ in range(2))
    by = people("district counselor").user_id
    post(clients("district counselor"), f"/cases/{there.reference}/care-plan/edit", care_plan())
    with app.app_context():
        now = clock.now()
        one, other = (
            made.make_person(case_id=case.case_id, by=by, now=now) for case in (here, there)
        )
        link_id = made.make_link(one=one, other=other, by=by, now=now)
    return Two(here=here, there=there, link_id=link_id)


def plan_of(app: Flask, case: CaseRow) -> PlanRow | None:
    with app.app_context():
        return plans.latest(case_id=case.case_id, kind=PlanKind.CARE)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_offer_shows_the_other_plan_and_passes_the_gate(
    app: Flask, clients: Any, two: Two, language: str
):
    answer = clients("district counselor", language=language).get(two.page)

    assert GOAL in answer.text
    assert two.there.reference in answer.text
    page_gate.check_html(answer.text, url=two.page)
    read = [one["subject_id"] for one in records.events(app, "opened_case")]
    assert read[-2:] == [two.here.case_id, two.there.case_id]


def test_it_is_taken_over_once_and_the_audit_of_both_cases_tells_it(
    app: Flask, clients: Any, post: Any, two: Two
):
    client, url = clients("district counselor"), f"{two.page}/take-over"

    first, again = (post(client, url, two.seen) for _ in range(2))

    mine = plan_of(app, two.here)
    assert [first.status_code, again.status_code] == [303, 409]
    assert mine is not None
    assert (mine.version, mine.words["goals"]) == (1, GOAL)
    saved, read = records.events(app, "plan_saved")[-1], records.events(app, "opened_case")[-1]
    assert (saved["subject_id"], read["subject_id"]) == (two.here.case_id, two.there.case_id)
    assert saved["details"]["taken_from"] == two.there.case_id
    assert read["details"]["taken_to"] == two.here.case_id
    assert "take-over" not in client.get(two.page).text


@pytest.mark.parametrize(
    "changes", [{"version": "2"}, {"source": ""}, {"source": "itself"}, {"version": "x"}]
)
def test_what_the_reader_did_not_see_is_not_taken_over(
    app: Flask, clients: Any, post: Any, two: Two, changes: dict[str, str]
):
    typed = two.seen | changes
    if typed["source"] == "itself":
        typed["source"] = two.here.reference

    answer = post(clients("district counselor"), f"{two.page}/take-over", typed)

    assert answer.status_code == 409
    assert plan_of(app, two.here) is None


def test_nothing_is_offered_once_the_two_are_two_persons_again(
    app: Flask, clients: Any, post: Any, people: Any, two: Two
):
    client = clients("district counselor")
    with app.app_context(), transaction():
        matching.take_back(
            link_id=two.link_id, case_id=two.here.case_id, reason="示例",
            by=people("district counselor").user_id, now=clock.now(),
        )  # fmt: skip

    late = post(client, f"{two.page}/take-over", two.seen)

    assert late.status_code == 409
    assert GOAL not in client.get(two.page).text
    assert plan_of(app, two.here) is None


@pytest.mark.parametrize("reader", ["district counselor", "district supervisor"])
def test_a_sealed_case_gives_nothing(app: Flask, clients: Any, post: Any, two: Two, reader: str):
    client = clients(reader)
    with app.app_context(), transaction():
        sealed = update(CASE).where(CASE.c.id == two.there.case_id)
        session().execute(sealed.values(status="sealed", closed_at=clock.now()))

    late = post(client, f"{two.page}/take-over", two.seen)

    assert late.status_code == 404
    assert GOAL not in client.get(two.page).text
    assert two.there.reference not in client.get(two.page).text


def test_a_reader_of_one_case_alone_neither_sees_nor_takes_the_other(
    app: Flask, clients: Any, post: Any, people: Any, two: Two
):
    """The other case went to a unit of another branch: for this reader it is not there."""
    stranger = people("other district counselor")
    with app.app_context(), transaction():
        session().execute(
            update(CASE)
            .where(CASE.c.id == two.there.case_id)
            .values(organization_id=stranger.organization_id, branch_id=stranger.organization_id)
        )
    client = clients("district supervisor")

    late = post(client, f"{two.page}/take-over", two.seen)

    assert late.status_code == 404
    assert GOAL not in client.get(two.page).text
    assert two.there.reference not in client.get(two.page).text


@pytest.mark.parametrize("stranger", ["other district supervisor", "school counselor", "auditor"])
def test_a_stranger_takes_nothing_over(
    app: Flask, clients: Any, post: Any, two: Two, stranger: str
):
    answer = post(clients(stranger), f"{two.page}/take-over", two.seen)

    assert answer.status_code == 404
    assert plan_of(app, two.here) is None


@pytest.mark.parametrize(
    ("language", "source", "warning", "two_persons"),
    [
        ("zh", "沿用自", "那边的一生一策又改过", "不是同一个人"),
        ("en", "Taken over from", "was changed since: version 2", "somebody else after all"),
    ],
)
def test_a_plan_taken_over_says_from_where_and_warns_of_what_changed(
    app: Flask, clients: Any, post: Any, people: Any, two: Two,
    language: str, source: str, warning: str, two_persons: str,
):  # fmt: skip
    client = clients("district counselor", language=language)
    post(client, f"{two.page}/take-over", two.seen)
    first = client.get(two.page).text
    changed = care_plan(version="1")
    post(client, f"/cases/{two.there.reference}/care-plan/edit", changed)

    second = client.get(two.page).text
    with app.app_context(), transaction():
        matching.take_back(
            link_id=two.link_id, case_id=two.here.case_id, reason="示例",
            by=people("district counselor").user_id, now=clock.now(),
        )  # fmt: skip
    third = client.get(two.page).text

    assert source in first
    assert two.there.reference in first
    assert (warning in first, warning in second) == (False, True)
    assert (two_persons in second, two_persons in third) == (False, True)
    page_gate.check_html(third, url=two.page)
