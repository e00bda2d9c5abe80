"""The scheduled work: a bad row stops nobody, and what is due is found after a restart."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import pytest
from flask import Flask

from wellbeing import jobs
from wellbeing.foundation import clock
from wellbeing.messaging import queries as outbox


class Rows:
    """Rows that are due, one of which always fails."""

    def __init__(self) -> None:
        self.done: list[int] = []
        self.failed = 0

    def due_ids(self, *, now: datetime, limit: int) -> tuple[int, ...]:
        return tuple(row for row in (1, 2, 3) if row not in self.done)[:limit]

    def advance(self, row: int, *, now: datetime) -> bool:
        if row == 2:
            self.failed += 1
            raise ValueError(row)
        self.done.append(row)
        return True


def test_a_failing_row_is_logged_and_does_not_stop_the_others(
    database: Flask, caplog: pytest.LogCaptureFixture
):
    rows = Rows()
    sweep = jobs.RowSweep("example", rows.due_ids, rows.advance)

    with caplog.at_level(logging.ERROR):
        moved = sweep()

    assert moved == 2
    assert rows.done == [1, 3]
    assert "a due row failed" in caplog.text


def test_a_failing_row_rests_for_a_minute(database: Flask, caplog: pytest.LogCaptureFixture):
    rows = Rows()
    sweep = jobs.RowSweep("example", rows.due_ids, rows.advance)
    sweep()

    sweep()
    sweep.resting[2] = clock.now() - timedelta(seconds=1)
    sweep()

    assert rows.failed == 2


def test_every_sweep_runs_on_an_empty_database(database: Flask):
    assert jobs.run_due() == 0
    assert jobs.next_due_at() is None


def test_running_jobs_leaves_a_sign_of_life(database: Flask):
    jobs.run_due()

    assert outbox.is_delivery_alive(now=clock.now())
    assert not outbox.is_delivery_alive(now=clock.now() + timedelta(minutes=1))


def test_the_scheduler_ticks_every_sweep_without_a_job_store(app: Flask):
    made = jobs.scheduler(app)

    assert {job.id for job in made.get_jobs()} == {sweep.name for sweep in jobs.SWEEPS}
    assert all(job.coalesce and job.max_instances == 1 for job in made.get_jobs())
