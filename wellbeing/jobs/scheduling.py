"""When each sweep runs: fixed ticks in a process of its own, and delivery when it is woken."""

from __future__ import annotations

import threading

import click
from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask, current_app
from flask.cli import with_appcontext

from wellbeing.jobs import sweeps
from wellbeing.jobs.rows import Sweep
from wellbeing.messaging.delivery import wake

WATCH_SECONDS = 5.0


def scheduler(app: Flask) -> BlockingScheduler:
    """Build the scheduler: fixed ticks, no job store, a late tick runs once and at once."""

    def tick(sweep: Sweep) -> None:
        with app.app_context():
            sweeps.run(sweep)

    # A thread for each: one that is slow or hangs must not keep the others from their ticks.
    made = BlockingScheduler(
        timezone="UTC",
        executors={"default": {"type": "threadpool", "max_workers": len(sweeps.SWEEPS)}},
    )
    for sweep in sweeps.SWEEPS:
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
                sweeps.run(sweeps.DELIVERY)


@click.command("jobs")
@with_appcontext
def command() -> None:
    """Run the scheduled work until stopped; any number of these processes may run."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    # At once: until the first beat callers would be rung by their own documents.
    sweeps.beat()
    made = scheduler(app)
    threading.Thread(target=watch_orders, args=[app], daemon=True).start()
    click.echo("jobs: running; stop with Ctrl+C")
    try:
        made.start()
    except (KeyboardInterrupt, SystemExit):
        click.echo("jobs: stopped")
