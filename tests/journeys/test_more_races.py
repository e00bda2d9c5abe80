"""The rest of the table of races: what is decided in one moment, told again, forged, or edited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import pytest

from tests.journeys.conftest import DISTRICT_LINE, City
from tests.journeys.test_the_line import call_of, legs_of, rings, user, waits
from tests.vocabulary import Wire
from wellbeing.contacts.queries import calls
from wellbeing.contacts.rules.calls import CallEnd, CallState, LegState, NoSuchCall
from wellbeing.policy import current as policy
from wellbeing.policy.model import Policy
from wellbeing.simulator.faults import Fault, FaultKind


def wire(city: City) -> Wire:
    return cast("Wire", city.core.board.webhooks.transport)


@pytest.fixture
def shipped(city: City) -> Iterator[Policy]:
    """Give the policy as it comes with the software, and put it back afterwards."""
    found = policy.current()
    yield found
    policy.install(policy=found)


def test_who_accepts_a_moment_after_the_caller_left_hears_that_they_are_gone(city: City):
    """Leave against accept, the leaving first: nobody is connected with an empty line."""
    student, district = city.phone("student"), city.phone("district")
    waits(city, student)
    rings(city, "district")
    district.answers()
    student.presses("2")
    student.presses("1")

    told = district.presses("1")

    call = call_of(city)
    assert "通话已经结束" in told
    assert (call.ended_as, call.winner_leg_id) == (CallEnd.CALL_BACK, None)
    assert legs_of(city)[user(city, "district")] is LegState.GONE


def test_who_is_accepted_while_they_choose_a_time_is_met_all_the_same(city: City):
    """Leave against accept, the accepting first: a human is better than a call-back."""
    student, district = city.phone("student"), city.phone("district")
    waits(city, student)
    rings(city, "district")
    district.answers()
    student.presses("2")

    district.presses("1")
    city.clock.forward_until(lambda: student.talks_with() == [district.handset.number], minutes=1)
    student.presses("1")
    city.clock.forward(seconds=5)

    assert student.talks_with() == [district.handset.number]
    assert call_of(city).state is CallState.ANSWERED


@pytest.mark.parametrize("step", ["/voice/in", "/menu/0", "/wait", "/answer", "/key/0"])
def test_an_answer_lost_on_its_way_is_given_again(city: City, step: str):
    """The carrier asks once more for what was done already: the same call, leg and winner."""
    student, district = city.phone("student"), city.phone("district")
    wire(city).loses_answers = step

    waits(city, student)
    rings(city, "district")
    district.answers()
    district.presses("1")
    city.clock.forward_until(lambda: student.talks_with() == [district.handset.number], minutes=1)

    assert wire(city).loses_answers is None
    assert list(legs_of(city).values()).count(LegState.TALKING) == 1
    assert len([call for call in city.core.placed_calls if call.direction == "inbound"]) == 1
    assert city.core.alerts == []


def test_several_job_processes_at_once_ring_each_phone_once(city: City):
    city.clock.processes = 3
    student, district = city.phone("student"), city.phone("district")
    waits(city, student)
    rings(city, "district", "city")
    district.answers()
    district.presses("1")
    city.clock.forward_until(lambda: student.talks_with() == [district.handset.number], minutes=1)
    student.hangs_up()
    city.clock.forward(seconds=5)

    placed = Counter(call.to for call in city.core.placed_calls if call.direction != "inbound")
    assert set(placed.values()) == {1}
    assert call_of(city).ended_as is CallEnd.ANSWERED


def test_a_plan_edited_in_the_middle_of_a_call_bends_the_next_one_alone(
    city: City, shipped: Policy
):
    student, chief = city.phone("student"), city.phone("city")
    waits(city, student)
    voice = shipped.line.voice
    first_only = tuple(replace(plan, stages=plan.stages[:1]) for plan in voice.plans)
    edited = replace(shipped.line, voice=replace(voice, plans=first_only))

    policy.install(policy=replace(shipped, line=edited))
    rings(city, "city")
    city.clock.forward_until(lambda: not chief.is_ringing(), minutes=1)
    rings(city, "city")

    assert len(call_of(city).plan) == 2
    assert call_of(city).stage == 1
    waits(city, city.phone("other student"))
    assert len(call_of(city).plan) == 1


def test_a_forged_call_reaches_nobody(city: City):
    student = city.phone("student")
    wire(city).forges = True

    # No job process asks the carrier for its own list: what that tells is no forgery.
    city.clock.has_jobs = False
    student.dials(DISTRICT_LINE)
    city.clock.forward(seconds=10)

    with city.app.app_context(), pytest.raises(NoSuchCall):
        calls.by_sid(call_sid=city.core.placed_calls[-1].sid)
    assert not any(city.phone(name).is_ringing() for name in ("district", "city", "crisis"))


def test_a_student_who_opted_out_in_the_middle_is_offered_a_call(city: City):
    """The carrier refuses our answer (21610): the counselor sees so and can call instead."""
    student, desk = city.phone("student"), city.at_desk("district")
    student.texts("我想找人聊聊", to=DISTRICT_LINE)
    city.clock.forward(seconds=5)
    desk.opens("/")
    desk.sends("/accept")
    thread = desk.url
    number = student.handset.number
    city.core.add_fault(fault=Fault(FaultKind.OPTED_OUT, number=number, count=None))

    desk.sends("/reply", body="虚构：我在，你慢慢说。")
    city.clock.forward(seconds=5)

    desk.opens(thread)
    desk.sees("未送达", "这名学生已要求不再接收短信", "给学生打电话")


def test_a_child_in_danger_meets_whoever_accepts_in_the_middle_of_the_words(city: City):
    """They hear what they can do meanwhile in the queue, not before it: nobody waits for its end.

    Said before it, these nine seconds were nearly all of the ten that a counselor waits there.
    """
    student, crisis = city.phone("student"), city.phone("crisis")
    student.dials(DISTRICT_LINE)
    said = student.presses("9")
    rings(city, "crisis")
    crisis.answers()
    crisis.presses("1")

    city.clock.forward(seconds=1)

    assert "现在去有人的地方" in said
    assert student.talks_with() == [crisis.handset.number]
