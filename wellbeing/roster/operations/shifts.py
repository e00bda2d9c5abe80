"""Put people on desks by hand and take them off. Rotations and overrides live beside this."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, update

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.roles import ROLE_PERMISSIONS, Permission
from wellbeing.foundation.database import changed, session
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.rules import NoSuchOrganization, Scope
from wellbeing.policy import current as policy
from wellbeing.roster.models import SHIFT
from wellbeing.roster.queries import shifts as queries
from wellbeing.roster.rules.shifts import (
    AlreadyOnCall,
    CannotBeOnCall,
    FromRotation,
    Interval,
    NewShift,
    NoSuchDesk,
    ShiftOver,
    check_shift,
)


def add_shift(*, new: NewShift, now: datetime) -> int:
    """Put a person on a desk of their own unit or one below it; give the shift's id.

    Raises:
        NotAnInterval, NotAPosition: it cannot be, whoever takes it.
        NoSuchDesk: the policy has no such desk at the tier of this unit.
        CannotBeOnCall: the person left, takes no escalations, or belongs elsewhere.
        AlreadyOnCall: they are on this desk at that time already.

    """
    check_shift(new=new)
    place = place_of(organization_id=new.organization_id, desk=new.desk)
    check_fit(user_id=new.user_id, place=place)
    if queries.overlapping(
        user_id=new.user_id,
        organization_id=new.organization_id,
        desk=new.desk,
        within=Interval(starts_at=new.starts_at, ends_at=new.ends_at),
    ):
        raise AlreadyOnCall
    statement = insert(SHIFT).values(
        organization_id=new.organization_id,
        desk=new.desk,
        user_id=new.user_id,
        starts_at=new.starts_at,
        ends_at=new.ends_at,
        position=new.position,
        by_user_id=new.by_user_id,
        created_at=now,
    )
    return int(session().execute(statement.returning(SHIFT.c.id)).scalar_one())


def place_of(
    *, organization_id: int, desk: str, scope: Scope | None = None
) -> organizations.OrganizationRow:
    """Give the unit of a desk, if the policy knows such a desk at its tier.

    Raises:
        NoSuchOrganization: there is no such unit, or it is none of the reader's.
        NoSuchDesk: the policy has no such desk at the tier of this unit.

    """
    place = organizations.get(organization_id=organization_id)
    if scope is not None and not scope.covers(place.path):
        raise NoSuchOrganization
    if (desk, place.tier) not in {(one.key, one.tier) for one in policy.current().line.desks}:
        raise NoSuchDesk
    return place


def check_fit(*, user_id: int, place: organizations.OrganizationRow) -> None:
    """Refuse a person who cannot be on call at a unit.

    Raises:
        CannotBeOnCall: the person left, takes no escalations, or belongs elsewhere.

    """
    person = accounts.user(user_id=user_id)
    takes_part = Permission.RECEIVE_ESCALATION in ROLE_PERMISSIONS[person.role]
    if not (person.is_active and takes_part and place.path.startswith(person.organization_path)):
        raise CannotBeOnCall


def remove_shift(*, shift_id: int, scope: Scope, now: datetime) -> None:
    """Take a person off a desk: a shift to come is deleted, a running one ends now.

    Raises:
        NoSuchShift: there is none in the reader's units.
        ShiftOver: it is past; who was on call then must stay known.
        FromRotation: its rotation would only write it down again.

    """
    found = queries.shift(shift_id=shift_id, scope=scope)
    if found.ends_at <= now:
        raise ShiftOver
    if found.rotation_id is not None:
        raise FromRotation
    if found.starts_at >= now:
        changed(delete(SHIFT).where(SHIFT.c.id == shift_id))
        return
    changed(update(SHIFT).where(SHIFT.c.id == shift_id, SHIFT.c.ends_at > now).values(ends_at=now))
