"""Questions about the notes of a case. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from wellbeing.cases.models.cases import NOTE
from wellbeing.cases.rules.cases import NoteKind, NoteRow
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session
from wellbeing.foundation.errors import NotFound

NOTE_PLACE = "case_note.body"


def notes(*, case_id: int, kind: NoteKind | None = None, limit: int = 100) -> tuple[NoteRow, ...]:
    """Open the notes of a case, or those of one kind, newest first."""
    statement = select(NOTE).where(NOTE.c.case_id == case_id).order_by(NOTE.c.id.desc())
    if kind is not None:
        statement = statement.where(NOTE.c.kind == kind.value)
    return tuple(_note(row) for row in session().execute(statement.limit(limit)).mappings())


def note(*, note_id: int, case_id: int) -> NoteRow:
    """Open one note of a case.

    Raises:
        NotFound: this case has no such note.

    """
    statement = select(NOTE).where(NOTE.c.id == note_id, NOTE.c.case_id == case_id)
    row = session().execute(statement).mappings().first()
    if row is None:
        raise NotFound
    return _note(row)


def _note(row: Mapping[Any, Any]) -> NoteRow:
    return NoteRow(
        note_id=row["id"],
        case_id=row["case_id"],
        kind=NoteKind(row["kind"]),
        body=sealed.open_sealed(row["body_sealed"], place=NOTE_PLACE),
        by_user_id=row["by_user_id"],
        at=row["at"],
        edited_at=row["edited_at"],
        version=row["version"],
    )
