"""Promises on the days of a week or a month: one's own, of the unit, or of one person in it."""

from __future__ import annotations

import calendar as days
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from flask import render_template, request, url_for
from flask_babel import format_date, get_locale, gettext

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.followups import queries as followups
from wellbeing.followups.queries import FollowUpRow
from wellbeing.policy import current as policy
from wellbeing.portal import pages
from wellbeing.portal.cases.naming import look_up
from wellbeing.portal.followups import promises
from wellbeing.portal.followups.blueprint import blueprint
from wellbeing.portal.followups.promises import Card

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
MOST = 500
"""Promises on one calendar; the earliest, and the page says so."""
MOST_OVERDUE = 50
IN_A_CELL = 3
"""Promises named in one day of a month; the week shows them all."""
MONDAY_FIRST = days.Calendar(firstweekday=0)
SOONEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which days of whose promises the reader asked for; `owner_id` None is the whole unit."""

    on: date
    is_month: bool
    is_unit: bool
    owner_id: int | None

    def shown(self) -> tuple[date, ...]:
        """Name the days on the page, whole weeks from Monday on."""
        if self.is_month:
            return tuple(MONDAY_FIRST.itermonthdates(self.on.year, self.on.month))
        monday = self.on - self.on.weekday() * DAY
        return tuple(monday + number * DAY for number in range(7))

    def moved(self, by: int) -> Asked:
        """Give the week or month after (1) or before (-1) this one."""
        if not self.is_month:
            return replace(self, on=self.on + by * WEEK)
        first = self.on.replace(day=1)
        edge = first - DAY if by < 0 else first + 31 * DAY
        return replace(self, on=edge.replace(day=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of the calendar with what is due on it."""

    on: date
    title: str
    number: str
    is_today: bool
    is_outside: bool
    cards: tuple[Card, ...]
    more: int
    url: str


@blueprint.get("/follow-ups/calendar")
@pages.allowed(Permission.OPEN_CASE)
def calendar() -> str:
    """Show the open promises of a week or a month by day, what is overdue first."""
    asked = _asked()
    late, rows = _overdue(asked), _rows(asked)
    pages.note_read(
        action=AuditAction.LISTED,
        details={"what": "follow_ups", "ids": [row.follow_up_id for row in (*late, *rows)]},
    )
    cards = promises.cards(rows=(*late, *rows))
    found = list(_days(asked, rows, cards[len(late) :]))
    return render_template(
        "followups/calendar.html",
        asked=asked,
        title=_title(asked),
        tabs=_tabs(asked),
        moves=_moves(asked),
        people=_people(asked),
        overdue=cards[: len(late)],
        weeks=[found[at : at + 7] for at in range(0, len(found), 7)],
        is_cut=len(rows) == MOST,
        now=pages.now(),
    )


def _asked() -> Asked:
    is_unit = request.args.get("whose") == "unit" and _supervises()
    person = request.args.get("person", type=int) if is_unit else pages.reader().user_id
    return Asked(
        on=_day(request.args.get("on", "")),
        is_month=request.args.get("view") == "month",
        is_unit=is_unit,
        owner_id=person,
    )


def _day(typed: str) -> date:
    try:
        wanted = date.fromisoformat(typed)
    except ValueError:
        return _today()
    return min(max(wanted, SOONEST), LATEST)


def _overdue(asked: Asked) -> tuple[FollowUpRow, ...]:
    now = pages.now()
    return followups.due_for(
        scope=pages.reader().scope,
        until=now,
        now=now,
        owner_id=asked.owner_id,
        limit=MOST_OVERDUE,
    )


def _rows(asked: Asked) -> tuple[FollowUpRow, ...]:
    shown = asked.shown()
    return followups.due_between(
        scope=pages.reader().scope,
        since=_midnight(shown[0]),
        until=_midnight(shown[-1] + DAY),
        now=pages.now(),
        owner_id=asked.owner_id,
        limit=MOST,
    )


def _days(asked: Asked, rows: tuple[FollowUpRow, ...], cards: tuple[Card, ...]) -> Iterator[Day]:
    pairs = groupby(zip(rows, cards, strict=True), key=lambda pair: _local(pair[0].due_at))
    by_day = {on: tuple(card for _, card in found) for on, found in pairs}
    for on in asked.shown():
        due = by_day.get(on, ())
        named = due[:IN_A_CELL] if asked.is_month else due
        yield Day(
            on=on,
            title=str(format_date(on, "full")),
            number=str(on.day),
            is_today=on == _today(),
            is_outside=asked.is_month and on.month != asked.on.month,
            cards=named,
            more=len(due) - len(named),
            url=_url(replace(asked, on=on, is_month=False)),
        )


def _title(asked: Asked) -> str:
    if asked.is_month:
        return format_skeleton("yMMMM", asked.on, locale=get_locale())
    shown = asked.shown()
    return f"{format_date(shown[0], 'long')} – {format_date(shown[-1], 'long')}"


def _tabs(asked: Asked) -> list[Mapping[str, Any]]:
    mine = replace(asked, is_unit=False, owner_id=pages.reader().user_id)
    unit = replace(asked, is_unit=True, owner_id=None)
    offered = [
        (gettext("My week"), replace(mine, is_month=False)),
        (gettext("My month"), replace(mine, is_month=True)),
    ]
    if _supervises():
        offered += [
            (gettext("Week of my unit"), replace(unit, is_month=False)),
            (gettext("Month of my unit"), replace(unit, is_month=True)),
        ]
    here = (asked.is_month, asked.is_unit)
    tabs = [
        {"label": label, "url": _url(one), "current": (one.is_month, one.is_unit) == here}
        for label, one in offered
    ]
    return [
        {"label": gettext("List"), "url": url_for("followups.due"), "current": False},
        *tabs,
    ]


def _moves(asked: Asked) -> list[tuple[str, str]]:
    return [
        (gettext("Earlier"), _url(asked.moved(-1))),
        (gettext("Today"), _url(replace(asked, on=_today()))),
        (gettext("Later"), _url(asked.moved(1))),
    ]


def _people(asked: Asked) -> list[tuple[int, str]]:
    if not asked.is_unit:
        return []
    found = followups.owners(scope=pages.reader().scope, now=pages.now())
    names = look_up(users=found, organizations_=[])
    return sorted(((one, names.user(one)) for one in found), key=lambda pair: pair[1])


def _url(asked: Asked) -> str:
    query: dict[str, Any] = {"on": asked.on.isoformat()}
    if asked.is_month:
        query["view"] = "month"
    if asked.is_unit:
        query["whose"] = "unit"
        query |= {"person": asked.owner_id} if asked.owner_id else {}
    return url_for("followups.calendar", **query)


def _supervises() -> bool:
    return Permission.SUPERVISE in pages.reader().permissions


def _today() -> date:
    return _local(pages.now())


def _local(moment: datetime) -> date:
    return moment.astimezone(_zone()).date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=_zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(policy.current().followups.zone)
