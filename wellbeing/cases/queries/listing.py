"""A page of the cases that a reader may see, and how many there are; each statement built once.

What may be asked for is named here. Who may see what is decided in `visibility`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, select, tuple_, union

from wellbeing.cases.models.cases import CASE
from wellbeing.cases.queries import visibility
from wellbeing.cases.queries.visibility import Reach
from wellbeing.cases.rules.cases import COUNT_CAP, Cursor
from wellbeing.foundation.database import BigId, UtcDateTime

_NEWEST_FIRST = (CASE.c.opened_at.desc(), CASE.c.id.desc())
_LAST = tuple_(bindparam("last_opened_at", type_=UtcDateTime()), bindparam("last_id", type_=BigId))
_UNIT: Any = bindparam("unit", type_=BigId)
_CONDITIONS: Mapping[str, ColumnElement[bool]] = {
    "is_open": CASE.c.closed_at.is_(None),
    "is_closed": CASE.c.closed_at.is_not(None),
    "reference": CASE.c.reference == bindparam("reference"),
    "level": CASE.c.level == bindparam("level"),
    "status": CASE.c.status == bindparam("status"),
    "owner_id": CASE.c.owner_id == bindparam("owner_id"),
    "in_branch": CASE.c.branch_id == _UNIT,
    "in_organization": CASE.c.organization_id == _UNIT,
    "opened_from": CASE.c.opened_at >= bindparam("opened_from", type_=UtcDateTime()),
    "opened_before": CASE.c.opened_at < bindparam("opened_before", type_=UtcDateTime()),
    "last_id": tuple_(CASE.c.opened_at, CASE.c.id) < _LAST,
}
"""What may be asked, by the name of its value; a value that no condition names is only carried."""

Asked = dict[str, Any]


def after(*, last: Cursor | None) -> Asked:
    """Ask for the page after a case; for the first one without."""
    if last is None:
        return {}
    return {"last_opened_at": last.opened_at, "last_id": last.case_id}


def page(*, reach: Reach, asked: Asked, also: tuple[ColumnElement[bool], ...] = ()) -> Select[Any]:
    """Give the statement for a page, newest first; it takes what is asked, given, and `at_most`."""
    names = frozenset(_CONDITIONS).intersection(asked)
    return _page(reach, names, also) if also else _page_of(reach, names)


def count(*, reach: Reach, asked: Asked, also: tuple[ColumnElement[bool], ...] = ()) -> Select[Any]:
    """Give the statement that counts, but no further than one above `COUNT_CAP` for each reason."""
    names = frozenset(_CONDITIONS).intersection(asked)
    return _count(reach, names, also) if also else _count_of(reach, names)


def _page(
    reach: Reach, names: frozenset[str], also: tuple[ColumnElement[bool], ...] = ()
) -> Select[Any]:
    arms, conditions = _reasons(reach, names), [*_named(names), *also]
    if len(arms) == 1:
        return _newest(select(CASE).where(*arms, *conditions))
    # Each arm stops after one page of its own index; an OR of them would read the whole table.
    pages = (_newest(select(CASE.c.id).where(arm, *conditions)).subquery() for arm in arms)
    chosen = union(*(select(one.c.id) for one in pages))
    return _newest(select(CASE).where(CASE.c.id.in_(chosen)))


def _count(
    reach: Reach, names: frozenset[str], also: tuple[ColumnElement[bool], ...] = ()
) -> Select[Any]:
    arms, conditions = _reasons(reach, names), [*_named(names), *also]
    parts = (
        select(CASE.c.id).where(arm, *conditions).limit(COUNT_CAP + 1).subquery() for arm in arms
    )
    found = union(*(select(part.c.id) for part in parts)).subquery()
    return select(func.count()).select_from(found)


@cache
def _page_of(reach: Reach, names: frozenset[str]) -> Select[Any]:
    return _page(reach, names)


@cache
def _count_of(reach: Reach, names: frozenset[str]) -> Select[Any]:
    return _count(reach, names)


def _reasons(reach: Reach, names: frozenset[str]) -> tuple[ColumnElement[bool], ...]:
    # Whoever names one case is not asked for all that they were given.
    return visibility.reasons(reach=reach, is_list="reference" not in names)


def _named(names: frozenset[str]) -> list[ColumnElement[bool]]:
    # In the order of the table: the same question is the same statement.
    return [condition for name, condition in _CONDITIONS.items() if name in names]


def _newest(statement: Select[Any]) -> Select[Any]:
    return statement.order_by(*_NEWEST_FIRST).limit(bindparam("at_most", type_=Integer))
