"""One's own account: other sessions, recovery codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyotp
import pytest

from tests.doors.portal.conftest import TOTP_SECRET
from tests.house import page_gate
from wellbeing.foundation import clock

Clients = Callable[..., Any]


def code_now() -> str:
    return pyotp.TOTP(TOTP_SECRET).at(clock.real_now())


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("label", ["district counselor", "principal", "auditor"])
def test_everybody_has_a_sound_account_page(clients: Clients, label: str, language: str):
    answer = clients(label, language=language).get("/account")

    assert answer.status_code == 200
    page_gate.check_html(answer.text, url="/account")


def test_the_own_number_is_masked(clients: Clients):
    page = clients("district counselor").get("/account").text

    assert "+86138" not in page


def test_ending_other_sessions_leaves_this_one(clients: Clients, post: Any):
    here, elsewhere = clients("district counselor"), clients("district counselor")

    post(here, "/account/sessions/end")

    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").location.startswith("/sign-in")


def test_ending_my_sessions_ends_nobody_elses(clients: Clients, post: Any):
    colleague = clients("district supervisor")

    post(clients("district counselor"), "/account/sessions/end")

    assert colleague.get("/account").status_code == 200


def test_new_recovery_codes_need_a_fresh_code(clients: Clients, post: Any):
    browser = clients("district counselor", language="en")

    refused = post(browser, "/account/recovery-codes", {"code": "000000"})
    shown = post(browser, "/account/recovery-codes", {"code": code_now()})

    assert refused.status_code == 400
    page_gate.check_html(refused.text, url="/account/recovery-codes")
    assert shown.text.count("<li><code>") == 10
    page_gate.check_html(shown.text, url="/account/recovery-codes")


def test_an_empty_code_is_shown_by_its_field(clients: Clients, post: Any):
    answer = post(clients("district counselor"), "/account/recovery-codes", {"code": ""})

    assert answer.status_code == 422
    page_gate.check_html(answer.text, url="/account/recovery-codes")
