from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
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
