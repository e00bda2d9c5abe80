"""Destroy what was said in a contact, and who said it. That it was, and its figures, stay."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update

from wellbeing.contacts.models import CALLER, CONTACT, DRAFT, MEDIUM, RECORDING
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.crypto.sealed import DataKey
from wellbeing.foundation.database import session
from wellbeing.messaging.operations import erasing as messages


def erase_contacts(*, contact_ids: list[int], now: datetime) -> None:
    """Destroy the keys of contacts with whatever was sealed under them: words, voices, pictures.

    A caller of whom no other contact is left is forgotten with them: number, index and word.
    """
    statement = select(CONTACT.c.id, CONTACT.c.data_key_id, CONTACT.c.caller_id).where(
        CONTACT.c.id.in_(contact_ids)
    )
    rows = session().execute(statement).all()
    for row in rows:
        messages.forget_under(data_key_id=row.data_key_id)
        sealed.erase_data_key(key_id=row.data_key_id, now=now)
    for table, column in ((RECORDING, "audio_sealed"), (MEDIUM, "picture_sealed")):
        session().execute(
            update(table).where(table.c.contact_id.in_(contact_ids)).values({column: None})
        )
    session().execute(delete(DRAFT).where(DRAFT.c.contact_id.in_(contact_ids)))
    session().execute(
        update(CONTACT).where(CONTACT.c.id.in_(contact_ids)).values(wrap_up_sealed=None)
    )
    for caller_id in {row.caller_id for row in rows}:
        _forget_caller(caller_id, now)


def _forget_caller(caller_id: int, now: datetime) -> None:
    """Forget a number that belongs to nothing any more; whoever writes from it is new."""
    key = select(CALLER.c.data_key_id).where(CALLER.c.id == caller_id).with_for_update()
    key_id = session().execute(key).scalar_one()
    left = (
        select(CONTACT.c.id)
        .join(DataKey, DataKey.id == CONTACT.c.data_key_id)
        .where(CONTACT.c.caller_id == caller_id, DataKey.erased_at.is_(None))
    )
    if session().execute(left.limit(1)).first() is not None:
        return
    messages.forget_under(data_key_id=key_id)
    session().execute(
        update(CALLER)
        .where(CALLER.c.id == caller_id)
        .values(number_index=None, number_sealed=None, word_sealed=None, word_at=None)
    )
    sealed.erase_data_key(key_id=key_id, now=now)
