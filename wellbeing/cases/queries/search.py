"""Searching cases: by what stands on them, and by numbers and names without reading either.

A search goes through `visibility.arms` like every list: nothing is found that could not be opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    func,
    literal,
    or_,
    select,
    tuple_,
    union,
)

from wellbeing.cases.models.cases import CASE, CASE_CONTACT
from wellbeing.cases.models.searches import SEARCH
from wellbeing.cases.queries import cases, people, visibility, work
from wellbeing.cases.rules import search as rules
from wellbeing.cases.rules.cases import COUNT_CAP, CaseRow, Cursor
from wellbeing.cases.rules.search import CaseSearch, NoSuchSearch, SearchRow, Standing
from wellbeing.contacts.models import CALLER, CONTACT
from wellbeing.foundation.crypto import ring, sealed
from wellbeing.foundation.database import UtcDateTime, session
from wellbeing.organizations.rules import Scope
from wellbeing.policy import current as policy

WORDS_PLACE = "case_search.words"
LABEL_PLACE = "case_search.label"
_NEWEST_FIRST = (CASE.c.opened_at.desc(), CASE.c.id.desc())


def find(
    *, scope: Scope, search: CaseSearch, before: Cursor | None = None, limit: int, now: datetime
) -> tuple[CaseRow, ...]:
    """List the cases that fit and that the reader may open, newest first, from after `before`."""
    conditions = _conditions(search, scope)
    if before is not None:
        last = tuple_(literal(before.opened_at, UtcDateTime()), literal(before.case_id))
        conditions.append(tuple_(CASE.c.opened_at, CASE.c.id) < last)
    pages = [
        select(CASE.c.id, CASE.c.opened_at)
        .where(arm, *conditions)
        .order_by(*_NEWEST_FIRST)
        .limit(limit)
        .subquery()
        for arm in visibility.arms(scope=scope, now=now)
    ]
    chosen = union(*(select(page.c.id) for page in pages))
    statement = select(CASE.c.id).where(CASE.c.id.in_(chosen)).order_by(*_NEWEST_FIRST)
    ids = tuple(session().execute(statement.limit(limit)).scalars())
    known = cases.many(case_ids=ids)
    return tuple(known[one] for one in ids)


def count(*, scope: Scope, search: CaseSearch, now: datetime) -> int:
    """Count what fits; `COUNT_CAP` + 1 means that there are more than `COUNT_CAP`."""
    parts = [
        select(CASE.c.id).where(arm, *_conditions(search, scope)).limit(COUNT_CAP + 1).subquery()
        for arm in visibility.arms(scope=scope, now=now)
    ]
    found = union(*(select(part.c.id) for part in parts)).subquery()
    total = session().execute(select(func.count()).select_from(found)).scalar_one()
    return min(total, COUNT_CAP + 1)


def kept(*, public_id: str, user_id: int) -> SearchRow:
    """Open one's own search again.

    Raises:
        NoSuchSearch: there is none, it is over, or it is somebody else's.

    """
    found = _rows(
        select(SEARCH).where(SEARCH.c.public_id == public_id, SEARCH.c.user_id == user_id)
    )
    if not found:
        raise NoSuchSearch
    return found[0]


def views_of(*, user_id: int) -> tuple[SearchRow, ...]:
    """List the searches that a person saved, oldest first."""
    mine = select(SEARCH).where(SEARCH.c.user_id == user_id, SEARCH.c.label_sealed.is_not(None))
    return _rows(mine.order_by(SEARCH.c.id).limit(rules.VIEWS_KEPT))


def fingerprint(*, search: CaseSearch) -> str:
    """Give the keyed hash by which the log knows a search again, and nothing else of its words."""
    return ring.blind_index(purpose="search", value=rules.canonical(search=search)).hex()


def _conditions(search: CaseSearch, scope: Scope) -> list[ColumnElement[bool]]:
    plain = {
        CASE.c.reference: search.reference,
        CASE.c.level: search.level.value if search.level else None,
        CASE.c.status: search.status.value if search.status else None,
        CASE.c.owner_id: search.owner_id,
    }
    found = [column == value for column, value in plain.items() if value is not None]
    if search.standing is not Standing.ANY and search.status is None:
        is_open = search.standing is Standing.OPEN
        found.append(CASE.c.closed_at.is_(None) if is_open else CASE.c.closed_at.is_not(None))
    if search.organization_id is not None:
        unit = search.organization_id
        found.append(or_(CASE.c.branch_id == unit, CASE.c.organization_id == unit))
    if search.tag is not None:
        found.append(CASE.c.id.in_(work.tagged(tag=search.tag)))
    if search.number is not None:
        found.append(CASE.c.id.in_(_of_number(search.number, scope)))
    if search.name is not None:
        found.append(CASE.c.id.in_(people.case_ids_by_name(typed=search.name, scope=scope)))
    return found + _days(search)


def _of_number(number: str, scope: Scope) -> CompoundSelect[Any]:
    """Give the cases whose contacts came from a number, or in whose vault it stands.

    Blind indexes are compared; nothing is opened.
    """
    index = ring.blind_index(purpose="phone", value=number)
    reached = (
        select(CASE_CONTACT.c.case_id)
        .join(CONTACT, CONTACT.c.id == CASE_CONTACT.c.contact_id)
        .join(CALLER, CALLER.c.id == CONTACT.c.caller_id)
        .where(CALLER.c.number_index == index)
    )
    return union(reached, people.case_ids_by_number(typed=number, scope=scope))


def _days(search: CaseSearch) -> list[ColumnElement[bool]]:
    zone = ZoneInfo(policy.current().followups.zone)
    found: list[ColumnElement[bool]] = []
    if search.opened_from is not None:
        start = datetime.combine(search.opened_from, time(), tzinfo=zone).astimezone(UTC)
        found.append(CASE.c.opened_at >= start)
    if search.opened_to is not None:
        end = datetime.combine(search.opened_to, time(), tzinfo=zone).astimezone(UTC)
        found.append(CASE.c.opened_at < end + timedelta(days=1))
    return found


def _rows(statement: Select[Any]) -> tuple[SearchRow, ...]:
    return tuple(_row(row) for row in session().execute(statement).mappings())


def _row(row: Mapping[Any, Any]) -> SearchRow:
    words, label = row["words_sealed"], row["label_sealed"]
    opened = sealed.open_sealed(words, place=WORDS_PLACE) if words else None
    return SearchRow(
        search_id=row["id"],
        public_id=row["public_id"],
        search=rules.read(filters=row["filters"], opened=opened),
        label=sealed.open_sealed(label, place=LABEL_PLACE) if label else "",
        created_at=row["created_at"],
    )
