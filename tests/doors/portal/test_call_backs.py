"""Pages of call-backs to people without a case, and the calendar of all promises."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from tests.factories.followups import make_call_back
from tests.house import page_gate
from wellbeing.audit import queries as audit
from wellbeing.audit.queries import EventFilter
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.followups import queries as followups
from wellbeing.followups.queries import FollowUpRow
from wellbeing.followups.rules import CallBackReason, FollowUpState, Owner
from wellbeing.foundation import clock

SHANGHAI = ZoneInfo("Asia/Shanghai")


def settled(app: Flask, follow_up_id: int) -> FollowUpRow:
    with app.app_context():
        return followups.by_id(follow_up_id=follow_up_id)


@pytest.fixture
def call_back(app: Flask, people: Any, student: Any) -> FollowUpRow:
    """Give a call-back without a case, held by the district counselor, due in half an hour."""
    owner = people("district counselor")
    reached = student("你好", number="+8613600000042")
    with app.app_context():
        return make_call_back(
            contact_id=reached.contact_id,
            owner=Owner(user_id=owner.user_id, organization_id=owner.organization_id),
            due_at=clock.now() + timedelta(minutes=30),
            now=clock.now(),
        )


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", ["", "/{id}/attempt", "/{id}/reschedule"])
def test_the_pages_of_a_call_back_pass_the_gate(
    clients: Any, call_back: FollowUpRow, page: str, language: str
):
    client = clients("district counselor", language=language)
    url = "/follow-ups" + page.format(id=call_back.follow_up_id)

    answer = client.get(url)

    assert answer.status_code == 200
    page_gate.check_html(answer.text, url=url)


def test_a_call_back_shows_a_masked_number_why_and_how_long_ago(
    app: Flask, clients: Any, call_back: FollowUpRow
):
    client = clients("district counselor", language="en")

    text = client.get("/follow-ups").text

    with app.app_context():
        contact = contacts.contact_by_id(contact_id=call_back.promised_contact_id or 0)
    assert "•••• 42" in text
    assert "13600000042" not in text
    assert "Call back: left a voicemail" in text
    assert "They reached us just now." in text
    assert f"/contacts/{contact.public_id}" in text


def test_the_contact_of_a_call_back_opens_for_its_owner(
    app: Flask, clients: Any, call_back: FollowUpRow
):
    with app.app_context():
        contact = contacts.contact_by_id(contact_id=call_back.promised_contact_id or 0)

    answer = clients("district counselor").get(f"/contacts/{contact.public_id}")

    assert answer.status_code == 200


def test_a_call_back_stands_in_my_work_and_leads_to_the_attempt(
    clients: Any, call_back: FollowUpRow
):
    text = clients("district counselor", language="en").get("/my-work").text

    assert f"/follow-ups/{call_back.follow_up_id}/attempt" in text
    assert "•••• 42" in text


def test_an_overdue_call_back_stands_on_the_wall(
    clients: Any, people: Any, app: Flask, student: Any
):
    owner, reached = people("district counselor"), student("你好", number="+8613600000043")
    with app.app_context():
        make_call_back(
            contact_id=reached.contact_id,
            owner=Owner(user_id=owner.user_id, organization_id=owner.organization_id),
            due_at=clock.now() - timedelta(minutes=5),
            now=clock.now() - timedelta(minutes=20),
        )

    text = clients("district supervisor", language="en").get("/wall").text

    assert "•••• 43" in text
    page_gate.check_html(text, url="/wall")


def test_a_call_back_is_kept_and_its_note_stays_with_it(
    app: Flask, clients: Any, post: Any, call_back: FollowUpRow
):
    client = clients("district counselor")
    url = f"/follow-ups/{call_back.follow_up_id}/attempt"

    answer = post(client, url, {"outcome": "reached", "note": "示例：他说好多了。"})

    row = settled(app, call_back.follow_up_id)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/follow-ups")
    assert row.state is FollowUpState.KEPT
    assert "示例：他说好多了。" in client.get(url).text


def test_a_call_back_moves_with_a_reason_that_its_page_shows(
    app: Flask, clients: Any, post: Any, call_back: FollowUpRow
):
    client = clients("district counselor")
    url = f"/follow-ups/{call_back.follow_up_id}"

    post(client, f"{url}/reschedule", {"due_at": "2099-01-01T23:30", "reason": "示例：晚自习后。"})

    assert settled(app, call_back.follow_up_id).due_at.year == 2099
    assert "示例：晚自习后。" in client.get(f"{url}/attempt").text


@pytest.mark.parametrize("label", ["other school counselor", "school counselor"])
def test_nobody_else_finds_a_call_back(clients: Any, call_back: FollowUpRow, label: str):
    answer = clients(label).get(f"/follow-ups/{call_back.follow_up_id}/attempt")

    assert answer.status_code == 404


def test_opening_a_call_back_is_an_audited_look_at_its_contact(
    app: Flask, clients: Any, call_back: FollowUpRow
):
    clients("district counselor").get(f"/follow-ups/{call_back.follow_up_id}/attempt")

    with app.app_context():
        found = audit.events(wanted=EventFilter(action=AuditAction.OPENED_CONTACT), limit=5)
    assert [one.subject for one in found] == [
        Subject(kind="contact", id=call_back.promised_contact_id)
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "query", ["", "?view=month", "?view=month&whose=unit", "?whose=unit&on=2026-02-28"]
)
@pytest.mark.parametrize("label", ["district counselor", "district supervisor"])
def test_the_calendar_passes_the_gate(
    clients: Any, call_back: FollowUpRow, query: str, language: str, label: str
):
    client = clients(label, language=language)

    answer = client.get(f"/follow-ups/calendar{query}")

    assert answer.status_code == 200
    page_gate.check_html(answer.text, url=query)


def test_the_week_and_the_month_hold_what_is_due_today(
    clients: Any, people: Any, call_back: FollowUpRow
):
    client = clients("district counselor", language="en")
    local = call_back.due_at.astimezone(SHANGHAI)

    week = client.get(f"/follow-ups/calendar?on={local.date()}").text
    month = client.get(f"/follow-ups/calendar?view=month&on={local.date()}").text

    for page in (week, month):
        assert f"/follow-ups/{call_back.follow_up_id}/attempt" in page
        assert f"{local:%H:%M}" in page


def test_a_week_without_promises_says_so_on_every_day(clients: Any, call_back: FollowUpRow):
    client = clients("district counselor", language="en")

    text = client.get("/follow-ups/calendar?on=2030-01-01").text

    assert text.count("Nothing is due on this day.") == 7


def test_a_supervisor_chooses_one_person_of_the_unit(
    clients: Any, people: Any, call_back: FollowUpRow
):
    client = clients("district supervisor", language="en")
    mine = people("district supervisor").user_id
    day = call_back.due_at.astimezone(SHANGHAI).date()
    url = f"/follow-ups/calendar?whose=unit&on={day}"

    everybody = client.get(url).text
    one = client.get(f"{url}&person={call_back.owner_id}").text
    other = client.get(f"{url}&person={mine}").text

    shown = f"/follow-ups/{call_back.follow_up_id}/attempt"
    assert [shown in page for page in (everybody, one, other)] == [True, True, False]


def test_a_counselor_cannot_ask_for_somebody_elses_calendar(clients: Any, call_back: FollowUpRow):
    client = clients("other district counselor")

    text = client.get(f"/follow-ups/calendar?whose=unit&person={call_back.owner_id}").text

    assert f"/follow-ups/{call_back.follow_up_id}/attempt" not in text


@pytest.mark.parametrize(
    "query", ["on=yesterday", "on=9999-12-31&view=month", "on=0001-01-01", "whose=unit&person=x"]
)
def test_an_odd_address_still_shows_a_calendar(clients: Any, call_back: FollowUpRow, query: str):
    answer = clients("district supervisor").get(f"/follow-ups/calendar?{query}")

    assert answer.status_code == 200


def test_a_list_costs_the_same_with_one_call_back_and_with_three(
    app: Flask, clients: Any, people: Any, student: Any, call_back: FollowUpRow, statements: Any
):
    client = clients("district counselor")
    client.get("/follow-ups?view=week")
    with statements() as few:
        client.get("/follow-ups?view=week")
    owner = people("district counselor")
    for _ in range(2):
        reached = student("你好")
        with app.app_context():
            make_call_back(
                contact_id=reached.contact_id,
                owner=Owner(user_id=owner.user_id, organization_id=owner.organization_id),
                now=clock.now(),
            )

    with statements() as many:
        client.get("/follow-ups?view=week")

    assert len(many) == len(few)


def test_a_call_back_after_midnight_stands_in_the_list_of_the_night_shift(
    app: Flask, clients: Any, people: Any, student: Any, tmp_path: Path
):
    late = datetime(2026, 11, 24, 23, 40, tzinfo=SHANGHAI)
    clock.install(path=str(tmp_path / "clock"), production=False)
    try:
        clock.set_offset(offset=late - clock.real_now())
        owner, reached = people("district counselor"), student("你好", number="+8613600000044")
        with app.app_context():
            make_call_back(
                contact_id=reached.contact_id,
                owner=Owner(user_id=owner.user_id, organization_id=owner.organization_id),
                due_at=clock.now() + timedelta(minutes=30),
                now=clock.now(),
            )

        text = clients("district counselor", language="en").get("/follow-ups").text
    finally:
        clock.install(path=None, production=False)

    assert "•••• 44" in text


def test_who_asked_to_be_called_soon_stands_on_todays_list(
    app: Flask, clients: Any, people: Any, student: Any
):
    """The policy forgives a day; whoever opens the list at four in the morning may call now."""
    owner = people("district counselor")
    reached = student("你好", number="+8613600000077")
    with app.app_context():
        make_call_back(
            contact_id=reached.contact_id,
            owner=Owner(user_id=owner.user_id, organization_id=owner.organization_id),
            due_at=clock.now() + timedelta(days=2),
            now=clock.now(),
        )

    text = clients("district counselor").get("/follow-ups").text

    assert "•••• 77" in text
    assert "今天没有要回访的学生" not in text


def test_who_chose_tomorrow_stands_on_no_list_of_today(
    app: Flask, clients: Any, people: Any, student: Any
):
    """A phone at home is shared: a call before the hour that the student chose is a danger."""
    owner = people("district counselor")
    reached = student("你好", number="+8613600000078")
    with app.app_context():
        made = make_call_back(
            contact_id=reached.contact_id,
            owner=Owner(user_id=owner.user_id, organization_id=owner.organization_id),
            reason=CallBackReason.APPOINTED,
            due_at=clock.now() + timedelta(days=2),
            now=clock.now(),
        )

    client = clients("district counselor")

    assert "•••• 78" not in client.get("/follow-ups").text
    assert "学生选好了时间" in client.get(f"/follow-ups/{made.follow_up_id}/attempt").text
