"""Signs of life of the scheduled work: each sweep that came through, and what the watch found."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from wellbeing.foundation.database import changed, session
from wellbeing.messaging.models import SWEEP
from wellbeing.messaging.rules import SHORTEST_SILENCE, WATCH, SweepBeat


def note(*, beat: SweepBeat, now: datetime, **found: Any) -> None:
    """Note that a sweep came through; the latest of all processes counts."""
    values = {"at": beat.at, "every_s": beat.every.total_seconds(), **found}
    # One from a future that a wrong clock made gives way: it would hide every later silence.
    older = or_(SWEEP.c.at <= beat.at, SWEEP.c.at > now + SHORTEST_SILENCE)
    mine = update(SWEEP).where(SWEEP.c.name == beat.name, older).values(values)
    if changed(mine):
        return
    known = select(SWEEP.c.name).where(SWEEP.c.name == beat.name)
    if session().execute(known).first() is None:
        try:
            with session().begin_nested():
                session().execute(insert(SWEEP).values(name=beat.name, **values))
        except IntegrityError:
            # Another process told of it first, in this very moment.
            return


def note_watch(*, broken: int, leap: timedelta, every: timedelta, now: datetime) -> None:
    """Note what the watch found, for whoever asks a process that does not watch itself."""
    beat = SweepBeat(name=WATCH, at=now, every=every)
    note(beat=beat, now=now, broken=broken, leap_s=leap.total_seconds())
