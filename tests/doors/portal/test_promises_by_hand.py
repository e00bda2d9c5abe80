"""Pages of promises by hand, of supervisors' decisions, and of duties: gate, effect, strangers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from icalendar import Calendar

from tests.factories import portal as made
from tests.house import page_gate
from wellbeing.cases.operations import duties
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow, NewDuty
from wellbeing.followups import queries as followups
from wellbeing.followups.operations import attempts, plans
from wellbeing.followups.rules import Outcome, Owner
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction
from wellbeing.policy.model import FollowUpKind, RiskLevel

SHANGHAI = ZoneInfo("Asia/Shanghai")
COUNSELOR, LEAD, STRANGER = "district counselor", "district supervisor", "other school counselor"


@pytest.fixture
def case(app: Flask, people: Any, claimed: Any) -> CaseRow:
    reached = claimed(COUNSELOR)
    with app.app_context():
        return made.open_case(people(COUNSELOR), contact_id=reached.contact_id)


@pytest.fixture
def duty_id(app: Flask, people: Any, case: CaseRow) -> int:
    owner = people(COUNSELOR)
    new = NewDuty(
        kind="undelivered_text",
        case_id=case.case_id,
        holder_id=owner.user_id,
        organization_id=owner.organization_id,
        by_at=clock.now() + timedelta(hours=4),
    )
    with app.app_context(), transaction():
        return duties.open_duty(new=new, now=clock.now())


@pytest.fixture
def unreachable_id(app: Flask, people: Any, case: CaseRow) -> int:
    owner, now = people(COUNSELOR), clock.now()
    with app.app_context():
        with transaction():
            first, *_ = plans.plan_for(
                case_id=case.case_id,
                level=RiskLevel.IMMINENT,
                owner=Owner(user_id=owner.user_id, organization_id=owner.organization_id),
                anchor=now,
                now=now,
            )
        for _ in range(3):
            with transaction():
                attempts.record_attempt(
                    follow_up_id=first, by=owner.user_id, outcome=Outcome.NO_ANSWER, now=now
                )
    return first


def in_words(*, hours: int) -> str:
    moment = clock.now().astimezone(SHANGHAI) + timedelta(hours=hours)
    return moment.strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_pass_the_gate(
    clients: Any, case: CaseRow, duty_id: int, unreachable_id: int, language: str
):
    mine, lead = clients(COUNSELOR, language=language), clients(LEAD, language=language)

    for client, url in (
        (mine, f"/follow-ups/for/{case.reference}"),
        (mine, f"/duties/{duty_id}"),
        (lead, f"/follow-ups/{unreachable_id}/unreachable"),
        (lead, f"/follow-ups/{unreachable_id}/attempt"),
    ):
        answer = client.get(url)
        assert answer.status_code == 200
        page_gate.check_html(answer.text, url=url)


def test_a_promise_of_ones_own_is_kept_by_the_wall_clock_of_chongqing(
    app: Flask, clients: Any, post: Any, case: CaseRow
):
    typed = in_words(hours=30)
    data = {"kind": "call", "due_at": typed, "note": "考完试再聊"}

    answer = post(clients(COUNSELOR), f"/follow-ups/for/{case.reference}", data)

    assert answer.status_code == 303
    with app.app_context():
        (row,) = [
            one for one in followups.open_of_case(case_id=case.case_id) if one.plan_version == 0
        ]
    assert row.kind is FollowUpKind.CALL
    assert row.due_at.astimezone(SHANGHAI).replace(tzinfo=None) == datetime.fromisoformat(typed)


def test_a_time_that_has_passed_is_refused_and_the_words_stay(
    clients: Any, post: Any, case: CaseRow
):
    data = {"kind": "call", "due_at": in_words(hours=-1), "note": "考完试再聊"}

    answer = post(clients(COUNSELOR, language="en"), f"/follow-ups/for/{case.reference}", data)

    assert "Choose a time that is still to come." in answer.text
    assert "考完试再聊" in answer.text


def test_a_stranger_finds_none_of_it(
    clients: Any, post: Any, case: CaseRow, duty_id: int, unreachable_id: int
):
    stranger = clients(STRANGER)
    data = {"kind": "call", "due_at": in_words(hours=30), "note": "好奇", "decision": "police"}

    for url in (f"/follow-ups/for/{case.reference}", f"/duties/{duty_id}"):
        assert stranger.get(url).status_code == 404
        assert post(stranger, url, data).status_code == 404
    assert post(stranger, f"/follow-ups/for/{case.reference}/wanted").status_code == 404


def test_only_a_supervisor_decides_about_the_unreachable(
    app: Flask, clients: Any, post: Any, unreachable_id: int
):
    url = f"/follow-ups/{unreachable_id}/unreachable"
    data = {"decision": "school_visit", "note": "三次都没有人接"}

    assert post(clients(COUNSELOR), url, data).status_code in {403, 404}
    answer = post(clients(LEAD), url, data)

    assert answer.status_code == 303
    with app.app_context():
        assert not followups.by_id(follow_up_id=unreachable_id).is_open


def test_a_duty_is_done_once_and_lets_its_case_go(
    app: Flask, clients: Any, post: Any, case: CaseRow, duty_id: int
):
    client = clients(COUNSELOR, language="en")

    first = post(client, f"/duties/{duty_id}", {"note": "改打了电话"})
    second = post(client, f"/duties/{duty_id}", {"note": "再点一次"})

    assert (first.status_code, second.status_code) == (303, 409)
    with app.app_context():
        assert cases.duties_of(case_id=case.case_id) == ()
        assert "duty" not in {one.kind for one in cases.holds(case_id=case.case_id)}
    assert "改打了电话" in client.get(f"/cases/{case.reference}").text


def test_a_persons_promises_are_times_alone_in_their_calendar(
    app: Flask, clients: Any, post: Any, case: CaseRow
):
    client = clients(COUNSELOR)
    data = {"kind": "call", "due_at": in_words(hours=30), "note": "考完试再聊"}
    post(client, f"/follow-ups/for/{case.reference}", data)
    shown = post(client, "/roster/mine/calendar").text
    address = shown.split("/follow-ups/calendar/")[1].split("</code>")[0]

    feed = app.test_client().get(f"/follow-ups/calendar/{address}")

    assert feed.status_code == 200
    found = Calendar.from_ical(feed.data)
    assert {name for event in found.walk("VEVENT") for name in event} == {
        "SUMMARY", "DTSTART", "DTEND", "DTSTAMP", "UID", "CLASS", "TRANSP",
    }  # fmt: skip
    assert {str(event.decoded("DTSTART").tzinfo) for event in found.walk("VEVENT")} == {"UTC"}
    assert feed.text.count("BEGIN:VEVENT") == 8
    assert feed.text.count("SUMMARY:回访") == 8
    for secret in (case.reference, "考完试", "DESCRIPTION", "LOCATION"):
        assert secret not in feed.text
    assert app.test_client().get("/follow-ups/calendar/guessed.ics").status_code == 404
