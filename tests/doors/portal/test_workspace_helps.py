"""What makes the workspace lighter: handing over, two drafts, the agreed word, one-click levels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.doors.portal.conftest import Person, Reached
from tests.factories import portal as made
from tests.house import page_gate
from wellbeing.contacts.operations import drafts
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.queries import words
from wellbeing.foundation import clock
from wellbeing.foundation.database import session, transaction
from wellbeing.policy.model import RiskLevel
from wellbeing.portal.contacts import workspace
from wellbeing.triage import queries as triage

Clients = Callable[..., Any]
Claimed = Callable[..., Reached]
People = Callable[[str], Person]
Post = Callable[..., Any]


@pytest.fixture
def on_duty(app: Flask, people: People) -> Callable[[str], Person]:
    def put(label: str) -> Person:
        person = people(label)
        with app.app_context():
            made.put_on_duty(person)
        return person

    return put


def holder(app: Flask, reached: Reached) -> int | None:
    with app.app_context():
        return contacts.contact_by_id(contact_id=reached.contact_id).claimed_by


def seen(app: Flask, action: str) -> int:
    with app.app_context():
        statement = text("SELECT count(*) FROM audit_event WHERE action = :action")
        return int(session().execute(statement, {"action": action}).scalar_one())


def test_colleagues_on_duty_who_may_see_the_contact_are_offered(
    app: Flask, clients: Clients, claimed: Claimed, on_duty: Callable[[str], Person]
):
    for label in ("municipal counselor", "other district counselor", "school counselor"):
        on_duty(label)
    reached = claimed("district counselor")

    page = clients("district counselor").get(f"/contacts/{reached.public_id}/hand-over").text

    assert "示例00" in page
    assert "示例市" in page
    for stranger in ("示例05", "示例07"):
        assert stranger not in page


def test_with_nobody_on_duty_the_page_says_what_else_can_be_done(
    clients: Clients, claimed: Claimed
):
    reached = claimed("district counselor")

    page = clients("district counselor").get(f"/contacts/{reached.public_id}/hand-over").text

    assert "退回队列" in page


def test_handing_over_leaves_note_and_trace(
    app: Flask,
    clients: Clients,
    claimed: Claimed,
    on_duty: Callable[[str], Person],
    post: Post,
):
    colleague = on_duty("municipal counselor")
    reached = claimed("district counselor")
    browser = clients("district counselor")

    answer = post(
        browser,
        f"/contacts/{reached.public_id}/hand-over",
        {"hand-over-colleague": str(colleague.user_id), "hand-over-note": "示例：在等妈妈回家"},
    )

    assert answer.status_code == 303
    assert holder(app, reached) == colleague.user_id
    assert seen(app, "handed_over") == 1
    theirs = clients("municipal counselor").get(f"/contacts/{reached.public_id}").text
    assert "示例：在等妈妈回家" in theirs


@pytest.mark.parametrize("label", ["other district counselor", "school counselor", "principal"])
def test_a_forged_colleague_gets_nothing(
    app: Flask,
    clients: Clients,
    claimed: Claimed,
    people: People,
    on_duty: Callable[[str], Person],
    post: Post,
    label: str,
):
    on_duty("municipal counselor")
    stranger = people(label)
    reached = claimed("district counselor")
    before = holder(app, reached)

    answer = post(
        clients("district counselor"),
        f"/contacts/{reached.public_id}/hand-over",
        {"hand-over-colleague": str(stranger.user_id)},
    )

    assert answer.status_code == 422
    assert holder(app, reached) == before


def test_a_supervisor_who_reads_along_cannot_hand_over_what_is_not_theirs(
    app: Flask, clients: Clients, claimed: Claimed, post: Post
):
    reached = claimed("district counselor")
    before = holder(app, reached)

    answer = post(
        clients("district supervisor"),
        f"/contacts/{reached.public_id}/hand-over",
        {"hand-over-colleague": "1"},
    )

    assert answer.status_code in {404, 409}
    assert holder(app, reached) == before


def keeps(app: Flask, reached: Reached, user_id: int, body: str) -> str:
    who = {"contact_id": reached.contact_id, "user_id": user_id}
    with app.app_context():
        with transaction():
            drafts.save_draft(**who, body=body, now=clock.now())
        return workspace.draft_version(contacts.draft_of(**who))


def draft(app: Flask, reached: Reached, user_id: int) -> str:
    with app.app_context():
        found = contacts.draft_of(contact_id=reached.contact_id, user_id=user_id)
        return found.body if found else ""


def test_two_drafts_are_shown_side_by_side_and_mine_can_be_kept(
    app: Flask, clients: Clients, claimed: Claimed, people: People, post: Post
):
    reached, me = claimed("district counselor"), people("district counselor").user_id
    version = keeps(app, reached, me, "另一个窗口写的")
    browser, url = clients("district counselor"), f"/contacts/{reached.public_id}/draft/compare"

    shown = post(browser, url, {"reply-body": "这个窗口写的"})
    kept = post(browser, url, {"reply-body": "这个窗口写的", "keep": "mine", "version": version})

    assert shown.status_code == 409
    assert "另一个窗口写的" in shown.text
    assert "这个窗口写的" in shown.text
    assert kept.status_code == 303
    assert draft(app, reached, me) == "这个窗口写的"


def test_a_third_draft_is_not_overwritten_unseen(
    app: Flask, clients: Clients, claimed: Claimed, people: People, post: Post
):
    reached, me = claimed("district counselor"), people("district counselor").user_id
    version = keeps(app, reached, me, "第一稿")
    keeps(app, reached, me, "更新的一稿")

    answer = post(
        clients("district counselor"),
        f"/contacts/{reached.public_id}/draft/compare",
        {"reply-body": "我的", "keep": "mine", "version": version},
    )

    assert answer.status_code == 409
    assert "更新的一稿" in answer.text
    assert draft(app, reached, me) == "更新的一稿"


def test_a_word_is_agreed_shown_and_forgotten(
    app: Flask, clients: Clients, claimed: Claimed, post: Post
):
    reached, browser = claimed("district counselor"), clients("district counselor")
    url = f"/contacts/{reached.public_id}"

    post(browser, f"{url}/word", {"word-word": "向日葵"})
    page = browser.get(url).text
    post(browser, f"{url}/word", {"word-word": "", "word-version": "1"})

    assert "向日葵" in page
    assert "还没有说出约定的暗语" in page
    assert seen(app, "word_agreed") == 2
    with app.app_context():
        caller_id = contacts.contact_by_id(contact_id=reached.contact_id).caller_id
        assert not words.agreed_with(caller_id=caller_id)


def test_of_two_words_agreed_at_once_both_are_shown_and_the_first_stands(
    app: Flask, clients: Clients, claimed: Claimed, post: Post
):
    reached = claimed("district counselor")
    url = f"/contacts/{reached.public_id}/word"
    counselor, supervisor = clients("district counselor"), clients("district supervisor")

    first = post(counselor, url, {"word-word": "向日葵", "word-version": "0"})
    second = post(supervisor, url, {"word-word": "灯塔", "word-version": "0"})
    again = post(supervisor, url, {"word-word": "灯塔", "word-version": "1"})

    assert (first.status_code, second.status_code, again.status_code) == (303, 409, 303)
    assert "向日葵" in second.text
    assert 'value="灯塔"' in second.text
    page_gate.check_html(second.text, url=url)


def test_a_word_of_one_letter_is_refused_by_its_field(
    clients: Clients, claimed: Claimed, post: Post
):
    reached = claimed("district counselor")

    answer = post(
        clients("district counselor"), f"/contacts/{reached.public_id}/word", {"word-word": "葵"}
    )

    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.text


def level(app: Flask, reached: Reached) -> RiskLevel | None:
    with app.app_context():
        return triage.current_level(contact_ids=[reached.contact_id])


def test_one_click_raises_the_level(app: Flask, clients: Clients, claimed: Claimed, post: Post):
    reached = claimed("district counselor", body="最近睡不好")

    answer = post(
        clients("district counselor"), f"/contacts/{reached.public_id}/level", {"level": "high"}
    )

    assert answer.status_code == 303
    assert level(app, reached) is RiskLevel.HIGH


@pytest.mark.parametrize("wanted", ["low", "moderate", "high", "nonsense", ""])
def test_one_click_never_lowers_what_the_words_said(
    app: Flask, clients: Clients, claimed: Claimed, post: Post, wanted: str
):
    reached = claimed("district counselor", body="我现在就要跳下去了")

    answer = post(
        clients("district counselor"), f"/contacts/{reached.public_id}/level", {"level": wanted}
    )

    assert answer.status_code == 303
    assert level(app, reached) is None


def test_words_that_a_stranger_must_not_read_are_named_by_the_field(
    app: Flask, clients: Clients, claimed: Claimed, post: Post
):
    reached = claimed("district counselor")
    with app.app_context(), transaction():
        session().execute(
            text("UPDATE contact SET last_inbound_at = :at"), {"at": "2020-01-01 00:00:00+00:00"}
        )

    answer = post(
        clients("district counselor"),
        f"/contacts/{reached.public_id}/reply",
        {"reply-body": "学校的心理老师在等你"},
    )

    assert answer.status_code == 400
    assert "心理" in answer.text
    assert "请去掉" in answer.text
