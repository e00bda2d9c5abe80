"""What comes with a text: noted at once, fetched by the outbox, kept here, forgotten there."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from wellbeing.contacts.models import CONTACT, MEDIUM
from wellbeing.contacts.operations import conversations
from wellbeing.contacts.queries.media import PICTURE_PLACE
from wellbeing.contacts.rules.media import MOST_PER_TEXT, MediumState
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import changed, session
from wellbeing.messaging.operations import media as errands


def note(
    *,
    message_id: int,
    contact_id: int,
    data_key_id: uuid.UUID,
    message_sid: str,
    sids: Sequence[str],
    now: datetime,
) -> None:
    """Note what came with a message just stored, and queue that it is fetched."""
    statement = conversations.meeting(MEDIUM).on_conflict_do_nothing().returning(MEDIUM.c.id)
    for sid in tuple(dict.fromkeys(sids))[:MOST_PER_TEXT]:
        row = {
            "contact_id": contact_id,
            "message_id": message_id,
            "message_sid": message_sid,
            "sid": sid,
            "state": MediumState.AT_CARRIER.value,
            "at": now,
        }
        medium_id = session().execute(statement, row).scalar_one_or_none()
        if medium_id is not None:
            errands.queue_medium_fetch(
                message_sid=message_sid,
                sid=sid,
                medium_id=medium_id,
                data_key_id=data_key_id,
                now=now,
            )


def keep(*, medium_id: int, picture: bytes, now: datetime) -> bool:
    """Seal a fetched picture under its contact's key, and let the carrier forget it.

    An empty one was none that can be shown: it is refused, and forgotten there all the same.
    Tells whether it was news.
    """
    row = _row(medium_id)
    values: dict[str, Any] = {"state": MediumState.REFUSED.value}
    if picture:
        values = {
            "state": MediumState.KEPT.value,
            "picture_sealed": sealed.seal_bytes(
                picture, key_id=row["data_key_id"], place=PICTURE_PLACE
            ),
        }
    if not _settle(medium_id, values):
        return False
    _forget_there(row, now)
    conversations.count_change(row["contact_id"])
    return True


def lose(*, medium_id: int, now: datetime) -> bool:
    """Note that the carrier will never give us this, and let it forget it all the same.

    Tells whether it was news.
    """
    if not _settle(medium_id, {"state": MediumState.LOST.value}):
        return False
    _forget_there(_row(medium_id), now)
    return True


def _forget_there(row: Any, now: datetime) -> None:
    errands.queue_medium_deletion(
        message_sid=row["message_sid"],
        sid=row["sid"],
        medium_id=row["id"],
        data_key_id=row["data_key_id"],
        now=now,
    )


def _settle(medium_id: int, values: dict[str, Any]) -> bool:
    waiting = update(MEDIUM).where(
        MEDIUM.c.id == medium_id, MEDIUM.c.state == MediumState.AT_CARRIER.value
    )
    return changed(waiting.values(**values)) == 1


def _row(medium_id: int) -> Any:
    statement = (
        select(MEDIUM, CONTACT.c.data_key_id)
        .join(CONTACT, CONTACT.c.id == MEDIUM.c.contact_id)
        .where(MEDIUM.c.id == medium_id)
    )
    return session().execute(statement).mappings().one()
