"""The agenda and the clock file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from wellbeing.simulator.clock import Agenda, VirtualClock


class Hands:
    """A clock that a test sets by hand."""

    def __init__(self) -> None:
        self.start = datetime(2026, 3, 2, tzinfo=UTC)
        self.seconds = 0.0

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds)


def test_events_run_in_the_order_of_their_time():
    hands, ran = Hands(), []
    agenda = Agenda(now=hands.now)
    for seconds in (3, 1, 2):
        agenda.after(seconds=seconds, action=partial(ran.append, seconds))

    hands.seconds = 2
    count = agenda.run_due()

    assert (count, ran) == (2, [1, 2])
    assert agenda.next_due_at() == hands.start + timedelta(seconds=3)


def test_events_of_the_same_time_keep_their_order():
    hands, ran = Hands(), []
    agenda = Agenda(now=hands.now)
    for name in "abc":
        agenda.after(seconds=1, action=partial(ran.append, name))

    hands.seconds = 1
    agenda.run_due()

    assert ran == ["a", "b", "c"]


def test_a_jump_of_the_clock_keeps_the_distances_between_events():
    """Everything due in a jumped hour happens at its own time, not at the hour's end."""
    hands, times = Hands(), []
    agenda = Agenda(now=hands.now)

    def tick() -> None:
        times.append((agenda.time() - hands.start).total_seconds())
        if len(times) < 3:
            agenda.after(seconds=10, action=tick)

    agenda.after(seconds=10, action=tick)
    hands.seconds = 3600
    agenda.run_due()

    assert times == [10, 20, 30]


def test_time_spent_in_an_event_counts():
    hands, times = Hands(), []
    agenda = Agenda(now=hands.now)

    def slow() -> None:
        hands.seconds += 2
        times.append((agenda.time() - hands.start).total_seconds())

    agenda.after(seconds=0, action=slow)
    agenda.run_due()

    assert times == [2]


def test_an_event_that_fails_is_heard_of_and_gone():
    agenda = Agenda(now=Hands().now)

    def fail() -> None:
        raise ValueError("broken")

    agenda.after(seconds=0, action=fail)

    with pytest.raises(ValueError, match="broken"):
        agenda.run_due()
    assert agenda.run_due() == 0


def test_the_clock_file_moves_the_clock(tmp_path: Path):
    file = tmp_path / "clock"
    clock = VirtualClock(file)

    without = clock.now() - datetime.now(tz=UTC)
    file.write_text("86400.5\n", encoding="ascii")
    moved = clock.now() - datetime.now(tz=UTC)

    assert abs(without) < timedelta(seconds=5)
    assert abs(moved - timedelta(seconds=86400.5)) < timedelta(seconds=5)
