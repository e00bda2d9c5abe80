"""Scheduled work: sweeps over rows that are due. Each opens an application context and calls rooms.

The truth is in the tables, so a restart loses nothing; rows are claimed by guarded updates, so any
number of these processes may run. No rule lives here.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import click
from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask, current_app
from flask.cli import with_appcontext

from wellbeing.accounts.operations import sessions as accounts
from wellbeing.accounts.operations import signing_in
from wellbeing.accounts.queries import requests as access_requests
from wellbeing.audit import operations as audit
from wellbeing.audit import queries as audit_log
from wellbeing.carrier import back_fill, gateway
from wellbeing.cases.operations import access as case_access
from wellbeing.contacts.queries import calls
from wellbeing.escalation import queries as escalations
from wellbeing.escalation.operations import sweeps as escalation_sweeps
from wellbeing.followups import queries as promises
from wellbeing.followups.operations import sweeps as follow_up_sweeps
from wellbeing.foundation import clock
from wellbeing.foundation.database import session, transaction
from wellbeing.hotline import text as hotline
from wellbeing.hotline.voice import endings as call_endings
from wellbeing.messaging import operations as messaging
from wellbeing.messaging import queries as outbox
from wellbeing.messaging.delivery import sweep as delivery
from wellbeing.messaging.delivery import wake
from wellbeing.roster.operations import coverage, rotations
from wellbeing.roster.queries import rotations as plans
from wellbeing.telephony.gateway import TelephonyError

logger = logging.getLogger(__name__)

BATCH = 200
WATCH_SECONDS = 5.0
SEAL_BATCH = 2_000
LOOK_BACK = timedelta(hours=2)
"""Texts and calls of so long are asked for again and again; each is recorded once."""
REST_AFTER_FAILURE = timedelta(minutes=1)
"""How long a row that failed is left alone, so that it does not stop the others."""


@dataclass(slots=True)
class RowSweep:
    """Run one operation per due row, each in a transaction of its own."""

    name: str
    due_ids: Callable[..., Iterable[int]]
    advance: Callable[..., object]
    resting: dict[int, datetime] = field(default_factory=dict)

    def __call__(self) -> int:
        """Advance every due row that is not resting; tell how many were advanced."""
        now = clock.now()
        self.resting = {row: until for row, until in self.resting.items() if until > now}
        due = [row for row in self.due_ids(now=now, limit=BATCH) if row not in self.resting]
        session().rollback()
        return sum(self._advance(row) for row in due)

    def _advance(self, row: int) -> bool:
        try:
            with transaction():
                return bool(self.advance(row, now=clock.now()))
        except Exception:
            # The edge of a job loop: one bad row must not stop the others (architecture.md, Jobs).
            logger.exception("a due row failed", extra={"sweep": self.name, "row": row})
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """One kind of due work: how often it looks, what it does, when something is next due."""

    name: str
    every: timedelta
    run: Callable[[], int]
    next_due: Callable[[], datetime | None]


def _deliver() -> int:
    return delivery.deliver_due(
        gateway=gateway.from_config(current_app.config), now=clock.now, limit=BATCH
    )


def _back_fill() -> int:
    """Record what reached the carrier and not us, in the time that its own retries do not cover."""
    now = clock.now()
    try:
        found = back_fill.back_fill(
            gateway=gateway.from_config(current_app.config), since=now - LOOK_BACK, now=now
        )
    except TelephonyError as error:
        logger.warning("the carrier could not be asked", extra={"code": error.code})
        return 0
    return found.texts + found.calls


def _warn_of_gaps() -> int:
    with transaction():
        return len(coverage.due_coverage_alarms(now=clock.now()))


def _beat() -> int:
    with transaction():
        messaging.heartbeat(process=f"{socket.gethostname()}:{os.getpid()}", now=clock.now())
    return 0


def _seal() -> int:
    if audit_log.next_due() is None:
        session().rollback()
        return 0
    with transaction():
        sealed = audit.seal_due(now=clock.now(), limit=SEAL_BATCH)
    anchor = current_app.config["AUDIT_ANCHOR_FILE"]
    if sealed and anchor:
        audit.anchor_head(path=Path(anchor), now=clock.now())
    session().rollback()
    return sealed


def _forget() -> int:
    with transaction():
        now = clock.real_now()
        return int(signing_in.forget_refusals(real_now=now) or 0) + int(
            accounts.forget_old_sessions(real_now=now) or 0
        )


def _never() -> datetime | None:
    return None


DELIVERY = Sweep(
    name="deliver",
    every=timedelta(seconds=0.5),
    run=_deliver,
    next_due=outbox.next_due_at,
)
SWEEPS: Sequence[Sweep] = (
    DELIVERY,
    Sweep(
        name="hotline",
        every=timedelta(seconds=1),
        run=RowSweep("hotline", hotline.due_ids, hotline.advance),
        next_due=hotline.next_due_at,
    ),
    Sweep(
        name="calls",
        every=timedelta(seconds=1),
        run=RowSweep("calls", calls.due_ids, call_endings.advance),
        next_due=calls.next_due_at,
    ),
    Sweep(
        name="escalations",
        every=timedelta(seconds=1),
        run=RowSweep("escalations", escalations.due_ids, escalation_sweeps.advance),
        next_due=escalations.next_due_at,
    ),
    Sweep(
        name="pages",
        every=timedelta(seconds=1),
        run=RowSweep("pages", escalations.due_page_ids, escalation_sweeps.advance_page),
        next_due=escalations.next_page_due_at,
    ),
    Sweep(
        name="follow-ups",
        every=timedelta(seconds=5),
        run=RowSweep("follow-ups", promises.due_ids, follow_up_sweeps.advance),
        next_due=promises.next_due_at,
    ),
    Sweep(
        name="reviews",
        every=timedelta(minutes=1),
        run=RowSweep("reviews", access_requests.overdue_view_ids, case_access.advance_review),
        next_due=access_requests.next_review_due_at,
    ),
    Sweep(
        name="rosters",
        every=timedelta(minutes=10),
        run=RowSweep("rosters", plans.due_ids, rotations.advance),
        next_due=_never,
    ),
    Sweep(
        name="gaps",
        every=timedelta(minutes=10),
        run=Paced(timedelta(minutes=10), _warn_of_gaps),
        next_due=_never,
    ),
    Sweep(
        name="back-fill",
        every=timedelta(minutes=5),
        run=Paced(timedelta(minutes=5), _back_fill),
        next_due=_never,
    ),
    Sweep(name="seal", every=timedelta(seconds=2), run=_seal, next_due=_never),
    Sweep(name="forget", every=timedelta(minutes=10), run=_forget, next_due=_never),
    Sweep(name="heartbeat", every=timedelta(seconds=5), run=_beat, next_due=_never),
)


def run_due() -> int:
    """Run every sweep once, in order; tell how many rows moved."""
    return sum(_run(sweep) for sweep in SWEEPS)


def next_due_at() -> datetime | None:
    """Tell when the earliest promise of any room is due; None when nothing waits."""
    found = [sweep.next_due() for sweep in SWEEPS]
    session().rollback()
    return min((moment for moment in found if moment is not None), default=None)


def _run(sweep: Sweep) -> int:
    try:
        return sweep.run()
    except Exception:
        # The edge of a job loop: one failing sweep must not stop the others.
        logger.exception("a sweep failed", extra={"sweep": sweep.name})
        session().rollback()
        return 0


def scheduler(app: Flask) -> BlockingScheduler:
    """Build the scheduler: fixed ticks, no job store, a late tick runs once and at once."""

    def tick(sweep: Sweep) -> None:
        with app.app_context():
            _run(sweep)

    made = BlockingScheduler(timezone="UTC")
    for sweep in SWEEPS:
        made.add_job(
            tick, "interval", args=[sweep], seconds=sweep.every.total_seconds(), id=sweep.name,
            coalesce=True, max_instances=1, misfire_grace_time=None,
        )  # fmt: skip
    return made


def watch_orders(app: Flask) -> None:
    """Deliver the moment that an order is queued, where the database tells of it; never returns."""
    watch = wake.Watch()
    while True:
        with app.app_context():
            if watch.wait_for_orders(seconds=WATCH_SECONDS):
                _run(DELIVERY)


@click.command("jobs")
@with_appcontext
def command() -> None:
    """Run the scheduled work until stopped; any number of these processes may run."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    # At once: until the first beat callers would be rung by their own documents.
    _beat()
    made = scheduler(app)
    threading.Thread(target=watch_orders, args=[app], daemon=True).start()
    click.echo("jobs: running; stop with Ctrl+C")
    try:
        made.start()
    except (KeyboardInterrupt, SystemExit):
        click.echo("jobs: stopped")
