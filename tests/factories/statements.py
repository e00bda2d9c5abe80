"""Counting the statements that a piece of work sends to the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from wellbeing.foundation.database import db

BEGINNING = ("BEGIN", "PRAGMA", "SET lock_timeout")
"""How a transaction begins; on PostgreSQL its patience is asked for only when it changes."""


@contextmanager
def counted() -> Iterator[list[str]]:
    """Record every statement inside the block; beginning a transaction is none."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith(BEGINNING):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
