"""Delivery wakes at once when an order is queued: PostgreSQL tells us (LISTEN). Nothing is sent.

The notice leaves with the transaction that queued the order (a trigger on the table, migration
0013), so it can neither come too early nor be forgotten. Where there is none (SQLite, a broken
connection) the scheduler's short tick does the work; nothing depends on being woken.
"""

from __future__ import annotations

import logging
import time
from typing import Any

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from wellbeing.foundation.database import db

logger = logging.getLogger(__name__)

CHANNEL = "outbound"


class Watch:
    """One connection that listens; for one thread, within an application context."""

    def __init__(self) -> None:
        self._connection: Any = None

    def wait_for_orders(self, *, seconds: float) -> bool:
        """Wait until any process queued an order, at most so long; tell whether one did."""
        if db.engine.dialect.name != "postgresql":
            time.sleep(seconds)
            return False
        try:
            return self._told_within(seconds)
        except (psycopg.Error, SQLAlchemyError) as error:
            # The edge of a job loop: a lost connection is opened again, after a rest.
            logger.warning("nobody tells of new orders", extra={"error": type(error).__name__})
            self.close()
            time.sleep(seconds)
            return False

    def close(self) -> None:
        """Listen no longer."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _told_within(self, seconds: float) -> bool:
        if self._connection is None:
            self._connection = self._listening()
        told = list(self._connection.notifies(timeout=seconds, stop_after=1))
        if told:
            # Whatever was queued meanwhile is found by the same look at the table.
            list(self._connection.notifies(timeout=0))
        return bool(told)

    def _listening(self) -> Any:
        borrowed = db.engine.raw_connection()
        connection: Any = borrowed.driver_connection
        # Taken out of the pool: it listens for as long as this process lives.
        borrowed.detach()
        try:
            connection.autocommit = True
            connection.execute(f"LISTEN {CHANNEL}")
        except psycopg.Error:
            connection.close()
            raise
        return connection
