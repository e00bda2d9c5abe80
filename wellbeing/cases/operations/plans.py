"""Save the plans of a case, each save a new version, and keep what somebody is typing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, update

from wellbeing.cases.models.plans import DRAFT, PLAN
from wellbeing.cases.operations import entries, holds, keys
from wellbeing.cases.queries import notes
from wellbeing.cases.queries import plans as queries
from wellbeing.cases.rules.cases import CaseIsClosed, EntryKind, NotYourNote
from wellbeing.cases.rules.plans import (
    DraftRow,
    PlanKind,
    PlanRow,
    StalePlan,
    changed_note,
    check_draft_field,
    draft_field,
    safety_words,
)
from wellbeing.contacts.operations import conversations as contacts
from wellbeing.contacts.rules.conversations import clean_body
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import changed, session


def save_safety_plan(
    *, case_id: int, by: int, typed: Mapping[str, str], version: int, now: datetime
) -> int:
    """Save a safety plan as a new version over the one that its writer saw; give its number.

    Raises:
        NotFound: there is no such case.
        CaseIsClosed: nobody works on it any more.
        PlanNotFilled: a heading has no words.
        StalePlan: somebody saved since `version`; carries what is saved and what was typed.

    """
    words = safety_words(typed=typed)
    new = New(case_id=case_id, kind=PlanKind.SAFETY, by=by, words=words, seen=version)
    return save(new=new, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """A version about to be saved over `seen`, which is 0 where there is none yet."""

    case_id: int
    kind: PlanKind
    by: int
    words: Mapping[str, Any]
    seen: int
    review_at: datetime | None = None
    taken_from: PlanRow | None = None


def save(*, new: New, now: datetime) -> int:
    """Save a version whose words were checked; give its number.

    Raises:
        NotFound: there is no such case.
        CaseIsClosed: nobody works on it any more.
        StalePlan: somebody saved since the version that was seen.

    """
    key_id = keys.key_of(case_id=new.case_id)
    if not holds.is_living(case_id=new.case_id):
        raise CaseIsClosed
    saved = queries.latest(case_id=new.case_id, kind=new.kind)
    # A version that does not exist yet must leave no gap; two at once meet at the unique key.
    is_newest = new.seen == (saved.version if saved else 0)
    if not is_newest or not _insert(new, key_id, now):
        raise StalePlan(saved=queries.latest(case_id=new.case_id, kind=new.kind), yours=new.words)
    _follow(new, now)
    return new.seen + 1


def _insert(new: New, key_id: uuid.UUID, now: datetime) -> bool:
    text = json.dumps(new.words, ensure_ascii=False)
    statement = contacts.meeting(PLAN).values(
        case_id=new.case_id,
        kind=new.kind.value,
        version=new.seen + 1,
        body_sealed=sealed.seal(text, key_id=key_id, place=queries.PLAN_PLACE),
        by_user_id=new.by,
        at=now,
        review_at=new.review_at,
        taken_from_id=new.taken_from.case_id if new.taken_from else None,
        taken_version=new.taken_from.version if new.taken_from else None,
    )
    made = session().execute(statement.on_conflict_do_nothing().returning(PLAN.c.id))
    return made.scalar() is not None


def _follow(new: New, now: datetime) -> None:
    older = (
        PLAN.c.case_id == new.case_id,
        PLAN.c.kind == new.kind.value,
        PLAN.c.version <= new.seen,
    )
    changed(update(PLAN).where(*older, PLAN.c.review_at.is_not(None)).values(review_at=None))
    prefix = draft_field(kind=new.kind, name="")
    forget_drafts(case_id=new.case_id, user_id=new.by, prefix=prefix)
    entries.add_entry(
        case_id=new.case_id,
        kind=EntryKind.PLAN_SAVED,
        actor_id=new.by,
        facts={"plan_kind": new.kind.value, "plan_version": new.seen + 1},
        now=now,
    )


def save_draft(
    *, case_id: int, user_id: int, field: str, body: str, base_version: int, now: datetime
) -> DraftRow | None:
    """Keep what somebody is typing into a field of a case, and give it; an empty text ends it.

    Raises:
        NoSuchDraft: no form has this field.
        NotFound: there is no such case, or it has no such note.
        NotYourNote: somebody else wrote the note.

    """
    check_draft_field(field=field)
    note_id = changed_note(field=field)
    if note_id is not None and notes.note(note_id=note_id, case_id=case_id).by_user_id != user_id:
        raise NotYourNote
    if not body:
        forget_drafts(case_id=case_id, user_id=user_id, prefix=field)
        return None
    key_id = keys.key_of(case_id=case_id)
    words = clean_body(raw=body).text
    blob = sealed.seal(words, key_id=key_id, place=queries.DRAFT_PLACE)
    values = {"body_sealed": blob, "base_version": base_version, "saved_at": now}
    statement = contacts.meeting(DRAFT).values(
        case_id=case_id, user_id=user_id, field=field, **values
    )
    session().execute(
        statement.on_conflict_do_update(index_elements=["case_id", "user_id", "field"], set_=values)
    )
    return DraftRow(field=field, body=words, base_version=base_version, saved_at=now)


def forget_drafts(*, case_id: int, user_id: int, prefix: str) -> None:
    """Throw away what somebody was typing into the fields that begin so."""
    statement = delete(DRAFT).where(
        DRAFT.c.case_id == case_id,
        DRAFT.c.user_id == user_id,
        DRAFT.c.field.startswith(prefix, autoescape=True),
    )
    changed(statement)
