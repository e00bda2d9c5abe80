"""A number of the line fails in the middle of a conversation: the student notices a new sender."""

from __future__ import annotations

from tests.journeys.conftest import City
from wellbeing.simulator.faults import Fault, FaultKind

LINE, SPARE = "+862300000000", "+862300000001"


def test_when_the_lines_number_fails_the_talk_goes_on_from_the_second_in_one_thread(city: City):
    student, desk = city.phone("student"), city.at_desk("city")
    student.texts("今天很难过，想找人说话", to=LINE)
    city.clock.forward(seconds=5)
    desk.opens("/")
    desk.sends("/accept")
    conversation = desk.url
    city.core.add_fault(fault=Fault(kind=FaultKind.REST_503, number=LINE, count=None))

    for body in ("我在。", "你愿意说说吗?", "慢慢来。"):
        desk.opens(conversation)
        desk.sends("/reply", body=body)
    city.clock.forward(minutes=2)
    student.texts("我换个号码也收到了", to=SPARE)
    city.clock.forward(seconds=5)

    heard = [(one.peer, one.body) for one in student.handset.texts if one.direction == "in"]
    assert heard[1:] == [(SPARE, "我在。"), (SPARE, "你愿意说说吗?"), (SPARE, "慢慢来。")]
    desk.opens(conversation)
    desk.sees("我换个号码也收到了", f"由备用号码 {SPARE} 发出")


def test_stop_to_the_second_number_stops_the_line(city: City):
    student, desk = city.phone("student"), city.at_desk("city")
    student.texts("今天很难过，想找人说话", to=LINE)
    city.clock.forward(seconds=5)
    desk.opens("/")
    desk.sends("/accept")
    conversation = desk.url

    student.texts("退订", to=SPARE)
    city.clock.forward(seconds=5)

    desk.opens(conversation)
    assert f'action="{conversation}/reply"' not in desk.page
    student.expects_text("不会再给你发消息了")
    student.expects_no_text()


def test_a_call_to_the_second_number_reaches_the_same_desk(city: City):
    student = city.phone("student")

    assert "学生心理热线" in student.dials(SPARE)

    city.phone("city").expects_call(within_minutes=2)
