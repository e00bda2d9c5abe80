"""The supervisor wall: what it shows, to whom, and what a poll costs."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.factories import portal as made
from tests.house import page_gate
from wellbeing.audit import queries as audit
from wellbeing.audit.queries import EventFilter
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.operations import duties
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow, NewDuty
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction
from wellbeing.policy.model import RiskLevel


@pytest.fixture
def case(app: Flask, people: Any, claimed: Any) -> CaseRow:
    """Give a case of the north district that was passed on to the city, with a duty."""
    reached = claimed("district counselor", body="今晚就结束")
    sender = people("district counselor")
    with app.app_context():
        made.put_on_duty(people("municipal counselor"))
        opened = made.open_case(sender, contact_id=reached.contact_id, level=RiskLevel.IMMINENT)
        made.escalate(sender, case_id=opened.case_id)
        with transaction():
            duties.open_duty(
                new=NewDuty(
                    kind="undelivered_text",
                    case_id=opened.case_id,
                    holder_id=sender.user_id,
                    organization_id=sender.organization_id,
                    by_at=clock.now(),
                ),
                now=clock.now(),
            )
        return cases.case_by_id(case_id=opened.case_id)


def refusals(app: Flask) -> list[str]:
    with app.app_context():
        events = audit.events(wanted=EventFilter(action=AuditAction.REFUSED), limit=10)
        return [event.details["endpoint"] for event in events]


def test_an_empty_wall_passes_the_gate_and_names_the_desks_without_anybody(clients: Any):
    client = clients("municipal supervisor", language="en")

    answer = client.get("/wall")

    page_gate.check_html(answer.text, url="/wall")
    assert "Example City · Municipal duty lead" in answer.text
    assert "no shift planned in the next 14 days" in answer.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_full_wall_and_its_fragment_pass_the_gate(
    clients: Any, case: CaseRow, student: Any, language: str
):
    student("我不想活了")
    client = clients("municipal supervisor", language=language)

    page, fragment = client.get("/wall"), client.get("/wall/fragment")

    page_gate.check_html(page.text, url="/wall")
    page_gate.check_fragment(fragment.text, url="/wall/fragment")


def test_the_wall_says_who_holds_an_escalation_and_who_was_called(clients: Any, case: CaseRow):
    client = clients("district supervisor", language="en")

    text = client.get("/wall").text

    assert "With District Counselor since" in text
    assert "From North District · District Counselor to Example City" in text
    assert "Municipal Counselor (Under way)" in text
    assert case.reference in text
    assert "a text was not delivered" in text


def test_the_wall_says_how_many_wait_and_not_a_word_of_theirs(clients: Any, student: Any):
    student("我不想活了")
    student("我也不想活了")

    text = clients("district supervisor", language="en").get("/wall").text

    assert "Students waiting (2)" in text
    assert "不想活" not in text


def test_another_district_sees_nothing_of_it(clients: Any, case: CaseRow, student: Any):
    student("我不想活了")

    text = clients("other district supervisor", language="en").get("/wall").text

    assert "Students waiting (0)" in text
    assert "No escalation is open." in text
    assert "No desk is being called." in text
    assert "No duty is open." in text
    assert case.reference not in text


@pytest.mark.parametrize("url", ["/wall", "/wall/fragment"])
@pytest.mark.parametrize("label", ["municipal counselor", "principal", "auditor", "administrator"])
def test_nobody_but_supervisors_finds_the_wall(app: Flask, clients: Any, label: str, url: str):
    answer = clients(label).get(url)

    assert answer.status_code == 404
    assert len(refusals(app)) == 1


def test_a_poll_is_204_while_nothing_moves_and_new_when_somebody_texts(clients: Any, student: Any):
    client = clients("district supervisor")
    # The wall is new each minute; of two polls in a row at most one meets its turn.
    for _ in range(2):
        version = client.get("/wall/fragment").headers["X-Version"]
        before = client.get(f"/wall/fragment?since={version}")
        if before.status_code == 204:
            break

    student("我不想活了")
    after = client.get(f"/wall/fragment?since={version}")

    assert before.status_code == 204
    assert after.status_code == 200
    assert after.headers["X-Version"] != version


def test_the_wall_costs_as_many_statements_for_one_case_as_for_three(
    app: Flask, clients: Any, people: Any, claimed: Any, case: CaseRow, statements: Any
):
    client = clients("municipal supervisor")
    client.get("/wall")
    with statements() as few:
        client.get("/wall")
    sender = people("district counselor")
    for _ in range(2):
        reached = claimed("district counselor", body="今晚就结束")
        with app.app_context():
            opened = made.open_case(sender, contact_id=reached.contact_id)
            made.escalate(sender, case_id=opened.case_id)

    with statements() as many:
        client.get("/wall")

    assert len(many) == len(few)


def test_looking_at_the_wall_is_one_event(app: Flask, clients: Any, case: CaseRow):
    clients("district supervisor").get("/wall")

    with app.app_context():
        (event,) = audit.events(wanted=EventFilter(action=AuditAction.LISTED), limit=10)
    assert event.details["list"] == "wall"
    assert len(event.details["escalations"]) == 1
