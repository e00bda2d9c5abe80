"""What happened to a case, newest first: kinds to choose from, earlier pages, words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow, EntryRow
from wellbeing.portal import addresses
from wellbeing.portal.cases import happened
from wellbeing.portal.cases.naming import Names

PAGE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One page of the timeline, not yet worded."""

    rows: tuple[EntryRow, ...]
    has_earlier: bool
    kind: str
    before: int | None

    @property
    def users(self) -> set[int | None]:
        """List whom the entries name."""
        named = {
            value
            for row in self.rows
            for key, value in row.facts.items()
            if key in happened.USER_FACTS
        }
        return named | {row.actor_id for row in self.rows}

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
    rows = cases.timeline(
        case_id=case.case_id, before=before, kinds=happened.GROUPS.get(kind, ()), limit=PAGE + 1
    )
    return Shown(rows=rows[:PAGE], has_earlier=len(rows) > PAGE, kind=kind, before=before)


def worded(*, case: CaseRow, page: Shown, names: Names) -> Mapping[str, Any]:
    """Word a page of the timeline, with the ways to other kinds and to earlier entries."""

    def link(**query: Any) -> str:
        return url_for("cases.show", reference=case.reference, **query)

    kept = {"kind": page.kind} if page.kind else {}
    return {
        "entries": [_entry(row, names) for row in page.rows],
        "kinds": [
            {
                "url": link(**({"kind": key} if key else {}), _anchor="timeline"),
                "label": str(label),
                "current": key == page.kind,
            }
            for key, label in happened.GROUP_WORDS.items()
        ],
        "earlier_url": link(before=page.rows[-1].entry_id, **kept) if page.has_earlier else None,
        "latest_url": link(**kept) if page.before else None,
    }


def _entry(row: EntryRow, names: Names) -> Mapping[str, Any]:
    return {
        "at": row.at,
        "title": happened.title(entry=row, names=names),
        "by": names.user(row.actor_id),
        "body": happened.body(entry=row),
    }
