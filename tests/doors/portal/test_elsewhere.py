"""Contacts made elsewhere, by the page: written down once, in one's own units, and in the log."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from tests.house import page_gate
from wellbeing.audit import queries as audit
from wellbeing.audit.queries import EventFilter
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.queries import cases
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.foundation import clock

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
"""What is kept is proved on both databases by the room; here it is about pages."""

URL = "/contacts/elsewhere"


@pytest.fixture
def filled(city: Any) -> Any:
    """Give what a counselor of the north school types, with some answers changed."""

    def typed(browser: Any, **changes: str) -> dict[str, str]:
        page = browser.get(URL).text
        token = re.search(r'name="token" type="hidden" value="([^"]+)"', page)
        assert token
        an_hour_ago = (clock.now() - timedelta(hours=1)).astimezone(ZoneInfo("Asia/Shanghai"))
        return {
            "token": token[1],
            "channel": "walk_in",
            "organization_id": str(city.ids["north-school"]),
            "happened_at": an_hour_ago.strftime("%Y-%m-%dT%H:%M"),
            "spoken": "zh",
            "minutes": "30",
            "caller_type": "self",
            "reasons": "school_bullying",
            "wrap_up": "示例：他愿意再来。",
            "next_step": "supported",
        } | changes

    return typed


def recorded(app: Flask) -> list[Any]:
    with app.app_context():
        wanted = EventFilter(action=AuditAction.RECORDED_ELSEWHERE)
        return list(audit.events(wanted=wanted, limit=10))


def contact_of(app: Flask, event: Any) -> Any:
    with app.app_context():
        return contacts.contact_by_id(contact_id=event.subject.id)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_form_is_a_page_for_everybody(clients: Any, language: str):
    answer = clients("school counselor", language=language).get(URL)

    assert answer.status_code == 200
    page_gate.check_html(answer.text, url=URL)


def test_what_was_said_is_kept_and_logged(app: Flask, clients: Any, post: Any, filled: Any):
    browser = clients("school counselor")

    answer = post(browser, URL, filled(browser))

    assert answer.status_code == 303
    (event,) = recorded(app)
    row = contact_of(app, event)
    assert row.facts.reasons == ("school_bullying",)
    assert row.wrap_up == "示例：他愿意再来。"
    assert "示例" not in str(event.details)


def test_a_form_that_is_sent_twice_writes_one_contact(
    app: Flask, clients: Any, post: Any, filled: Any
):
    browser = clients("school counselor")
    typed = filled(browser)

    answers = [post(browser, URL, typed) for _ in range(2)]

    assert [one.status_code for one in answers] == [303, 303]
    assert len(recorded(app)) == 1


def test_a_case_is_opened_at_once(app: Flask, clients: Any, post: Any, filled: Any):
    browser = clients("school counselor")
    typed = filled(browser, level="3", level_note="示例：想过。", next_step="case")

    answer = post(browser, URL, typed)

    page = browser.get(answer.location)
    assert answer.location.startswith("/cases/WB-")
    assert page.status_code == 200
    with app.app_context():
        assert cases.case_of_contact(contact_id=recorded(app)[0].subject.id) is not None


def test_who_goes_on_finds_the_workspace_without_a_reply_box(clients: Any, post: Any, filled: Any):
    browser = clients("school counselor", language="en")

    answer = post(browser, URL, filled(browser, next_step="workspace", number="13900000099"))

    page = browser.get(answer.location).text
    assert "This contact was made elsewhere" in page
    assert "Back to the queue" not in page
    assert 'id="reply"' not in page
    page_gate.check_html(page, url=URL)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"happened_at": ""}, "Please say when this was."),
        ({"happened_at": "2999-01-01T10:00"}, "This time has not come yet."),
        ({"happened_at": "2020-01-01T10:00"}, "This is more than a year ago."),
        ({"number": "12356"}, "This is not a phone number that can be dialled."),
        ({"minutes": "9999"}, "A whole number from 0 to 1440."),
        ({"level": "3"}, "A level needs its reason in a note."),
        ({"next_step": ""}, "Please choose what happens now."),
        ({"level": "4", "level_note": "示例"}, "In imminent danger somebody stays"),
        ({"organization_id": "999999"}, "Not a valid choice."),
    ],
    ids=lambda one: str(one)[:30],
)
def test_what_is_wrong_is_said_by_its_field_and_nothing_is_lost(
    app: Flask, clients: Any, post: Any, filled: Any, changes: dict[str, str], said: str
):
    browser = clients("school counselor", language="en")

    answer = post(browser, URL, filled(browser, **changes))

    assert answer.status_code == 422
    assert said in answer.text
    assert "示例：他愿意再来。" in answer.text
    page_gate.check_html(answer.text, url=URL)
    assert recorded(app) == []


def test_nobody_writes_into_a_unit_of_others(
    app: Flask, clients: Any, post: Any, filled: Any, city: Any
):
    browser = clients("other school counselor")

    answer = post(browser, URL, filled(browser, organization_id=str(city.ids["north-school"])))

    assert answer.status_code == 422
    assert recorded(app) == []


@pytest.mark.parametrize("label", ["principal", "auditor", "administrator"])
def test_who_answers_no_line_finds_no_form(clients: Any, label: str):
    assert clients(label).get(URL).status_code == 404


def test_the_way_there_is_on_my_work_and_on_the_list_of_cases(clients: Any):
    browser = clients("school counselor")

    assert [f'href="{URL}"' in browser.get(page).text for page in ("/my-work", "/cases")] == [
        True, True,
    ]  # fmt: skip
