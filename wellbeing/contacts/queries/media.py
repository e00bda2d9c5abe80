"""Questions about what came with texts. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from wellbeing.contacts.models import MEDIUM
from wellbeing.contacts.rules.media import MediumRow, MediumState
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session
from wellbeing.foundation.errors import NotFound

PICTURE_PLACE = "medium.picture"
_SHOWN = (MEDIUM.c.id, MEDIUM.c.contact_id, MEDIUM.c.message_id, MEDIUM.c.state)


def of_contact(*, contact_id: int) -> Mapping[int, tuple[MediumRow, ...]]:
    """List what came with the texts of a conversation, by message, with one query."""
    statement = select(*_SHOWN).where(MEDIUM.c.contact_id == contact_id).order_by(MEDIUM.c.id)
    found: dict[int, tuple[MediumRow, ...]] = {}
    for row in session().execute(statement).mappings():
        found[row["message_id"]] = (*found.get(row["message_id"], ()), _medium(row))
    return found


def picture_of(*, medium_id: int, contact_id: int) -> bytes:
    """Open a picture of this conversation (JPEG); the reader was let in before.

    Raises:
        NotFound: there is none of this conversation, or it is not (or never will be) here.

    """
    statement = select(MEDIUM.c.picture_sealed).where(
        MEDIUM.c.id == medium_id, MEDIUM.c.contact_id == contact_id
    )
    blob = session().execute(statement).scalar_one_or_none()
    if blob is None:
        raise NotFound
    return sealed.open_bytes(blob, place=PICTURE_PLACE)


def _medium(row: Mapping[Any, Any]) -> MediumRow:
    return MediumRow(
        medium_id=row["id"],
        contact_id=row["contact_id"],
        message_id=row["message_id"],
        state=MediumState(row["state"]),
    )
