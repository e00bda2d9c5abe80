"""The live queue, taking somebody from it, and my work."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.doors.portal.conftest import Reached
from tests.house import page_gate
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.foundation.database import session

Clients = Callable[..., Any]
Student = Callable[..., Reached]


def events(app: Flask, action: str) -> list[Any]:
    with app.app_context():
        statement = text("SELECT subject_id, details FROM audit_event WHERE action = :action")
        return list(session().execute(statement, {"action": action}))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_queue_is_a_sound_page(clients: Clients, student: Student, language: str):
    student("我不想活了")

    answer = clients("district counselor", language=language).get("/")

    assert answer.status_code == 200
    page_gate.check_html(answer.text, url="/")


def test_an_empty_queue_says_so(clients: Clients):
    page = clients("district counselor", language="en").get("/").text

    assert "Nobody is waiting now" in page
    page_gate.check_html(page, url="/")


def test_the_most_urgent_come_first(clients: Clients, student: Student):
    calm = student("想问一下考试的事")
    urgent = student("我不想活了")

    page = clients("district counselor").get("/").text

    assert page.index(urgent.public_id) < page.index(calm.public_id)


def test_the_queue_shows_no_word_of_a_student_and_no_number(clients: Clients, student: Student):
    reached = student("我不想活了，在天台上")

    page = clients("district counselor").get("/").text

    assert "不想活" not in page
    assert reached.number not in page
    assert reached.number[-4:] not in page


def test_a_queue_holds_only_ones_own_units(clients: Clients, student: Student):
    ours = student("我有点难过", unit="north")
    theirs = student("我有点难过", unit="south")

    page = clients("district counselor").get("/").text

    assert ours.public_id in page
    assert theirs.public_id not in page


def test_looking_at_the_queue_is_one_event_with_its_ids(
    app: Flask, clients: Clients, student: Student
):
    reached = student("我有点难过")

    clients("district counselor").get("/")

    listed = events(app, "listed")
    assert len(listed) == 1
    assert str(reached.contact_id) in str(listed[0].details)


def test_an_unchanged_queue_answers_204_with_one_read(
    app: Flask, clients: Clients, student: Student, statements: Any
):
    student("我有点难过")
    browser = clients("district counselor")
    with app.app_context():
        version = contacts.queue_version()
    browser.get(f"/queue/fragment?since={version}")

    with statements() as seen:
        answer = browser.get(f"/queue/fragment?since={version}")

    asked = [one for one in seen if one.lstrip().upper().startswith("SELECT")]
    assert (answer.status_code, answer.data) == (204, b"")
    assert len(asked) == 2  # the session, and the version
    assert events(app, "listed") == []


def test_a_changed_queue_answers_the_fragment(clients: Clients, student: Student):
    browser = clients("district counselor")
    first = browser.get("/queue/fragment?since=")
    reached = student("我不想活了")

    answer = browser.get(f"/queue/fragment?since={first.headers['X-Version']}")

    assert answer.status_code == 200
    assert f'data-queue-item="{reached.public_id}"' in answer.text
    assert answer.headers["X-Version"] != first.headers["X-Version"]
    page_gate.check_fragment(answer.text, url="/queue/fragment")


def test_a_poll_of_somebody_signed_out_is_401(app: Flask, city: Any):
    assert app.test_client().get("/queue/fragment").status_code == 401


def test_the_queue_costs_as_much_for_many_as_for_one(
    clients: Clients, student: Student, statements: Any
):
    browser = clients("district counselor")
    student("我不想活了")
    browser.get("/")
    with statements() as for_one:
        browser.get("/")
    for _ in range(6):
        student("我不想活了")
    browser.get("/")

    with statements() as for_many:
        browser.get("/")

    assert len(for_many) == len(for_one)


def test_accepting_opens_the_conversation(
    app: Flask, clients: Clients, student: Student, post: Any
):
    reached = student("我不想活了")
    browser = clients("district counselor")

    answer = post(browser, f"/queue/{reached.public_id}/accept")

    assert (answer.status_code, answer.location) == (303, f"/contacts/{reached.public_id}")
    assert browser.get(answer.location).status_code == 200
    assert [one.subject_id for one in events(app, "claimed")] == [reached.contact_id]


def test_who_comes_too_late_is_told_that_a_colleague_has_it(
    clients: Clients, student: Student, post: Any
):
    reached = student("我不想活了")
    late = clients("district supervisor", language="en")
    post(clients("district counselor"), f"/queue/{reached.public_id}/accept")

    answer = post(late, f"/queue/{reached.public_id}/accept")

    assert (answer.status_code, answer.location) == (303, "/")
    assert "A colleague has taken this contact." in late.get("/").text


def test_of_several_who_accept_at_once_one_wins(
    app: Flask, clients: Clients, student: Student, post: Any
):
    reached = student("我不想活了")
    labels = ("district counselor", "district supervisor", "municipal counselor")
    browsers = [clients(label) for label in labels]
    gate = threading.Barrier(len(browsers))
    answers: list[str] = []

    def press(browser: Any) -> None:
        gate.wait()
        answers.append(post(browser, f"/queue/{reached.public_id}/accept").location)

    threads = [threading.Thread(target=press, args=[browser]) for browser in browsers]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(answers) == ["/", "/", f"/contacts/{reached.public_id}"]
    assert len(events(app, "claimed")) == 1


def test_next_takes_the_most_urgent(clients: Clients, student: Student, post: Any):
    student("想问一下考试的事")
    urgent = student("我不想活了")

    answer = post(clients("district counselor"), "/queue/next")

    assert answer.location == f"/contacts/{urgent.public_id}"


def test_next_with_nobody_waiting_says_so(clients: Clients, post: Any):
    browser = clients("district counselor", language="en")

    answer = post(browser, "/queue/next")

    assert answer.location == "/"
    assert "Nobody is waiting." in browser.get("/").text


def test_another_units_contact_cannot_be_accepted(
    app: Flask, clients: Clients, student: Student, post: Any
):
    reached = student("我不想活了", unit="south")

    answer = post(clients("district counselor"), f"/queue/{reached.public_id}/accept")

    assert answer.status_code == 404
    assert len(events(app, "refused")) == 1


@pytest.mark.parametrize("label", ["principal", "auditor", "administrator"])
def test_who_does_not_answer_the_line_sees_no_queue(clients: Clients, label: str):
    browser = clients(label)

    assert browser.get("/").status_code == 302
    assert browser.get("/queue/fragment").status_code == 404
    assert browser.get("/my-work").status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
def test_my_work_lists_my_conversations(
    clients: Clients, claimed: Callable[..., Reached], student: Student, language: str
):
    mine = claimed("district counselor")
    waiting = student("我有点难过")

    page = clients("district counselor", language=language).get("/my-work").text

    page_gate.check_html(page, url="/my-work")
    assert mine.public_id in page
    assert waiting.public_id not in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_my_work_lists_my_open_cases(
    clients: Clients, claimed: Callable[..., Reached], city: Any, post: Any, language: str
):
    reached = claimed("district counselor")
    browser = clients("district counselor", language=language)
    data = {
        "case-organization_id": str(city.ids["north-school"]),
        "case-level": "4",
        "case-note": "有想法，有药。",
    }
    reference = post(browser, f"/contacts/{reached.public_id}/case", data).location.split("/")[2]

    page = browser.get("/my-work").text

    assert reference in page
    page_gate.check_html(page, url="/my-work")
