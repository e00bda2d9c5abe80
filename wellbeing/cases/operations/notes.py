"""Write notes and change them without losing anybody's words."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, update

from wellbeing.cases.models.cases import NOTE
from wellbeing.cases.operations import entries, keys, plans
from wellbeing.cases.queries import cases
from wellbeing.cases.queries import notes as queries
from wellbeing.cases.rules.cases import (
    EntryKind,
    NothingWritten,
    NotYourNote,
    StaleNote,
    note_kind,
)
from wellbeing.cases.rules.plans import NOTE_FIELD, change_field
from wellbeing.contacts.rules.conversations import clean_body
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import changed, session
from wellbeing.triage.rules.levels import Decider


def add_note(*, case_id: int, by: Decider, body: str, now: datetime) -> int:
    """Write a note for the next colleague; one of a supervisor on another's case is supervision.

    Raises:
        NothingWritten: it has no words.
        NotFound: there is no such case.

    """
    words = _words(body)
    case = cases.case_by_id(case_id=case_id)
    kind = note_kind(owner_id=case.owner_id, by=by)
    statement = insert(NOTE).values(
        case_id=case_id,
        kind=kind.value,
        body_sealed=sealed.seal(words, key_id=case.data_key_id, place=queries.NOTE_PLACE),
        by_user_id=by.user_id,
        at=now,
        version=1,
    )
    note_id = int(session().execute(statement.returning(NOTE.c.id)).scalar_one())
    plans.forget_drafts(case_id=case_id, user_id=by.user_id, prefix=NOTE_FIELD)
    entries.add_entry(
        case_id=case_id,
        kind=EntryKind.NOTE_ADDED,
        actor_id=by.user_id,
        facts={"note_id": note_id, "note_kind": kind.value},
        now=now,
    )
    return note_id


def edit_note(
    *, case_id: int, note_id: int, by: int, body: str, version: int, now: datetime
) -> int:
    """Change one's own note; its earlier words go to the timeline. Gives the new version.

    Raises:
        NotFound: the case has no such note.
        NotYourNote: somebody else wrote it.
        NothingWritten: nothing would be left.
        StaleNote: it was changed since `version`; carries what is saved and what was typed.

    """
    saved = queries.note(note_id=note_id, case_id=case_id)
    if saved.by_user_id != by:
        raise NotYourNote
    words = _words(body)
    blob = sealed.seal(words, key_id=keys.key_of(case_id=case_id), place=queries.NOTE_PLACE)
    statement = (
        update(NOTE)
        .where(NOTE.c.id == note_id, NOTE.c.version == version)
        .values(body_sealed=blob, edited_at=now, version=version + 1)
    )
    if changed(statement) != 1:
        raise StaleNote(saved=queries.note(note_id=note_id, case_id=case_id), yours=body)
    plans.forget_drafts(case_id=case_id, user_id=by, prefix=change_field(note_id=note_id))
    entries.add_entry(
        case_id=case_id,
        kind=EntryKind.NOTE_CHANGED,
        actor_id=by,
        facts={"note_id": note_id},
        details={"before": saved.body},
        now=now,
    )
    return version + 1


def _words(body: str) -> str:
    words = clean_body(raw=body).text.strip()
    if not words:
        raise NothingWritten
    return words
