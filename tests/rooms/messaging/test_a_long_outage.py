"""The carrier is out of order for ten minutes, or asks for patience: the outbox waits, then drains.

quality.md, faults 9, 10 and 11. Time is the test's own; what reached the carrier is counted.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from tests.factories.messaging import queued_text
from tests.fakes import FakeTelephony, FrozenClock
from wellbeing.messaging import queries
from wellbeing.messaging.delivery import sweep
from wellbeing.messaging.events import TextSettled
from wellbeing.messaging.rules import DeliveryStatus, OrderState
from wellbeing.policy.model import RiskLevel
from wellbeing.telephony.gateway import TelephonyError

LEVELS = (RiskLevel.LOW, RiskLevel.MODERATE, RiskLevel.HIGH, RiskLevel.IMMINENT)
OUTAGE = timedelta(minutes=10)


def written(count: int) -> list[int]:
    """Queue texts to as many students, the least urgent first."""
    return [
        queued_text(
            to=f"+86138000010{number:02d}",
            body=f"第{number}条",
            urgency=LEVELS[number % 4],
            ordering_key=f"contact:{number}",
        )
        for number in range(count)
    ]


def ticks(carrier: FakeTelephony, still: FrozenClock, *, until: timedelta) -> int:
    """Let the sweep look every second; give how often the carrier was asked for anything."""
    end = still.moment + until
    before = len(carrier.texts) + carrier.asked
    while still.moment < end:
        sweep.deliver_due(gateway=carrier, now=still, limit=100)
        still.forward(seconds=1)
    return len(carrier.texts) + carrier.asked - before


@pytest.mark.parametrize(
    "error",
    [
        TelephonyError(code=20503, whole_account=True),
        TelephonyError(in_doubt=False, whole_account=True),
    ],
    ids=["503 for ten minutes", "no connection for ten minutes"],
)
def test_after_ten_minutes_everything_leaves_by_urgency_and_once(
    database: Flask,
    carrier: FakeTelephony,
    still: FrozenClock,
    told: list[object],
    error: TelephonyError,
):
    wanted = written(12)
    carrier.fails(error, times=10_000)
    asked = ticks(carrier, still, until=OUTAGE)
    carrier.texts.clear()
    carrier.heals()

    ticks(carrier, still, until=timedelta(minutes=6))

    sent = [one.outbound_id for one in carrier.texts]
    urgencies = [LEVELS[wanted.index(one) % 4] for one in sent]
    assert sorted(sent) == wanted
    assert urgencies == sorted(urgencies, reverse=True)
    # One order at a time knocks, ever more slowly: no storm on a carrier that is down.
    assert asked <= 15
    assert told == []


def test_a_time_out_of_ten_minutes_neither_loses_nor_doubles(
    database: Flask, carrier: FakeTelephony, still: FrozenClock, told: list[object]
):
    """Nobody knows whether each try was taken; the carrier is asked before anything goes again."""
    wanted = written(6)
    for taken in (True, False) * 3:
        carrier.fails(TelephonyError(in_doubt=True, whole_account=True), taken=taken)
    carrier.fails_to_list = True
    ticks(carrier, still, until=OUTAGE)
    carrier.fails_to_list = False

    ticks(carrier, still, until=timedelta(minutes=11))

    known = [queries.order(outbound_id=one) for one in wanted]
    assert {one.state for one in known if one} == {OrderState.ACCEPTED}
    assert len({one.sid for one in known if one}) == len(wanted)
    assert len(carrier.arrived_once()) == len(wanted)


def test_a_carrier_that_asks_for_ninety_seconds_gets_them(
    database: Flask, carrier: FakeTelephony, still: FrozenClock, told: list[object]
):
    wanted = written(8)
    carrier.fails(TelephonyError(code=20429, retry_after=90, whole_account=True))

    during = ticks(carrier, still, until=timedelta(seconds=90))
    carrier.texts.clear()
    ticks(carrier, still, until=timedelta(seconds=30))

    assert during == 1
    assert sorted(one.outbound_id for one in carrier.texts) == wanted


def test_what_is_never_reported_on_is_asked_for_and_its_end_is_told(
    database: Flask, carrier: FakeTelephony, still: FrozenClock, told: list[object]
):
    """The carrier took it and fell silent: in the end a human hears that it did not arrive."""
    (outbound_id,) = written(1)
    ticks(carrier, still, until=timedelta(seconds=2))
    carrier.settles(carrier.sid_of(0), DeliveryStatus.UNDELIVERED)

    ticks(carrier, still, until=timedelta(minutes=6))

    settled = [one for one in told if isinstance(one, TextSettled)]
    assert [(one.outbound_id, one.status) for one in settled] == [
        (outbound_id, DeliveryStatus.UNDELIVERED)
    ]
