"""Turning the pages of a list of cases by its last row, never by a number of rows to skip."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import request
from flask_babel import gettext

from wellbeing.cases.queries import people
from wellbeing.cases.rules.cases import COUNT_CAP, CaseRow, Cursor
from wellbeing.portal import addresses, pages

PAGE = 25


def cursor() -> Cursor | None:
    """Read after which case the page begins; anything odd means the first page."""
    case_id = addresses.asked_id("before")
    try:
        opened_at = datetime.fromisoformat(request.args["opened"])
        # The first and the last day hold moments that do not exist in UTC.
        in_utc = opened_at.astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        return None
    if case_id is None or opened_at.tzinfo is None:
        return None
    return Cursor(opened_at=in_utc, case_id=case_id)


def total(count: int) -> str:
    """Say how many cases match; beyond the cap nobody counts on."""
    if count > COUNT_CAP:
        return gettext("More than %(count)s cases match, newest first.", count=COUNT_CAP)
    return gettext("%(count)s case(s) match, newest first.", count=count)


def students(rows: tuple[CaseRow, ...]) -> Mapping[str, str]:
    """Name the students masked, by reference; who is not named to this reader is left out."""
    found = people.masked_students(cases=rows, scope=pages.reader().scope)
    return {row.reference: found[row.case_id] for row in rows if row.case_id in found}
