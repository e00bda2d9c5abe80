"""The data key under which a case's words are sealed. Nothing is sealed here."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from wellbeing.cases.models.cases import Case
from wellbeing.foundation.database import session
from wellbeing.foundation.errors import NotFound


def key_of(*, case_id: int) -> uuid.UUID:
    """Give the id of a case's data key.

    Raises:
        NotFound: there is no such case.

    """
    statement = select(Case.data_key_id).where(Case.id == case_id)
    found = session().execute(statement).scalar()
    if found is None:
        raise NotFound
    return found
