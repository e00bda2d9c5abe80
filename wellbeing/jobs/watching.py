"""The watch over the scheduled work: every promise on its way, every sweep coming through.

What is wrong is told outside of the process, because whoever is broken cannot be trusted to say so:
a file that grows old, an address that is not asked any more, `/ready`, figures, `flask doctor`.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from flask import current_app

from wellbeing.escalation import queries as pages
from wellbeing.foundation import clock
from wellbeing.foundation.database import session, transaction
from wellbeing.messaging import queries as outbox
from wellbeing.messaging.operations import beats
from wellbeing.messaging.rules import SweepBeat
from wellbeing.organizations import queries as organizations
from wellbeing.worklists.queries import auditing
from wellbeing.worklists.rules import Broken

logger = logging.getLogger(__name__)

CONNECT_S, READ_S = 3, 5
EVERY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the watch found: broken promises, silent sweeps, silent desks, a clock that leapt."""

    at: datetime
    broken: tuple[Broken, ...]
    silent: tuple[str, ...]
    leap: timedelta
    unproven: tuple[str, ...]

    @property
    def is_well(self) -> bool:
        """Tell whether nobody needs to be woken."""
        return not (self.broken or self.silent or self.leap or self.unproven)

    def facts(self) -> Mapping[str, Any]:
        """Give what may be told outside: kinds, numbers and names of sweeps; no record."""
        counted: dict[str, int] = {}
        for one in self.broken:
            counted[one.kind.value] = counted.get(one.kind.value, 0) + 1
        return {
            "well": self.is_well,
            "at": self.at.isoformat(),
            "broken": counted,
            "silent": list(self.silent),
            "leap_seconds": self.leap.total_seconds(),
            "unproven_desks": list(self.unproven),
        }


@dataclass(slots=True)
class _Finished:
    """When each sweep of this process last came through."""

    beats: dict[str, SweepBeat] = field(default_factory=dict)


_finished = _Finished()


def note(*, name: str, every: timedelta, now: datetime) -> None:
    """Remember that a sweep came through; the next sign of life tells of it."""
    _finished.beats[name] = SweepBeat(name=name, at=now, every=every)


def finished() -> tuple[SweepBeat, ...]:
    """Give what this process has to tell about its sweeps."""
    return tuple(_finished.beats.values())


def forget() -> None:
    """Forget what came through in this process, as a process that has just started."""
    _finished.beats.clear()


def look(*, now: datetime) -> Report:
    """Look at every promise, every sweep and the clock; nothing is written."""
    return Report(
        at=now,
        broken=auditing.broken_promises(now=now),
        silent=outbox.silent_sweeps(now=now),
        leap=clock.leap(),
        unproven=() if organizations.is_empty() else pages.silent_desks(now=now),
    )


def watch() -> int:
    """Look, note what was found for the web processes, and tell the world outside."""
    report = look(now=clock.now())
    session().rollback()
    with transaction():
        beats.note_watch(broken=len(report.broken), leap=report.leap, every=EVERY, now=report.at)
    if not report.is_well:
        logger.error("promises are in danger", extra={"found": json.dumps(report.facts())})
        for one in report.broken:
            extra = {"kind": one.kind.value, "row": one.id, "says": one.says.value}
            logger.error("nobody keeps a promise", extra=extra)
    _write(report)
    _call(report)
    return 0


def _write(report: Report) -> None:
    """Write the file that a watcher outside reads; it grows old when nobody watches any more."""
    if not current_app.config["HEARTBEAT_FILE"]:
        return
    path = Path(current_app.config["HEARTBEAT_FILE"])
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(report.facts()) + "\n", encoding="utf-8")
    draft.replace(path)


def _call(report: Report) -> None:
    """Ask an address outside, which raises the alarm when it is not asked any more, or told so."""
    address = current_app.config["HEARTBEAT_URL"]
    if not address:
        return
    if not report.is_well:
        address = f"{address.rstrip('/')}/fail"
    try:
        answer = requests.post(address, json=report.facts(), timeout=(CONNECT_S, READ_S))
        answer.raise_for_status()
    except requests.RequestException as error:
        # Nobody here can do anything about it; its silence is what the world outside hears.
        logger.warning("nobody outside hears us", extra={"error": type(error).__name__})
