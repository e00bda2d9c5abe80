"""Rotations and what they still have to write down. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from wellbeing.foundation.database import session
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.models import ORGANIZATION
from wellbeing.organizations.rules import Scope
from wellbeing.roster.models import (
    ROTATION,
    ROTATION_BLOCK,
    ROTATION_HOLIDAY,
    ROTATION_PERSON,
    SHIFT,
)
from wellbeing.roster.rules.overrides import Written
from wellbeing.roster.rules.rotations import (
    Block,
    NoSuchRotation,
    Pattern,
    RotationRow,
    Slot,
    Turn,
    wall_time,
)

PLANNED_AHEAD = timedelta(days=35)
"""So far ahead rotations are written down as shifts, which every question then sees."""
AGAIN_AFTER = timedelta(hours=12)
"""How much of that may have passed before the next stretch is written."""
ENDED_FOR = timedelta(days=3)


def rotations(*, scope: Scope, today: date) -> tuple[RotationRow, ...]:
    """List the rotations of the reader's units that have not ended, by unit and desk."""
    statement = (
        select(ROTATION)
        .join(ORGANIZATION, ORGANIZATION.c.id == ROTATION.c.organization_id)
        .where(organizations.within(path=ORGANIZATION.c.path, scope=scope), _runs_on(today))
        .order_by(ROTATION.c.organization_id, ROTATION.c.desk, ROTATION.c.position, ROTATION.c.id)
    )
    return _rows(session().execute(statement).mappings().all())


def rotation(*, rotation_id: int, scope: Scope) -> RotationRow:
    """Give one rotation of the reader's units.

    Raises:
        NoSuchRotation: there is none in them.

    """
    statement = (
        select(ROTATION)
        .join(ORGANIZATION, ORGANIZATION.c.id == ROTATION.c.organization_id)
        .where(
            ROTATION.c.id == rotation_id,
            organizations.within(path=ORGANIZATION.c.path, scope=scope),
        )
    )
    return _one(session().execute(statement).mappings().all())


def locked(*, rotation_id: int) -> RotationRow:
    """Give one rotation and keep others from writing its shifts until the transaction ends.

    Raises:
        NoSuchRotation: there is none.

    """
    statement = select(ROTATION).where(ROTATION.c.id == rotation_id).with_for_update()
    return _one(session().execute(statement).mappings().all())


def ids_of_desk(*, organization_id: int, desk: str) -> tuple[int, ...]:
    """List the rotations that write shifts at a desk."""
    statement = (
        select(ROTATION.c.id)
        .where(ROTATION.c.organization_id == organization_id, ROTATION.c.desk == desk)
        .order_by(ROTATION.c.id)
    )
    return tuple(session().execute(statement).scalars())


def written(*, rotation_id: int, now: datetime) -> tuple[Written, ...]:
    """List the shifts of a rotation that are not over."""
    statement = (
        select(SHIFT)
        .where(SHIFT.c.rotation_id == rotation_id, SHIFT.c.ends_at > now)
        .order_by(SHIFT.c.starts_at, SHIFT.c.id)
    )
    return tuple(written_row(row) for row in session().execute(statement).mappings())


def written_row(row: Any) -> Written:
    """Read one shift as plans are compared with it."""
    slot = Slot(
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        user_id=row["user_id"],
        position=row["position"],
        override_id=row["override_id"],
    )
    return Written(shift_id=row["id"], slot=slot, rotation_id=row["rotation_id"])


def due_ids(*, now: datetime, limit: int) -> tuple[int, ...]:
    """List the rotations whose shifts must be written further ahead, the most urgent first."""
    statement = (
        select(ROTATION.c.id)
        .where(ROTATION.c.planned_until < now + PLANNED_AHEAD - AGAIN_AFTER, _is_alive(now))
        .order_by(ROTATION.c.planned_until, ROTATION.c.id)
        .limit(limit)
    )
    return tuple(session().execute(statement).scalars())


def next_due_at(*, now: datetime) -> datetime | None:
    """Tell when the next rotation must be written further ahead; None without rotations."""
    earliest = (
        session().execute(select(func.min(ROTATION.c.planned_until)).where(_is_alive(now))).scalar()
    )
    return earliest - PLANNED_AHEAD + AGAIN_AFTER if earliest is not None else None


def _is_alive(now: datetime) -> ColumnElement[bool]:
    return _runs_on((now - ENDED_FOR).date())


def _runs_on(day: date) -> ColumnElement[bool]:
    return or_(ROTATION.c.valid_until.is_(None), ROTATION.c.valid_until >= day)


def _one(rows: Collection[Any]) -> RotationRow:
    if not rows:
        raise NoSuchRotation
    return _rows(rows)[0]


def _rows(rows: Collection[Any]) -> tuple[RotationRow, ...]:
    ids = [row["id"] for row in rows]
    people, blocks, holidays = _people(ids), _blocks(ids), _holidays(ids)
    return tuple(
        RotationRow(
            rotation_id=row["id"],
            organization_id=row["organization_id"],
            desk=row["desk"],
            by_user_id=row["by_user_id"],
            pattern=Pattern(
                turn=Turn(row["turn"]),
                people=tuple(people.get(row["id"], ())),
                blocks=tuple(blocks.get(row["id"], ())),
                valid_from=row["valid_from"],
                valid_until=row["valid_until"],
                zone=row["zone"],
                position=row["position"],
                holidays=holidays.get(row["id"], {}),
            ),
        )
        for row in rows
    )


def _people(ids: Collection[int]) -> Mapping[int, list[int]]:
    found: dict[int, list[int]] = {}
    statement = select(ROTATION_PERSON).where(ROTATION_PERSON.c.rotation_id.in_(ids))
    for row in session().execute(statement.order_by(ROTATION_PERSON.c.place)).mappings():
        found.setdefault(row["rotation_id"], []).append(row["user_id"])
    return found


def _blocks(ids: Collection[int]) -> Mapping[int, list[Block]]:
    found: dict[int, list[Block]] = {}
    statement = select(ROTATION_BLOCK).where(ROTATION_BLOCK.c.rotation_id.in_(ids))
    in_order = (ROTATION_BLOCK.c.weekday, ROTATION_BLOCK.c.starts)
    for row in session().execute(statement.order_by(*in_order)).mappings():
        block = Block(
            weekday=row["weekday"],
            starts=wall_time(minutes=row["starts"]),
            ends=wall_time(minutes=row["ends"]),
        )
        found.setdefault(row["rotation_id"], []).append(block)
    return found


def _holidays(ids: Collection[int]) -> Mapping[int, dict[date, int | None]]:
    found: dict[int, dict[date, int | None]] = {}
    statement = select(ROTATION_HOLIDAY).where(ROTATION_HOLIDAY.c.rotation_id.in_(ids))
    for row in session().execute(statement.order_by(ROTATION_HOLIDAY.c.day)).mappings():
        found.setdefault(row["rotation_id"], {})[row["day"]] = row["user_id"]
    return found
