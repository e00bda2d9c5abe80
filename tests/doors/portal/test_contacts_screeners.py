"""Screeners on the page of a contact: asked, kept, due before the end; and who may not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.doors.portal.conftest import Reached
from tests.house import page_gate
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.conversations import ContactState
from wellbeing.policy.model import RiskLevel
from wellbeing.triage import queries as triage

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)

Clients = Callable[..., Any]
Claimed = Callable[..., Reached]
Post = Callable[..., Any]

COUNSELOR = "district counselor"
NOT_AT_ALL = {f"phq9-q{number}": "not_at_all" for number in range(1, 9)}
ITEM_9 = NOT_AT_ALL | {"phq9-q9": "several_days"}
ALL_NO = {"cssrs-q1": "no", "cssrs-q2": "no", "cssrs-q6": "no"}
END = {"close-disposition": "supported", "close-wrap_up": "示例：明天再谈。"}


def send(post: Post, browser: Any, reached: Reached, path: str, data: dict[str, str]) -> Any:
    return post(browser, f"/contacts/{reached.public_id}/{path}", data)


def state_of(app: Flask, reached: Reached) -> ContactState:
    with app.app_context():
        return contacts.contact_by_id(contact_id=reached.contact_id).state


def test_all_six_are_offered_in_both_languages(clients: Clients, claimed: Claimed):
    reached = claimed(COUNSELOR)

    for language, titles in (
        ("en", ("Columbia screener", "ASQ", "Beijing hotline", "PHQ-9", "PHQ-A", "GAD-7")),
        ("zh", ("哥伦比亚", "ASQ", "北京热线", "PHQ-9", "PHQ-A", "GAD-7")),
    ):
        page = clients(COUNSELOR, language=language).get(f"/contacts/{reached.public_id}").text
        assert [title for title in titles if title not in page] == []
        page_gate.check_html(page, url="/contacts")


def test_an_answer_about_suicide_keeps_the_contact_open_until_it_was_asked_and_judged(
    app: Flask, clients: Clients, claimed: Claimed, post: Post
):
    """Item 9: yellow pending assessment; no way of ending goes around it (facts.md 1.3)."""
    reached, browser = claimed(COUNSELOR), clients(COUNSELOR, language="en")

    asked = send(post, browser, reached, "screening/phq9", ITEM_9)
    page = browser.get(asked.location).text
    for path, data in (("close", END), ("close-non-data", {"kind": "prank"})):
        refused = send(post, browser, reached, path, data)
        assert refused.status_code == 409
        assert "An answer about suicide asks for a C-SSRS or ASQ first" in refused.text
        page_gate.check_html(refused.text, url=path)
    send(post, browser, reached, "screening/cssrs", ALL_NO | {"cssrs-q1": "refused"})
    still = send(post, browser, reached, "close", END)
    level = {"assess-level": "2", "assess-source": "counselor", "assess-note": "示例：今晚有人陪。"}
    send(post, browser, reached, "assess", level)
    done = send(post, browser, reached, "close", END)

    assert "pending assessment" in page
    assert "1 points, minimal" in page
    page_gate.check_html(page, url="/contacts")
    assert still.status_code == 409
    assert "set the level with a reason first" in still.text
    assert "示例：明天再谈。" in still.text
    assert done.status_code == 303
    assert state_of(app, reached) is ContactState.CLOSED


def test_what_was_answered_is_shown_in_the_words_it_was_asked_with(
    clients: Clients, claimed: Claimed, post: Post
):
    reached, browser = claimed(COUNSELOR), clients(COUNSELOR, language="en")

    send(post, browser, reached, "screening/beijing", {"beijing-attempt_2_weeks": "yes"})

    page = browser.get(f"/contacts/{reached.public_id}").text
    assert "In the past two weeks, did you try to end your life?</dt><dd>Yes</dd>" in page
    assert "wording paraphrase-1" in page


def test_a_screener_after_a_judgement_raises_the_level_at_once(
    app: Flask, clients: Clients, claimed: Claimed, post: Post
):
    reached, browser = claimed(COUNSELOR), clients(COUNSELOR)
    level = {"assess-level": "1", "assess-source": "counselor", "assess-note": "示例"}
    send(post, browser, reached, "assess", level)

    send(post, browser, reached, "screening/beijing", {"beijing-plan_72h": "yes"})

    with app.app_context():
        found = triage.current_level(contact_ids=[reached.contact_id])
    assert found is RiskLevel.IMMINENT


@pytest.mark.parametrize(
    "who", ["other district counselor", "other district supervisor", "principal", "auditor"]
)
def test_nobody_of_another_unit_or_role_fills_in_a_screener(
    app: Flask, clients: Clients, claimed: Claimed, post: Post, who: str
):
    reached = claimed(COUNSELOR)

    answer = send(post, clients(who), reached, "screening/cssrs", ALL_NO)

    with app.app_context():
        kept = triage.screenings_of(contact_ids=[reached.contact_id])
    assert (answer.status_code, kept) == (404, ())


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"cssrs-q1": "perhaps"},
        {"cssrs-q1": "是" * 5000},
        {"cssrs-q9": "yes"},
        {"cssrs-q1": ""},
        {"cssrs-level": "1", "cssrs-result": "negative"},
    ],
)
def test_answers_that_are_no_answers_keep_nothing(
    app: Flask, clients: Clients, claimed: Claimed, post: Post, data: dict[str, str]
):
    reached = claimed(COUNSELOR)

    answer = send(post, clients(COUNSELOR), reached, "screening/cssrs", data)

    with app.app_context():
        kept = triage.screenings_of(contact_ids=[reached.contact_id])
    assert (answer.status_code, kept) == (422, ())
