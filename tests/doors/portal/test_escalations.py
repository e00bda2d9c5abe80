"""Pages of a receiving desk: who sees what when, who wins, who was called."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.factories import portal as made
from tests.house import page_gate
from wellbeing.cases.queries import cases
from wellbeing.escalation import queries as escalation
from wellbeing.escalation.operations import escalations, pages
from wellbeing.escalation.rules.words import (
    AcknowledgedVia,
    EscalationState,
    PageState,
    PageSubject,
    PageSubjectKind,
)
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction
from wellbeing.policy.model import RiskLevel


@pytest.fixture
def number(app: Flask, people: Any, claimed: Any) -> int:
    """Give an escalation from the north district to the city, whose counselor is on duty."""
    reached = claimed("district counselor")
    sender = people("district counselor")
    people("second municipal counselor")
    with app.app_context():
        made.put_on_duty(people("municipal counselor"))
        case = made.open_case(sender, contact_id=reached.contact_id, level=RiskLevel.IMMINENT)
        return made.escalate(sender, case_id=case.case_id)


def row_of(app: Flask, number: int) -> Any:
    with app.app_context():
        return escalation.by_id(escalation_id=number)


def reference_of(app: Flask, number: int) -> str:
    with app.app_context():
        case_id = escalation.by_id(escalation_id=number).case_id
        return cases.case_by_id(case_id=case_id).reference


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("label", ["municipal counselor", "district counselor"])
def test_inbox_and_page_pass_the_gate(clients: Any, number: int, label: str, language: str):
    client = clients(label, language=language)

    for url in ("/escalations", f"/escalations/{number}"):
        answer = client.get(url)
        assert answer.status_code == 200
        page_gate.check_html(answer.text, url=url)


def test_the_inbox_says_who_asks_how_urgent_and_until_when(clients: Any, number: int):
    client = clients("municipal counselor", language="en")

    answer = client.get("/escalations")

    assert f"Escalation {number}" in answer.text
    assert "imminent danger" in answer.text
    assert "North District · District Counselor" in answer.text
    assert "min" in answer.text
    assert "data-deadline=" in answer.text


def test_the_live_queue_says_what_a_desk_is_called_for(clients: Any, number: int):
    """Three calls at once look alike at three in the morning, unless each says what it is about."""
    page = clients("municipal counselor", language="en").get("/").text

    assert number
    assert "Your desk is being paged." in page
    assert "A case was passed on to your desk" in page


def test_an_inbox_without_anything_says_so(clients: Any, number: int):
    client = clients("other district counselor", language="en")

    answer = client.get("/escalations")

    assert "Nothing waits for your desk." in answer.text
    assert f"Escalation {number}" not in answer.text


ROUTES = [
    ("get", ""),
    ("post", "/acknowledge"),
    ("post", "/accept"),
    ("post", "/decline"),
    ("post", "/release"),
]


@pytest.mark.parametrize(("method", "page"), ROUTES)
def test_another_unit_finds_nothing(
    app: Flask, clients: Any, post: Any, number: int, method: str, page: str
):
    client = clients("other school counselor")
    url = f"/escalations/{number}{page}"

    answer = client.get(url) if method == "get" else post(client, url, {"reason": "x"})

    assert answer.status_code == 404
    assert row_of(app, number).state is EscalationState.SENT


def test_the_words_open_only_after_somebody_acknowledged(clients: Any, post: Any, number: int):
    client = clients("municipal counselor")
    before = client.get(f"/escalations/{number}")

    answer = post(client, f"/escalations/{number}/acknowledge")

    after = client.get(f"/escalations/{number}")
    assert answer.status_code == 303
    assert made.REASON not in before.text
    assert made.REASON in after.text
    assert "示例：室友陪着。" in after.text


def test_acknowledging_stops_the_calls(app: Flask, clients: Any, post: Any, number: int):
    client = clients("municipal counselor")

    post(client, f"/escalations/{number}/acknowledge")

    subject = PageSubject(kind=PageSubjectKind.ESCALATION, id=number)
    with app.app_context():
        states = {page.state for page in escalation.pages_of(subject=subject)}
    assert PageState.PAGING not in states


def test_accepting_makes_the_receiver_the_owner(
    app: Flask, clients: Any, post: Any, people: Any, number: int
):
    client = clients("municipal counselor")

    answer = post(client, f"/escalations/{number}/accept")

    with app.app_context():
        case = cases.case_by_id(case_id=row_of(app, number).case_id)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/cases/{case.reference}"
    assert case.owner_id == people("municipal counselor").user_id


def test_whoever_accepts_second_reads_who_was_first(
    app: Flask, clients: Any, post: Any, number: int
):
    post(clients("municipal counselor"), f"/escalations/{number}/accept")
    late = clients("second municipal counselor", language="en")

    answer = post(late, f"/escalations/{number}/accept")

    assert answer.status_code == 409
    assert "Already accepted by Municipal Counselor" in answer.text
    page_gate.check_html(answer.text, url="late")


def test_declining_needs_a_reason(app: Flask, clients: Any, post: Any, number: int):
    client = clients("municipal counselor", language="en")

    answer = post(client, f"/escalations/{number}/decline", {"reason": " "})

    assert answer.status_code == 422
    assert "Please write something here." in answer.text
    assert row_of(app, number).state is EscalationState.SENT


def test_the_sender_reads_why_a_desk_declined(clients: Any, post: Any, number: int):
    post(
        clients("municipal counselor"),
        f"/escalations/{number}/decline",
        {"reason": "示例：今晚人手不够。"},
    )

    answer = clients("district counselor").get(f"/escalations/{number}")

    assert "示例：今晚人手不够。" in answer.text


def test_the_sender_takes_an_escalation_back(app: Flask, clients: Any, post: Any, number: int):
    answer = post(clients("district counselor"), f"/escalations/{number}/release")

    assert answer.status_code == 303
    assert row_of(app, number).state is EscalationState.RELEASED


def test_a_receiver_cannot_take_it_back(app: Flask, clients: Any, post: Any, number: int):
    answer = post(clients("municipal counselor"), f"/escalations/{number}/release")

    assert answer.status_code == 409
    assert row_of(app, number).state is EscalationState.SENT


def test_everybody_who_was_called_is_listed(clients: Any, number: int):
    client = clients("district counselor", language="en")

    answer = client.get(f"/escalations/{number}")

    assert "<strong>Municipal Counselor</strong> · Phone call" in answer.text
    assert "<strong>Municipal Counselor</strong> · Text message" in answer.text


def test_who_did_not_answer_is_summed_up(app: Flask, clients: Any, post: Any, number: int):
    client = clients("district counselor", language="en")

    silent = client.get(f"/escalations/{number}").text
    post(clients("municipal counselor"), f"/escalations/{number}/acknowledge")
    answered = client.get(f"/escalations/{number}").text

    assert "No answer so far" in silent
    assert "texts: 1, calls: 1" in silent
    assert "No answer so far" not in answered
    assert "Answered" in answered


def test_a_call_for_a_waiting_student_is_answered_in_the_inbox(
    app: Flask, clients: Any, post: Any, people: Any, student: Any
):
    reached = student("示例：在吗", unit="city")
    counselor = people("municipal counselor")
    with app.app_context():
        made.put_on_duty(counselor)
        with transaction():
            page_id = pages.page_desk(
                subject=PageSubject(kind=PageSubjectKind.CONTACT, id=reached.contact_id),
                organization_id=counselor.organization_id,
                desk="line",
                urgency=RiskLevel.IMMINENT,
                now=clock.now(),
            )
    client = clients("municipal counselor", language="en")
    shown = client.get("/escalations")

    answer = post(client, f"/pages/{page_id}/acknowledge")

    with app.app_context():
        page = escalation.page(page_id=page_id)
    assert "A student is waiting" in shown.text
    assert answer.status_code == 303
    assert page.acknowledged_by == counselor.user_id
    assert page.acknowledged_via is AcknowledgedVia.PORTAL


def test_somebody_who_was_not_called_answers_no_page(
    app: Flask, clients: Any, post: Any, number: int
):
    with app.app_context():
        subject = PageSubject(kind=PageSubjectKind.ESCALATION, id=number)
        (page,) = escalation.pages_of(subject=subject)

    answer = post(clients("other district counselor"), f"/pages/{page.page_id}/acknowledge")

    assert answer.status_code == 404


def test_an_inbox_costs_the_same_with_one_and_with_three(
    app: Flask, clients: Any, people: Any, claimed: Any, number: int, statements: Any
):
    client = clients("municipal counselor")
    client.get("/escalations")
    with statements() as few:
        client.get("/escalations")
    for _ in range(2):
        reached = claimed("district counselor")
        with app.app_context():
            sender = people("district counselor")
            case = made.open_case(sender, contact_id=reached.contact_id)
            made.escalate(sender, case_id=case.case_id)

    with statements() as many:
        client.get("/escalations")

    assert len(many) == len(few)


def test_an_accepted_escalation_says_how_it_ended(
    app: Flask, clients: Any, people: Any, number: int
):
    with app.app_context(), transaction():
        escalations.accept(
            escalation_id=number, by=people("municipal counselor").user_id, now=clock.now()
        )

    answer = clients("district counselor", language="en").get(f"/escalations/{number}")

    assert "Accepted by Municipal Counselor at" in answer.text


@pytest.fixture
def district_case(app: Flask, people: Any, claimed: Any) -> Any:
    """Give an orange case of the district counselor in the north."""
    reached = claimed("district counselor")
    with app.app_context():
        return made.open_case(
            people("district counselor"), contact_id=reached.contact_id, level=RiskLevel.HIGH
        )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_step_down_page_passes_the_gate(clients: Any, district_case: Any, language: str):
    client = clients("district counselor", language=language)
    url = f"/cases/{district_case.reference}/step-down"

    answer = client.get(url)

    assert answer.status_code == 200
    page_gate.check_html(answer.text, url=url)


def test_a_case_is_returned_to_a_school_that_must_accept_it(
    app: Flask, clients: Any, post: Any, people: Any, city: Any, district_case: Any
):
    school = people("school counselor")
    with app.app_context():
        made.put_on_duty(school)
    client = clients("district counselor")

    answer = post(
        client,
        f"/cases/{district_case.reference}/step-down",
        {
            "to": str(city.ids["north-school"]),
            "reason": "示例：每周见一次，两周后再看。",
            "agreed": "agreed",
        },
    )

    with app.app_context():
        (row,) = escalation.of_case(case_id=district_case.case_id)
        owner = cases.case_by_id(case_id=district_case.case_id).owner_id
    assert answer.status_code == 303
    assert row.chain[0].organization_id == school.organization_id
    assert owner == people("district counselor").user_id


def test_a_case_is_not_returned_to_a_unit_of_another_district(
    clients: Any, post: Any, city: Any, district_case: Any
):
    answer = post(
        clients("district counselor"),
        f"/cases/{district_case.reference}/step-down",
        {"to": str(city.ids["south-school"]), "reason": "示例：计划。", "agreed": "agreed"},
    )

    assert answer.status_code == 422
    assert "示例：计划。" in answer.text


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_unit_cannot_return_a_case(
    clients: Any, post: Any, district_case: Any, method: str
):
    client = clients("other school counselor")
    url = f"/cases/{district_case.reference}/step-down"

    answer = client.get(url) if method == "get" else post(client, url, {"reason": "x"})

    assert answer.status_code == 404
