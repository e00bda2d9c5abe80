"""Questions about contacts that were written down by hand."""

from __future__ import annotations

from sqlalchemy import select

from wellbeing.contacts.models import ORIGIN
from wellbeing.foundation.crypto import ring
from wellbeing.foundation.database import session


def recorded(*, origin: str) -> int | None:
    """Tell which contact this very record became; None if it was never written down."""
    statement = select(ORIGIN.c.contact_id).where(ORIGIN.c.origin_index == index_of(origin=origin))
    return session().execute(statement).scalar_one_or_none()


def recorded_by(*, contact_id: int) -> int | None:
    """Tell who wrote a contact down; None for one that came over the line."""
    statement = select(ORIGIN.c.by_user_id).where(ORIGIN.c.contact_id == contact_id)
    return session().execute(statement).scalar_one_or_none()


def index_of(*, origin: str) -> bytes:
    """Give the keyed hash by which a record is known again; not a word of it can be read there."""
    return ring.blind_index(purpose="walk-in", value=origin)
