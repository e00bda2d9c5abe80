"""Does the database answer at all? Asked before a page, so that pages never silence the line.

libpq waits without end for a frozen database. Every open page asks for news every few seconds, so
within a moment pages alone would hold all threads of a worker, and no caller would hear anything
(promise P7). One probe in a thread of its own waits for all of them; while it waits, pages are 503.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Lock

from flask import Flask, current_app, g, request
from werkzeug.exceptions import ServiceUnavailable

from wellbeing.foundation import database

logger = logging.getLogger(__name__)

FRESH_SECONDS = 0.25
"""An answer counts so long. Requests of this time may still be caught by a freeze: a few."""
PATIENCE_SECONDS = 1.0
WITHOUT_DATABASE = frozenset({None, "carrier", "health"})
"""Blueprints that see to themselves, and static files."""


@dataclass(slots=True)
class Pulse:
    """What is known of the database's answers in this process."""

    probe: Callable[[], object] = database.ping
    patience: float = PATIENCE_SECONDS
    fresh: float = FRESH_SECONDS
    _felt_at: float = float("-inf")
    _asked_at: float = 0.0
    _asked: Future[object] | None = None
    _pool: ThreadPoolExecutor | None = None
    _lock: Lock = field(default_factory=Lock)

    def is_felt(self, app: Flask) -> bool:
        """Tell whether the database answered just now, or does within the patience."""
        if time.monotonic() < self._felt_at + self.fresh:
            return True
        with self._lock:
            asked = self._ask(app)
            left = self._asked_at + self.patience - time.monotonic()
        if not wait([asked], timeout=max(left, 0.0)).done:
            return False
        if (error := asked.exception()) is not None:
            logger.error("the database does not answer", exc_info=error)
            return False
        self._felt_at = time.monotonic()
        return True

    def _ask(self, app: Flask) -> Future[object]:
        if self._asked is None or self._asked.done():
            # Made at the first use: threads do not survive the fork of a web worker.
            self._pool = self._pool or ThreadPoolExecutor(1, thread_name_prefix="pulse")
            self._asked = self._pool.submit(_in_context, app, self.probe)
            self._asked_at = time.monotonic()
        return self._asked


def init_app(app: Flask) -> None:
    """Feel the pulse before each page of the application."""
    app.extensions["pulse"] = Pulse()
    app.before_request(_feel)


def _feel() -> None:
    if request.blueprint in WITHOUT_DATABASE:
        return
    # The proxy ends with the request; the application itself may be handed to a thread.
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    pulse: Pulse = app.extensions["pulse"]
    g.has_database = pulse.is_felt(app)
    if not g.has_database:
        raise ServiceUnavailable


def _in_context(app: Flask, probe: Callable[[], object]) -> object:
    with app.app_context():
        return probe()
