"""Where desks that must never be empty stand empty, and which shifts are to be handed over."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from sqlalchemy import and_, exists, func, select

from wellbeing.accounts.models import USER
from wellbeing.foundation.database import session
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.models import ORGANIZATION
from wellbeing.organizations.rules import Scope
from wellbeing.policy import current as policy
from wellbeing.policy.model import Tier
from wellbeing.roster.models import COVERAGE_ALARM, HANDOVER, SHIFT
from wellbeing.roster.queries.shifts import shift_row
from wellbeing.roster.rules.coverage import ENDS_SOON, STILL_OPEN, DeskGap, HandoverRow
from wellbeing.roster.rules.shifts import Interval, ShiftRow, empty_times

Desk = tuple[int, str]
EVERYWHERE = Scope(user_id=0, paths=("/",), permissions=frozenset())


def desk_gaps(*, within: Interval, scope: Scope = EVERYWHERE) -> tuple[DeskGap, ...]:
    """List the gaps of every desk of a scope that must never be empty, by unit and desk."""
    desks = _round_the_clock(scope)
    covered: dict[Desk, list[Interval]] = {desk: [] for desk in desks}
    statement = (
        select(SHIFT.c.organization_id, SHIFT.c.desk, SHIFT.c.starts_at, SHIFT.c.ends_at)
        .join(USER, USER.c.id == SHIFT.c.user_id)
        .where(
            USER.c.is_active,
            SHIFT.c.organization_id.in_({unit for unit, _desk in desks}),
            SHIFT.c.starts_at < within.ends_at,
            SHIFT.c.ends_at > within.starts_at,
        )
    )
    for row in session().execute(statement):
        stretch = Interval(starts_at=row.starts_at, ends_at=row.ends_at)
        covered.get((row.organization_id, row.desk), []).append(stretch)
    return tuple(
        DeskGap(organization_id=unit, desk=desk, gap=gap)
        for (unit, desk), shifts in covered.items()
        for gap in empty_times(shifts=shifts, within=within)
    )


def empty_since(*, units: Collection[int], now: datetime) -> Mapping[Desk, datetime]:
    """Tell when desks were last covered before now; one that never was is left out."""
    statement = (
        select(SHIFT.c.organization_id, SHIFT.c.desk, func.max(SHIFT.c.ends_at).label("last"))
        .join(USER, USER.c.id == SHIFT.c.user_id)
        .where(USER.c.is_active, SHIFT.c.ends_at <= now, SHIFT.c.organization_id.in_(units))
        .group_by(SHIFT.c.organization_id, SHIFT.c.desk)
    )
    return {(row.organization_id, row.desk): row.last for row in session().execute(statement)}


def told(*, units: Collection[int]) -> Mapping[Desk, list[datetime]]:
    """List the beginnings of gaps for which an alarm was raised."""
    found: dict[Desk, list[datetime]] = {}
    statement = select(COVERAGE_ALARM).where(COVERAGE_ALARM.c.organization_id.in_(units))
    for row in session().execute(statement).mappings():
        found.setdefault((row["organization_id"], row["desk"]), []).append(row["starts_at"])
    return found


def ending_soon(*, user_id: int, now: datetime) -> tuple[ShiftRow, ...]:
    """List a person's shifts that end soon or ended lately and are not handed over.

    Somebody who goes on at the same desk has nothing to hand over.
    """
    following = SHIFT.alias("following")
    goes_on = exists().where(
        following.c.user_id == SHIFT.c.user_id,
        following.c.organization_id == SHIFT.c.organization_id,
        following.c.desk == SHIFT.c.desk,
        following.c.starts_at <= SHIFT.c.ends_at,
        following.c.ends_at > SHIFT.c.ends_at,
    )
    statement = (
        select(SHIFT)
        .outerjoin(HANDOVER, HANDOVER.c.shift_id == SHIFT.c.id)
        .where(
            SHIFT.c.user_id == user_id,
            SHIFT.c.starts_at <= now,
            and_(SHIFT.c.ends_at > now - STILL_OPEN, SHIFT.c.ends_at <= now + ENDS_SOON),
            HANDOVER.c.id.is_(None),
            ~goes_on,
        )
        .order_by(SHIFT.c.ends_at, SHIFT.c.id)
    )
    return tuple(shift_row(row) for row in session().execute(statement).mappings())


def handover(*, shift_id: int) -> HandoverRow | None:
    """Tell how a shift was handed over; None if it was not."""
    statement = select(HANDOVER).where(HANDOVER.c.shift_id == shift_id)
    row = session().execute(statement).mappings().first()
    if row is None:
        return None
    return HandoverRow(
        shift_id=row["shift_id"],
        by_user_id=row["by_user_id"],
        to_user_id=row["to_user_id"],
        open_contacts=row["open_contacts"],
        at=row["at"],
    )


def _round_the_clock(scope: Scope) -> tuple[Desk, ...]:
    desks = [one for one in policy.current().line.desks if one.around_the_clock]
    statement = (
        select(ORGANIZATION.c.id, ORGANIZATION.c.tier)
        .where(
            ORGANIZATION.c.tier.in_({one.tier.value for one in desks}),
            organizations.within(path=ORGANIZATION.c.path, scope=scope),
        )
        .order_by(ORGANIZATION.c.id)
    )

    def found() -> Iterator[Desk]:
        for unit, tier in session().execute(statement):
            for desk in desks:
                if desk.tier is Tier(tier):
                    yield unit, desk.key

    return tuple(found())
