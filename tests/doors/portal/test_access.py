"""Signing in, the second factor, signing out, preferences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.doors.portal.conftest import PASSWORD, TOTP_SECRET, Person
from tests.house import page_gate
from wellbeing.accounts.operations import people as accounts
from wellbeing.accounts.operations import signing_in
from wellbeing.accounts.rules.people import NewUser
from wellbeing.accounts.rules.roles import Role
from wellbeing.foundation import clock
from wellbeing.foundation.database import session, transaction

People = Callable[[str], Person]
Post = Callable[..., Any]


def code_now() -> str:
    return pyotp.TOTP(TOTP_SECRET).at(clock.real_now())


def sign_in(app: Flask, post: Post, person: Person, *, next_url: str = "") -> FlaskClient:
    browser = app.test_client()
    browser.set_cookie("language", "en")
    data = {"username": person.username, "password": PASSWORD, "next": next_url}
    post(browser, "/sign-in", data)
    return browser


def actions(app: Flask) -> list[str]:
    with app.app_context():
        return list(session().execute(text("SELECT action FROM audit_event ORDER BY id")).scalars())


def test_password_and_code_open_the_queue(app: Flask, people: People, post: Post):
    browser = sign_in(app, post, people("district counselor"))

    answer = post(browser, "/second-factor", {"code": code_now()})

    assert (answer.status_code, answer.location) == (303, "/")
    assert browser.get("/").status_code == 200
    assert actions(app)[:1] == ["signed_in"]


def test_a_password_alone_opens_nothing(app: Flask, people: People, post: Post):
    browser = sign_in(app, post, people("district counselor"))

    answer = browser.get("/")

    assert (answer.status_code, answer.location) == (302, "/second-factor")


def test_the_token_changes_with_the_second_factor(app: Flask, people: People, post: Post):
    browser = sign_in(app, post, people("district counselor"))
    before = browser.get_cookie("session")
    post(browser, "/second-factor", {"code": code_now()})
    thief = app.test_client()
    assert before is not None
    thief.set_cookie("session", before.value)

    answer = thief.get("/account")

    assert answer.location.startswith("/sign-in")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    app: Flask, people: People, post: Post
):
    browser = app.test_client()
    data = {"username": people("district counselor").username, "password": PASSWORD}

    answer = post(browser, "/sign-in", data)

    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_a_production_cookie_travels_only_over_tls(app: Flask, people: People, post: Post):
    app.config["SESSION_COOKIE_SECURE"] = True
    try:
        browser = app.test_client()
        data = {"username": people("district counselor").username, "password": PASSWORD}

        answer = browser.post("/sign-in", data=data, base_url="http://localhost")
    finally:
        app.config["SESSION_COOKIE_SECURE"] = False

    assert all("Secure" in one for one in answer.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize(
    ("username", "password"),
    [("district.counselor", "not the right sentence"), ("nobody.at.all", PASSWORD)],
)
def test_every_refusal_says_the_same(
    app: Flask, people: People, post: Post, username: str, password: str
):
    people("district counselor")
    browser = app.test_client()
    browser.set_cookie("language", "en")

    answer = post(browser, "/sign-in", {"username": username, "password": password})

    assert answer.status_code == 400
    assert "That did not match, or there were too many attempts" in answer.text
    assert password not in answer.text
    assert actions(app) == ["sign_in_failed"]


def test_a_code_works_once(app: Flask, people: People, post: Post):
    code = code_now()
    first = sign_in(app, post, people("district counselor"))
    post(first, "/second-factor", {"code": code})
    second = sign_in(app, post, people("district counselor"))

    answer = post(second, "/second-factor", {"code": code})

    assert answer.status_code == 400
    assert second.get("/account").location == "/second-factor"


def test_a_recovery_code_lets_in_once(app: Flask, people: People, post: Post):
    person = people("district counselor")
    with app.app_context(), transaction():
        codes = signing_in.make_recovery_codes(user_id=person.user_id)
    first = sign_in(app, post, person)
    second = sign_in(app, post, person)

    let_in = post(first, "/second-factor/recovery", {"code": codes[0].lower()})
    refused = post(second, "/second-factor/recovery", {"code": codes[0]})

    assert let_in.status_code == 303
    assert refused.status_code == 400


def newcomer(app: Flask, city: Any) -> Person:
    new = NewUser(
        username="new.person",
        display_name_zh="示例新人",
        display_name_en="New Person",
        role=Role.COUNSELOR,
        organization_id=city.ids["north"],
        password=PASSWORD,
    )
    with app.app_context(), transaction():
        user_id = accounts.create_user(new=new, now=clock.now())
    return Person(
        user_id=user_id,
        username=new.username,
        role=new.role,
        organization_id=new.organization_id,
        organization_path=city.paths["north"],
        scope=None,  # type: ignore[arg-type]
    )


def test_a_newcomer_sets_up_the_second_factor_before_anything_else(
    app: Flask, city: Any, post: Post
):
    browser = sign_in(app, post, newcomer(app, city))
    sent_on = browser.get("/second-factor", follow_redirects=True)
    shown = post(browser, "/second-factor/key").text
    secret = shown.split('<code class="prose">')[1].split("<")[0]

    answer = post(browser, "/second-factor/set-up", {"code": pyotp.TOTP(secret).now()})

    page_gate.check_html(sent_on.text, url="/second-factor/set-up")
    page_gate.check_html(shown, url="/second-factor/key")
    page_gate.check_html(answer.text, url="/second-factor/set-up")
    assert 'src="data:image/png;base64,' in shown
    assert answer.text.count("<li><code>") == 10
    assert browser.get("/").status_code == 200


def test_a_wrong_first_code_asks_again(app: Flask, city: Any, post: Post):
    browser = sign_in(app, post, newcomer(app, city))
    post(browser, "/second-factor/key")

    answer = post(browser, "/second-factor/set-up", {"code": "000000"})

    assert answer.status_code == 400
    page_gate.check_html(answer.text, url="/second-factor/set-up")
    assert browser.get("/account").location == "/second-factor"


def test_who_has_a_second_factor_cannot_set_up_another(app: Flask, people: People, post: Post):
    browser = sign_in(app, post, people("district counselor"))

    answer = post(browser, "/second-factor/key")

    assert answer.location == "/sign-in"


def test_signing_out_kills_the_session(app: Flask, clients: Any, post: Post):
    browser = clients("district counselor")
    kept = browser.get_cookie("session").value
    thief = app.test_client()
    thief.set_cookie("session", kept)

    post(browser, "/sign-out")

    assert thief.get("/account").location.startswith("/sign-in")
    assert browser.get_cookie("session") is None


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/account", "/account"),
        ("/my-work?x=1", "/my-work?x=1"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("/account\r\nX: y", "/"),
        ("/no/such/page", "/"),
        ("/sign-out", "/"),
        ("account", "/"),
    ],
)
def test_next_stays_on_this_site(
    app: Flask, people: People, post: Post, wanted: str, leads_to: str
):
    browser = sign_in(app, post, people("district counselor"), next_url=wanted)

    answer = post(browser, "/second-factor", {"code": code_now(), "next": wanted})

    assert answer.location == leads_to


def test_a_page_that_needs_signing_in_is_come_back_to(app: Flask, city: Any):
    answer = app.test_client().get("/my-work")

    assert answer.location == "/sign-in?next=/my-work"


def test_language_and_theme_are_kept_signed_out_too(app: Flask, post: Post):
    browser = app.test_client()

    answer = post(browser, "/preferences", {"language": "en", "theme": "dark", "next": "/sign-in"})

    page = browser.get("/sign-in").text
    assert answer.location == "/sign-in"
    assert '<html lang="en" data-theme="dark"' in page


def test_an_unknown_preference_is_ignored(app: Flask, post: Post):
    browser = app.test_client()

    post(browser, "/preferences", {"language": "xx", "theme": "<b>", "next": "/sign-in"})

    assert '<html lang="zh-CN" data-theme="auto"' in browser.get("/sign-in").text


def test_a_form_without_its_token_is_refused(app: Flask):
    answer = app.test_client().post("/sign-in", data={"username": "a", "password": "b"})

    assert answer.status_code == 400


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_of_the_door_are_sound(app: Flask, people: People, post: Post, language: str):
    browser = sign_in(app, post, people("district counselor"))
    browser.set_cookie("language", language)

    for url in ("/second-factor", "/second-factor/recovery"):
        page_gate.check_html(browser.get(url).text, url=url)

    stranger = app.test_client()
    stranger.set_cookie("language", language)
    page_gate.check_html(stranger.get("/sign-in").text, url="/sign-in")
    empty = post(stranger, "/sign-in", {"username": "", "password": ""})
    assert empty.status_code == 422
    page_gate.check_html(empty.text, url="/sign-in")
