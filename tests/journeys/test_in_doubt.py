"""A ring whose order the carrier never answered: perhaps it rings, perhaps nobody ever will.

The order stays in doubt until the carrier is asked; it is never placed blindly a second time.
"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.journeys.conftest import City
from tests.journeys.test_the_line import call_of, legs_of, rings, user, waits
from wellbeing.contacts.rules.calls import ACTIVE, CallEnd, CallState, LegState
from wellbeing.foundation.database import session
from wellbeing.messaging.models import OUTBOUND
from wellbeing.messaging.rules import OrderKind, OrderState
from wellbeing.simulator.faults import Fault, FaultKind

UNANSWERED = (FaultKind.REST_TIMEOUT, FaultKind.REST_ACCEPT_TIMEOUT)
"""The first never reached the carrier, the second makes a call whose id we are not told."""


def calls_to(city: City, name: str) -> int:
    """Count what the carrier placed to somebody's phone."""
    number = city.phone(name).handset.number
    return len([call for call in city.core.placed_calls if call.to == number])


def orders(city: City) -> set[str]:
    """Give the states in which the orders of calls are."""
    with city.app.app_context():
        is_call = OUTBOUND.c.kind == OrderKind.CALL.value
        return set(session().execute(select(OUTBOUND.c.state).where(is_call)).scalars())


def hangs(city: City, kind: FaultKind, name: str) -> None:
    """Let the next order to ring somebody end without an answer."""
    number = city.phone(name).handset.number
    city.core.add_fault(fault=Fault(kind, number=number, count=1))


@pytest.mark.parametrize("kind", UNANSWERED)
def test_a_ring_in_doubt_rings_once_and_is_answered(city: City, kind: FaultKind):
    """Whether or not the carrier took the order, one phone rings once, and the caller is met."""
    student, district = city.phone("student"), city.phone("district")
    hangs(city, kind, "district")

    waits(city, student)
    was_in_doubt = OrderState.IN_DOUBT.value in orders(city)
    rings(city, "district")
    district.answers()
    district.presses("1")
    city.clock.forward_until(lambda: student.talks_with() == [district.handset.number], minutes=1)

    assert was_in_doubt or kind is FaultKind.REST_ACCEPT_TIMEOUT
    assert calls_to(city, "district") == 1
    assert call_of(city).claimed_by == user(city, "district")
    assert OrderState.IN_DOUBT.value not in orders(city)


def test_a_ring_of_which_no_callback_ever_tells_is_found_in_the_carriers_list(city: City):
    """Neither the answer nor a single callback: the carrier itself is asked, and nobody twice."""
    student, district = city.phone("student"), city.phone("district")
    hangs(city, FaultKind.REST_ACCEPT_TIMEOUT, "district")
    number = district.handset.number
    city.core.add_fault(fault=Fault(FaultKind.DROP, number=number, count=None))

    waits(city, student)
    was_in_doubt = OrderState.IN_DOUBT.value in orders(city)
    city.clock.forward(seconds=12)

    assert was_in_doubt
    assert district.is_ringing()
    assert calls_to(city, "district") == 1
    assert OrderState.IN_DOUBT.value not in orders(city)


@pytest.mark.parametrize("kind", UNANSWERED)
def test_a_caller_who_hangs_up_while_a_ring_is_in_doubt_lets_no_phone_ring_on(
    city: City, kind: FaultKind
):
    student, district = city.phone("student"), city.phone("district")
    number = district.handset.number
    hangs(city, kind, "district")
    city.core.add_fault(fault=Fault(FaultKind.DROP, number=number, count=None))
    waits(city, student)

    student.hangs_up()
    city.clock.forward(seconds=15)

    made = 1 if kind is FaultKind.REST_ACCEPT_TIMEOUT else 0
    assert not district.is_ringing()
    assert calls_to(city, "district") == made
    assert call_of(city).ended_as is CallEnd.ABANDONED
    assert not set(legs_of(city).values()) & set(ACTIVE)
    assert not orders(city) & {OrderState.IN_DOUBT.value, OrderState.QUEUED.value}


@pytest.mark.parametrize("kind", UNANSWERED)
def test_whoever_waits_behind_a_ring_in_doubt_is_answered_by_a_colleague(
    city: City, kind: FaultKind
):
    """The doubt is about one leg; the hunt goes on, and the late ring falls silent."""
    student, district, chief = city.phone("student"), city.phone("district"), city.phone("city")
    hangs(city, kind, "district")
    waits(city, student)

    rings(city, "city")
    chief.answers()
    chief.presses("1")
    city.clock.forward_until(lambda: student.talks_with() == [chief.handset.number], minutes=1)
    city.clock.forward(seconds=15)

    assert not district.is_ringing()
    assert calls_to(city, "district") <= 1
    assert call_of(city).state is CallState.ANSWERED
    assert legs_of(city)[user(city, "district")] is LegState.CANCELED
