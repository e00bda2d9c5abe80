"""Lists of promises: overdue and today, or the week by day; one's own, or the unit's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template, request, url_for
from flask_babel import format_date, gettext

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.followups import queries as followups
from wellbeing.followups.queries import FollowUpRow
from wellbeing.policy import current as policy
from wellbeing.portal import pages
from wellbeing.portal.followups import promises
from wellbeing.portal.followups.blueprint import blueprint
from wellbeing.portal.followups.promises import Card

WEEK = timedelta(days=7)
NIGHT = timedelta(hours=12)
LONGEST = 200
"""Promises on one page; the earliest ones, so that nothing overdue is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the reader asked to see: a day or a week, of themselves or of the unit."""

    is_week: bool
    is_unit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Promises under one heading."""

    title: str
    rows: tuple[Card, ...]


@blueprint.get("/follow-ups")
@pages.allowed(Permission.OPEN_CASE)
def due() -> str:
    """List promises to get back, overdue ones first."""
    view = View(
        is_week=request.args.get("view") == "week",
        is_unit=request.args.get("whose") == "unit" and _supervises(),
    )
    rows = _rows(view)
    pages.note_read(
        action=AuditAction.LISTED,
        details={"what": "follow_ups", "ids": [row.follow_up_id for row in rows]},
    )
    return render_template(
        "followups/due.html",
        views=_views(view),
        groups=list(_groups(rows)),
        total=len(rows),
        is_cut=len(rows) == LONGEST,
        overdue=sum(row.due_at < pages.now() for row in rows),
        now=pages.now(),
    )


def _rows(view: View) -> tuple[FollowUpRow, ...]:
    scope, now = pages.reader().scope, pages.now()
    return followups.due_for(
        scope=scope,
        until=_end_of_today() + WEEK if view.is_week else _end_of_the_night(),
        now=now,
        owner_id=None if view.is_unit else scope.user_id,
        limit=LONGEST,
        asked_for=True,
    )


def _groups(rows: tuple[FollowUpRow, ...]) -> Iterator[Group]:
    cards = {card.id: card for card in promises.cards(rows=rows)}

    def heading(row: FollowUpRow) -> str:
        if row.due_at < pages.now():
            return gettext("Overdue")
        if row.due_at <= _end_of_today():
            return gettext("Today")
        return str(format_date(row.due_at.astimezone(_zone()).date(), "full"))

    for title, found in groupby(rows, key=heading):
        yield Group(title=title, rows=tuple(cards[row.follow_up_id] for row in found))


def _views(current: View) -> list[Mapping[str, Any]]:
    offered = [
        (gettext("Mine, today"), View(is_week=False, is_unit=False)),
        (gettext("Mine, this week"), View(is_week=True, is_unit=False)),
    ]
    if _supervises():
        offered += [
            (gettext("My unit, today"), View(is_week=False, is_unit=True)),
            (gettext("My unit, this week"), View(is_week=True, is_unit=True)),
        ]
    tabs = [
        {"label": label, "url": _url(view), "current": view == current} for label, view in offered
    ]
    calendar = {"label": gettext("Calendar"), "url": url_for("followups.calendar")}
    return [*tabs, calendar | {"current": False}]


def _url(view: View) -> str:
    query: dict[str, Any] = {"view": "week"} if view.is_week else {}
    if view.is_unit:
        query["whose"] = "unit"
    return url_for("followups.due", **query)


def _supervises() -> bool:
    return Permission.SUPERVISE in pages.reader().permissions


def _end_of_today() -> datetime:
    local = pages.now().astimezone(_zone())
    return datetime.combine(local.date() + timedelta(days=1), time(), tzinfo=_zone())


def _end_of_the_night() -> datetime:
    """Reach into the next morning late in the evening: midnight falls into a night shift."""
    return max(_end_of_today(), pages.now() + NIGHT)


def _zone() -> ZoneInfo:
    return ZoneInfo(policy.current().followups.zone)
