"""Pages of promises: what is due, one attempt, another time, who may see it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from tests.factories import portal as made
from tests.house import page_gate
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.followups import queries as followups
from wellbeing.followups.operations import plans
from wellbeing.followups.queries import FollowUpRow
from wellbeing.followups.rules import FollowUpState, Outcome, Owner
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction
from wellbeing.policy.model import FollowUpKind, RiskLevel

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def case(app: Flask, people: Any, claimed: Any) -> CaseRow:
    """Give an orange case whose first promises fell due yesterday and come in the next days."""
    reached = claimed("district counselor")
    owner = people("district counselor")
    with app.app_context():
        case = made.open_case(owner, contact_id=reached.contact_id)
        plan(case, owner)
        return case


def plan(case: CaseRow, owner: Any) -> None:
    now = clock.now()
    with transaction():
        plans.plan_for(
            case_id=case.case_id,
            level=RiskLevel.HIGH,
            owner=Owner(user_id=owner.user_id, organization_id=owner.organization_id),
            anchor=now - timedelta(hours=1),
            now=now - timedelta(minutes=30),
        )


def calls(app: Flask, case: CaseRow) -> list[FollowUpRow]:
    with app.app_context():
        rows = followups.open_of_case(case_id=case.case_id)
    return [row for row in rows if row.kind is FollowUpKind.CALL]


def settled(app: Flask, follow_up_id: int) -> FollowUpRow:
    with app.app_context():
        return followups.by_id(follow_up_id=follow_up_id)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("query", ["", "?view=week", "?view=week&whose=unit"])
def test_the_lists_pass_the_gate(clients: Any, case: CaseRow, query: str, language: str):
    client = clients("district counselor", language=language)

    answer = client.get(f"/follow-ups{query}")

    assert answer.status_code == 200
    page_gate.check_html(answer.text, url=query)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", ["attempt", "reschedule"])
def test_the_forms_pass_the_gate(app: Flask, clients: Any, case: CaseRow, page: str, language: str):
    promise = calls(app, case)[0]
    client = clients("district counselor", language=language)

    answer = client.get(f"/follow-ups/{promise.follow_up_id}/{page}")

    assert answer.status_code == 200
    page_gate.check_html(answer.text, url=page)


def test_the_week_lists_the_promises_of_its_days(clients: Any, case: CaseRow):
    client = clients("district counselor", language="en")

    answer = client.get("/follow-ups?view=week")

    assert f"/cases/{case.reference}" in answer.text
    assert "Call the student" in answer.text


def test_a_colleague_sees_only_their_own(clients: Any, case: CaseRow):
    client = clients("other district counselor", language="en")

    answer = client.get("/follow-ups?view=week&whose=unit")

    assert case.reference not in answer.text
    assert "My unit" not in answer.text


def test_a_supervisor_sees_the_promises_of_the_unit(clients: Any, case: CaseRow):
    client = clients("district supervisor", language="en")

    mine = client.get("/follow-ups?view=week")
    unit = client.get("/follow-ups?view=week&whose=unit")

    assert case.reference not in mine.text
    assert case.reference in unit.text


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("page", ["attempt", "reschedule"])
def test_another_unit_finds_nothing(
    app: Flask, clients: Any, post: Any, case: CaseRow, page: str, method: str
):
    promise = calls(app, case)[0]
    client = clients("other school counselor")
    url = f"/follow-ups/{promise.follow_up_id}/{page}"

    answer = client.get(url) if method == "get" else post(client, url, {"outcome": "reached"})

    assert answer.status_code == 404
    assert settled(app, promise.follow_up_id).is_open


def test_reaching_the_student_keeps_the_promise(app: Flask, clients: Any, post: Any, case: CaseRow):
    promise = calls(app, case)[0]
    client = clients("district counselor")

    answer = post(
        client,
        f"/follow-ups/{promise.follow_up_id}/attempt",
        {"outcome": "reached", "note": "示例：声音平静。"},
    )

    row = settled(app, promise.follow_up_id)
    assert answer.status_code == 303
    assert row.state is FollowUpState.KEPT
    assert row.outcome is Outcome.REACHED
    assert "示例：声音平静。" in client.get(f"/cases/{case.reference}").text


def test_no_answer_leaves_the_promise_open_and_lists_the_attempt(
    app: Flask, clients: Any, post: Any, case: CaseRow
):
    promise = calls(app, case)[0]
    client = clients("district counselor", language="en")
    url = f"/follow-ups/{promise.follow_up_id}/attempt"

    post(client, url, {"outcome": "no_answer"})

    assert settled(app, promise.follow_up_id).is_open
    assert "Attempts so far" in client.get(url).text


def test_a_settled_promise_cannot_be_tried_again(
    app: Flask, clients: Any, post: Any, case: CaseRow
):
    promise = calls(app, case)[0]
    client = clients("district counselor", language="en")
    url = f"/follow-ups/{promise.follow_up_id}/attempt"
    post(client, url, {"outcome": "reached"})

    answer = post(client, url, {"outcome": "reached", "note": "示例：再一次。"})

    assert answer.status_code == 409
    assert "This promise is settled already." in answer.text
    assert "示例：再一次。" in answer.text


def test_a_promise_moves_to_a_time_on_the_wall_in_chongqing(
    app: Flask, clients: Any, post: Any, case: CaseRow
):
    promise = calls(app, case)[0]
    client = clients("district counselor")
    day = (clock.now().astimezone(SHANGHAI) + timedelta(days=1)).date()

    answer = post(
        client,
        f"/follow-ups/{promise.follow_up_id}/reschedule",
        {"due_at": f"{day}T18:30", "reason": "示例：同学约的。"},
    )

    assert answer.status_code == 303
    expected = datetime(day.year, day.month, day.day, 10, 30, tzinfo=UTC)
    assert settled(app, promise.follow_up_id).due_at == expected


def test_another_time_needs_a_reason_and_keeps_the_time(
    app: Flask, clients: Any, post: Any, case: CaseRow
):
    promise = calls(app, case)[0]
    client = clients("district counselor")

    answer = post(
        client,
        f"/follow-ups/{promise.follow_up_id}/reschedule",
        {"due_at": "2099-01-01T18:30", "reason": ""},
    )

    assert answer.status_code == 422
    assert "2099-01-01T18:30" in answer.text
    assert settled(app, promise.follow_up_id).due_at == promise.due_at


def test_a_time_that_has_passed_is_refused(app: Flask, clients: Any, post: Any, case: CaseRow):
    promise = calls(app, case)[0]
    client = clients("district counselor", language="en")

    answer = post(
        client,
        f"/follow-ups/{promise.follow_up_id}/reschedule",
        {"due_at": "2020-01-01T18:30", "reason": "示例：手滑。"},
    )

    assert answer.status_code == 400
    assert "Choose a time that is still to come." in answer.text
    assert "示例：手滑。" in answer.text


def test_the_neutral_wording_is_shown_before_it_goes_out(app: Flask, clients: Any, case: CaseRow):
    with app.app_context():
        rows = followups.open_of_case(case_id=case.case_id)
    check_in = next(row for row in rows if row.kind is FollowUpKind.CHECK_IN)
    client = clients("district counselor")

    answer = client.get(f"/follow-ups/{check_in.follow_up_id}/attempt")

    assert "方便时回复1" in answer.text


def test_a_list_costs_the_same_with_one_case_and_with_three(
    app: Flask, clients: Any, people: Any, claimed: Any, case: CaseRow, statements: Any
):
    client = clients("district counselor")
    client.get("/follow-ups?view=week")
    with statements() as few:
        client.get("/follow-ups?view=week")
    for _ in range(2):
        reached = claimed("district supervisor", body="你好")
        with app.app_context():
            owner = people("district counselor")
            plan(made.open_case(owner, contact_id=reached.contact_id), owner)

    with statements() as many:
        client.get("/follow-ups?view=week")

    assert len(many) == len(few)


@pytest.mark.parametrize("page", ["/follow-ups", "/follow-ups/calendar?view=month"])
def test_the_menu_tells_that_the_calendar_belongs_to_the_follow_ups(clients: Any, page: str):
    text = clients("district counselor", language="en").get(page).text

    menu = text.split('class="main-navigation"')[1].split("</nav>")[0]
    marked = [item for item in menu.split("<li>") if 'aria-current="page"' in item]
    assert len(marked) == 1
    assert 'href="/follow-ups"' in marked[0]
