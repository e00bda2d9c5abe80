"""Contacts from a file, by the page: a preview that writes nothing, then all of it, once."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask import Flask

from tests.doors.portal.conftest import csrf_token
from tests.factories.workbooks import make_workbook
from tests.house import page_gate
from wellbeing.audit import queries as audit
from wellbeing.audit.queries import EventFilter
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.rules.contact_files import ContactProblem
from wellbeing.portal.contacts import file_words

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
"""What a file does is proved on both databases by the room; here it is about pages."""

URL = "/contacts/elsewhere/import"


@pytest.fixture
def send(app: Flask) -> Any:
    """Send a file as a browser would."""

    def sent(browser: Any, content: bytes, name: str = "contacts.csv") -> Any:
        data = {"file": (io.BytesIO(content), name), "csrf_token": csrf_token(app, browser)}
        return browser.post(URL, data=data, content_type="multipart/form-data")

    return sent


def kept(answer: Any) -> str:
    found = re.search(r'name="content" type="hidden" value="([^"]*)"', answer.text)
    assert found
    return found[1]


def imported(app: Flask) -> list[Any]:
    with app.app_context():
        return list(audit.events(wanted=EventFilter(action=AuditAction.IMPORTED), limit=10))


@pytest.mark.usefixtures("app")
def test_every_problem_has_its_words():
    assert set(file_words.PROBLEMS) == set(ContactProblem)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_example_is_taken_as_it_comes(
    app: Flask, clients: Any, post: Any, send: Any, language: str
):
    browser = clients("school counselor", language=language)
    page = browser.get(URL)
    page_gate.check_html(page.text, url=URL)

    preview = send(browser, browser.get("/contacts/elsewhere/example").data)
    page_gate.check_html(preview.text, url=URL)
    assert (preview.status_code, imported(app)) == (200, [])

    done = post(browser, f"{URL}/now", {"content": kept(preview)})
    assert done.status_code == 303
    (event,) = imported(app)
    assert (event.details["new"], event.details["unchanged"]) == (2, 0)
    assert "示例" not in str(event.details)


def test_sending_it_twice_adds_nothing(app: Flask, clients: Any, post: Any, send: Any):
    browser = clients("school counselor", language="en")
    preview = send(browser, browser.get("/contacts/elsewhere/example").data)
    content = kept(preview)

    for _ in range(2):
        assert post(browser, f"{URL}/now", {"content": content}).status_code == 303

    assert sorted(event.details["new"] for event in imported(app)) == [0, 2]
    again = send(browser, browser.get("/contacts/elsewhere/example").data)
    assert "0 new, 2 written down already." in again.text
    assert 'name="content"' not in again.text


def test_mistakes_are_listed_and_nothing_is_written(app: Flask, clients: Any, post: Any, send: Any):
    browser = clients("school counselor", language="en")
    content = make_workbook(("时间", "方式", "结果"), ("soon", "鸽子", "=A1"), ("", "letter", "x"))

    answer = send(browser, content, "contacts.xlsx")

    assert answer.status_code == 422
    page_gate.check_html(answer.text, url=URL)
    rows = re.findall(r'<th scope="row">(\d+)</th><td>([^<]+)</td><td>([^<]+)</td>', answer.text)
    assert rows == [
        ("2", "How it ended", "This cell holds a formula; write its value instead."),
        ("3", "How it ended", "This is none of the possible answers."),
        ("3", "When", "This cell must not be empty."),
    ]
    assert imported(app) == []


@pytest.mark.parametrize(
    "content", ["", "not base64!", "QUJD", "PT1=="], ids=["empty", "odd", "no file", "padding"]
)
def test_a_preview_that_somebody_bent_writes_nothing(
    app: Flask, clients: Any, post: Any, content: str
):
    answer = post(clients("school counselor"), f"{URL}/now", {"content": content})

    assert answer.status_code == 422
    assert imported(app) == []


def test_a_huge_file_is_refused(app: Flask, clients: Any, send: Any):
    browser = clients("school counselor", language="en")

    assert send(browser, b"x" * 200_000).status_code == 422
    assert send(browser, b"x" * 300_000).status_code == 413
    assert imported(app) == []


def test_no_file_is_said_by_its_field(app: Flask, clients: Any, post: Any):
    answer = post(clients("school counselor", language="en"), URL)

    assert answer.status_code == 422
    assert "Please choose a file." in answer.text


def test_a_file_reaches_no_unit_of_others(app: Flask, clients: Any, send: Any):
    browser = clients("other school counselor", language="en")
    content = "时间,方式,结果,单位代码\n2026-11-01 10:00,letter,referred,north-school".encode()

    answer = send(browser, content)

    assert answer.status_code == 422
    assert "There is no such unit among yours." in answer.text


@pytest.mark.parametrize("label", ["principal", "auditor", "administrator"])
def test_who_answers_no_line_finds_no_import(clients: Any, post: Any, label: str):
    browser = clients(label)

    assert browser.get(URL).status_code == 404
    assert browser.get("/contacts/elsewhere/example").status_code == 404
    assert post(browser, f"{URL}/now", {"content": "QUJD"}).status_code == 404
