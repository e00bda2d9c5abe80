"""What a counselor is typing: kept sealed over a crash, thrown away once sent or handed on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from wellbeing.contacts.models import CONTACT, DRAFT
from wellbeing.contacts.operations.rows import meeting
from wellbeing.contacts.rules.conversations import clean_body
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import changed, session


def save_draft(*, contact_id: int, user_id: int, body: str, now: datetime) -> None:
    """Keep what a counselor is typing; an empty text throws it away."""
    if not body:
        throw_away(contact_id=contact_id, user_id=user_id)
        return
    key = select(CONTACT.c.data_key_id).where(CONTACT.c.id == contact_id)
    key_id = session().execute(key).scalar_one()
    blob = sealed.seal(clean_body(raw=body).text, key_id=key_id, place="draft.body")
    values = {"body_sealed": blob, "saved_at": now}
    statement = meeting(DRAFT).values(contact_id=contact_id, user_id=user_id, **values)
    session().execute(
        statement.on_conflict_do_update(index_elements=["contact_id", "user_id"], set_=values)
    )


def throw_away(*, contact_id: int, user_id: int) -> None:
    """Forget what a counselor was typing."""
    mine = (DRAFT.c.contact_id == contact_id, DRAFT.c.user_id == user_id)
    changed(delete(DRAFT).where(*mine))
