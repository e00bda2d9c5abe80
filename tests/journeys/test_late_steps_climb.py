"""A rescue whose student nobody saw, a report that nobody decided on: they climb."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import pytest

from tests.browsing import Browser
from tests.journeys.conftest import DISTRICT_LINE, City
from wellbeing.foundation import clock as ground_clock

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
"""Each room's statements are proved on both databases; a long night is told once."""

SLACK = timedelta(minutes=1)
"""The story's own real seconds run beside its virtual time."""


def a_conversation(city: City) -> tuple[Browser, str]:
    """Let a student write and the district's counselor take it; give the desk and its address."""
    city.phone("student").texts("我不想活了", to=DISTRICT_LINE)
    desk = city.at_desk("district")
    desk.opens("/")
    desk.sends("/accept")
    return desk, desk.url


def a_red_case(desk: Browser, conversation: str) -> str:
    """Open a red case and end the conversation, so that nothing but the case calls anybody."""
    desk.opens(f"{conversation}?open=case")
    desk.sends("/case", level="4", note="虚构：人在高处，不能承诺安全。")
    case = desk.link("/cases/WB-").split("/escalate")[0]
    desk.opens(conversation)
    desk.sends("/reply", body="虚构：我在，同事在路上。")
    desk.opens(conversation)
    desk.sends("/close", disposition="case_opened", wrap_up="虚构：救助已开始。")
    return case


def rang_in(city: City, names: Collection[str], *, minutes: float) -> dict[str, timedelta]:
    """Let so much time pass, or until all were rung; tell who was rung first, and when."""
    begun = ground_clock.now()
    found: dict[str, timedelta] = {}
    before = {name: len(city.phone(name).handset.history) for name in names}

    def look() -> bool:
        passed = ground_clock.now() - begun
        for name in names:
            phone = city.phone(name)
            if phone.is_ringing() or len(phone.handset.history) > before[name]:
                found.setdefault(name, passed)
        return len(found) == len(names) or passed >= timedelta(minutes=minutes)

    city.clock.forward_until(look, minutes=minutes + 1)
    return found


def test_a_rescue_that_nobody_confirmed_stays_on_the_wall_and_climbs_to_the_duty_lead(city: City):
    """facts.md 1.8: it is over when somebody saw the student, not when somebody was sent."""
    desk, conversation = a_conversation(city)
    case = a_red_case(desk, conversation)
    desk.opens(f"{case}/rescue")
    desk.sends("/rescue")
    desk.sends("/consulted", supervisor="虚构督导")
    desk.sends("/least_invasive", tried="虚构：请他下来", result="虚构：不肯")
    desk.sends("/called", service="110", number="110")
    desk.sends("/located", source="student", place="虚构：旧码头")
    texts = len(city.phone("district").handset.texts)

    climb = ("district.lead", "city.lead", "duty.lead")
    rang = rang_in(city, climb, minutes=80)

    # Due after an hour: the owner is texted, and then every five minutes one more hears of it.
    assert len(city.phone("district").handset.texts) > texts
    assert list(rang) == list(climb)
    assert rang["district.lead"] >= timedelta(minutes=65) - SLACK
    for name, minutes in zip(climb, (65, 70, 75), strict=True):
        assert rang[name] <= timedelta(minutes=minutes) + SLACK
    lead = city.at_desk("district.lead")
    lead.opens("/wall")
    lead.sees("进行中的救助（1）", "未确认见到学生")

    # Later it is there still, and the duty lead is rung again each quarter of an hour.
    city.clock.forward(minutes=20)
    lead.opens("/wall")
    lead.sees("未确认见到学生")
    assert rang_in(city, ["duty.lead"], minutes=17)["duty.lead"] <= timedelta(minutes=16)

    # Somebody saw the student: the calls end. What is late then climbs of its own.
    desk.opens(f"{case}/rescue")
    desk.sends("/reached", confirmed_by="虚构民警", how="虚构：当面")
    desk.sends("/told", whom="guardian", decided_by="虚构督导")
    assert rang_in(city, climb, minutes=20) == {}
    lead.opens("/wall")
    assert "未确认见到学生" not in lead.words()
    assert city.core.alerts == []


def test_a_report_that_nobody_decided_on_climbs_to_the_director_and_ends_with_the_receipt(
    city: City,
):
    """The Law on the Protection of Minors wants it at once; no counselor can make it go away."""
    desk, conversation = a_conversation(city)
    desk.opens(f"{conversation}/report-check")
    desk.sends("/report-check", situations="injuries", account="虚构：身上多处伤。")
    report = desk.url
    a_red_case(desk, conversation)

    climb = ("district.lead", "city.lead", "duty.lead", "director")
    rang = rang_in(city, climb, minutes=110)

    assert list(rang) == list(climb)
    assert timedelta(minutes=60) - SLACK <= rang["district.lead"] <= timedelta(minutes=63) + SLACK
    for name, minutes in zip(climb[1:], (78, 93, 108), strict=True):
        assert rang[name] <= timedelta(minutes=minutes) + SLACK
    lead = city.at_desk("district.lead")
    lead.opens("/wall")
    lead.sees("法定强制报告（1）")

    # A supervisor decides that it is due, and the receipt is written down: nobody is called.
    lead.opens(report)
    lead.sends("/decide", decision="report", reason="虚构：符合第四种情形。")
    desk.opens(report)
    desk.sends("/file", organ="police", receipt="虚构-0001")
    lead.opens(report)
    lead.sends("/close")
    assert rang_in(city, climb, minutes=20) == {}
    lead.opens("/wall")
    lead.sees("法定强制报告（0）")
    assert city.core.alerts == []
