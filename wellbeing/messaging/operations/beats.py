"""Signs of life of the scheduled work: each sweep that came through, and what the watch found."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_
from sqlalchemy.dialects import postgresql, sqlite

from wellbeing.foundation.database import session
from wellbeing.messaging.models import SWEEP
from wellbeing.messaging.rules import SHORTEST_SILENCE, WATCH, SweepBeat


def note_all(*, beats: Iterable[SweepBeat], now: datetime) -> None:
    """Note with one statement that sweeps came through; the latest of all processes counts."""
    # In the order of their names, so that two processes never wait for each other.
    rows = [_row(beat) for beat in sorted(beats, key=lambda one: one.name)]
    if rows:
        _write(rows, now)


def note(*, beat: SweepBeat, now: datetime) -> None:
    """Note that one sweep came through."""
    note_all(beats=[beat], now=now)


def note_watch(*, broken: int, leap: timedelta, every: timedelta, now: datetime) -> None:
    """Note what the watch found, for whoever asks a process that does not watch itself."""
    beat = SweepBeat(name=WATCH, at=now, every=every)
    _write([_row(beat) | {"broken": broken, "leap_s": leap.total_seconds()}], now)


def _row(beat: SweepBeat) -> dict[str, Any]:
    return {"name": beat.name, "at": beat.at, "every_s": beat.every.total_seconds()}


def _write(rows: list[dict[str, Any]], now: datetime) -> None:
    is_postgresql = session().get_bind().dialect.name == "postgresql"
    statement = postgresql.insert(SWEEP) if is_postgresql else sqlite.insert(SWEEP)
    new = statement.excluded
    noted = statement.on_conflict_do_update(
        index_elements=[SWEEP.c.name],
        set_={name: new[name] for name in rows[0] if name != "name"},
        # One from a future that a wrong clock made gives way: it would hide every later silence.
        where=or_(SWEEP.c.at <= new.at, SWEEP.c.at > now + SHORTEST_SILENCE),
    )
    session().execute(noted, rows)
