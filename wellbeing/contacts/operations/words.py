"""Agree a word with a student, change it, forget it. Whether it was said is noted as texts come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from wellbeing.contacts.models import CALLER, CONTACT
from wellbeing.contacts.queries.words import WORD_PLACE
from wellbeing.contacts.rules import words
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import changed, session


def agree(*, contact_id: int, word: str, version: int, now: datetime) -> None:
    """Remember the word for this person, instead of the one before it; an empty one forgets it.

    `version` is the one that its writer saw (AgreedWord).

    Raises:
        NotAWord: it is too short, too long, or nothing but marks.
        StaleWord: somebody else changed it since.

    """
    bare = words.check(word=word) if word.strip() else None
    person = select(CALLER.c.id, CALLER.c.data_key_id).join(
        CONTACT, CONTACT.c.caller_id == CALLER.c.id
    )
    row = session().execute(person.where(CONTACT.c.id == contact_id)).one()
    blob = sealed.seal(bare, key_id=row.data_key_id, place=WORD_PLACE) if bare else None
    guarded = update(CALLER).where(CALLER.c.id == row.id, CALLER.c.word_version == version)
    values = {"word_sealed": blob, "word_at": now if bare else None, "word_version": version + 1}
    if changed(guarded.values(**values)) != 1:
        raise words.StaleWord
