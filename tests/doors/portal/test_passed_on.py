"""After a warm transfer the first counselor is told who has the student now, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from tests.doors.portal.conftest import Person, Reached
from tests.factories import calls as made
from tests.factories.calls import Call
from tests.house import page_gate
from wellbeing.accounts.models import GRANT
from wellbeing.accounts.queries import people as accounts
from wellbeing.contacts.operations import calls
from wellbeing.contacts.operations import conversations as contacts
from wellbeing.contacts.queries import conversations as queries
from wellbeing.contacts.rules.conversations import Disposition
from wellbeing.foundation import clock
from wellbeing.foundation.database import session, transaction

Clients = Callable[..., Any]
People = Callable[[str], Person]
Post = Callable[..., Any]

FIRST, SECOND = "municipal counselor", "second municipal counselor"


@pytest.fixture
def passed(app: Flask, people: People) -> Call:
    """Give a call whose first counselor brought a colleague in and hung up."""
    first, second = people(FIRST), people(SECOND)
    with app.app_context():
        call = made.make_call(holder=first)
        with transaction():
            calls.hand_over(contact_id=call.contact_id, user_id=second.user_id, now=clock.now())
    return call


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "接手了这名学生"), ("en", "has the student now, since")]
)
def test_the_first_counselor_is_told_who_has_the_student(
    app: Flask, clients: Clients, people: People, passed: Call, language: str, words: str
):
    url = f"/contacts/{passed.public_id}"
    second_id = people(SECOND).user_id
    with app.app_context():
        second = accounts.user(user_id=second_id)

    answer = clients(FIRST, language=language).get(url)

    assert answer.status_code == 200
    page_gate.check_html(answer.text, url=url)
    assert words in answer.text
    assert second.display_name_zh in answer.text or second.display_name_en in answer.text
    assert passed.number[-4:] not in answer.text


def test_the_page_that_stood_open_says_it_by_itself_and_once(clients: Clients, passed: Call):
    browser = clients(FIRST)

    told = browser.get(f"/calls/{passed.public_id}/fragment?since=3f2a")
    again = browser.get(f"/calls/{passed.public_id}/fragment?since={told.headers['X-Version']}")

    assert "接手了这名学生" in told.text
    assert again.status_code == 204


def test_a_closing_note_that_came_too_late_is_shown_and_changes_nothing(
    app: Flask, clients: Clients, post: Post, passed: Call
):
    note = {"close-disposition": "supported", "close-wrap_up": "虚构：想和妈妈谈。"}

    answer = post(clients(FIRST), f"/contacts/{passed.public_id}/close", note)

    assert answer.status_code == 409
    assert "虚构：想和妈妈谈。" in answer.text
    assert "没有保存" in answer.text
    with app.app_context():
        assert queries.contact_by_id(contact_id=passed.contact_id).wrap_up == ""


def test_not_a_word_of_the_student_is_on_it(
    app: Flask, clients: Clients, post: Post, claimed: Callable[..., Reached]
):
    reached = claimed(FIRST, body="虚构：我不想活了")
    post(clients(FIRST), f"/contacts/{reached.public_id}/release", {"release-note": "虚构的便条"})

    answer = clients(FIRST).get(f"/contacts/{reached.public_id}")

    assert answer.status_code == 200
    assert "学生正在等咨询员" in answer.text
    assert "不想活" not in answer.text
    assert "虚构的便条" not in answer.text


def test_once_it_is_closed_that_is_what_they_read(
    app: Flask, clients: Clients, people: People, passed: Call
):
    second_id = people(SECOND).user_id
    with app.app_context(), transaction():
        contacts.close_contact(
            contact_id=passed.contact_id,
            disposition=Disposition.SUPPORTED,
            wrap_up="虚构的小结",
            by=second_id,
            now=clock.now(),
        )

    answer = clients(FIRST).get(f"/contacts/{passed.public_id}")

    assert "结束" in answer.text
    assert "虚构的小结" not in answer.text


@pytest.mark.parametrize("path", ["contacts/{}", "calls/{}/fragment"])
def test_a_day_later_it_is_a_contact_like_any_other(
    app: Flask, clients: Clients, passed: Call, path: str
):
    with app.app_context(), transaction():
        ended = update(GRANT).where(GRANT.c.ended_at.is_not(None))
        session().execute(ended.values(ended_at=clock.now() - timedelta(hours=25)))

    assert clients(FIRST).get(f"/{path.format(passed.public_id)}").status_code == 404


@pytest.mark.parametrize("path", ["contacts/{}", "calls/{}/fragment"])
def test_who_never_held_it_learns_nothing(clients: Clients, passed: Call, path: str):
    address = f"/{path.format(passed.public_id)}"

    assert clients("district counselor").get(address).status_code == 404
    assert clients("principal").get(address).status_code in {403, 404}
