"""Case work on its pages: referrals, closing, care plans, tags, handing over."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from tests.factories import records
from tests.house import page_gate
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.foundation import clock

REFERRAL = {
    "kind": "green_channel",
    "to": "示例医院",
    "agreed": "student",
    "reason": "示例：想请医生看一看。",
}


@pytest.fixture
def case(app: Flask, people: Any, claimed: Any) -> CaseRow:
    return records.case_of(app, people, claimed)


def care_plan(**changes: Any) -> dict[str, Any]:
    return {
        "goals": "示例：睡够八小时。",
        "measures-0-what": "示例：十点关灯",
        "measures-0-who": "示例：妈妈",
        "review_on": (clock.now() + timedelta(days=30)).date().isoformat(),
        "version": "0",
    } | changes


def standing(app: Flask, case: CaseRow) -> CaseRow:
    with app.app_context():
        return cases.case_by_id(case_id=case.case_id)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_its_pages_pass_the_gate_in_both_languages(
    clients: Any, post: Any, case: CaseRow, language: str
):
    client, root = clients("district supervisor", language=language), f"/cases/{case.reference}"
    post(client, f"{root}/referrals/new", REFERRAL)
    post(client, f"{root}/care-plan/edit", care_plan())
    (referral,) = set(re.findall(rf"{root}/referrals/\d+", client.get(root).text))
    urls = [
        root, f"{root}?who=1&since=2020-01-01&until=2120-01-01", f"{root}/close",
        f"{root}/referrals/new", referral, f"{root}/care-plan",
        f"{root}/care-plan/edit", f"{root}/care-plan/versions/1",
        f"{root}/care-plan/versions/1/print", f"{root}/tags", f"{root}/assign", "/caseloads",
        "/tags",
    ]  # fmt: skip

    for url in urls:
        answer = client.get(url)
        assert answer.status_code == 200, url
        page_gate.check_html(answer.text, url=url)


def test_closing_shows_each_rule_and_what_to_do(clients: Any, case: CaseRow):
    page = clients("district counselor", language="en").get(f"/cases/{case.reference}/close").text

    for title in (
        "The level is blue",
        "Two contacts at blue, at least 7 days apart",
        "A safety plan, if the level was ever yellow or higher",
        "The student knows how to come back",
        "The receiving side has confirmed",
        "No duty is open",
        "No promise to get back is open",
    ):
        assert title in page
    assert "Sign as supervisor" not in page


def test_a_referral_is_followed_to_its_outcome(app: Flask, clients: Any, post: Any, case: CaseRow):
    client, root = clients("district counselor"), f"/cases/{case.reference}"

    sent = post(client, f"{root}/referrals/new", REFERRAL)
    url = sent.headers["Location"]
    silent = post(client, url, {"state": "declined", "outcome": " ", "version": "1"})
    stale = post(client, url, {"state": "accepted", "outcome": "", "version": "7"})
    came = post(client, url, {"state": "attended", "outcome": "示例：看过了。", "version": "1"})
    over = post(client, url, {"state": "withdrawn", "outcome": "示例", "version": "2"})

    assert [one.status_code for one in (sent, silent, stale, came)] == [303, 400, 409, 303]
    assert over.status_code == 200
    assert "示例：看过了。" in client.get(url).text
    assert len(records.events(app, "referred")) == 2


@pytest.mark.parametrize("missing", ["to", "reason", "agreed", "kind"])
def test_an_incomplete_referral_keeps_the_rest(
    clients: Any, post: Any, case: CaseRow, missing: str
):
    typed = {**REFERRAL, missing: ""}

    answer = post(clients("district counselor"), f"/cases/{case.reference}/referrals/new", typed)

    assert answer.status_code == 422
    assert "示例" in answer.text


def test_a_care_plan_is_saved_reviewed_and_never_overwritten(
    clients: Any, post: Any, case: CaseRow
):
    client, url = clients("district counselor"), f"/cases/{case.reference}/care-plan/edit"

    first = post(client, url, care_plan())
    stale = post(clients("district supervisor"), url, care_plan(goals="示例：督导的目标。"))
    odd = post(client, url, care_plan(**{"measures-0-until": "never", "version": "1"}))
    nobody = post(client, url, care_plan(**{"measures-0-who": " ", "version": "1"}))

    page_gate.check_html(stale.text, url="conflict")
    assert [one.status_code for one in (first, stale, odd, nobody)] == [303, 409, 400, 400]
    assert "示例：督导的目标。" in stale.text
    assert "示例：睡够八小时。" in stale.text
    assert "示例：十点关灯" in client.get(f"/cases/{case.reference}/care-plan").text


def test_a_supervisor_gives_a_case_away_and_nobody_else_does(
    app: Flask, clients: Any, post: Any, people: Any, case: CaseRow
):
    below, url = people("school counselor"), f"/cases/{case.reference}/assign"
    typed = {"to": str(people("district supervisor").user_id), "reason": "示例：换班。"}

    forged = post(clients("district supervisor"), url, typed | {"to": str(below.user_id + 500)})
    counselor = post(clients("district counselor"), url, typed)
    given = post(clients("district supervisor"), url, typed)

    assert [one.status_code for one in (forged, counselor, given)] == [422, 404, 303]
    assert standing(app, case).owner_id == people("district supervisor").user_id
    assert len(records.events(app, "case_transferred")) == 1


def test_tags_are_chosen_from_those_that_are_known(clients: Any, post: Any, case: CaseRow):
    client, url = clients("district counselor"), f"/cases/{case.reference}/tags"

    saved = post(client, url, {"tags": ["bullying", "absent"]})
    unknown = post(client, url, {"tags": ["own:77"]})

    assert [saved.status_code, unknown.status_code] == [303, 422]
    page = client.get(f"/cases/{case.reference}").text
    assert "校园欺凌" in page
    assert "不到校" in page


PAGES = (
    ("get", "/referrals/new"), ("post", "/referrals/new"), ("get", "/referrals/1"),
    ("post", "/referrals/1"), ("get", "/care-plan"), ("get", "/care-plan/edit"),
    ("post", "/care-plan/edit"), ("get", "/care-plan/versions/1/print"), ("get", "/tags"),
    ("post", "/tags"), ("get", "/assign"), ("post", "/assign"), ("post", "/close/declined"),
    ("post", "/close/sign"),
)  # fmt: skip


@pytest.mark.parametrize("stranger", ["other district supervisor", "school counselor", "auditor"])
def test_whoever_may_not_open_the_case_finds_none_of_it(
    clients: Any, post: Any, case: CaseRow, stranger: str
):
    owner, client = clients("district counselor"), clients(stranger)
    root = f"/cases/{case.reference}"
    post(owner, f"{root}/referrals/new", REFERRAL)
    post(owner, f"{root}/care-plan/edit", care_plan())

    for method, page in PAGES:
        url = f"{root}{page}"
        answer = client.get(url) if method == "get" else post(client, url, REFERRAL)
        assert answer.status_code == 404, url
        assert "示例" not in answer.text.replace("示例学生", ""), url


@pytest.mark.parametrize(
    "query",
    ["who=x", "who=999999999999999999999", "since=0001-01-01", "until=9999-12-31", "since=%00"],
)
def test_a_bent_filter_shows_the_plain_timeline(clients: Any, case: CaseRow, query: str):
    answer = clients("district counselor").get(f"/cases/{case.reference}?{query}")

    assert answer.status_code == 200
    assert 'id="timeline"' in answer.text


def test_a_signature_needs_a_student_who_declined_and_other_eyes(
    app: Flask, clients: Any, post: Any, case: CaseRow
):
    client, url = clients("district supervisor"), f"/cases/{case.reference}/close"

    early = post(client, f"{url}/sign", {"sign-reason": "示例"})
    today = clock.now().astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()
    noted = post(client, f"{url}/declined", {"declined-on": today, "declined-note": "示例：不用了"})
    future = post(
        client, f"{url}/declined", {"declined-on": "2199-01-01", "declined-note": "示例：不用了"}
    )

    assert [one.status_code for one in (early, noted, future)] == [400, 303, 400]
    assert standing(app, case).closed_at is None
