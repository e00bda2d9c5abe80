"""Words of a form whose session had ended: given back to whoever wrote them, and only there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.doors.portal import conftest as portal
from tests.doors.portal.conftest import Reached
from tests.house import page_gate
from wellbeing.contacts.queries import conversations as contacts

Claimed = Callable[..., Reached]
Clients = Callable[..., Any]

WORDS = "我一直在这里，你慢慢说。\n<b>先离开窗边</b>，好吗？"
SHOWN = "我一直在这里，你慢慢说。\n&lt;b&gt;先离开窗边&lt;/b&gt;，好吗？"
OURS = {"Sec-Fetch-Site": "same-origin"}


def _sent(client: FlaskClient, token: str, url: str, headers: dict[str, str]) -> Any:
    data = {"csrf_token": token, "reply-body": WORDS}
    return client.post(url, data=data, headers=headers)


def _messages(app: Flask, reached: Reached) -> int:
    with app.app_context():
        return len(contacts.thread(contact_id=reached.contact_id, after_id=0, limit=50))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_who_was_signed_out_while_writing_gets_the_words_back(
    app: Flask, clients: Clients, claimed: Claimed, language: str
):
    reached = claimed("district counselor")
    url = f"/contacts/{reached.public_id}"
    client = clients("district counselor", language=language)
    token = portal.csrf_token(app, client)
    before = _messages(app, reached)
    client.delete_cookie(app.config["SIGN_IN_COOKIE_NAME"])

    answer = _sent(client, token, f"{url}/reply", OURS | {"Referer": f"http://localhost{url}"})

    assert answer.status_code == 401
    assert SHOWN in answer.text.replace("\r\n", "\n")
    assert f'href="/sign-in?next={url}"' in answer.text
    assert "没有发出" in answer.text or language == "en"
    assert answer.headers["Cache-Control"] == "no-store"
    page_gate.check_html(answer.text, url="/typed")
    assert _messages(app, reached) == before


def test_a_page_from_before_the_last_sign_in_loses_no_words_either(
    app: Flask, clients: Clients, claimed: Claimed
):
    reached = claimed("district counselor")
    client = clients("district counselor")
    before = _messages(app, reached)

    answer = _sent(client, "of an earlier session", f"/contacts/{reached.public_id}/reply", OURS)

    assert answer.status_code == 400
    assert SHOWN in answer.text.replace("\r\n", "\n")
    assert _messages(app, reached) == before


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "none"}]
)
def test_another_sites_words_are_not_shown_on_a_page_of_ours(
    app: Flask, claimed: Claimed, headers: dict[str, str]
):
    reached = claimed("district counselor")
    client = app.test_client()
    token = portal.csrf_token(app, client)

    refused = _sent(client, "forged", f"/contacts/{reached.public_id}/reply", headers)
    led = _sent(client, token, f"/contacts/{reached.public_id}/reply", headers)

    assert "先离开窗边" not in refused.text + led.text
    assert (refused.status_code, led.status_code) == (400, 302)


def test_a_foreign_referrer_is_no_way_back(app: Flask, claimed: Claimed):
    reached = claimed("district counselor")
    client = app.test_client()
    token = portal.csrf_token(app, client)

    answer = _sent(
        client, token, f"/contacts/{reached.public_id}/reply",
        OURS | {"Referer": "https://evil.example/contacts"},
    )  # fmt: skip

    assert 'href="/sign-in?next=/"' in answer.text
    assert "evil.example" not in answer.text


def test_no_password_and_no_code_is_ever_shown_again(app: Flask):
    typed = {"username": "district", "password": "a password that is long enough", "next": "/"}

    answer = app.test_client().post("/sign-in", data=typed, headers=OURS)

    assert answer.status_code == 400
    assert "a password that is long enough" not in answer.text
