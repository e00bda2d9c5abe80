"""What the tests of the outbox share: a still clock, a carrier in memory, and what was told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.factories.moments import NOW
from tests.fakes import FakeTelephony, FrozenClock
from wellbeing.foundation import events
from wellbeing.messaging.delivery import sweep
from wellbeing.messaging.events import (
    CallMoved,
    CallSettled,
    OrderExpired,
    RecordingFetched,
    TextRefusedByOptOut,
    TextSettled,
)


@pytest.fixture
def still() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture
def carrier(still: FrozenClock) -> FakeTelephony:
    return FakeTelephony(now=still)


@pytest.fixture
def told(database: Flask) -> list[object]:
    """Record every event instead of letting other rooms move."""
    heard: list[object] = []
    kinds = (
        CallMoved, CallSettled, OrderExpired, RecordingFetched, TextRefusedByOptOut, TextSettled,
    )  # fmt: skip
    events.install(reactions={kind: [heard.append] for kind in kinds})
    return heard


@pytest.fixture
def deliver(carrier: FakeTelephony, still: FrozenClock, told: list[object]) -> Callable[[], int]:
    return lambda: sweep.deliver_due(gateway=carrier, now=still, limit=100)
