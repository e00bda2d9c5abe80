"""Put people on desks by hand and take them off. Rotations and overrides live beside this."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, update

from wellbeing.accounts import queries as accounts
from wellbeing.accounts.rules import ROLE_PERMISSIONS, Permission
from wellbeing.foundation.database import changed, session
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.rules import Scope
from wellbeing.policy import current as policy
from wellbeing.roster.models import SHIFT
from wellbeing.roster.queries import shifts as queries
from wellbeing.roster.rules.shifts import (
    AlreadyOnCall,
    CannotBeOnCall,
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
    place = organizations.get(organization_id=new.organization_id)
    if (new.desk, place.tier) not in {(one.key, one.tier) for one in policy.current().line.desks}:
        raise NoSuchDesk
    person = accounts.user(user_id=new.user_id)
    takes_part = Permission.RECEIVE_ESCALATION in ROLE_PERMISSIONS[person.role]
    if not (person.is_active and takes_part and place.path.startswith(person.organization_path)):
        raise CannotBeOnCall
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


def remove_shift(*, shift_id: int, scope: Scope, now: datetime) -> None:
    """Take a person off a desk: a shift to come is deleted, a running one ends now.

    Raises:
        NoSuchShift: there is none in the reader's units.
        ShiftOver: it is past; who was on call then must stay known.

    """
    found = queries.shift(shift_id=shift_id, scope=scope)
    if found.ends_at <= now:
        raise ShiftOver
    if found.starts_at >= now:
        changed(delete(SHIFT).where(SHIFT.c.id == shift_id))
        return
    changed(update(SHIFT).where(SHIFT.c.id == shift_id, SHIFT.c.ends_at > now).values(ends_at=now))
