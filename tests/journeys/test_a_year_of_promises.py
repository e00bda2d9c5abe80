"""A year of a red case's promises: holidays, a stop and a start, a level that falls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.browsing import Browser
from tests.journeys.conftest import DISTRICT_LINE, City
from wellbeing.accounts.queries import people as accounts
from wellbeing.cases.queries import cases
from wellbeing.followups import queries as followups
from wellbeing.followups.queries import FollowUpRow
from wellbeing.followups.rules import FollowUpState
from wellbeing.foundation import clock
from wellbeing.policy import current as policy
from wellbeing.policy.model import FollowUpKind

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
"""Each room's statements are proved on both databases; a year is long enough once."""

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST_MONDAY = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
"""20:00 in Chongqing, on the first school Monday of the year."""
NEUTRAL = ("方便时回复1", "愿你今天还好")


@pytest.fixture
def begins_at() -> datetime:
    return FIRST_MONDAY


def a_red_case(city: City) -> tuple[Browser, str]:
    """Let a student write and a counselor open a case at red; give the desk and the case's page."""
    city.phone("student").texts("我不想活了", to=DISTRICT_LINE)
    desk = city.at_desk("district")
    desk.opens("/")
    desk.sends("/accept")
    conversation = desk.url
    desk.sends("/assess", level="4", source="counselor", note="有想法,今晚有人陪。")
    desk.opens(f"{conversation}?open=case")
    desk.sends("/case", level="4", note="今晚室友陪着。")
    case = desk.link("/cases/WB-").split("/escalate")[0]
    desk.opens(conversation)
    desk.sends("/close", disposition="case_opened", wrap_up="约好明天联系。")
    return desk, case


def promises_of(city: City, case: str) -> tuple[FollowUpRow, ...]:
    with city.app.app_context():
        scope = accounts.scope_of(user_id=city.people["director"].user_id)
        found = cases.get(reference=case.rsplit("/", 1)[1], scope=scope, now=clock.now())
        return followups.of_case(case_id=found.case_id)


def open_ones(city: City, case: str) -> list[FollowUpRow]:
    return [row for row in promises_of(city, case) if row.is_open]


def keep_until(city: City, desk: Browser, case: str, until: datetime) -> list[FollowUpRow]:
    """Go from promise to promise as a counselor would; give those that were kept, in order."""
    kept = []
    while upcoming := [row for row in open_ones(city, case) if row.due_at <= until]:
        row = min(upcoming, key=lambda one: one.due_at)
        city.clock.forward(seconds=max((row.due_at - clock.now()).total_seconds(), 0) + 60)
        (now,) = [one for one in promises_of(city, case) if one.follow_up_id == row.follow_up_id]
        if now.state is FollowUpState.SENT and now.kind is FollowUpKind.CHECK_IN:
            city.phone("student").texts("1", to=DISTRICT_LINE)
        if now.due_at > clock.now():
            continue
        if now.kind is FollowUpKind.CARING_CONTACT:
            city.clock.forward(seconds=(now.window_end - clock.now()).total_seconds() + 60)
        else:
            desk.opens(f"/follow-ups/{row.follow_up_id}/attempt")
            desk.sends("/attempt", outcome="reached", note="")
        kept.append(now)
    city.clock.forward(seconds=max((until - clock.now()).total_seconds(), 0))
    return kept


def test_a_year_of_promises_is_kept_through_holidays_a_stop_and_a_lower_level(city: City):
    """A promise to a student is kept, or somebody is told that it was not."""
    student = city.phone("student")
    desk, case = a_red_case(city)

    # Three weeks at red: calls by the counselor, neutral texts in between.
    first = keep_until(city, desk, case, FIRST_MONDAY + timedelta(days=22))
    assert [row.kind.value for row in first] == [
        "call", "check_in", "call", "call", "check_in", "check_in",
    ]  # fmt: skip

    # The student wants no more texts: a human sees it, the next check-in becomes a call.
    student.texts("停", to=DISTRICT_LINE)
    desk.opens("/")
    desk.sends("/accept")
    desk.sends("/close", disposition="supported", wrap_up="不想再收短信,愿意接电话。")
    before = len(student.handset.texts)
    second = keep_until(city, desk, case, FIRST_MONDAY + timedelta(days=29))
    assert [row.kind.value for row in second] == ["call"]
    assert not any(part in text.body for text in student.handset.texts[before:] for part in NEUTRAL)

    # They start again; a supervisor lowers the level, and the promises are planned anew.
    student.texts("开始", to=DISTRICT_LINE)
    lead = city.at_desk("district.lead")
    lead.opens(f"{case}/level")
    lead.sends("/level", level="3", note="三周来情绪平稳,和家长谈过。")
    anchor = clock.now()
    third = keep_until(city, desk, case, anchor + timedelta(days=366))

    assert [round((row.window_end - anchor) / timedelta(days=1)) for row in third] == [
        1, 3, 7, 14, 21, 30, 90,
    ]  # fmt: skip
    assert open_ones(city, case) == []
    assert all(row.settled_at for row in promises_of(city, case))

    # Nothing went out by itself at night, in a lesson, or with a word that gives the student away.
    with city.app.app_context():
        rules = policy.current().followups
    unasked = [text for text in student.handset.texts if any(part in text.body for part in NEUTRAL)]
    assert len(unasked) >= 6
    for text in unasked:
        assert 7 <= text.at.astimezone(SHANGHAI).hour < 22
        assert not any(word in text.body for word in rules.forbidden_words)
    assert city.core.alerts == []
