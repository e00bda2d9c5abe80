"""The commands of paging: a desk is called for a test, and tells when it proved itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from tests.factories.accounts import make_counselor, make_supervisor
from tests.factories.organizations import make_city
from tests.factories.roster import make_shift
from wellbeing.audit import queries as audit
from wellbeing.audit.queries import EventFilter
from wellbeing.audit.rules import AuditAction
from wellbeing.escalation import queries as escalation
from wellbeing.escalation.operations import answers
from wellbeing.escalation.rules.words import AcknowledgedVia, PageState
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction
from wellbeing.messaging import queries as outbox
from wellbeing.messaging.rules import Purpose


@pytest.fixture
def lead(app: Flask) -> int:
    """The duty lead of a city, on call now; the district's desk stands empty."""
    with app.app_context():
        city, now = make_city(), clock.now()
        user_id = make_supervisor(
            organization_id=city.municipality.id, username="heron", phone="+8613700000004"
        )
        make_counselor(organization_id=city.district.id)
        make_shift(
            user_id=user_id, organization_id=city.municipality.id, desk="duty_lead",
            starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=8), now=now,
        )  # fmt: skip
    return user_id


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def page_id_of(output: str) -> int:
    return int(output.split(":", maxsplit=1)[0].removeprefix("Page "))


def test_a_desk_is_called_by_text_and_telephone_and_it_is_written_down(
    app: Flask, runner: FlaskCliRunner, lead: int
):
    answer = runner.invoke(args=["page", "test", "--desk", "duty_lead"])

    assert answer.exit_code == 0
    page_id = page_id_of(answer.output)
    lines = [line.split(" ", 3)[3] for line in answer.output.splitlines()[1:]]
    assert answer.output.startswith(f"Page {page_id}: paging\n")
    assert lines == ["text to heron: under way"]
    with app.app_context():
        texts = outbox.texts_of(purpose=Purpose.PAGE_TEXT, ids=[page_id])[page_id]
        noted = audit.events(wanted=EventFilter(action=AuditAction.DESK_TESTED), limit=5)
    assert len(texts) == 1
    assert [one.subject.id for one in noted] == [page_id]


def test_nobody_who_confirms_in_time_is_an_exit_code(runner: FlaskCliRunner, lead: int):
    answer = runner.invoke(args=["page", "test", "--desk", "duty_lead", "--wait", "1"])

    assert answer.exit_code == 1
    assert "nobody confirmed within 1 s" in answer.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--desk", "tarot"], "has the desks crisis, director, duty_lead, line, supervisor"),
        (["--desk", "line", "--organization", "nowhere"], "there is no such organization"),
        (["--desk", "director"], "nobody with a phone is on call there"),
    ],
)
def test_what_cannot_be_called_is_said(
    runner: FlaskCliRunner, lead: int, arguments: list[str], said: str
):
    answer = runner.invoke(args=["page", "test", *arguments])

    assert answer.exit_code == 1
    assert said in answer.output


def test_the_proof_tells_when_a_desk_was_tested_and_confirmed(
    app: Flask, runner: FlaskCliRunner, lead: int
):
    page_id = page_id_of(runner.invoke(args=["page", "test", "--desk", "duty_lead"]).output)
    before = runner.invoke(args=["page", "proof"]).output
    with app.app_context(), transaction():
        answers.acknowledge_page(
            page_id=page_id, user_id=lead, via=AcknowledgedVia.KEY, now=clock.now()
        )
    after = runner.invoke(args=["page", "proof"]).output

    with app.app_context():
        page = escalation.page(page_id=page_id)
    tested = f"{page.started_at:%Y-%m-%d %H:%M}"
    heard = f"{page.acknowledged_at:%Y-%m-%d %H:%M}"
    assert page.state is PageState.ACKNOWLEDGED
    assert f"duty_lead: tested {tested}, confirmed never (UTC)" in before
    assert f"duty_lead: tested {tested}, confirmed {heard} (UTC)" in after
