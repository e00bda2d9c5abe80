"""Overrides in force and requests to swap. Nothing is changed here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from wellbeing.foundation.database import session
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.models import ORGANIZATION
from wellbeing.organizations.rules import Scope
from wellbeing.roster.models import OVERRIDE, SHIFT, SWAP
from wellbeing.roster.queries.rotations import written_row
from wellbeing.roster.rules.overrides import (
    OPEN_SWAPS,
    NoSuchOverride,
    NoSuchSwap,
    OverrideRow,
    SwapRow,
    SwapState,
    Written,
)
from wellbeing.roster.rules.shifts import Interval

_OPEN = [state.value for state in OPEN_SWAPS]


def overrides(*, scope: Scope, now: datetime) -> tuple[OverrideRow, ...]:
    """List the overrides of the reader's units that are not over, by their beginning."""
    statement = (
        select(OVERRIDE)
        .join(ORGANIZATION, ORGANIZATION.c.id == OVERRIDE.c.organization_id)
        .where(
            OVERRIDE.c.withdrawn_at.is_(None),
            OVERRIDE.c.ends_at > now,
            organizations.within(path=ORGANIZATION.c.path, scope=scope),
        )
        .order_by(OVERRIDE.c.starts_at, OVERRIDE.c.id)
    )
    return tuple(_override(row) for row in session().execute(statement).mappings())


def override(*, override_id: int, scope: Scope) -> OverrideRow:
    """Give one override of the reader's units that stands.

    Raises:
        NoSuchOverride: there is none in them, or it was taken back.

    """
    statement = (
        select(OVERRIDE)
        .join(ORGANIZATION, ORGANIZATION.c.id == OVERRIDE.c.organization_id)
        .where(
            OVERRIDE.c.id == override_id,
            OVERRIDE.c.withdrawn_at.is_(None),
            organizations.within(path=ORGANIZATION.c.path, scope=scope),
        )
    )
    row = session().execute(statement).mappings().first()
    if row is None:
        raise NoSuchOverride
    return _override(row)


def of_desk(*, organization_id: int, desk: str, after: datetime) -> tuple[OverrideRow, ...]:
    """List what stands for a desk after a moment, in the order in which it was made."""
    statement = (
        select(OVERRIDE)
        .where(
            OVERRIDE.c.organization_id == organization_id,
            OVERRIDE.c.desk == desk,
            OVERRIDE.c.ends_at > after,
            OVERRIDE.c.withdrawn_at.is_(None),
        )
        .order_by(OVERRIDE.c.id)
    )
    return tuple(_override(row) for row in session().execute(statement).mappings())


def shifts_of(
    *, organization_id: int, desk: str, user_id: int, within: Interval
) -> tuple[Written, ...]:
    """List what a person does at a desk in an interval, whoever entered it."""
    statement = (
        select(SHIFT)
        .where(
            SHIFT.c.organization_id == organization_id,
            SHIFT.c.desk == desk,
            SHIFT.c.user_id == user_id,
            SHIFT.c.starts_at < within.ends_at,
            SHIFT.c.ends_at > within.starts_at,
        )
        .order_by(SHIFT.c.starts_at, SHIFT.c.id)
    )
    return tuple(written_row(row) for row in session().execute(statement).mappings())


def put_in_by_hand(*, override_id: int, now: datetime) -> tuple[Written, ...]:
    """List the shifts, not over and of no rotation, that an override has given to somebody."""
    statement = (
        select(SHIFT)
        .where(
            SHIFT.c.override_id == override_id,
            SHIFT.c.rotation_id.is_(None),
            SHIFT.c.ends_at > now,
        )
        .order_by(SHIFT.c.starts_at, SHIFT.c.id)
    )
    return tuple(written_row(row) for row in session().execute(statement).mappings())


def swaps_for(*, user_id: int, now: datetime) -> tuple[SwapRow, ...]:
    """List the open requests that a person made or got, by their beginning."""
    mine = or_(SWAP.c.asker_id == user_id, SWAP.c.asked_id == user_id)
    statement = select(SWAP).where(mine, SWAP.c.state.in_(_OPEN), SWAP.c.ends_at > now)
    rows = session().execute(statement.order_by(SWAP.c.starts_at, SWAP.c.id))
    return tuple(_swap(row) for row in rows.mappings())


def swaps_to_approve(*, scope: Scope, now: datetime) -> tuple[SwapRow, ...]:
    """List the requests of the reader's units that both sides want, by their beginning."""
    statement = (
        select(SWAP)
        .join(ORGANIZATION, ORGANIZATION.c.id == SWAP.c.organization_id)
        .where(
            SWAP.c.state == SwapState.AGREED.value,
            SWAP.c.ends_at > now,
            organizations.within(path=ORGANIZATION.c.path, scope=scope),
        )
        .order_by(SWAP.c.starts_at, SWAP.c.id)
    )
    return tuple(_swap(row) for row in session().execute(statement).mappings())


def swap_of(*, swap_id: int, user_id: int) -> SwapRow:
    """Give one request that a person made or got.

    Raises:
        NoSuchSwap: it is none of theirs.

    """
    mine = or_(SWAP.c.asker_id == user_id, SWAP.c.asked_id == user_id)
    return _one_swap(select(SWAP).where(SWAP.c.id == swap_id, mine))


def swap_within(*, swap_id: int, scope: Scope) -> SwapRow:
    """Give one request of the reader's units.

    Raises:
        NoSuchSwap: there is none in them.

    """
    return _one_swap(
        select(SWAP)
        .join(ORGANIZATION, ORGANIZATION.c.id == SWAP.c.organization_id)
        .where(SWAP.c.id == swap_id, organizations.within(path=ORGANIZATION.c.path, scope=scope))
    )


def _one_swap(statement: Any) -> SwapRow:
    row = session().execute(statement).mappings().first()
    if row is None:
        raise NoSuchSwap
    return _swap(row)


def _override(row: Any) -> OverrideRow:
    return OverrideRow(
        override_id=row["id"],
        organization_id=row["organization_id"],
        desk=row["desk"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        user_id=row["user_id"],
        replaced_id=row["replaced_id"],
        position=row["position"],
    )


def _swap(row: Any) -> SwapRow:
    return SwapRow(
        swap_id=row["id"],
        organization_id=row["organization_id"],
        desk=row["desk"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        asker_id=row["asker_id"],
        asked_id=row["asked_id"],
        state=SwapState(row["state"]),
        asked_at=row["asked_at"],
    )
