"""Which entries of a timeline are wanted, and who wrote them. The words are opened elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, select

from wellbeing.cases.models.cases import ENTRY
from wellbeing.cases.rules.cases import EntryKind
from wellbeing.cases.rules.work import TimelineFilter
from wellbeing.foundation.database import session


def wanted(*, only: TimelineFilter | None) -> list[ColumnElement[bool]]:
    """Limit a statement on entries to those of a person and a time; None means all."""
    found: list[ColumnElement[bool]] = []
    if only is not None and only.actor_id is not None:
        found.append(ENTRY.c.actor_id == only.actor_id)
    if only is not None and only.since is not None:
        found.append(ENTRY.c.at >= only.since)
    if only is not None and only.until is not None:
        found.append(ENTRY.c.at < only.until)
    return found


def actors_of(*, case_id: int) -> tuple[int, ...]:
    """List whoever did something to a case, by id."""
    statement = select(ENTRY.c.actor_id).where(
        ENTRY.c.case_id == case_id, ENTRY.c.actor_id.is_not(None)
    )
    return tuple(session().execute(statement.distinct().order_by(ENTRY.c.actor_id)).scalars())


def closed_by(*, case_ids: Iterable[int]) -> Mapping[int, int]:
    """Tell who closed each of these cases last, by case; one that was never closed is left out."""
    statement = (
        select(ENTRY.c.case_id, ENTRY.c.actor_id)
        .where(ENTRY.c.case_id.in_(case_ids), ENTRY.c.kind == EntryKind.CLOSED.value)
        .order_by(ENTRY.c.id)
    )
    rows = session().execute(statement)
    return {case_id: actor_id for case_id, actor_id in rows if actor_id is not None}
