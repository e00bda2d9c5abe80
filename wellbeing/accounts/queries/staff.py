"""Questions of administrators about staff: who belongs to their units, and what each one is."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, or_

from wellbeing.accounts.models import USER
from wellbeing.accounts.queries import people
from wellbeing.accounts.queries.people import UserRow
from wellbeing.accounts.rules.people import NoSuchUser, normalised_username
from wellbeing.accounts.rules.roles import Permission, Role
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.models import ORGANIZATION
from wellbeing.organizations.rules import Scope


def staff_of(
    *, scope: Scope, role: Role | None = None, begins: str = "", after: str = "", limit: int
) -> tuple[UserRow, ...]:
    """List the people of an administrator's units by user name, from after `after` on.

    `begins` is how the user name begins; people who left stand among them.
    """
    typed = normalised_username(username=begins)
    conditions: list[ColumnElement[bool]] = [_managed(scope), USER.c.username > after]
    if role is not None:
        conditions.append(USER.c.role == role.value)
    if typed:
        conditions.append(USER.c.username.startswith(typed, autoescape=True))
    return people.people_where(*conditions, limit=limit)


def member(*, user_id: int, scope: Scope) -> UserRow:
    """Give one person to an administrator of their unit.

    Raises:
        NoSuchUser: there is none whom this reader manages.

    """
    found = people.people_where(_managed(scope), USER.c.id == user_id, limit=1)
    if not found:
        raise NoSuchUser
    return found[0]


def _managed(scope: Scope) -> ColumnElement[bool]:
    if not scope.may(Permission.MANAGE_PEOPLE):
        return false()
    return or_(false(), organizations.within(path=ORGANIZATION.c.path, scope=scope))
