"""What a search for cases asks; its words never stand in an address or a log. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from wellbeing.cases.rules.cases import CaseStatus
from wellbeing.foundation.errors import NotFound
from wellbeing.policy.model import RiskLevel

LABEL_LENGTH = 60
VIEWS_KEPT = 30
"""Saved views of one person; more would be a list that nobody reads."""


class Standing(StrEnum):
    """Which cases by whether they are closed."""

    OPEN = "open"
    CLOSED = "closed"
    ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSearch:
    """What is asked for; everything that is given must fit.

    `number` is E.164 and `name` as typed: both are sealed where a search is kept. The days are the
    first and the last on which a case was opened, in local time.
    """

    reference: str | None = None
    number: str | None = None
    name: str | None = None
    level: RiskLevel | None = None
    status: CaseStatus | None = None
    standing: Standing = Standing.OPEN
    owner_id: int | None = None
    organization_id: int | None = None
    tag: str | None = None
    opened_from: date | None = None
    opened_to: date | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """Name what is asked by, for the log: never the words themselves."""
        return tuple(name for name in PLAIN + WORDS if getattr(self, name) is not None)


PLAIN = (
    "reference", "level", "status", "owner_id", "organization_id", "tag", "opened_from",
    "opened_to",
)  # fmt: skip
WORDS = ("number", "name")
"""What somebody said of a person: sealed, and in the log only as a keyed hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRow:
    """A search that is kept for its person: for a day, or with a label until it is removed."""

    search_id: int
    public_id: str
    search: CaseSearch
    label: str
    created_at: datetime


class NoSuchSearch(NotFound):
    """This search is over; please search again."""


def plain(*, search: CaseSearch) -> dict[str, Any]:
    """Write down what names nobody, as JSON keeps it."""
    found: dict[str, Any] = {"standing": search.standing.value}
    for name in PLAIN:
        value = getattr(search, name)
        if value is not None:
            found[name] = value.isoformat() if isinstance(value, date) else value
    return found


def words(*, search: CaseSearch) -> str | None:
    """Write down what must be sealed; None when there is nothing."""
    found = {name: value for name in WORDS if (value := getattr(search, name)) is not None}
    return json.dumps(found, ensure_ascii=False, sort_keys=True) if found else None


def read(*, filters: dict[str, Any], opened: str | None) -> CaseSearch:
    """Read a search that was kept."""
    day = {
        name: date.fromisoformat(filters[name])
        for name in ("opened_from", "opened_to")
        if name in filters
    }
    found = CaseSearch(
        reference=filters.get("reference"),
        level=RiskLevel(filters["level"]) if "level" in filters else None,
        status=CaseStatus(filters["status"]) if "status" in filters else None,
        standing=Standing(filters["standing"]),
        owner_id=filters.get("owner_id"),
        organization_id=filters.get("organization_id"),
        tag=filters.get("tag"),
        opened_from=day.get("opened_from"),
        opened_to=day.get("opened_to"),
    )
    return replace(found, **json.loads(opened)) if opened else found


def canonical(*, search: CaseSearch) -> str:
    """Write a search the one way that is hashed for the log."""
    return json.dumps([plain(search=search), words(search=search)], sort_keys=True)
