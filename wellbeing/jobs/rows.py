"""How due rows are taken: a batch at a time, nothing twice. What is done, rooms do.

A batch is one transaction. Where a room can do many rows together, it does; each of the others has
a savepoint of its own. A batch that fails is undone and its rows are done one by one, so that one
bad row holds up nobody; from then on it is never done together with others.
On PostgreSQL the rows are held by `FOR UPDATE SKIP LOCKED` until the batch commits, so that another
process takes the next ones instead of waiting for these; SQLite has one writer at a time anyway.
Should the process die, the locks die with it and the rows are due as before.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wellbeing.foundation import clock
from wellbeing.foundation.database import claiming, savepoint, session, transaction

logger = logging.getLogger(__name__)

FAILED = "a due row failed"
LIMIT = 2_000
"""Rows of one run; whatever is left is due at the next tick, and other sweeps have had theirs."""
BATCH = 20
TOGETHER = 50
"""Rows of a batch where the room does many together: about as long as twenty of the others."""
FEW = 2
"""Fewer are not worth it: one row is done by itself."""
BATCH_SECONDS = 0.15
"""A batch ends after so long: whoever waits for one of its locks waits no longer."""
REST_AFTER_FAILURE = timedelta(minutes=1)
"""How long a row that failed is left alone, so that it does not stop the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """One kind of due work: how often it looks, what it does, when something is next due."""

    name: str
    every: timedelta
    run: Callable[[], int]
    next_due: Callable[[], datetime | None]


@dataclass(slots=True)
class _Run:
    """The rows of one tick: tried once each, however long they stay due."""

    tried: list[int] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    moved: int = 0
    still: int = 0

    def note(self, row: int, *, moved: bool) -> None:
        self.tried.append(row)
        self.seen.add(row)
        self.moved += moved
        self.still += not moved


Together = Callable[..., Collection[int]]
"""Does many due rows at once and gives the ids of those that moved; the others are left."""


@dataclass(slots=True)
class RowSweep:
    """Run one operation per due row; a row that fails undoes nothing but itself."""

    name: str
    due_ids: Callable[..., Iterable[int]]
    advance: Callable[..., object]
    together: Together | None = None
    resting: dict[int, datetime] = field(default_factory=dict)
    failed: set[int] = field(default_factory=set)
    """Rows that failed once in this process, so that they spoil no batch again."""

    def __call__(self) -> int:
        """Advance every due row that is not resting, each once; tell how many were advanced."""
        now = clock.now()
        self.resting = {row: until for row, until in self.resting.items() if until > now}
        run = _Run()
        is_due = bool(self._due(run))
        session().rollback()
        while is_due and len(run.tried) < LIMIT:
            before = len(run.tried)
            self._batch(run)
            is_due = len(run.tried) > before
        return run.moved

    @property
    def _size(self) -> int:
        return BATCH if self.together is None else TOGETHER

    def _batch(self, run: _Run) -> None:
        """Take some rows and do them; rows that a failing batch lost are done one by one."""
        before, moved, still = len(run.tried), run.moved, run.still
        run.held = []
        try:
            with transaction(), claiming():
                self._all(run)
        except Exception:
            # The edge of a job loop: a bad row, a deadlock or a broken commit undid the batch.
            logger.exception("a batch of due rows failed", extra={"sweep": self.name})
            del run.tried[before:]
            run.moved, run.still = moved, still
            for row in run.held:
                run.note(row, moved=self._alone(row))

    def _all(self, run: _Run) -> None:
        until = time.monotonic() + BATCH_SECONDS
        run.held = self._due(run)[: self._size]
        done = self._together(run.held)
        for row in done:
            run.note(row, moved=True)
        for row in (one for one in run.held if one not in done):
            run.note(row, moved=self._one(row))
            if time.monotonic() > until:
                break

    def _together(self, rows: Iterable[int]) -> Collection[int]:
        fit = [row for row in rows if row not in self.failed]
        if self.together is None or len(fit) < FEW:
            return ()
        return self.together(fit, now=clock.now())

    def _due(self, run: _Run) -> list[int]:
        # More are asked for than stay due all the same, so that those never hide the others.
        limit = self._size + len(self.resting) + run.still
        found = self.due_ids(now=clock.now(), limit=limit)
        return [row for row in found if row not in self.resting and row not in run.seen]

    def _one(self, row: int) -> bool:
        try:
            with savepoint():
                return bool(self.advance(row, now=clock.now()))
        except Exception:
            # The edge of a job loop: one bad row must not stop the others (architecture.md, Jobs).
            logger.exception(FAILED, extra={"sweep": self.name, "row": row})
            return self._rest(row)

    def _alone(self, row: int) -> bool:
        try:
            with transaction():
                return bool(self.advance(row, now=clock.now()))
        except Exception:
            # The edge of a job loop, as above.
            logger.exception(FAILED, extra={"sweep": self.name, "row": row})
            return self._rest(row)

    def _rest(self, row: int) -> bool:
        self.failed.add(row)
        self.resting[row] = clock.now() + REST_AFTER_FAILURE
        return False


@dataclass(slots=True)
class Paced:
    """Work that is wanted at most this often by the service's own clock, however often asked."""

    every: timedelta
    work: Callable[[], int]
    last: datetime | None = None

    def __call__(self) -> int:
        """Do it if it is time; tell how much moved."""
        now = clock.now()
        if self.last is not None and timedelta() <= now - self.last < self.every:
            return 0
        self.last = now
        return self.work()
