from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wellbeing.foundation import clock
from wellbeing.foundation.errors import ConfigurationError

SLACK = timedelta(seconds=5)


@pytest.fixture(autouse=True)
def _without_offset() -> Iterator[None]:
    yield
    clock.install(path=None, production=False)


def test_a_moved_clock_is_seen_by_everybody_who_reads_the_file(tmp_path: Path):
    clock.install(path=str(tmp_path / "clock"), production=False)

    clock.set_offset(offset=timedelta(minutes=16))

    ahead = clock.now() - clock.real_now()
    assert abs(ahead - timedelta(minutes=16)) < SLACK
    assert clock.offset() == timedelta(minutes=16)


def test_without_a_file_the_clock_is_the_machines():
    clock.install(path=None, production=False)

    assert abs(clock.now() - clock.real_now()) < SLACK


def test_production_refuses_a_clock_file(tmp_path: Path):
    with pytest.raises(ConfigurationError):
        clock.install(path=str(tmp_path / "clock"), production=True)


def test_a_clock_without_a_file_cannot_be_moved():
    clock.install(path=None, production=False)

    with pytest.raises(ConfigurationError):
        clock.set_offset(offset=timedelta(1))


@dataclass
class Machine:
    """A machine whose clocks the test moves."""

    wall: datetime = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
    steady: float = 1000.0

    def passes(self, **parts: float) -> None:
        self.wall += timedelta(**parts)
        self.steady += timedelta(**parts).total_seconds()

    def leaps(self, **parts: float) -> None:
        self.wall += timedelta(**parts)


@pytest.fixture
def machine() -> Machine:
    made = Machine()
    sources = clock.Sources(wall=lambda: made.wall, steady=lambda: made.steady)
    clock.install(path=None, production=False, sources=sources)
    clock.real_now()
    return made


@pytest.mark.parametrize("leap", [timedelta(days=3), -timedelta(hours=1), timedelta(minutes=16)])
def test_a_leap_of_the_machines_clock_is_not_followed_and_told(
    machine: Machine, leap: timedelta, caplog: pytest.LogCaptureFixture
):
    before = machine.wall
    machine.wall += leap
    machine.passes(seconds=7)

    assert clock.now() == before + timedelta(seconds=7)
    assert clock.leap() == leap
    assert [record.levelname for record in caplog.records] == ["CRITICAL"]


def test_time_goes_on_at_its_own_pace_after_a_leap(machine: Machine):
    before = machine.wall
    machine.leaps(days=3)
    seen = []
    for _ in range(5):
        machine.passes(minutes=1)
        seen.append(clock.now())

    assert seen == [before + timedelta(minutes=minute) for minute in range(1, 6)]


def test_a_clock_that_is_set_right_again_is_followed_and_well(machine: Machine):
    machine.leaps(days=3)
    clock.now()
    machine.leaps(days=-3)
    machine.passes(seconds=1)

    assert clock.now() == machine.wall
    assert clock.leap() == timedelta()


@pytest.mark.parametrize("step", [timedelta(milliseconds=-900), timedelta(minutes=14)])
def test_small_steps_are_followed(machine: Machine, step: timedelta):
    machine.wall += step
    machine.passes(seconds=1)

    assert clock.now() == machine.wall
    assert clock.leap() == timedelta()
