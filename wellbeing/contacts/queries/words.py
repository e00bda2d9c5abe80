"""Questions about the word agreed with a student. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import func, select

from wellbeing.contacts.models import CALLER, CONTACT, MESSAGE
from wellbeing.contacts.rules.conversations import BodyFlag
from wellbeing.contacts.rules.words import AgreedWord
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session

WORD_PLACE = "caller.word"


def agreed_with(*, caller_id: int) -> AgreedWord:
    """Open the word agreed with a person; an empty one when there is none."""
    statement = select(CALLER.c.word_sealed, CALLER.c.word_at, CALLER.c.word_version)
    row = session().execute(statement.where(CALLER.c.id == caller_id)).one()
    word = sealed.open_sealed(row.word_sealed, place=WORD_PLACE) if row.word_sealed else ""
    return AgreedWord(word=word, at=row.word_at, version=row.word_version)


def said_at(*, contact_id: int) -> datetime | None:
    """Tell when the agreed word was last said in a conversation; None when it was not."""
    statement = select(func.max(MESSAGE.c.at)).where(
        MESSAGE.c.contact_id == contact_id,
        MESSAGE.c.flags.contains(BodyFlag.AGREED_WORD.value),
    )
    return session().execute(statement).scalar()


def never_said_to(*, contact_id: int) -> tuple[str, ...]:
    """Give what no unasked text to this person may contain: a word that anybody could repeat."""
    return never_said_to_many(contact_ids=[contact_id])[contact_id]


def never_said_to_many(*, contact_ids: Iterable[int]) -> Mapping[int, tuple[str, ...]]:
    """Give it for several contacts with one query."""
    wanted = set(contact_ids)
    statement = (
        select(CONTACT.c.id, CALLER.c.word_sealed, CALLER.c.data_key_id)
        .join(CALLER, CONTACT.c.caller_id == CALLER.c.id)
        .where(CONTACT.c.id.in_(wanted), CALLER.c.word_sealed.is_not(None))
    )
    rows = session().execute(statement).all()
    sealed.prefetch(key_ids=[row.data_key_id for row in rows])
    found = {row.id: (sealed.open_sealed(row.word_sealed, place=WORD_PLACE),) for row in rows}
    return {one: found.get(one, ()) for one in wanted}
