"""Questions to the roster: who is on call, which desks stand empty. Nothing is changed here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from wellbeing.accounts.models import USER
from wellbeing.foundation.database import session
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.models import ORGANIZATION
from wellbeing.organizations.rules import Scope
from wellbeing.roster.models import SHIFT
from wellbeing.roster.rules.shifts import (
    Interval,
    NoSuchShift,
    OnCall,
    ShiftRow,
    empty_times,
    in_order,
)


def on_call_at(*, organization_id: int, desk: str, at: datetime) -> tuple[OnCall, ...]:
    """List the people on call at a desk, first to be rung first; nobody who has left."""
    statement = (
        _of_desk(organization_id, desk, at, at)
        .where(SHIFT.c.starts_at <= at)
        .order_by(SHIFT.c.position, SHIFT.c.starts_at, SHIFT.c.id)
    )
    rows = session().execute(statement)
    return in_order(
        found=[OnCall(user_id=row.user_id, position=row.position) for row in rows],
    )


def desks_of(*, user_id: int, at: datetime) -> tuple[tuple[int, str], ...]:
    """List the desks that a person is on call at, as organization and desk."""
    statement = (
        select(SHIFT.c.organization_id, SHIFT.c.desk)
        .where(SHIFT.c.user_id == user_id, SHIFT.c.starts_at <= at, SHIFT.c.ends_at > at)
        .distinct()
        .order_by(SHIFT.c.organization_id, SHIFT.c.desk)
    )
    return tuple((row.organization_id, row.desk) for row in session().execute(statement))


def desks_covered(*, organization_id: int, at: datetime) -> frozenset[str]:
    """Name the desks of an organization at which somebody is on call."""
    statement = (
        select(SHIFT.c.desk)
        .join(USER, USER.c.id == SHIFT.c.user_id)
        .where(
            SHIFT.c.organization_id == organization_id,
            SHIFT.c.starts_at <= at,
            SHIFT.c.ends_at > at,
            USER.c.is_active,
        )
    )
    return frozenset(session().execute(statement).scalars())


def gaps(*, organization_id: int, desk: str, within: Interval) -> tuple[Interval, ...]:
    """List the times at which a desk stands empty, before they happen."""
    statement = _of_desk(organization_id, desk, within.starts_at, within.ends_at)
    shifts = [
        Interval(starts_at=row.starts_at, ends_at=row.ends_at)
        for row in session().execute(statement)
    ]
    return empty_times(shifts=shifts, within=within)


def shifts_between(*, scope: Scope, within: Interval, limit: int = 500) -> tuple[ShiftRow, ...]:
    """List the shifts of the reader's units that touch an interval, by unit, desk and time."""
    statement = (
        _visible(scope)
        .where(SHIFT.c.starts_at < within.ends_at, SHIFT.c.ends_at > within.starts_at)
        .order_by(
            SHIFT.c.organization_id,
            SHIFT.c.desk,
            SHIFT.c.starts_at,
            SHIFT.c.position,
            SHIFT.c.id,
        )
        .limit(limit)
    )
    return tuple(shift_row(row) for row in session().execute(statement).mappings())


def shift(*, shift_id: int, scope: Scope) -> ShiftRow:
    """Give one shift of the reader's units.

    Raises:
        NoSuchShift: there is none in them.

    """
    found = session().execute(_visible(scope).where(SHIFT.c.id == shift_id)).mappings().first()
    if found is None:
        raise NoSuchShift
    return shift_row(found)


def own_shift(*, shift_id: int, user_id: int) -> ShiftRow:
    """Give one shift of a person, wherever it is.

    Raises:
        NoSuchShift: it is not theirs.

    """
    statement = select(SHIFT).where(SHIFT.c.id == shift_id, SHIFT.c.user_id == user_id)
    found = session().execute(statement).mappings().first()
    if found is None:
        raise NoSuchShift
    return shift_row(found)


def shifts_of(*, user_id: int, within: Interval) -> tuple[ShiftRow, ...]:
    """List a person's own shifts that touch an interval, by their beginning."""
    statement = (
        select(SHIFT)
        .where(
            SHIFT.c.user_id == user_id,
            SHIFT.c.starts_at < within.ends_at,
            SHIFT.c.ends_at > within.starts_at,
        )
        .order_by(SHIFT.c.starts_at, SHIFT.c.id)
    )
    return tuple(shift_row(row) for row in session().execute(statement).mappings())


def overlapping(*, user_id: int, organization_id: int, desk: str, within: Interval) -> bool:
    """Tell whether a person is on a desk at some time of an interval already."""
    statement = (
        select(SHIFT.c.id)
        .where(
            SHIFT.c.user_id == user_id,
            SHIFT.c.organization_id == organization_id,
            SHIFT.c.desk == desk,
            SHIFT.c.starts_at < within.ends_at,
            SHIFT.c.ends_at > within.starts_at,
        )
        .limit(1)
    )
    return session().execute(statement).first() is not None


def _of_desk(organization_id: int, desk: str, after: datetime, before: datetime) -> Select[Any]:
    return (
        select(SHIFT)
        .join(USER, USER.c.id == SHIFT.c.user_id)
        .where(
            SHIFT.c.organization_id == organization_id,
            SHIFT.c.desk == desk,
            SHIFT.c.ends_at > after,
            SHIFT.c.starts_at <= before,
            USER.c.is_active,
        )
    )


def _visible(scope: Scope) -> Select[Any]:
    return (
        select(SHIFT)
        .join(ORGANIZATION, ORGANIZATION.c.id == SHIFT.c.organization_id)
        .where(organizations.within(path=ORGANIZATION.c.path, scope=scope))
    )


def shift_row(row: Any) -> ShiftRow:
    """Read one shift as doors and higher rooms see it."""
    return ShiftRow(
        shift_id=row["id"],
        organization_id=row["organization_id"],
        desk=row["desk"],
        user_id=row["user_id"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        position=row["position"],
        rotation_id=row["rotation_id"],
        override_id=row["override_id"],
    )
