"""Searches are kept for a day, or under a label until their person removes them."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from wellbeing.accounts.queries import people
from wellbeing.cases.models.searches import SEARCH
from wellbeing.cases.queries import search as queries
from wellbeing.cases.rules import search as rules
from wellbeing.cases.rules.search import LABEL_LENGTH, CaseSearch, NoSuchSearch
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import changed, session

KEPT_FOR = timedelta(days=1)
"""So long the pages of a search can be turned; then what was asked is forgotten."""
PUBLIC_ID_BYTES = 16


def keep(*, search: CaseSearch, by: int, now: datetime) -> str:
    """Keep a search and give its address; words are sealed under the searcher's own key."""
    public_id, words = secrets.token_urlsafe(PUBLIC_ID_BYTES), rules.words(search=search)
    key = people.data_key_of(user_id=by)
    blob = sealed.seal(words, key_id=key, place=queries.WORDS_PLACE) if words else None
    session().execute(
        insert(SEARCH).values(
            public_id=public_id,
            user_id=by,
            filters=rules.plain(search=search),
            words_sealed=blob,
            created_at=now,
        )
    )
    return public_id


def save(*, public_id: str, label: str, by: int) -> None:
    """Save one's own search under a label; saved again, it takes the new one.

    Raises:
        NoSuchSearch: there is none, it is over, or it is somebody else's.

    """
    key = people.data_key_of(user_id=by)
    blob = sealed.seal(label.strip()[:LABEL_LENGTH], key_id=key, place=queries.LABEL_PLACE)
    mine = update(SEARCH).where(SEARCH.c.public_id == public_id, SEARCH.c.user_id == by)
    if changed(mine.values(label_sealed=blob)) != 1:
        raise NoSuchSearch


def remove(*, public_id: str, by: int) -> None:
    """Forget one's own search.

    Raises:
        NoSuchSearch: there is none, or it is somebody else's.

    """
    mine = delete(SEARCH).where(SEARCH.c.public_id == public_id, SEARCH.c.user_id == by)
    if changed(mine) != 1:
        raise NoSuchSearch


def forget_names(*, names: Collection[str]) -> int:
    """Delete every search, whoever's, whose words or label name somebody; give how many.

    Reads each kept search of the service once: they are few, and records are rarely erased.
    """
    rows = session().execute(select(SEARCH.c.id, SEARCH.c.words_sealed, SEARCH.c.label_sealed))
    gone = [row.id for row in rows if any(name in words for name in names for words in _words(row))]
    return changed(delete(SEARCH).where(SEARCH.c.id.in_(gone))) if gone else 0


def _words(row: Any) -> tuple[str, str]:
    words, label = row.words_sealed, row.label_sealed
    return (
        sealed.open_sealed(words, place=queries.WORDS_PLACE) if words else "",
        sealed.open_sealed(label, place=queries.LABEL_PLACE) if label else "",
    )


def forget_old(*, now: datetime) -> int:
    """Delete the searches that nobody saved and whose day is over; give how many."""
    old = (SEARCH.c.label_sealed.is_(None), SEARCH.c.created_at <= now - KEPT_FOR)
    return changed(delete(SEARCH).where(*old))
