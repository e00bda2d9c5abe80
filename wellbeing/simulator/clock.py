"""The simulator's time: a virtual clock and the agenda of everything that is still to happen.

What happens is decided elsewhere; here it is only kept in order and run when it is due.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from wellbeing.simulator.lanes import Lanes

Action = Callable[[], None]


@dataclass(frozen=True, slots=True)
class VirtualClock:
    """Real time plus the offset in seconds that a text file holds; no file means no offset."""

    path: Path | None = None

    def now(self) -> datetime:
        """Tell the virtual time, aware and in UTC."""
        return datetime.now(tz=UTC) + timedelta(seconds=self._offset())

    def _offset(self) -> float:
        if self.path is None:
            return 0.0
        try:
            text = self.path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return 0.0
        return float(text or 0)


@dataclass(order=True, slots=True)
class _Entry:
    due_at: datetime
    order: int
    action: Action = field(compare=False)
    lane: str | None = field(default=None, compare=False)


class Agenda:
    """Events by due time. While an event runs, `time()` is its own due time plus what it took.

    So a jump of the clock by an hour plays that hour in the right order and at the right
    distances, instead of everything happening at the end of it.
    """

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self._now = now
        self._entries: list[_Entry] = []
        self._order = itertools.count()
        self._guard = threading.Lock()
        self._runner = threading.Lock()
        self._running = threading.local()

    def time(self) -> datetime:
        """Tell the instant that new events are counted from."""
        due_at: datetime | None = getattr(self._running, "due_at", None)
        if due_at is None:
            return self._now()
        started_at: datetime = self._running.started_at
        return due_at + (self._now() - started_at)

    def after(self, *, seconds: float, action: Action, lane: str | None = None) -> None:
        """Put `action` on the agenda, `seconds` from the present instant."""
        self.at(when=self.time() + timedelta(seconds=seconds), action=action, lane=lane)

    def at(self, *, when: datetime, action: Action, lane: str | None = None) -> None:
        """Put `action` on the agenda; equal times keep the order they were given in.

        What may take long, a webhook, names a lane: see `lanes`.
        """
        with self._guard:
            heapq.heappush(self._entries, _Entry(when, next(self._order), action, lane))

    def next_due_at(self) -> datetime | None:
        """Tell when the earliest event is due, or None if nothing is left to happen."""
        with self._guard:
            return self._entries[0].due_at if self._entries else None

    def run_due(self, *, lanes: Lanes | None = None) -> int:
        """Run everything that is due, in order, until nothing more is; return how many ran.

        With `lanes` the webhooks only begin. One caller at a time: a second one waits, so that on
        return nothing due is in flight.
        An event that raises is gone from the agenda and its exception reaches the caller.
        """
        count = 0
        with self._runner:
            while (entry := self._pop_due()) is not None:
                if lanes is not None and entry.lane is not None:
                    lanes.put(lane=entry.lane, job=partial(self._run, entry))
                else:
                    self._run(entry)
                count += 1
        return count

    def clear(self) -> None:
        """Forget everything that was still to happen."""
        with self._guard:
            self._entries.clear()

    def _pop_due(self) -> _Entry | None:
        with self._guard:
            if not self._entries or self._entries[0].due_at > self._now():
                return None
            return heapq.heappop(self._entries)

    def _run(self, entry: _Entry) -> None:
        self._running.due_at = entry.due_at
        self._running.started_at = self._now()
        try:
            entry.action()
        finally:
            self._running.due_at = None
