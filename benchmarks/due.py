"""20,000 escalation steps and follow-ups due at once, beside a bare lease of the same rows.

    python -m benchmarks.due --database sqlite|postgresql [--quick | --rows N] [--url …]

Prints a table and, last, one line of JSON with the ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from statistics import quantiles

import sqlalchemy as sa
from flask import Flask
from rich.console import Console
from rich.table import Table

from benchmarks import due_rows, due_workers, floors, servers
from benchmarks.due_rows import Kind
from benchmarks.webhooks import prepare, settings
from wellbeing.app import create_app
from wellbeing.foundation.database import db, schema_changes

QUICK, FULL = 400, 20_000
PROCESSES = (1, 2)
Worker = subprocess.Popen[str]
WORKS = ("bare", "machinery", "floor", "product")


@dataclass(frozen=True, slots=True)
class Result:
    """What one run measured: rows, seconds of work, and how late each row was."""

    rows: int
    seconds: float
    late: list[float]

    @property
    def per_second(self) -> float:
        """Give the rows that were done per second."""
        return self.rows / self.seconds

    def late_s(self, percent: int) -> float:
        """Give a percentile of how late rows were, in seconds after all were due."""
        return quantiles(self.late, n=100)[percent - 1]


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    count = QUICK if arguments.quick else arguments.rows
    with servers.database(arguments.database, url=arguments.url) as url:
        environment = settings(url=url)
        app = create_app(environment="production", overrides=environment | {"PRODUCTION": False})
        # The rosters begin at the bench's moment, whatever day it is.
        prepare(app=app, at=due_rows.STARTS - timedelta(hours=1))
        with app.app_context():
            due_workers.stand_still()
            due_rows.make(count=count)
            with schema_changes():
                floors.metadata.create_all(db.engine)
        plans = {kind: _statements(app, kind) for kind in Kind}
        with _workers(environment) as workers:
            measured = {
                (kind, work, processes): _measure(
                    app,
                    due_workers.Order(kind=kind, work=work, plan=dict(plans[kind])),
                    workers[:processes],
                )
                for kind in Kind
                for work in WORKS
                for processes in PROCESSES
            }
    _report(arguments.database, plans, measured)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--url", help="an empty database to use instead of a temporary one")
    parser.add_argument("--rows", type=int, default=FULL, help="rows of each kind")
    parser.add_argument("--quick", action="store_true", help="fewer rows, under 50 s")
    return parser.parse_args()


def _statements(app: Flask, kind: Kind) -> Mapping[str, int]:
    """Count the statements of one step of the product, by kind; transaction control is not one."""
    seen: Counter[str] = Counter()

    def count(connection: object, cursor: object, statement: str, *rest: object) -> None:
        del connection, cursor, rest
        seen[statement.split(None, 1)[0].lower()] += 1

    with app.app_context():
        ids = due_rows.wake(kind=kind, limit=2)
        for row in ids:
            # The first step of a process also loads what later ones find in memory.
            seen.clear()
            sa.event.listen(db.engine, "before_cursor_execute", count)
            due_workers.step(kind=kind, row=row)
            sa.event.remove(db.engine, "before_cursor_execute", count)
        due_rows.put_back(kind=kind)
        db.session.remove()
        db.engine.dispose()
    return {name: seen[name] for name in ("select", "insert", "update")}


@contextmanager
def _workers(environment: Mapping[str, str]) -> Iterator[list[Worker]]:
    """Start the processes once; each takes one order after the other."""
    given = json.dumps({**environment, "PRODUCTION": False})
    made = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.due_workers"],
            cwd=servers.ROOT,
            env={**os.environ, "DUE_SETTINGS": given},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(max(PROCESSES))
    ]
    try:
        for worker in made:
            _heard(worker)
        yield made
    finally:
        for worker in made:
            worker.terminate()
            worker.wait(timeout=30)


def _told(worker: Worker, line: str) -> None:
    if worker.stdin is not None:
        worker.stdin.write(f"{line}\n")
        worker.stdin.flush()


def _heard(worker: Worker) -> str:
    line = worker.stdout.readline() if worker.stdout is not None else ""
    if not line:
        raise SystemExit("a worker of the bench ended")
    return line


def _measure(app: Flask, order: due_workers.Order, workers: Sequence[Worker]) -> Result:
    with app.app_context():
        rows = len(due_rows.wake(kind=order.kind))
        db.session.remove()
    for worker in workers:
        _told(worker, order.line())
        _heard(worker)
    for worker in workers:
        _told(worker, "go")
    late = [moment for worker in workers for moment in json.loads(_heard(worker))]
    with app.app_context():
        left = due_rows.put_back(kind=order.kind)
        db.session.remove()
    if len(late) != rows or left:
        raise SystemExit(
            f"{order.kind.value} {order.work}: {rows} due, {len(late)} done, {left} left"
        )
    return Result(rows=rows, seconds=max(late), late=late)


def _report(
    database: str,
    plans: Mapping[Kind, Mapping[str, int]],
    measured: Mapping[tuple[Kind, str, int], Result],
) -> None:
    table = Table(title=f"Rows due at once, {database}")
    for heading in ("rows", "work", "processes", "per second", "late p50 s", "p95", "max"):
        table.add_column(heading, justify="left" if heading in {"rows", "work"} else "right")
    for (kind, work, processes), result in measured.items():
        table.add_row(
            f"{result.rows} {kind.value}", work, str(processes), f"{result.per_second:.0f}",
            f"{result.late_s(50):.2f}", f"{result.late_s(95):.2f}", f"{max(result.late):.2f}",
        )  # fmt: skip
    Console(width=100).print(table)
    ratios: dict[str, object] = {"bench": "due", "database": database}
    for kind in Kind:
        ratios[f"{kind.value}_statements"] = dict(plans[kind])
        for processes in PROCESSES:
            rate = {work: measured[kind, work, processes].per_second for work in WORKS}
            named = f"{kind.value}_{processes}"
            ratios[f"{named}_machinery_of_bare"] = round(rate["machinery"] / rate["bare"], 3)
            ratios[f"{named}_product_of_floor"] = round(rate["product"] / rate["floor"], 3)
            ratios[f"{named}_product_of_bare"] = round(rate["product"] / rate["bare"], 3)
    print(json.dumps(ratios))


if __name__ == "__main__":
    main()
