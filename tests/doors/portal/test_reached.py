"""Where a person says how pages reach them, and the sender notes a warm hand-over."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import portal as made
from tests.house import page_gate
from wellbeing.escalation import queries as escalation
from wellbeing.escalation.operations import escalations
from wellbeing.escalation.queries import reach
from wellbeing.escalation.rules.words import AcknowledgedVia, PageChannel
from wellbeing.foundation import clock
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session, transaction
from wellbeing.messaging.models import OUTBOUND
from wellbeing.policy.model import RiskLevel

OWN = "13700000077"


def code_sent(app: Flask) -> str:
    with app.app_context():
        rows = session().execute(OUTBOUND.select().order_by(OUTBOUND.c.id.desc())).mappings()
        body = sealed.open_sealed(next(iter(rows))["body_sealed"], place="outbound.body")
        return re.findall(r"\d{6}", body)[0]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_passes_the_gate_while_a_code_is_awaited(clients: Any, post: Any, language: str):
    client = clients("municipal counselor", language=language)
    post(client, "/account/pages/number", {"channel": "call", "number": OWN})

    answer = client.get("/account/pages")

    page_gate.check_html(answer.text, url="/account/pages")
    assert OWN not in answer.text


def test_a_number_is_proved_by_the_code_that_came_to_it(
    app: Flask, clients: Any, post: Any, people: Any
):
    client = clients("municipal counselor")
    post(client, "/account/pages/number", {"channel": "call", "number": OWN})
    code = code_sent(app)
    wrong = f"{(int(code) + 1) % 10**6:06}"

    refused = post(client, "/account/pages/code", {"channel": "call", "code": wrong})
    taken = post(client, "/account/pages/code", {"channel": "call", "code": code})

    assert (refused.status_code, taken.status_code) == (422, 303)
    with app.app_context():
        me = people("municipal counselor").user_id
        found = reach.numbers(user_ids=[me])[me]
    assert found == {PageChannel.CALL: f"+86{OWN}"}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ({"channel": "call", "number": "023 8888 0000"}, "call"),
        ({"channel": "call", "number": OWN, "call_me": "y"}, "call"),
        ({"channel": "call", "number": OWN}, "text"),
    ],
)
def test_a_landline_or_whoever_asks_for_it_is_called(
    app: Flask, clients: Any, post: Any, language: str, form: dict[str, str], kind: str
):
    client = clients("municipal counselor", language=language)

    post(client, "/account/pages/number", form)

    with app.app_context():
        kinds = session().execute(select(OUTBOUND.c.kind).order_by(OUTBOUND.c.id.desc()))
        assert kinds.scalars().first() == kind
    called = "正在拨打" if language == "zh" else "is being called"
    assert (called in client.get("/account/pages").text) is (kind == "call")


def test_a_landline_for_texts_is_refused_beside_its_field(clients: Any, post: Any):
    form = {"channel": "text", "number": "023 8888 0000"}

    answer = post(clients("municipal counselor"), "/account/pages/number", form)

    assert answer.status_code == 400
    assert "座机收不到短信" in answer.text


@pytest.mark.parametrize("number", ["", "12", "=1+1", "<b>"])
def test_what_is_no_number_is_refused_beside_its_field(clients: Any, post: Any, number: str):
    answer = post(clients("municipal counselor"), "/account/pages/number", {"number": number})

    assert 400 <= answer.status_code < 500


def test_a_forged_channel_is_refused(clients: Any, post: Any):
    answer = post(
        clients("municipal counselor"), "/account/pages/forget", {"channel": "drop table"}
    )

    assert answer.status_code == 422


def test_half_a_stretch_of_hours_is_refused(clients: Any, post: Any):
    answer = post(
        clients("municipal counselor"), "/account/pages/quiet", {"starts": "22:00", "ends": ""}
    )

    assert 400 <= answer.status_code < 500


def test_a_warm_hand_over_is_noted_by_the_sender_alone(
    app: Flask, clients: Any, post: Any, people: Any, claimed: Any
):
    reached = claimed("district counselor")
    sender, receiver = people("district counselor"), people("municipal counselor")
    with app.app_context():
        made.put_on_duty(receiver)
        case = made.open_case(sender, contact_id=reached.contact_id, level=RiskLevel.IMMINENT)
        number = made.escalate(sender, case_id=case.case_id)
        with transaction():
            escalations.acknowledge(
                escalation_id=number,
                by=receiver.user_id,
                via=AcknowledgedVia.KEY,
                now=clock.now(),
            )
    url = f"/escalations/{number}/read-back"

    foreign = post(clients("other district counselor"), url)
    other = post(clients("municipal counselor"), url)
    mine = post(clients("district counselor"), url)

    assert foreign.status_code == 404
    assert other.status_code == 409
    assert mine.status_code == 303
    assert "当面交接" in clients("district counselor").get(f"/escalations/{number}").text
    with app.app_context():
        assert escalation.by_id(escalation_id=number).is_warm
