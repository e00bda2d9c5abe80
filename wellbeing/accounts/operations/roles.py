"""An administrator gives roles and takes access away. What somebody holds, higher rooms ask."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from wellbeing.accounts.models import USER
from wellbeing.accounts.operations import people
from wellbeing.accounts.rules.people import LastAdministrator, OwnRole, RoleChange
from wellbeing.accounts.rules.roles import Role
from wellbeing.foundation.database import session


def give_role(*, change: RoleChange, by: int, real_now: datetime) -> None:
    """Give somebody a role and a place; they sign in again with what it allows.

    Raises:
        OwnRole: it is the administrator's own.
        LastAdministrator: nobody would be left to manage people.
        StaleUser: somebody changed the person in the meantime, or they left.

    """
    _refuse_own(change.user_id, by)
    if change.role is not Role.ADMINISTRATOR:
        _keep_an_administrator(change.user_id)
    people.change_role(
        user_id=change.user_id,
        role=change.role,
        organization_id=change.organization_id,
        version=change.version,
        real_now=real_now,
    )


def take_access_away(*, user_id: int, by: int, real_now: datetime) -> None:
    """End somebody's access at once: sessions, grants, sign-in.

    Raises:
        OwnRole: it is the administrator's own.
        LastAdministrator: nobody would be left to manage people.
        NoSuchUser: they left already.

    """
    _refuse_own(user_id, by)
    _keep_an_administrator(user_id)
    people.disable_user(user_id=user_id, real_now=real_now)


def _refuse_own(user_id: int, by: int) -> None:
    if user_id == by:
        raise OwnRole


def _keep_an_administrator(user_id: int) -> None:
    """Of two administrators who take each other's role at once, the second waits here."""
    statement = select(USER.c.id).where(USER.c.role == Role.ADMINISTRATOR.value, USER.c.is_active)
    standing = session().execute(statement.order_by(USER.c.id).with_for_update()).scalars().all()
    if list(standing) == [user_id]:
        raise LastAdministrator
