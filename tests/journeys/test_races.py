"""The table of races, through the pretend carrier and its faults: nobody is lost."""

from __future__ import annotations

from typing import cast

import pytest

from tests.journeys.conftest import DISTRICT_LINE, City
from tests.journeys.test_the_line import LIFELINE, call_of, legs_of, rings, user, waits
from tests.vocabulary import Phone, Wire
from wellbeing.contacts.queries import calls
from wellbeing.contacts.rules.calls import ACTIVE, CallEnd, CallState, LegKind, LegState
from wellbeing.followups import queries as promises
from wellbeing.foundation import clock as ground_clock
from wellbeing.foundation.database import transaction
from wellbeing.hotline.voice import bringing_in, endings, outgoing
from wellbeing.simulator.faults import Fault, FaultKind


def talks(city: City) -> tuple[Phone, Phone]:
    """Let the student talk with the district's counselor."""
    student, district = city.phone("student"), city.phone("district")
    waits(city, student)
    rings(city, "district")
    district.answers()
    district.presses("1")
    city.clock.forward_until(lambda: student.talks_with() != [], minutes=1)
    return student, district


@pytest.mark.parametrize("kind", [FaultKind.DUPLICATE, FaultKind.REORDER, FaultKind.DELAY])
def test_callbacks_twice_late_or_in_another_order_change_nothing(city: City, kind: FaultKind):
    """Promise P4: what is told again, or late, moves nothing backwards."""
    city.core.add_fault(fault=Fault(kind, count=None))

    student, _ = talks(city)
    student.hangs_up()
    city.clock.forward(seconds=30)

    assert call_of(city).ended_as is CallEnd.ANSWERED
    states = legs_of(city)
    assert states[user(city, "district")] is LegState.ENDED
    assert LegState.TALKING not in states.values()


def test_lost_callbacks_hold_neither_caller_nor_counselor(city: City):
    """The carrier is asked what became of a leg; until then the caller goes on without it."""
    lifeline = Phone(city.core.add_handset(number=LIFELINE, label="12356"), city.clock)
    city.core.add_fault(fault=Fault(FaultKind.DROP, count=None))
    student = city.phone("student")
    waits(city, student)

    city.clock.forward_until(lifeline.is_ringing, minutes=3)
    lifeline.declines()
    student.hangs_up()
    city.clock.forward(minutes=10)
    city.core.faults.clear()

    assert call_of(city).is_over
    assert not [state for state in legs_of(city).values() if state is LegState.RINGING]
    second = city.phone("other student")
    second.dials(DISTRICT_LINE)
    second.presses("1")
    rings(city, "district")


def test_a_caller_who_is_gone_before_the_queue_is_settled_by_the_numbers_callback(city: City):
    student = city.phone("student")
    student.dials(DISTRICT_LINE)

    student.hangs_up()
    city.clock.forward(seconds=3)

    call = call_of(city)
    assert (call.state, call.ended_as) == (CallState.ENDED, CallEnd.ABANDONED)


def test_an_order_that_the_carrier_refuses_for_a_while_is_no_end_of_the_hunt(city: City):
    district = city.phone("district")
    city.core.add_fault(fault=Fault(FaultKind.REST_503, number=district.handset.number, count=1))
    student = city.phone("student")
    waits(city, student)

    city.clock.forward_until(
        lambda: any(city.phone(name).is_ringing() for name in ("district", "city", "crisis")),
        minutes=2,
    )

    assert call_of(city).state is CallState.QUEUED


def test_the_caller_is_held_and_taken_back(city: City):
    student, district = talks(city)
    contact_id = call_of(city).contact_id
    by = user(city, "district")

    with city.app.app_context(), transaction():
        bringing_in.hold(contact_id=contact_id, by=by, held=True, now=ground_clock.now())
    city.clock.forward(seconds=10)
    student.hears("你的咨询员马上回来")
    held = call_of(city)
    with city.app.app_context(), transaction():
        bringing_in.hold(contact_id=contact_id, by=by, held=False, now=ground_clock.now())
    city.clock.forward(seconds=10)

    assert held.is_on_hold
    assert held.conference_sid is not None
    assert not call_of(city).is_on_hold
    assert student.talks_with() == [district.handset.number]


def test_a_supervisor_joins_and_leaves_and_the_counselor_keeps_the_student(city: City):
    student, district = talks(city)
    lead = city.phone("district.lead")
    contact_id = call_of(city).contact_id
    with city.app.app_context(), transaction():
        bringing_in.bring_in(
            contact_id=contact_id,
            by=user(city, "district"),
            user_id=user(city, "district.lead"),
            kind=LegKind.JOIN,
            now=ground_clock.now(),
        )
    rings(city, "district.lead")
    lead.answers()
    lead.presses("1")
    both = {district.handset.number, lead.handset.number}
    city.clock.forward_until(lambda: set(student.talks_with()) == both, minutes=1)

    lead.hangs_up()
    city.clock.forward(seconds=5)

    assert student.talks_with() == [district.handset.number]
    assert call_of(city).claimed_by == user(city, "district")


def test_a_call_to_a_student_rings_the_counselor_first_and_shows_the_hotline(city: City):
    student, district = talks(city)
    first = call_of(city).contact_id
    student.hangs_up()
    city.clock.forward(seconds=5)

    with city.app.app_context(), transaction():
        new_id = outgoing.call_student(
            contact_id=first, by=user(city, "district"), now=ground_clock.now()
        )
    rings(city, "district")
    quiet = not student.is_ringing()
    district.answers()
    district.presses("1")
    city.clock.forward_until(student.is_ringing, minutes=1)
    shown = student.handset.history[-1].peer
    student.answers()
    city.clock.forward_until(lambda: student.talks_with() != [], minutes=1)
    student.hangs_up()
    city.clock.forward(seconds=5)

    assert quiet
    assert shown == DISTRICT_LINE
    with city.app.app_context():
        assert calls.get(contact_id=new_id).ended_as is CallEnd.ANSWERED


def test_calls_and_texts_that_came_while_we_were_down_are_recorded_afterwards(city: City):
    """The carrier's fallback took the call; its own list tells us of it (product.md 1.7)."""
    wire = cast("Wire", city.core.board.webhooks.transport)
    student, other = city.phone("student"), city.phone("other student")
    wire.is_cut = True
    student.dials(DISTRICT_LINE)
    other.texts("我不想活了", to=DISTRICT_LINE)
    city.clock.forward(seconds=30)
    was_lost = city.core.alerts != []

    wire.is_cut = False
    city.clock.forward(minutes=6)
    city.clock.forward(seconds=5)

    assert was_lost
    assert call_of(city).is_over
    city.phone("crisis").expects_text("热线需要你")


def test_who_accepts_while_the_caller_is_led_to_the_lifeline_hears_that_they_are_gone(city: City):
    student, district = city.phone("student"), city.phone("district")
    lifeline = Phone(city.core.add_handset(number=LIFELINE, label="12356"), city.clock)
    waits(city, student)
    for name in ("city", "crisis"):
        city.clock.forward_until(city.phone(name).is_ringing, minutes=1)
        city.phone(name).declines()
    rings(city, "district")
    city.clock.forward_until(lifeline.is_ringing, minutes=3)

    assert not district.is_ringing()
    lifeline.answers()
    city.clock.forward(seconds=5)
    assert student.talks_with() == [LIFELINE]
    assert call_of(city).winner_leg_id is None


def test_who_was_thought_gone_and_is_answered_after_all_is_owed_no_call_back(city: City):
    """The carrier told of an end that was none: the caller asks on, and a human answers."""
    student, district = city.phone("student"), city.phone("district")
    waits(city, student)
    city.clock.forward(seconds=15)
    call = call_of(city)
    with city.app.app_context(), transaction():
        endings.finish(call=call, now=ground_clock.now())
    with city.app.app_context():
        promised = promises.call_back_of(contact_id=call.contact_id)

    rings(city, "district")
    district.answers()
    district.presses("1")
    city.clock.forward_until(lambda: student.talks_with() != [], minutes=1)

    assert promised is not None
    assert call_of(city).state is CallState.ANSWERED
    with city.app.app_context():
        kept = promises.call_back_of(contact_id=call.contact_id)
    assert kept is None or kept.settled_at is not None


def test_a_caller_who_hangs_up_before_the_bridge_leaves_no_counselor_in_silence(city: City):
    """Won, but not met: the counselor does not wait in front of an empty queue."""
    student, district = city.phone("student"), city.phone("district")
    waits(city, student)
    rings(city, "district")
    district.answers()
    district.presses("1")

    student.hangs_up()
    district.hears("通话已经结束", within_seconds=2)

    city.clock.forward(seconds=5)
    assert not district.is_in_call()
    assert legs_of(city)[user(city, "district")] is LegState.ENDED
    assert call_of(city).ended_as is CallEnd.ANSWERED


def test_a_counselor_waits_at_no_empty_queue_though_the_queue_tells_nothing(city: City):
    """The carrier's word that the caller left the queue is lost; the end of their call is told."""
    student, district = city.phone("student"), city.phone("district")
    waits(city, student)
    rings(city, "district")
    wire = cast("Wire", city.core.board.webhooks.transport)
    wire.loses = "/left"
    district.answers()
    district.presses("1")

    student.hangs_up()
    district.hears("通话已经结束", within_seconds=4)

    city.clock.forward(seconds=5)
    assert not district.is_in_call()
    assert legs_of(city)[user(city, "district")] is LegState.ENDED


def test_a_caller_who_hangs_up_while_a_colleague_comes_in_leaves_nobody_in_the_conference(
    city: City,
):
    student, district = talks(city)
    lead = city.phone("district.lead")
    contact_id = call_of(city).contact_id
    with city.app.app_context(), transaction():
        bringing_in.bring_in(
            contact_id=contact_id,
            by=user(city, "district"),
            user_id=user(city, "district.lead"),
            kind=LegKind.JOIN,
            now=ground_clock.now(),
        )
    rings(city, "district.lead")
    city.clock.has_jobs = False
    lead.answers()
    lead.presses("1")

    student.hangs_up()
    city.clock.has_jobs = True
    city.clock.forward(seconds=15)

    assert not lead.is_in_call()
    assert not district.is_in_call()
    assert set(legs_of(city).values()) <= {LegState.ENDED, LegState.CANCELED}


def test_a_caller_who_hangs_up_in_a_ring_of_their_own_document_keeps_no_counselor_busy(city: City):
    """No order of ours tells of such a leg: without an end it would be busy for ever."""
    student, district = city.phone("student"), city.phone("district")
    city.clock.stop_jobs()
    city.clock.forward(minutes=5)
    waits(city, student)
    rings(city, "district")
    district.answers()

    student.hangs_up()
    city.clock.forward(seconds=5)

    assert not [state for state in legs_of(city).values() if state in ACTIVE]
    city.clock.has_jobs = True
    waits(city, city.phone("other student"))
    rings(city, "district")


def test_a_counselor_whose_line_breaks_in_a_ring_of_the_callers_document_is_rung_again(city: City):
    student, district = city.phone("student"), city.phone("district")
    city.clock.stop_jobs()
    city.clock.forward(minutes=5)
    waits(city, student)
    rings(city, "district")
    district.answers()
    district.presses("1")
    city.clock.forward_until(lambda: student.talks_with() != [], minutes=1)

    district.hangs_up()

    student.hears("刚才的通话断开了")
    rings(city, "district")
    district.answers()
    district.presses("1")
    city.clock.forward_until(lambda: student.talks_with() != [], minutes=1)
