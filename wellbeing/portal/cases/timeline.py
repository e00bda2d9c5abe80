"""What happened to a case, newest first: kinds to choose from, earlier pages, words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import request, url_for
from flask_babel import gettext

from wellbeing.cases.queries import cases, entries
from wellbeing.cases.rules.cases import CaseRow, EntryRow
from wellbeing.cases.rules.work import TimelineFilter
from wellbeing.policy import current as policy
from wellbeing.portal import addresses
from wellbeing.portal.cases import happened
from wellbeing.portal.cases.naming import Names
from wellbeing.portal.forms.base import choice
from wellbeing.portal.forms.work import TimelineForm

PAGE = 20
FILTERS = ("who", "since", "until")
EARLIEST, LATEST = date(2000, 1, 1), date(2200, 1, 1)
"""Days that people mean; the first and the last of the calendar hold moments that do not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One page of the timeline, not yet worded."""

    rows: tuple[EntryRow, ...]
    has_earlier: bool
    kind: str
    before: int | None
    actors: tuple[int, ...]
    form: TimelineForm

    @property
    def users(self) -> set[int | None]:
        """List whom the entries name."""
        named = {
            value
            for row in self.rows
            for key, value in row.facts.items()
            if key in happened.USER_FACTS
        }
        return named | {row.actor_id for row in self.rows} | set(self.actors)

    @property
    def organizations(self) -> set[int]:
        """List which places the entries name."""
        return {
            value
            for row in self.rows
            for key, value in row.facts.items()
            if key.endswith("organization_id") and value is not None
        }


def shown(*, case: CaseRow) -> Shown:
    """Open the page of the timeline that the address asks for; anything odd means the newest."""
    kind = request.args.get("kind", "")
    before = addresses.asked_id("before")
    actors = entries.actors_of(case_id=case.case_id)
    form = _form(actors)
    rows = cases.timeline(
        case_id=case.case_id,
        before=before,
        kinds=happened.GROUPS.get(kind, ()),
        only=_only(form),
        limit=PAGE + 1,
    )
    return Shown(
        rows=rows[:PAGE],
        has_earlier=len(rows) > PAGE,
        kind=kind,
        before=before,
        actors=actors,
        form=form,
    )


def _form(actors: Iterable[int]) -> TimelineForm:
    """Read the filter from the address; one that somebody bent is none."""
    form = TimelineForm(formdata=request.args)
    form.who.choices = [choice("", gettext("Anybody"))] + [choice(str(one), "") for one in actors]
    if not form.is_valid():
        form = TimelineForm(formdata=None)
        form.who.choices = [choice("", gettext("Anybody"))]
    return form


def _only(form: TimelineForm) -> TimelineFilter:
    zone = ZoneInfo(policy.current().followups.zone)

    def begins(day: date | None, *, days: int = 0) -> datetime | None:
        if day is None or not EARLIEST <= day <= LATEST:
            return None
        return datetime.combine(day + timedelta(days=days), time(), tzinfo=zone)

    return TimelineFilter(
        actor_id=int(form.who.data) if form.who.data else None,
        since=begins(form.since.data),
        until=begins(form.until.data, days=1),
    )


def worded(*, case: CaseRow, page: Shown, names: Names) -> Mapping[str, Any]:
    """Word a page of the timeline, with the ways to other kinds and to earlier entries."""

    def link(**query: Any) -> str:
        return url_for("cases.show", reference=case.reference, **query)

    chosen = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    kept = ({"kind": page.kind} if page.kind else {}) | chosen
    page.form.who.choices = [
        choice("", gettext("Anybody")),
        *(choice(str(one), names.user(one)) for one in page.actors),
    ]
    return {
        "entries": [_entry(row, names) for row in page.rows],
        "kinds": [
            {
                "url": link(**({"kind": key} if key else {}), **chosen, _anchor="timeline"),
                "label": str(label),
                "current": key == page.kind,
            }
            for key, label in happened.GROUP_WORDS.items()
        ],
        "earlier_url": link(before=page.rows[-1].entry_id, **kept) if page.has_earlier else None,
        "timeline_form": page.form,
        "timeline_kind": page.kind,
        "is_filtered": bool(chosen),
        "all_url": link(**({"kind": page.kind} if page.kind else {})),
        "latest_url": link(**kept) if page.before else None,
    }


def _entry(row: EntryRow, names: Names) -> Mapping[str, Any]:
    return {
        "at": row.at,
        "title": happened.title(entry=row, names=names),
        "by": names.user(row.actor_id),
        "body": happened.body(entry=row),
    }
