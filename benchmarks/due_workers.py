"""What one process of the bench of due work does: the product's sweep, or what it is held against.

| work | each row |
|---|---|
| bare | a lease of ten by SKIP LOCKED, then for each its own UPDATE and commit |
| machinery | the product's sweep of rows, whose step is that same UPDATE |
| floor | the bare lease, with as many statements for each row as the product's step runs |
| product | the product's sweep and step |
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from benchmarks import floors
from benchmarks.due_rows import STARTS, Kind
from wellbeing.app import create_app
from wellbeing.escalation import queries as escalations
from wellbeing.escalation.operations import sweeps as escalation_sweeps
from wellbeing.followups import queries as promises
from wellbeing.followups.operations import sweeps as promise_sweeps
from wellbeing.foundation import clock
from wellbeing.foundation.database import changed, session, transaction
from wellbeing.jobs import RowSweep, Together

LEASE = 10
LATER = timedelta(days=3_650)
DUE_IDS: Mapping[Kind, Callable[..., tuple[int, ...]]] = {
    Kind.ESCALATION: escalations.due_ids,
    Kind.FOLLOW_UP: promises.due_ids,
}
TOGETHER: Mapping[Kind, Together] = {
    Kind.ESCALATION: escalation_sweeps.advance_all,
    Kind.FOLLOW_UP: promise_sweeps.advance_all,
}
STEPS: Mapping[Kind, Callable[..., bool]] = {
    Kind.ESCALATION: escalation_sweeps.advance,
    Kind.FOLLOW_UP: promise_sweeps.advance,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a process is to do."""

    kind: Kind
    work: str
    plan: dict[str, int]

    def line(self) -> str:
        """Write it as one line."""
        return json.dumps({"kind": self.kind.value, "work": self.work, "plan": self.plan})


def main() -> None:
    """Take orders by line, do each at the word "go", and tell when each row was done."""
    app = create_app(environment="production", overrides=json.loads(os.environ["DUE_SETTINGS"]))
    stand_still()
    with app.app_context():
        _say("ready")
        for line in sys.stdin:
            given = json.loads(line)
            order = Order(kind=Kind(given["kind"]), work=given["work"], plan=given["plan"])
            session().execute(sa.select(1))
            session().rollback()
            _say("armed")
            sys.stdin.readline()
            _say(json.dumps(_all(order)))


def _all(order: Order) -> list[float]:
    """Do due rows until none is left; give how long after the start each was done."""
    done: list[float] = []
    one = _worker(order, done)
    started = time.perf_counter()
    idle = 0
    # Twice, because another process may hold the last rows when this one looks.
    while idle < 2:  # noqa: PLR2004 - see above
        idle = 0 if one() else idle + 1
    return [moment - started for moment in done]


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def stand_still() -> None:
    """Let the service's clock stand at the bench's moment, whatever the hour of the machine."""
    sources = clock.Sources(wall=lambda: STARTS, steady=lambda: 0.0)
    clock.install(path=None, production=False, sources=sources)


def step(*, kind: Kind, row: int) -> None:
    """Make one step of the product, committed."""
    with transaction():
        if not STEPS[kind](row, now=STARTS):
            raise SystemExit(f"row {row} of {kind.value} did not move")


def _worker(order: Order, done: list[float]) -> Callable[[], int]:
    if order.work in {"bare", "floor"}:
        plan = order.plan if order.work == "floor" else {}
        return lambda: _lease(order.kind, plan, done)
    advance = STEPS[order.kind] if order.work == "product" else _update(order.kind)

    def noted(row: int, *, now: datetime) -> bool:
        moved = advance(row, now=now)
        if moved:
            done.append(time.perf_counter())
        return moved

    def noted_together(rows: Collection[int], *, now: datetime) -> Collection[int]:
        moved = TOGETHER[order.kind](rows, now=now)
        done.extend([time.perf_counter()] * len(moved))
        return moved

    together = noted_together if order.work == "product" else None
    return RowSweep(order.kind.value, DUE_IDS[order.kind], noted, together=together)


def _update(kind: Kind) -> Callable[..., bool]:
    table = kind.table
    statement = (
        sa.update(table)
        .where(table.c.id == sa.bindparam("row"), table.c.next_step_at <= sa.bindparam("due"))
        .values(next_step_at=sa.bindparam("later"), version=table.c.version + 1)
    )

    def advance(row: int, *, now: datetime) -> bool:
        values = {"row": row, "due": now, "later": now + LATER}
        result: Any = session().execute(statement, values)
        return bool(result.rowcount == 1)

    return advance


def _lease(kind: Kind, plan: Mapping[str, int], done: list[float]) -> int:
    """Claim ten rows, then do and commit each; the claim is what keeps other processes off."""
    table = kind.table
    chosen = (
        sa.select(table.c.id)
        .where(table.c.next_step_at <= STARTS)
        .order_by(table.c.next_step_at)
        .limit(LEASE)
        .with_for_update(skip_locked=True)
    )
    with transaction():
        rows = list(session().execute(chosen).scalars())
        if rows:
            held = sa.update(table).where(table.c.id.in_(rows))
            changed(held.values(next_step_at=STARTS + timedelta(minutes=1)))
    advance = sa.update(table).where(table.c.id == sa.bindparam("row"))
    for row in rows:
        with transaction() as writing:
            floors.work(writing.connection(), dict(plan))
            values = {"row": row, "next_step_at": STARTS + LATER}
            writing.connection().execute(advance, values)
        done.append(time.perf_counter())
    return len(rows)


if __name__ == "__main__":
    main()
