"""Lanes for webhooks: one after the other for the same call or text, side by side for others.

Only a running simulator uses them, so that one product worker that hangs does not hold up every
phone; in tests all things happen one after the other.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

logger = logging.getLogger(__name__)
_WIDTH = 16

Job = Callable[[], None]


class Lanes:
    """A pool of threads that keeps the order within a lane."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=_WIDTH, thread_name_prefix="lane")
        self._waiting: dict[str, deque[Job]] = {}
        self._change = threading.Condition()

    def put(self, *, lane: str, job: Job) -> None:
        """Run a job when those before it in its lane are done."""
        with self._change:
            is_idle = lane not in self._waiting
            self._waiting.setdefault(lane, deque()).append(job)
        if is_idle:
            self._pool.submit(self._work, lane)

    def join(self) -> None:
        """Wait until every lane is empty."""
        with self._change:
            self._change.wait_for(lambda: not self._waiting)

    def _work(self, lane: str) -> None:
        while (job := self._next(lane)) is not None:
            try:
                job()
            except Exception:
                logger.exception("a webhook of the simulator failed")

    def _next(self, lane: str) -> Job | None:
        """Give the next job; an empty lane is closed, under the same lock that fills it."""
        with self._change:
            if self._waiting[lane]:
                return self._waiting[lane].popleft()
            del self._waiting[lane]
            self._change.notify_all()
            return None
