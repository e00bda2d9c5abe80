"""Proving again who one is: an old proof opens nothing grave, a fresh one goes on at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.doors.portal.conftest import PASSWORD, TOTP_SECRET
from tests.house import page_gate
from wellbeing.accounts.operations import sessions
from wellbeing.audit import queries as audit
from wellbeing.audit.queries import EventFilter
from wellbeing.audit.rules import AuditAction
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction

EXPORT = "/reports/escalations.csv?period=this_month"
LABEL = "district supervisor"
Stale = Callable[..., FlaskClient]


@pytest.fixture
def stale(app: Flask, people: Any) -> Stale:
    """Give a browser whose person proved themselves some minutes ago."""

    def browser(*, minutes: int = 11, language: str = "zh") -> FlaskClient:
        long_ago = clock.real_now() - timedelta(minutes=minutes)
        person = people(LABEL)
        with app.app_context(), transaction():
            token = sessions.start_session(
                user_id=person.user_id,
                address="127.0.0.1",
                real_now=long_ago,
                second_factor_done=True,
            )
        client = app.test_client()
        client.set_cookie(app.config["SIGN_IN_COOKIE_NAME"], token)
        client.set_cookie("language", language)
        return client

    return browser


def code_now() -> str:
    return pyotp.TOTP(TOTP_SECRET).at(clock.real_now())


def test_an_export_asks_for_a_fresh_proof_first(stale: Stale):
    answer = stale().get(EXPORT)

    assert answer.status_code == 303
    assert answer.location == "/step-up?next=/reports/escalations.csv?period%3Dthis_month"


def test_a_proof_of_nine_minutes_ago_is_fresh(stale: Stale):
    assert stale(minutes=9).get(EXPORT).status_code == 200


@pytest.mark.parametrize("given", ["code", "password"])
def test_after_the_proof_the_reader_goes_on_where_they_were(
    app: Flask, stale: Stale, post: Any, people: Any, given: str
):
    browser = stale()
    proof = {"code": code_now()} if given == "code" else {"password": PASSWORD}

    answer = post(browser, "/step-up", {**proof, "next": EXPORT})

    assert (answer.status_code, answer.location) == (303, EXPORT)
    assert browser.get(EXPORT).status_code == 200
    with app.app_context():
        (event,) = audit.events(wanted=EventFilter(action=AuditAction.STEPPED_UP), limit=5)
    assert event.actor_id == people(LABEL).user_id
    assert event.details == {"by": given}


@pytest.mark.parametrize("proof", [{"code": "000000"}, {"password": "not the right sentence"}])
def test_a_wrong_proof_opens_nothing(stale: Stale, post: Any, proof: dict[str, str]):
    browser = stale()

    answer = post(browser, "/step-up", {**proof, "next": EXPORT})

    assert answer.status_code == 400
    assert browser.get(EXPORT).status_code == 303


def test_a_code_is_proof_once(stale: Stale, post: Any):
    code = code_now()
    post(stale(), "/step-up", {"code": code})

    assert post(stale(), "/step-up", {"code": code}).status_code == 400


def test_guessing_is_slowed_and_the_right_code_then_waits_too(stale: Stale, post: Any):
    browser = stale()
    for _attempt in range(5):
        post(browser, "/step-up", {"code": "000000"})

    assert post(browser, "/step-up", {"code": code_now()}).status_code == 400


@pytest.mark.parametrize("wanted", ["https://example.org/", "//example.org", "/no-such-page"])
def test_the_proof_leads_nowhere_else(stale: Stale, post: Any, wanted: str):
    answer = post(stale(), "/step-up", {"password": PASSWORD, "next": wanted})

    assert answer.location == "/"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_that_asks_is_sound_also_after_an_empty_answer(
    stale: Stale, post: Any, language: str
):
    browser = stale(language=language)

    page_gate.check_html(browser.get("/step-up").text, url="/step-up")
    empty = post(browser, "/step-up", {"code": "", "password": ""})

    assert empty.status_code == 422
    page_gate.check_html(empty.text, url="/step-up")
