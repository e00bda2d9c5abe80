"""A student who was not contacted in time, on the pages: who sees it, who takes the case over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.factories import portal as made
from tests.house import page_gate
from wellbeing.cases.queries import cases
from wellbeing.escalation import queries as escalation
from wellbeing.escalation.operations import escalations, sweeps
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction
from wellbeing.policy.model import RiskLevel

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)


@pytest.fixture
def late(app: Flask, people: Any, claimed: Any) -> int:
    """An escalation that the city's counselor accepted, and whose hour has passed since."""
    reached = claimed("district counselor")
    sender, receiver = people("district counselor"), people("municipal counselor")
    people("second municipal counselor")
    with app.app_context():
        made.put_on_duty(receiver)
        case = made.open_case(sender, contact_id=reached.contact_id, level=RiskLevel.IMMINENT)
        number: int = made.escalate(sender, case_id=case.case_id)
        with transaction():
            escalations.accept(escalation_id=number, by=receiver.user_id, now=clock.now())
        with transaction():
            assert sweeps.advance(number, now=clock.now() + timedelta(hours=1, minutes=1))
    return number


def owner_of(app: Flask, number: int) -> int:
    with app.app_context():
        row = escalation.by_id(escalation_id=number)
        return cases.case_by_id(case_id=row.case_id).owner_id


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_colleague_of_the_desk_sees_it_and_takes_the_case_over(
    app: Flask, clients: Any, post: Any, people: Any, late: int, language: str
):
    client = clients("second municipal counselor", language=language)
    shown = [client.get(url) for url in ("/escalations", f"/escalations/{late}")]

    answer = post(client, f"/escalations/{late}/accept")

    after = client.get(f"/escalations/{late}")
    for page in (*shown, after):
        assert page.status_code == 200
        page_gate.check_html(page.text, url="/escalations")
    assert f"/escalations/{late}/accept" in shown[1].text
    assert answer.status_code == 303
    assert owner_of(app, late) == people("second municipal counselor").user_id
    assert f"/escalations/{late}/accept" not in after.text


def test_the_page_says_that_the_student_is_not_reached(clients: Any, late: int):
    page = clients("second municipal counselor", language="en").get(f"/escalations/{late}")

    assert "and is not reached yet" in page.text
    assert "whoever is above is called too" in page.text


def test_the_owner_is_not_asked_to_take_over_what_they_have(
    app: Flask, clients: Any, post: Any, people: Any, late: int
):
    client = clients("municipal counselor")

    page = client.get(f"/escalations/{late}")
    answer = post(client, f"/escalations/{late}/accept")

    assert f"/escalations/{late}/accept" not in page.text
    assert answer.status_code == 409
    assert owner_of(app, late) == people("municipal counselor").user_id


@pytest.mark.parametrize("who", ["other school counselor", "other district counselor"])
def test_another_unit_finds_nothing(
    app: Flask, clients: Any, post: Any, people: Any, late: int, who: str
):
    client = clients(who)

    statuses = {
        client.get(f"/escalations/{late}").status_code,
        post(client, f"/escalations/{late}/accept").status_code,
        post(client, f"/escalations/{late}/acknowledge").status_code,
    }

    assert statuses == {404}
    assert owner_of(app, late) == people("municipal counselor").user_id
