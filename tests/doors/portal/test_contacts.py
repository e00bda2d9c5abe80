"""The contact workspace: talking, judging, recording, ending; and who may not."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.datastructures import MultiDict

from tests.doors.portal.conftest import LINE, Person, Reached
from tests.house import page_gate
from wellbeing.cases.queries import cases
from wellbeing.contacts.operations import conversations as contacts_operations
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.conversations import ContactState, Disposition
from wellbeing.foundation import clock
from wellbeing.foundation.database import session, transaction
from wellbeing.messaging import operations as messaging
from wellbeing.policy.model import RiskLevel
from wellbeing.portal import filters
from wellbeing.triage import queries as triage

Clients = Callable[..., Any]
Claimed = Callable[..., Reached]
Post = Callable[..., Any]

ROUTES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("GET", "", {}),
    ("GET", "/messages", {}),
    ("GET", "/pictures/1", {}),
    ("POST", "/reply", {"reply-body": "我在。"}),
    ("POST", "/draft", {"body": "我在", "version": "0"}),
    ("POST", "/draft/compare", {"reply-body": "我在"}),
    ("POST", "/canned", {"canned": "1", "reply-body": "我在"}),
    ("POST", "/release", {}),
    ("GET", "/hand-over", {}),
    ("POST", "/hand-over", {"hand-over-colleague": "1"}),
    ("POST", "/word", {"word-word": "向日葵"}),
    ("POST", "/level", {"level": "imminent"}),
    ("POST", "/screening/cssrs", {"cssrs-q1": "no", "cssrs-q2": "no", "cssrs-q6": "no"}),
    ("POST", "/assess", {"assess-level": "3", "assess-source": "counselor", "assess-note": "x"}),
    ("POST", "/facts", {"facts-version": "1"}),
    ("POST", "/case", {"case-organization_id": "1", "case-level": "3", "case-note": "x"}),
    ("POST", "/case/WB-7K3M9Q", {}),
    ("POST", "/close", {"close-disposition": "supported"}),
    ("POST", "/close-non-data", {"kind": "silent"}),
    ("POST", "/lowering/1", {"decide-verdict": "agreed", "decide-note": "x"}),
)


def contact_of(app: Flask, reached: Reached) -> Any:
    with app.app_context():
        return contacts.contact_by_id(contact_id=reached.contact_id)


def events(app: Flask, action: str) -> list[Any]:
    with app.app_context():
        statement = text("SELECT subject_id, details FROM audit_event WHERE action = :action")
        return list(session().execute(statement, {"action": action}))


def call(browser: Any, post: Post, method: str, url: str, data: dict[str, str]) -> Any:
    return browser.get(url) if method == "GET" else post(browser, url, data)


@pytest.mark.parametrize("kind", list(filters.WORDS), ids=lambda kind: str(kind.__name__))
def test_no_page_shows_a_bare_key(kind: Any):
    assert set(filters.WORDS[kind]) == set(kind)


def test_every_route_of_the_workspace_is_tried_below(app: Flask):
    prefix = "/contacts/<public_id>"
    rules = {
        (method, rule.rule.removeprefix(prefix))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("contacts.") and rule.rule.startswith(prefix)
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    tried = {
        (
            method,
            path.replace("cssrs", "<screener>")
            .replace("WB-7K3M9Q", "<reference>")
            .replace("pictures/1", "pictures/<int:medium_id>")
            .replace("lowering/1", "lowering/<int:lowering_id>"),
        )
        for method, path, _data in ROUTES
    }

    assert tried == rules


@pytest.mark.parametrize("label", ["other district counselor", "other district supervisor"])
@pytest.mark.parametrize(("method", "path", "data"), ROUTES)
def test_another_unit_meets_404_and_leaves_a_trace(
    app: Flask,
    clients: Clients,
    claimed: Claimed,
    post: Post,
    label: str,
    method: str,
    path: str,
    data: dict[str, str],
):
    reached = claimed("district counselor")
    before = contact_of(app, reached)

    answer = call(clients(label), post, method, f"/contacts/{reached.public_id}{path}", data)

    assert answer.status_code == 404
    assert len(events(app, "refused")) == 1
    assert contact_of(app, reached) == before


@pytest.mark.parametrize("label", ["second municipal counselor", "principal", "auditor"])
def test_who_has_no_reason_does_not_open_it(clients: Clients, claimed: Claimed, label: str):
    reached = claimed("municipal counselor")

    answer = clients(label).get(f"/contacts/{reached.public_id}")

    assert answer.status_code == 404


@pytest.mark.parametrize(("method", "path", "data"), ROUTES)
def test_a_stranger_is_sent_to_the_door(
    app: Flask, claimed: Claimed, post: Post, method: str, path: str, data: dict[str, str]
):
    reached = claimed("district counselor")

    answer = call(app.test_client(), post, method, f"/contacts/{reached.public_id}{path}", data)

    assert answer.status_code == (401 if path == "/messages" else 302)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_workspace_is_a_sound_page(clients: Clients, claimed: Claimed, language: str):
    reached = claimed("district counselor")

    answer = clients("district counselor", language=language).get(f"/contacts/{reached.public_id}")

    assert answer.status_code == 200
    page_gate.check_html(answer.text, url="/contacts")


def test_the_workspace_explains_its_signals(clients: Clients, claimed: Claimed):
    reached = claimed("district counselor", body="我不想活了")

    page = clients("district counselor", language="en").get(f"/contacts/{reached.public_id}").text

    assert "<q>不想活了</q>" in page
    assert "wants to die" in page
    assert "imminent danger" in page


WORRIED = "This seems to be about somebody else."


def test_a_worry_about_another_asks_who_and_where(
    app: Flask, clients: Clients, claimed: Claimed, post: Post
):
    """Product.md 12: a third party and the student whom they worry about are two persons."""
    reached = claimed("district counselor", body="我同学说她不想活了，我该怎么办")
    url, browser = f"/contacts/{reached.public_id}", clients("district counselor", language="en")

    first = browser.get(url).text
    version = str(contact_of(app, reached).version)
    saved = post(browser, f"{url}/facts", {"facts-caller_type": "self", "facts-version": version})
    after = browser.get(url).text

    assert WORRIED in first
    assert saved.status_code == 303
    assert WORRIED not in after


def test_a_students_own_words_are_no_worry_about_another(clients: Clients, claimed: Claimed):
    reached = claimed("district counselor", body="我不想活了")

    page = clients("district counselor", language="en").get(f"/contacts/{reached.public_id}").text

    assert WORRIED not in page


def test_opening_is_one_audit_event(app: Flask, clients: Clients, claimed: Claimed):
    reached = claimed("district counselor")

    clients("district counselor").get(f"/contacts/{reached.public_id}")

    assert [one.subject_id for one in events(app, "opened_contact")] == [reached.contact_id]


def test_the_number_stays_hidden(clients: Clients, claimed: Claimed):
    reached = claimed("district counselor")

    page = clients("district counselor").get(f"/contacts/{reached.public_id}").text

    assert reached.number not in page


def test_a_supervisor_of_the_unit_may_read_along(clients: Clients, claimed: Claimed):
    reached = claimed("district counselor")

    page = clients("district supervisor").get(f"/contacts/{reached.public_id}")

    assert page.status_code == 200
    assert 'name="reply-body"' not in page.text


def test_a_page_costs_the_same_however_long_the_talk(
    app: Flask, clients: Clients, claimed: Claimed, people: Any, post: Post, statements: Any
):
    reached = claimed("district counselor")
    browser = clients("district counselor")
    url = f"/contacts/{reached.public_id}"
    post(browser, f"{url}/reply", {"reply-body": "我在。"})
    browser.get(url)
    with statements() as short:
        browser.get(url)
    for _ in range(5):
        post(browser, f"{url}/reply", {"reply-body": "慢慢说。"})
    browser.get(url)

    with statements() as long:
        browser.get(url)

    assert len(long) == len(short)


def test_a_reply_goes_to_the_outbox_and_the_thread(
    app: Flask, clients: Clients, claimed: Claimed, post: Post
):
    reached = claimed("district counselor")
    browser = clients("district counselor", language="en")

    answer = post(browser, f"/contacts/{reached.public_id}/reply", {"reply-body": "我在这里。"})

    page = browser.get(answer.location).text
    assert answer.status_code == 303
    assert "我在这里。" in page
    assert "waiting to be sent" in page
    assert len(events(app, "replied")) == 1


def test_an_empty_reply_is_said_by_its_field(clients: Clients, claimed: Claimed, post: Post):
    reached = claimed("district counselor")
    browser = clients("district counselor", language="en")

    answer = post(browser, f"/contacts/{reached.public_id}/reply", {"reply-body": " "})

    assert answer.status_code == 400
    assert 'id="reply-body-error"' in answer.text
    page_gate.check_html(answer.text, url="/reply")


def test_html_of_a_student_is_shown_as_text(clients: Clients, claimed: Claimed):
    reached = claimed("district counselor", body="<script>alert(1)</script>")

    page = clients("district counselor").get(f"/contacts/{reached.public_id}").text

    assert "<script>alert(1)</script>" not in page
    page_gate.check_html(page, url="/contacts")


def test_messages_are_204_until_something_changes(clients: Clients, claimed: Claimed, post: Post):
    reached = claimed("district counselor")
    browser = clients("district counselor")
    url = f"/contacts/{reached.public_id}"
    first = browser.get(f"{url}/messages")

    unchanged = browser.get(f"{url}/messages?since={first.headers['X-Version']}")
    post(browser, f"{url}/reply", {"reply-body": "我在。"})
    changed = browser.get(f"{url}/messages?since={first.headers['X-Version']}")

    assert (unchanged.status_code, unchanged.data) == (204, b"")
    assert changed.status_code == 200
    assert "我在。" in changed.text
    page_gate.check_fragment(f"<ol>{changed.text}</ol>", url="/messages")


def test_new_words_bring_their_signs_and_whose_turn_it_is(
    clients: Clients, claimed: Claimed, student: Callable[..., Reached]
):
    """A counselor does not reload the page to learn that the student stands on the roof now."""
    reached = claimed("district counselor", body="考试没考好，很难过")
    url = f"/contacts/{reached.public_id}/messages"
    browser = clients("district counselor")
    before = browser.get(url)

    student("我在天台上", number=reached.number)
    fresh = browser.get(f"{url}?since={before.headers['X-Version']}").text

    lede = fresh.split('<template data-part="contact-lede">')[1].split("</template>")[0]
    signals = fresh.split('<template data-part="signals">')[1].split("</template>")[0]
    assert "在天台" not in before.text
    assert "红" in lede
    assert "学生在等你回复" in lede
    assert "<q>在天台</q>" in signals
    page_gate.check_fragment(f"<ol>{fresh}</ol>", url="/messages")


def test_a_draft_is_kept_and_restored(clients: Clients, claimed: Claimed, post: Post):
    reached = claimed("district counselor")
    url = f"/contacts/{reached.public_id}"
    browser = clients("district counselor")

    kept = post(browser, f"{url}/draft", {"body": "还没写完", "version": "0"})
    again = post(browser, f"{url}/draft", {"body": "还没写完的", "version": kept.json["version"]})

    assert (kept.status_code, again.status_code) == (200, 200)
    assert "还没写完的" in clients("district counselor").get(url).text


def test_a_newer_draft_is_never_overwritten(clients: Clients, claimed: Claimed, post: Post):
    reached = claimed("district counselor")
    url = f"/contacts/{reached.public_id}"
    browser = clients("district counselor")
    post(browser, f"{url}/draft", {"body": "新的", "version": "0"})

    answer = post(browser, f"{url}/draft", {"body": "旧的", "version": "0"})

    assert answer.status_code == 409
    assert "新的" in browser.get(url).text


def test_a_draft_is_gone_once_sent(clients: Clients, claimed: Claimed, post: Post):
    reached = claimed("district counselor")
    url = f"/contacts/{reached.public_id}"
    browser = clients("district counselor")
    post(browser, f"{url}/draft", {"body": "草稿中的话", "version": "0"})

    post(browser, f"{url}/reply", {"reply-body": "我在。"})

    assert "草稿中的话" not in browser.get(url).text


def test_an_opted_out_student_is_not_texted(
    app: Flask, clients: Clients, claimed: Claimed, post: Post
):
    reached = claimed("district counselor")
    with app.app_context(), transaction():
        messaging.opt_out(number=reached.number, line_number=LINE, now=clock.now())

    page = clients("district counselor", language="en").get(f"/contacts/{reached.public_id}").text

    assert "This student has asked for no more texts." in page
    assert 'name="reply-body"' not in page


def test_a_screener_follows_its_branch_and_suggests(
    app: Flask, clients: Clients, claimed: Claimed, post: Post
):
    reached = claimed("district counselor")
    answers = {"q1": "yes", "q2": "yes", "q3": "yes", "q4": "no", "q5": "no", "q6": "no"}
    browser = clients("district counselor", language="en")

    answer = post(
        browser,
        f"/contacts/{reached.public_id}/screening/cssrs",
        {f"cssrs-{key}": value for key, value in answers.items()},
    )

    with app.app_context():
        row = triage.screenings_of(contact_ids=[reached.contact_id])[0]
        level = triage.current_level(contact_ids=[reached.contact_id])
    assert answer.status_code == 303
    assert (row.complete, row.suggested_level) == (True, RiskLevel.MODERATE)
    assert level is None  # a screener's result is not the level
    page_gate.check_html(browser.get(answer.location).text, url="/contacts")


def test_an_answer_outside_of_the_branch_is_not_lost_silently(
    app: Flask, clients: Clients, claimed: Claimed, post: Post
):
    reached = claimed("district counselor")
    data = {"cssrs-q1": "no", "cssrs-q2": "no", "cssrs-q5": "yes", "cssrs-q6": "no"}

    answer = post(
        clients("district counselor", language="en"),
        f"/contacts/{reached.public_id}/screening/cssrs",
        data,
    )

    with app.app_context():
        kept = triage.screenings_of(contact_ids=[reached.contact_id])
    assert answer.status_code == 422
    assert "does not follow from the answers before it" in answer.text
    assert kept == ()
    page_gate.check_html(answer.text, url="/screening")


def test_an_unknown_screener_is_404(clients: Clients, claimed: Claimed, post: Post):
    reached = claimed("district counselor")

    answer = post(
        clients("district counselor"), f"/contacts/{reached.public_id}/screening/tarot", {}
    )

    assert answer.status_code == 404


def assess(post: Post, browser: Any, reached: Reached, level: RiskLevel, note: str) -> Any:
    return post(
        browser,
        f"/contacts/{reached.public_id}/assess",
        {"assess-level": str(level.value), "assess-source": "counselor", "assess-note": note},
    )


def test_a_level_is_set_with_its_reason(app: Flask, clients: Clients, claimed: Claimed, post: Post):
    reached = claimed("district counselor")
    browser = clients("district counselor", language="en")

    answer = assess(post, browser, reached, RiskLevel.HIGH, "有想法，有药。")

    page = browser.get(answer.location).text
    assert answer.status_code == 303
    assert "有想法，有药。" in page
    assert len(events(app, "assessed")) == 1


def test_a_level_without_reason_is_refused(clients: Clients, claimed: Claimed, post: Post):
    reached = claimed("district counselor")

    answer = assess(post, clients("district counselor", language="en"), reached, RiskLevel.HIGH, "")

    assert answer.status_code == 422
    assert "Please write one sentence of why." in answer.text


def test_only_a_supervisor_lowers_a_red(clients: Clients, claimed: Claimed, post: Post, app: Flask):
    reached = claimed("district counselor")
    counselor = clients("district counselor", language="en")
    assess(post, counselor, reached, RiskLevel.IMMINENT, "在天台。")

    proposed = assess(post, counselor, reached, RiskLevel.HIGH, "好些了。")
    page = counselor.get(proposed.location).text
    with app.app_context():
        still = triage.current_level(contact_ids=[reached.contact_id])
    lowered = assess(
        post, clients("district supervisor"), reached, RiskLevel.HIGH, "已到家，家人陪着。"
    )

    assert (proposed.status_code, still) == (303, RiskLevel.IMMINENT)
    assert "It stays red until a supervisor has decided" in page
    assert "好些了。" in page
    assert lowered.status_code == 303


def test_the_record_is_saved(app: Flask, clients: Clients, claimed: Claimed, post: Post):
    reached = claimed("district counselor")
    data = {
        "facts-caller_type": "self",
        "facts-age_band": "14-15",
        "facts-reasons": ["suicidal_thoughts", "exam_anxiety"],
        "facts-distress_start": "90",
        "facts-hope_end": "0",
        "facts-version": str(contact_of(app, reached).version),
    }

    answer = post(clients("district counselor"), f"/contacts/{reached.public_id}/facts", data)

    facts = contact_of(app, reached).facts
    assert answer.status_code == 303
    assert (facts.caller_type, facts.age_band) == ("self", "14-15")
    assert facts.reasons == ("suicidal_thoughts", "exam_anxiety")
    assert (facts.distress_start, facts.hope_end, facts.intent_start) == (90, 0, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [("facts-distress_start", "101"), ("facts-hope_end", "x"), ("facts-caller_type", "ghost")],
)
def test_a_wrong_answer_is_said_by_its_field(
    app: Flask, clients: Clients, claimed: Claimed, post: Post, name: str, value: str
):
    reached = claimed("district counselor")
    data = {name: value, "facts-version": str(contact_of(app, reached).version)}

    answer = post(clients("district counselor"), f"/contacts/{reached.public_id}/facts", data)

    assert answer.status_code == 422
    assert f'id="{name}-error"' in answer.text
    page_gate.check_html(answer.text, url="/facts")


def test_a_stale_record_is_not_overwritten(
    app: Flask, clients: Clients, claimed: Claimed, post: Post
):
    reached = claimed("district counselor")
    data = {"facts-caller_type": "self", "facts-version": "1"}

    answer = post(clients("district counselor"), f"/contacts/{reached.public_id}/facts", data)

    assert answer.status_code == 409
    assert contact_of(app, reached).facts.caller_type is None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_stale_record_shows_both_versions_and_who_saved(
    app: Flask, clients: Clients, claimed: Claimed, post: Post, language: str
):
    reached = claimed("district counselor")
    url, version = f"/contacts/{reached.public_id}/facts", str(contact_of(app, reached).version)
    supervisor = clients("district supervisor")
    post(supervisor, url, {"facts-distress_start": "80", "facts-version": version})
    data = {"facts-distress_start": "35", "facts-reasons": "exam_anxiety"}
    browser = clients("district counselor", language=language)

    answer = post(browser, url, data | {"facts-version": version})

    assert answer.status_code == 409
    assert ">80</dd>" in answer.text
    assert ">35</dd>" in answer.text
    assert ("District Supervisor" if language == "en" else "示例04") in answer.text
    page_gate.check_html(answer.text, url="/facts")


def test_ones_own_version_of_a_record_can_be_kept(
    app: Flask, clients: Clients, claimed: Claimed, post: Post
):
    reached = claimed("district counselor")
    url, browser = f"/contacts/{reached.public_id}/facts", clients("district counselor")
    data = {"facts-hope_end": "0", "facts-reasons": ["exam_anxiety", "suicidal_thoughts"]}
    refused = post(browser, url, data | {"facts-version": "1"})

    offered = dict.fromkeys(re.findall(r'name="(facts-[^"]+)" value="([^"]*)"', refused.text))
    again = MultiDict(offered.keys())
    answer = post(browser, url, again.to_dict(flat=False))

    facts = contact_of(app, reached).facts
    assert answer.status_code == 303
    assert (facts.hope_end, facts.reasons) == (0, ("exam_anxiety", "suicidal_thoughts"))


def open_case(post: Post, browser: Any, reached: Reached, **changes: str) -> Any:
    data = {"case-level": "4", "case-note": "有想法，有药。", "then": "escalate"} | {
        f"case-{name}": value for name, value in changes.items()
    }
    return post(browser, f"/contacts/{reached.public_id}/case", data)


def test_one_click_opens_a_case_and_goes_on_to_its_escalation(
    app: Flask, clients: Clients, claimed: Claimed, post: Post, city: Any
):
    reached = claimed("district counselor")
    unit = str(city.ids["north-school"])

    answer = open_case(post, clients("district counselor"), reached, organization_id=unit)

    with app.app_context():
        case = cases.case_of_contact(contact_id=reached.contact_id)
    assert case is not None
    assert answer.location == f"/cases/{case.reference}/escalate"
    assert case.organization_id == city.ids["north-school"]
    assert case.level is RiskLevel.IMMINENT


def test_a_second_case_for_a_contact_leads_to_the_first(
    app: Flask, clients: Clients, claimed: Claimed, post: Post, city: Any
):
    reached = claimed("district counselor")
    browser = clients("district counselor")
    unit = str(city.ids["north-school"])
    open_case(post, browser, reached, organization_id=unit)

    answer = open_case(post, browser, reached, organization_id=unit)

    with app.app_context():
        case = cases.case_of_contact(contact_id=reached.contact_id)
    assert case is not None
    assert answer.location == f"/cases/{case.reference}"


def test_a_unit_may_be_named_by_its_code(
    app: Flask, clients: Clients, claimed: Claimed, post: Post, city: Any
):
    reached = claimed("district counselor")
    chosen = {"organization_id": str(city.ids["north"]), "other_code": "north-school"}

    open_case(post, clients("district counselor"), reached, **chosen)

    with app.app_context():
        case = cases.case_of_contact(contact_id=reached.contact_id)
    assert case is not None
    assert case.organization_id == city.ids["north-school"]


@pytest.mark.parametrize("code", ["south-school", "no-such-unit"])
def test_a_case_cannot_be_put_into_another_unit(
    app: Flask, clients: Clients, claimed: Claimed, post: Post, city: Any, code: str
):
    reached = claimed("district counselor")
    browser = clients("district counselor", language="en")

    by_code = open_case(
        post, browser, reached, organization_id=str(city.ids["north"]), other_code=code
    )
    by_id = open_case(post, browser, reached, organization_id=str(city.ids["south"]))

    with app.app_context():
        case = cases.case_of_contact(contact_id=reached.contact_id)
    assert (by_code.status_code, by_id.status_code) == (422, 422)
    assert "There is no unit with this code that you may choose." in by_code.text
    assert case is None


def test_a_returned_conversation_waits_again(
    app: Flask, clients: Clients, claimed: Claimed, post: Post
):
    reached = claimed("district counselor")
    browser = clients("district counselor")

    answer = post(browser, f"/contacts/{reached.public_id}/release")

    assert answer.location == "/"
    assert contact_of(app, reached).state is ContactState.WAITING
    assert "我不想活了" not in browser.get(f"/contacts/{reached.public_id}").text


def test_a_returned_conversation_brings_a_note_for_whoever_takes_over(
    app: Flask, clients: Clients, claimed: Claimed, people: Any, post: Post
):
    reached = claimed("district counselor")
    note = {"release-note": "在宿舍楼顶，室友正赶来。"}

    post(clients("district counselor"), f"/contacts/{reached.public_id}/release", note)

    colleague = clients("district supervisor", language="en")
    post(colleague, f"/queue/{reached.public_id}/accept")
    page = colleague.get(f"/contacts/{reached.public_id}").text
    assert contact_of(app, reached).wrap_up == "在宿舍楼顶，室友正赶来。"
    assert "A colleague left a note" in page
    page_gate.check_html(page, url="/contacts")


def test_a_second_note_joins_the_first(app: Flask, clients: Clients, claimed: Claimed, post: Post):
    reached = claimed("district counselor")
    browser, url = clients("district counselor"), f"/contacts/{reached.public_id}"
    post(browser, f"{url}/release", {"release-note": "第一句。"})
    post(browser, f"/queue/{reached.public_id}/accept")

    post(browser, f"{url}/release", {"release-note": "第二句。"})

    assert contact_of(app, reached).wrap_up == "第一句。\n\n第二句。"


def test_closing_keeps_the_note_for_the_next_colleague(
    app: Flask, clients: Clients, claimed: Claimed, post: Post
):
    reached = claimed("district counselor")
    data = {"close-disposition": "supported", "close-wrap_up": "约好再联系。"}

    answer = post(clients("district counselor"), f"/contacts/{reached.public_id}/close", data)

    closed = contact_of(app, reached)
    assert answer.location == "/"
    assert (closed.state, closed.disposition) == (ContactState.CLOSED, Disposition.SUPPORTED)
    assert closed.wrap_up == "约好再联系。"


def test_closing_needs_to_say_how_it_ended(
    app: Flask, clients: Clients, claimed: Claimed, post: Post
):
    reached = claimed("district counselor")

    answer = post(
        clients("district counselor", language="en"),
        f"/contacts/{reached.public_id}/close",
        {"close-wrap_up": "这句话不能丢。"},
    )

    assert answer.status_code == 422
    assert "Please choose how it ended." in answer.text
    assert "这句话不能丢。" in answer.text


def test_one_click_closes_what_was_no_request_for_help(
    app: Flask, clients: Clients, claimed: Claimed, post: Post
):
    reached = claimed("district counselor", body="哈哈")

    post(
        clients("district counselor"),
        f"/contacts/{reached.public_id}/close-non-data",
        {"kind": "prank", "version": str(contact_of(app, reached).version)},
    )

    closed = contact_of(app, reached)
    assert (closed.state, closed.disposition) == (ContactState.CLOSED, Disposition.NON_DATA)
    assert closed.facts.non_data_kind == "prank"


def test_one_click_on_an_old_page_ends_nothing(
    app: Flask, clients: Clients, claimed: Claimed, post: Post
):
    """Somebody has written down since how old the student is: that is no prank."""
    reached = claimed("district counselor", body="哈哈")
    seen = str(contact_of(app, reached).version)
    facts = {"facts-caller_type": "self", "facts-age_band": "12-13", "facts-version": seen}
    post(clients("district supervisor"), f"/contacts/{reached.public_id}/facts", facts)

    answer = post(
        clients("district counselor"),
        f"/contacts/{reached.public_id}/close-non-data",
        {"kind": "prank", "version": seen},
    )

    assert answer.status_code == 409
    assert contact_of(app, reached).state is ContactState.IN_CONVERSATION


def test_an_unknown_kind_closes_nothing(app: Flask, clients: Clients, claimed: Claimed, post: Post):
    reached = claimed("district counselor", body="哈哈")

    answer = post(
        clients("district counselor"),
        f"/contacts/{reached.public_id}/close-non-data",
        {"kind": "ghost"},
    )

    assert answer.status_code == 400
    assert contact_of(app, reached).state is ContactState.IN_CONVERSATION


def test_a_colleague_who_lost_the_conversation_cannot_answer_in_it(
    app: Flask, clients: Clients, claimed: Claimed, people: Callable[[str], Person], post: Post
):
    reached = claimed("district counselor")
    person = people("district counselor")
    with app.app_context(), transaction():
        contacts_operations.return_to_queue(
            contact_id=reached.contact_id, by=person.user_id, now=clock.now()
        )

    answer = post(
        clients("district supervisor"),
        f"/contacts/{reached.public_id}/reply",
        {"reply-body": "这句话不能丢。"},
    )

    assert answer.status_code == 409
    assert "这句话不能丢。" in answer.text


def returned(app: Flask, people: Callable[[str], Person], reached: Reached) -> None:
    """Let the sweep give a conversation back whose counselor did not answer."""
    person = people("district counselor")
    with app.app_context(), transaction():
        contacts_operations.return_to_queue(
            contact_id=reached.contact_id, by=person.user_id, now=clock.now()
        )


def test_a_reply_that_came_too_late_is_kept_and_stands_there_again(
    app: Flask, clients: Clients, claimed: Claimed, people: Any, post: Post
):
    reached = claimed("district counselor")
    browser, url = clients("district counselor", language="en"), f"/contacts/{reached.public_id}"
    browser.get(url)
    returned(app, people, reached)

    answer = post(browser, f"{url}/reply", {"reply-body": "这句话不能丢。"})

    post(browser, f"/queue/{reached.public_id}/accept")
    assert answer.status_code == 409
    assert "这句话不能丢。" in answer.text
    assert "The student is waiting." in answer.text
    assert "这句话不能丢。</textarea>" in browser.get(url).text
    page_gate.check_html(answer.text, url="/reply")


def test_a_reply_that_came_too_late_says_who_has_the_conversation(
    app: Flask, clients: Clients, claimed: Claimed, people: Any, post: Post
):
    reached = claimed("district counselor")
    browser = clients("district counselor", language="en")
    returned(app, people, reached)
    post(clients("district supervisor"), f"/queue/{reached.public_id}/accept")

    answer = post(browser, f"/contacts/{reached.public_id}/reply", {"reply-body": "我在。"})

    assert answer.status_code == 409
    assert "It is with District Supervisor now." in answer.text


def test_an_open_page_says_that_the_conversation_left(
    app: Flask, clients: Clients, claimed: Claimed, people: Any
):
    reached = claimed("district counselor")
    browser = clients("district counselor", language="en")
    url = f"/contacts/{reached.public_id}/messages"
    returned(app, people, reached)

    told = browser.get(f"{url}?since=1")
    again = browser.get(f"{url}?since={told.headers['X-Version']}")

    assert (told.status_code, again.status_code) == (200, 204)
    assert "back in the queue" in told.text
    assert "不想活" not in told.text
    assert events(app, "refused") == []
    page_gate.check_fragment(f"<ol>{told.text}</ol>", url="/messages")
