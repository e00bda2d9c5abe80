"""Many due rows at once: a bad one among them undoes nothing but itself, and never again spoils."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select

from wellbeing import jobs
from wellbeing.foundation import clock
from wellbeing.foundation.database import session, transaction
from wellbeing.messaging.models import HEARTBEAT

ROWS = 60


class Rows:
    """Rows that are due; each one done is written down, so that what is undone is seen."""

    def __init__(self, *, bad: int = 0, left: Collection[int] = ()) -> None:
        self.bad, self.left = bad, left
        self.together: list[list[int]] = []
        self.alone: list[int] = []

    def due_ids(self, *, now: datetime, limit: int) -> tuple[int, ...]:
        done = set(written())
        return tuple(row for row in range(1, ROWS + 1) if row not in done)[:limit]

    def advance(self, row: int, *, now: datetime) -> bool:
        self.alone.append(row)
        write(row)
        if row == self.bad:
            raise ValueError(row)
        return True

    def advance_all(self, rows: Collection[int], *, now: datetime) -> Collection[int]:
        fit = [row for row in rows if row not in self.left]
        self.together.append(fit)
        for row in fit:
            write(row)
        if self.bad in rows:
            raise ValueError(self.bad)
        return fit

    def sweep(self) -> jobs.RowSweep:
        return jobs.RowSweep("example", self.due_ids, self.advance, together=self.advance_all)


def write(row: int) -> None:
    session().execute(insert(HEARTBEAT).values(process=str(row), at=clock.now()))


def written() -> list[int]:
    return sorted(int(one) for one in session().execute(select(HEARTBEAT.c.process)).scalars())


def test_due_rows_are_done_fifty_at_a_time(database: Flask):
    rows = Rows()

    assert rows.sweep()() == ROWS

    assert [len(batch) for batch in rows.together] == [50, 10]
    assert rows.alone == []
    assert written() == list(range(1, ROWS + 1))


def test_what_a_room_leaves_is_done_one_by_one(database: Flask):
    rows = Rows(left=(3, 7))

    assert rows.sweep()() == ROWS

    assert rows.alone == [3, 7]
    assert written() == list(range(1, ROWS + 1))


def test_a_bad_row_is_undone_alone_and_rests(database: Flask, caplog: pytest.LogCaptureFixture):
    rows = Rows(bad=2)
    sweep = rows.sweep()

    with caplog.at_level(logging.ERROR):
        moved = sweep()

    assert moved == ROWS - 1
    assert written() == [1, *range(3, ROWS + 1)]
    assert 2 in sweep.resting
    assert "a batch of due rows failed" in caplog.text
    assert [record.row for record in caplog.records if record.msg == "a due row failed"] == [2]


def test_a_row_that_failed_spoils_no_batch_again(database: Flask, caplog: pytest.LogCaptureFixture):
    rows = Rows(bad=2)
    sweep = rows.sweep()
    sweep()
    session().rollback()
    with transaction():
        session().execute(delete(HEARTBEAT))
    rows.together.clear()
    sweep.resting[2] = clock.now() - timedelta(seconds=1)

    assert sweep() == ROWS - 1

    assert all(2 not in batch for batch in rows.together)
    assert sum(len(batch) for batch in rows.together) == ROWS - 1
