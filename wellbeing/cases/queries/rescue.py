"""Questions about rescues: of a case, all that are open in a subtree, what is due."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from wellbeing.cases.models.cases import CASE
from wellbeing.cases.models.rescue import RESCUE, STEP
from wellbeing.cases.queries import visibility
from wellbeing.cases.rules.rescue import NoSuchRescue, RescueRow, StepRow, StepState
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session
from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import RescueStep, StepHolder

PLACE = "rescue_step.words"
_ORDER = {step: place for place, step in enumerate(RescueStep)}


def of_case(*, case_id: int) -> tuple[RescueRow, ...]:
    """Give the rescues of a case, newest first; the reader was let in before."""
    return _rescues(select(RESCUE).where(RESCUE.c.case_id == case_id))


def running(*, case_id: int) -> RescueRow | None:
    """Give the rescue of a case that is under way, if there is one."""
    found = _rescues(select(RESCUE).where(RESCUE.c.case_id == case_id, RESCUE.c.ended_at.is_(None)))
    return found[0] if found else None


def by_id(*, rescue_id: int) -> RescueRow:
    """Give one rescue to a room that has decided itself that it may be opened.

    Raises:
        NoSuchRescue: there is none with this id.

    """
    found = _rescues(select(RESCUE).where(RESCUE.c.id == rescue_id))
    if not found:
        raise NoSuchRescue
    return found[0]


def open_rescues(
    *, scope: Scope, now: datetime, owner_id: int | None = None, limit: int = 100
) -> tuple[RescueRow, ...]:
    """List the rescues under way of the cases that a reader may open, oldest first, unopened.

    Two queries; the words of the steps stay sealed, because lists show none.
    """
    statement = (
        select(RESCUE)
        .join(CASE, CASE.c.id == RESCUE.c.case_id)
        .where(RESCUE.c.ended_at.is_(None), visibility.scoped(scope=scope, now=now))
    )
    if owner_id is not None:
        statement = statement.where(CASE.c.owner_id == owner_id)
    return tuple(reversed(_rescues(statement.limit(limit), with_words=False)))


def due_ids(*, now: datetime, limit: int) -> tuple[int, ...]:
    """List the steps, by id, that are late and of which somebody hears now, longest due first."""
    statement = select(STEP.c.id).where(STEP.c.next_step_at <= now)
    soonest = statement.order_by(STEP.c.next_step_at, STEP.c.id).limit(limit)
    return tuple(session().execute(soonest).scalars())


def next_due_at() -> datetime | None:
    """Tell when the next step of any rescue is late; None when none is under way."""
    return session().execute(select(func.min(STEP.c.next_step_at))).scalar()


def moves() -> tuple[Select[Any], ...]:
    """Give SELECTs of numbers, one of which changes whenever a rescue begins, moves or ends.

    One that begins raises the last id, one that ends lowers the count of those under way; while
    neither changes, the steps of the same few are counted, never those of the years before.
    """
    running = select(RESCUE.c.id).where(RESCUE.c.ended_at.is_(None))
    of_them = STEP.c.rescue_id.in_(running)
    return (
        select(func.coalesce(func.max(RESCUE.c.id), 0)),
        select(func.count()).select_from(RESCUE).where(RESCUE.c.ended_at.is_(None)),
        select(func.count(STEP.c.done_at)).where(of_them),
        select(func.coalesce(func.sum(STEP.c.rung), 0)).where(of_them),
    )


def _rescues(statement: Select[Any], *, with_words: bool = True) -> tuple[RescueRow, ...]:
    newest = statement.order_by(RESCUE.c.started_at.desc(), RESCUE.c.id.desc())
    rows = session().execute(newest).mappings().all()
    steps = _steps(STEP.c.rescue_id.in_([row["id"] for row in rows]), with_words) if rows else {}
    return tuple(
        RescueRow(
            rescue_id=row["id"],
            case_id=row["case_id"],
            started_by=row["started_by"],
            started_at=row["started_at"],
            ended_at=row["ended_at"],
            steps=tuple(sorted(steps[row["id"]], key=lambda one: _ORDER[one.step])),
        )
        for row in rows
    )


def _steps(condition: ColumnElement[bool], with_words: bool) -> Mapping[int, Iterable[StepRow]]:  # noqa: FBT001 - private, named where it is called
    found: dict[int, list[StepRow]] = {}
    for row in session().execute(select(STEP).where(condition)).mappings():
        found.setdefault(row["rescue_id"], []).append(_step(row, with_words=with_words))
    return found


def _step(row: Mapping[Any, Any], *, with_words: bool) -> StepRow:
    blob = row["words_sealed"] if with_words else None
    return StepRow(
        step=RescueStep(row["step"]),
        holder=StepHolder(row["holder"]),
        by_at=row["by_at"],
        state=StepState(row["state"]),
        happened_at=row["happened_at"],
        done_at=row["done_at"],
        done_by=row["done_by"],
        words=json.loads(sealed.open_sealed(blob, place=PLACE)) if blob else {},
        missed_at=row["missed_at"],
        next_step_at=row["next_step_at"],
    )
