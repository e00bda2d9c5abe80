"""The worst night: a child in danger, and no phone of any desk is picked up."""

from __future__ import annotations

from datetime import timedelta

from tests.journeys.conftest import DISTRICT_LINE, City
from wellbeing.foundation import clock as ground_clock

SLACK = timedelta(minutes=1)
"""The story's own real seconds run beside its virtual time."""
DESKS = ("city", "crisis", "duty.lead", "director")


def escalated(city: City) -> str:
    """Let the district's counselor open a red case and pass it on; give the case's address."""
    city.phone("student").texts("我不想活了", to=DISTRICT_LINE)
    city.clock.forward(seconds=5)
    desk = city.at_desk("district")
    desk.opens("/")
    desk.sends("/accept")
    conversation = desk.url
    desk.opens(f"{conversation}?open=case")
    desk.sends("/case", level="4", note="虚构：有想法，人在高处，不能承诺安全。")
    case: str = desk.link("/cases/WB-").split("/escalate")[0]
    desk.opens(conversation)
    desk.sends("/reply", body="虚构：我在，我们一起等同事。")
    desk.opens(conversation)
    desk.sends("/close", disposition="case_opened", wrap_up="虚构：已上报市级。")
    desk.opens(f"{case}/escalate")
    desk.sends("/escalate", reason="虚构：需要市级危机干预", agreed="agreed")
    return case


def test_a_red_escalation_that_nobody_acknowledges_reaches_the_director_in_30_minutes(city: City):
    """facts.md 5: fifteen minutes to the duty lead, thirty to the director, by phone."""
    case = escalated(city)
    sent_at = ground_clock.now()

    rang: dict[str, timedelta] = {}

    def all_rang() -> bool:
        for name in DESKS:
            if city.phone(name).is_ringing() or city.phone(name).handset.history:
                rang.setdefault(name, ground_clock.now() - sent_at)
        return "director" in rang

    city.clock.forward_until(all_rang, minutes=31)

    assert rang["city"] <= SLACK
    assert rang["duty.lead"] <= timedelta(minutes=15) + SLACK
    assert rang["director"] <= timedelta(minutes=30) + SLACK

    # Every single ring is listed, with what became of it.
    chief = city.at_desk("director")
    chief.opens("/escalations")
    chief.opens(chief.link("/escalations/"))
    for name in ("己咨询员", "壬值班负责人", "癸主任"):
        chief.sees(name)
    chief.sees("无人接听", "短信", "电话")

    # The director takes it by key 2 after a read-back; one owner, and the ringing stops.
    director = city.phone("director")
    director.expects_call(within_minutes=5)
    director.answers()
    assert "请再按一次2" in director.presses("2")
    assert "由你接手" in director.presses("2")
    chief.opens(case)
    chief.sees("癸主任")
    city.clock.forward(minutes=10)
    assert not any(city.phone(name).is_ringing() for name in DESKS)
    city.phone("duty.lead").expects_text("已有同事接手")
    city.phone("district").expects_text("已有同事接手")
    assert city.core.alerts == []


def test_no_page_holds_a_word_about_the_student(city: City):
    escalated(city)
    city.clock.forward(minutes=31)

    for name in DESKS:
        handset = city.phone(name).handset
        said = " ".join(text.body for text in handset.texts)
        said += " ".join(heard.text for heard in handset.heard)
        for word in ("WB-", "不想活", "危机干预", "高处", "学生", "+8613900000001"):
            assert word not in said, name
