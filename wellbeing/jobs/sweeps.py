"""Every sweep: what is due in which room, and how often it is looked for."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app

from wellbeing.accounts.operations import sessions as accounts
from wellbeing.accounts.operations import signing_in
from wellbeing.accounts.queries import requests as access_requests
from wellbeing.audit import operations as audit
from wellbeing.audit import queries as audit_log
from wellbeing.carrier import back_fill, gateway
from wellbeing.cases.operations import access as case_access
from wellbeing.cases.operations import care, referrals, resting, searches
from wellbeing.cases.operations import reporting as report_operations
from wellbeing.cases.operations import rescue as rescue_operations
from wellbeing.cases.queries import plans as plan_queries
from wellbeing.cases.queries import referrals as referral_queries
from wellbeing.cases.queries import reporting as reports
from wellbeing.cases.queries import rescue as rescues
from wellbeing.cases.queries import resting as resting_queries
from wellbeing.contacts.queries import calls
from wellbeing.escalation import queries as escalations
from wellbeing.escalation.operations import drills, overdue
from wellbeing.escalation.operations import sweeps as escalation_sweeps
from wellbeing.followups import queries as promises
from wellbeing.followups.operations import sweeps as follow_up_sweeps
from wellbeing.foundation import clock
from wellbeing.foundation.database import session, transaction
from wellbeing.hotline import text as hotline
from wellbeing.hotline.voice import endings as call_endings
from wellbeing.jobs import watching
from wellbeing.jobs.rows import Paced, RowSweep, Sweep
from wellbeing.messaging import operations as messaging
from wellbeing.messaging import queries as outbox
from wellbeing.messaging.delivery import sweep as delivery
from wellbeing.messaging.rules import WATCH
from wellbeing.roster.operations import coverage, rotations
from wellbeing.roster.queries import rotations as plans
from wellbeing.telephony.gateway import TelephonyError

logger = logging.getLogger(__name__)

BATCH = 200
SEAL_BATCH = 2_000
LOOK_BACK = timedelta(hours=2)
"""Texts and calls of so long are asked for again and again; each is recorded once."""


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


def _test_pages() -> int:
    with transaction():
        return drills.start_due(now=clock.now())


def _beat() -> int:
    """Write down that this process lives, and when each of its sweeps last came through."""
    with transaction():
        messaging.heartbeat(
            process=f"{socket.gethostname()}:{os.getpid()}",
            sweeps=watching.finished(),
            now=clock.now(),
        )
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
        return (
            signing_in.forget_refusals(real_now=now)
            + accounts.forget_old_sessions(real_now=now)
            + searches.forget_old(now=clock.now())
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
        run=RowSweep(
            "escalations",
            escalations.due_ids,
            escalation_sweeps.advance,
            together=escalation_sweeps.advance_all,
        ),
        next_due=escalations.next_due_at,
    ),
    Sweep(
        name="pages",
        every=timedelta(seconds=1),
        run=RowSweep(
            "pages",
            escalations.due_page_ids,
            escalation_sweeps.advance_page,
            together=escalation_sweeps.advance_pages,
        ),
        next_due=escalations.next_page_due_at,
    ),
    Sweep(
        name="reports-by-law",
        every=timedelta(seconds=5),
        run=RowSweep("reports-by-law", reports.due_ids, report_operations.advance),
        next_due=reports.next_due_at,
    ),
    Sweep(
        name="rescues",
        every=timedelta(seconds=1),
        run=RowSweep("rescues", rescues.due_ids, rescue_operations.advance),
        next_due=rescues.next_due_at,
    ),
    Sweep(
        name="duties",
        every=timedelta(minutes=1),
        run=RowSweep("duties", escalations.overdue_duty_ids, overdue.advance),
        next_due=_never,
    ),
    Sweep(
        name="follow-ups",
        every=timedelta(seconds=5),
        run=RowSweep(
            "follow-ups",
            promises.due_ids,
            follow_up_sweeps.advance,
            together=follow_up_sweeps.advance_all,
        ),
        next_due=promises.next_due_at,
    ),
    Sweep(
        name="reviews",
        every=timedelta(minutes=1),
        run=RowSweep("reviews", access_requests.overdue_view_ids, case_access.advance_review),
        next_due=access_requests.next_review_due_at,
    ),
    Sweep(
        name="referrals",
        every=timedelta(minutes=1),
        run=RowSweep("referrals", referral_queries.due_ids, referrals.advance),
        next_due=referral_queries.next_due_at,
    ),
    Sweep(
        name="care-plans",
        every=timedelta(minutes=1),
        run=RowSweep("care-plans", plan_queries.due_review_ids, care.advance),
        next_due=plan_queries.next_review_at,
    ),
    Sweep(
        name="sealing",
        every=timedelta(minutes=10),
        run=RowSweep("sealing", resting_queries.due_ids, resting.advance),
        next_due=_never,
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
    Sweep(
        name="test pages",
        every=timedelta(minutes=5),
        run=Paced(timedelta(minutes=5), _test_pages),
        next_due=_never,
    ),
    Sweep(
        name=WATCH,
        every=watching.EVERY,
        run=Paced(watching.EVERY, watching.watch),
        next_due=_never,
    ),
    Sweep(name="heartbeat", every=timedelta(seconds=5), run=_beat, next_due=_never),
)
"""Signs of life come last, so that they tell of all the others."""


def run_due() -> int:
    """Run every sweep once, in order; tell how many rows moved."""
    return sum(run(sweep) for sweep in SWEEPS)


def next_due_at() -> datetime | None:
    """Tell when the earliest promise of any room is due; None when nothing waits."""
    found = [sweep.next_due() for sweep in SWEEPS]
    session().rollback()
    return min((moment for moment in found if moment is not None), default=None)


def run(sweep: Sweep) -> int:
    """Run one sweep; tell how many rows moved. One that fails leaves no sign of life."""
    try:
        moved = sweep.run()
    except Exception:
        # The edge of a job loop: one failing sweep must not stop the others.
        logger.exception("a sweep failed", extra={"sweep": sweep.name})
        session().rollback()
        return 0
    watching.note(name=sweep.name, every=sweep.every, now=clock.now())
    return moved


def beat() -> None:
    """Give a sign of life at once: until the first one callers are rung by their own documents."""
    _beat()
