"""Work for a webhook within its inner deadline; what is said when it fails is not known here.

libpq waits without end for a frozen database, so the waiting is done in threads of our own; a
breaker keeps new webhooks from queueing behind them (promise P7).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import TypeVar

from flask import Flask, current_app

SECONDS = 2.5
"""Below the carrier's read time-out (3.5 s), so that our answer, not its error, is heard."""
THREADS = 8
REST_SECONDS = 5.0
IN_A_ROW = 2
"""One slow answer is bad luck; two without a good one between them are a frozen database."""

Answer = TypeVar("Answer")


class TooSlow(RuntimeError):
    """The work did not end in time, or was not begun because others did not."""


@dataclass(slots=True)
class Desk:
    """A bounded number of threads, and a rest for all of them when several were too slow."""

    seconds: float = SECONDS
    threads: int = THREADS
    rest_seconds: float = REST_SECONDS
    _slow: int = 0
    _closed_until: float = 0.0
    _pool: ThreadPoolExecutor | None = None
    _free: BoundedSemaphore = field(init=False)

    def __post_init__(self) -> None:
        self._free = BoundedSemaphore(self.threads)

    def run(self, work: Callable[[], Answer]) -> Answer:
        """Do the work in an application context of its own, and give its answer or its error.

        Work that is too slow still runs to its end: the carrier repeats, and what it repeats is
        idempotent.

        Raises:
            TooSlow: it took longer than the deadline, or the breaker is open.

        """
        until = time.monotonic() + self.seconds
        if time.monotonic() < self._closed_until or not self._free.acquire(timeout=self.seconds):
            raise TooSlow
        future = self._begin(work)
        if not wait([future], timeout=max(until - time.monotonic(), 0.0)).done:
            self._note_slow()
            raise TooSlow
        self._slow = 0
        return future.result()

    def _begin(self, work: Callable[[], Answer]) -> Future[Answer]:
        # The proxy ends with the request; the application itself may be handed to a thread.
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
        try:
            future = self._threads().submit(_in_context, app, work)
        except BaseException:
            self._free.release()
            raise
        future.add_done_callback(lambda _: self._free.release())
        return future

    def _note_slow(self) -> None:
        self._slow += 1
        if self._slow >= IN_A_ROW:
            self._closed_until = time.monotonic() + self.rest_seconds

    def _threads(self) -> ThreadPoolExecutor:
        # Made at the first use: threads do not survive the fork of a web worker.
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="webhook")
        return self._pool


def _in_context(app: Flask, work: Callable[[], Answer]) -> Answer:
    with app.app_context():
        return work()
