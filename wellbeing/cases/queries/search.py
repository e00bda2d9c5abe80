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
    select,
    union,
)

from wellbeing.cases.models.cases import CASE, CASE_CONTACT
from wellbeing.cases.models.searches import SEARCH
from wellbeing.cases.queries import cases, listing, people, visibility, work
from wellbeing.cases.rules import search as rules
from wellbeing.cases.rules.cases import COUNT_CAP, CaseRow, Cursor
from wellbeing.cases.rules.search import CaseSearch, NoSuchSearch, SearchRow, Standing
from wellbeing.contacts.models import CALLER, CONTACT
from wellbeing.foundation.crypto import ring, sealed
from wellbeing.foundation.database import session
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.rules import Scope, path_ids
from wellbeing.policy import current as policy

WORDS_PLACE = "case_search.words"
LABEL_PLACE = "case_search.label"
CITY, BRANCH = 1, 2
"""How many ids the path of each has (organizations.rules)."""


def find(
    *, scope: Scope, search: CaseSearch, before: Cursor | None = None, limit: int, now: datetime
) -> tuple[CaseRow, ...]:
    """List the cases that fit and that the reader may open, newest first, from after `before`."""
    asked = _asked(search) | listing.after(last=before)
    statement = listing.page(
        reach=visibility.reach_of(scope=scope), asked=asked, also=_words(search, scope)
    )
    given = visibility.given(scope=scope, now=now)
    return cases.chosen(statement=statement, values=asked | given | {"at_most": limit})


def count(*, scope: Scope, search: CaseSearch, now: datetime) -> int:
    """Count what fits; `COUNT_CAP` + 1 means that there are more than `COUNT_CAP`."""
    asked = _asked(search)
    statement = listing.count(
        reach=visibility.reach_of(scope=scope), asked=asked, also=_words(search, scope)
    )
    given = visibility.given(scope=scope, now=now)
    found: int = session().execute(statement, asked | given).scalar_one()
    return min(found, COUNT_CAP + 1)


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


def _asked(search: CaseSearch) -> dict[str, Any]:
    is_open, is_any = search.standing is Standing.OPEN, search.standing is Standing.ANY
    stands = None if is_any or search.status is not None else is_open
    asked: dict[str, Any] = {
        "reference": search.reference,
        "level": search.level.value if search.level else None,
        "status": search.status.value if search.status else None,
        "owner_id": search.owner_id,
        "is_open": stands or None,
        "is_closed": (stands is False) or None,
    }
    asked |= _place(search) | _days(search)
    return {name: value for name, value in asked.items() if value is not None}


def _place(search: CaseSearch) -> dict[str, Any]:
    """Ask for a unit and all below it by the one column that its floor of the tree has."""
    if search.organization_id is None:
        return {}
    unit = search.organization_id
    found = organizations.many(organization_ids=[unit])
    floor = len(path_ids(path=found[unit].path)) if found else None
    if floor == CITY:
        return {}
    return {"in_branch" if floor == BRANCH else "in_organization": True, "unit": unit}


def _words(search: CaseSearch, scope: Scope) -> tuple[ColumnElement[bool], ...]:
    """Limit to what is told of a case in other tables."""
    found = []
    if search.tag is not None:
        found.append(CASE.c.id.in_(work.tagged(tag=search.tag)))
    if search.number is not None:
        found.append(CASE.c.id.in_(_of_number(search.number, scope)))
    if search.name is not None:
        named = people.case_ids_by_name(typed=search.name, scope=scope)
        found.append(CASE.c.id.in_(named))
    return tuple(found)


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


def _days(search: CaseSearch) -> dict[str, datetime | None]:
    zone = ZoneInfo(policy.current().followups.zone)
    first, last = (
        datetime.combine(day, time(), tzinfo=zone).astimezone(UTC) if day else None
        for day in (search.opened_from, search.opened_to)
    )
    return {"opened_from": first, "opened_before": last + timedelta(days=1) if last else None}


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
