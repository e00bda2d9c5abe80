"""Who may see which case: the one condition that every list, item, count and search asks.

Lists and items therefore always agree on who may see what (promise P6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, or_, true

from wellbeing.accounts.queries import grants as accounts
from wellbeing.accounts.rules.grants import GrantKind
from wellbeing.accounts.rules.roles import Permission
from wellbeing.cases.models.cases import CASE
from wellbeing.cases.rules.cases import CaseStatus
from wellbeing.foundation.database import BigId, UtcDateTime
from wellbeing.organizations.rules import Scope, path_ids

GRANT_SUBJECT = "case"
_EVERYTHING = true()
AT_REST = CASE.c.status.in_([CaseStatus.SEALED.value, CaseStatus.ERASED.value])
_NOT_AT_REST = CASE.c.status.not_in([CaseStatus.SEALED.value, CaseStatus.ERASED.value])
_FLOORS: Mapping[str, ColumnElement[int]] = {
    "branch": CASE.c.branch_id,
    "organization": CASE.c.organization_id,
}
_CITY = "city"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """By which reasons a reader comes to cases, without who it is.

    A statement is built once for each reach; `given` says who asks it, and when.
    """

    may_open: bool
    floors: tuple[str, ...]
    """Of each subtree that they supervise: "city", "branch" or "organization"."""


def reach_of(*, scope: Scope) -> Reach:
    """Tell by which reasons this reader comes to cases."""
    return Reach(
        may_open=scope.may(Permission.OPEN_CASE),
        floors=tuple(floor for floor, _ in _supervised(scope)),
    )


def given(*, scope: Scope, now: datetime) -> dict[str, Any]:
    """Name the values for a statement that was built by `reasons`."""
    roots = {f"root_{place}": root for place, (_, root) in enumerate(_supervised(scope))}
    return {"reader": scope.user_id, "moment": now} | roots


def reasons(*, reach: Reach, is_list: bool) -> tuple[ColumnElement[bool], ...]:
    """Name every reason of a reach, to be asked with what is `given`.

    For a list, what was given is read first: joined to the cases, a planner reads those of the
    whole city by their day, in the hope of soon meeting one of the few.
    """
    asked: dict[str, Any] = {
        f"root_{place}": bindparam(f"root_{place}") for place in range(len(reach.floors))
    }
    return _arms(
        reach,
        {
            "reader": bindparam("reader", type_=BigId),
            "moment": bindparam("moment", type_=UtcDateTime()),
            **asked,
        },
        is_list=is_list,
    )


def arms(*, scope: Scope, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Name every reason for which a reader may see a case; each is answered by one index."""
    return _arms(reach_of(scope=scope), given(scope=scope, now=now), is_list=False)


def scoped(*, scope: Scope, now: datetime) -> ColumnElement[bool]:
    """Limit any statement on cases to those that a reader may see."""
    return or_(*arms(scope=scope, now=now))


def subtrees(*, scope: Scope) -> tuple[ColumnElement[bool], ...]:
    """Turn each subtree into an equality: the tree has three floors (organizations.rules)."""
    return tuple(_below(floor, root) for floor, root in map(_floor, scope.paths))


def _arms(
    reach: Reach, who: Mapping[str, Any], *, is_list: bool
) -> tuple[ColumnElement[bool], ...]:
    if not reach.may_open:
        return (false(),)
    granted = accounts.grants_subquery(
        user_id=who["reader"], subject_kind=GRANT_SUBJECT, now=who["moment"]
    )
    if is_list:
        # DISTINCT is what no planner looks through: a set of its own.
        granted = granted.distinct()
    # A sealed record opens in an emergency alone, whatever else was given; an erased one never.
    by_grant = and_(CASE.c.id.in_(granted), or_(_NOT_AT_REST, _broken_into(who)))
    if _CITY in reach.floors:
        return (by_grant, _NOT_AT_REST)
    supervised = (_below(floor, who[f"root_{place}"]) for place, floor in enumerate(reach.floors))
    return (by_grant, *(and_(one, _NOT_AT_REST) for one in supervised))


def _supervised(scope: Scope) -> tuple[tuple[str, int], ...]:
    if not scope.may(Permission.SUPERVISE):
        return ()
    return tuple(map(_floor, scope.paths))


def _floor(path: str) -> tuple[str, int]:
    ids = path_ids(path=path)
    return ((_CITY, *_FLOORS)[len(ids) - 1], ids[-1]) if ids else (_CITY, 0)


def _below(floor: str, root: Any) -> ColumnElement[bool]:
    return _EVERYTHING if floor == _CITY else _FLOORS[floor] == root


def _broken_into(who: Mapping[str, Any]) -> ColumnElement[bool]:
    by_emergency = accounts.grants_subquery(
        user_id=who["reader"],
        subject_kind=GRANT_SUBJECT,
        now=who["moment"],
        kind=GrantKind.BREAK_GLASS,
    )
    return and_(CASE.c.status == CaseStatus.SEALED.value, CASE.c.id.in_(by_emergency))
