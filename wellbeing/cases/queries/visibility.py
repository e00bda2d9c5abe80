"""Who may see which case: the one condition that every list, item, count and search asks.

Lists and items therefore always agree on who may see what (promise P6).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, or_, true

from wellbeing.accounts.queries import grants as accounts
from wellbeing.accounts.rules.grants import GrantKind
from wellbeing.accounts.rules.roles import Permission
from wellbeing.cases.models.cases import CASE
from wellbeing.cases.rules.cases import CaseStatus
from wellbeing.organizations.rules import Scope, path_ids

GRANT_SUBJECT = "case"
_EVERYTHING = true()
AT_REST = CASE.c.status.in_([CaseStatus.SEALED.value, CaseStatus.ERASED.value])
_NOT_AT_REST = CASE.c.status.not_in([CaseStatus.SEALED.value, CaseStatus.ERASED.value])


def arms(*, scope: Scope, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Name every reason for which a reader may see a case; each is answered by one index."""
    if not scope.may(Permission.OPEN_CASE):
        return (false(),)
    granted = accounts.grants_subquery(user_id=scope.user_id, subject_kind=GRANT_SUBJECT, now=now)
    supervised = subtrees(scope=scope) if scope.may(Permission.SUPERVISE) else ()
    # A sealed record opens in an emergency alone, whatever else was given; an erased one never.
    by_grant = and_(CASE.c.id.in_(granted), or_(_NOT_AT_REST, _broken_into(scope, now)))
    if any(one is _EVERYTHING for one in supervised):
        return (by_grant, _NOT_AT_REST)
    return (by_grant, *(and_(one, _NOT_AT_REST) for one in supervised))


def scoped(*, scope: Scope, now: datetime) -> ColumnElement[bool]:
    """Limit any statement on cases to those that a reader may see."""
    return or_(*arms(scope=scope, now=now))


def subtrees(*, scope: Scope) -> tuple[ColumnElement[bool], ...]:
    """Turn each subtree into an equality: the tree has three floors (organizations.rules)."""
    found: list[ColumnElement[bool]] = []
    for path in scope.paths:
        root, *below = path_ids(path=path)
        columns = (CASE.c.branch_id, CASE.c.organization_id)
        found.append(columns[len(below) - 1] == below[-1] if below and root else _EVERYTHING)
    return tuple(found)


def _broken_into(scope: Scope, now: datetime) -> ColumnElement[bool]:
    by_emergency = accounts.grants_subquery(
        user_id=scope.user_id, subject_kind=GRANT_SUBJECT, now=now, kind=GrantKind.BREAK_GLASS
    )
    return and_(CASE.c.status == CaseStatus.SEALED.value, CASE.c.id.in_(by_emergency))
