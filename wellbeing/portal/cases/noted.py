"""Which notes of a case are shown: all, those of casework, or the supervisors'."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext

from wellbeing.cases.rules.cases import CaseRow, NoteKind
from wellbeing.portal.cases import words


def wanted() -> NoteKind | None:
    """Read from the address which kind is wanted; anything odd means all."""
    asked = request.args.get("notes", "")
    return NoteKind(asked) if asked in list(NoteKind) else None


def kinds(*, case: CaseRow) -> list[dict[str, Any]]:
    """Offer the kinds as links, the chosen one marked."""
    chosen = wanted()

    def link(kind: NoteKind | None, label: str) -> dict[str, Any]:
        query: dict[str, Any] = {"notes": kind.value} if kind else {}
        url = url_for("cases.show", reference=case.reference, **query, _anchor="notes-title")
        return {"url": url, "label": label, "current": kind is chosen}

    return [
        link(None, gettext("All notes")),
        *(link(kind, str(label)) for kind, label in words.NOTE_KINDS.items()),
    ]
