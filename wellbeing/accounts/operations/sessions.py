"""Sessions start, are prolonged and end. Times are real time."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, insert, or_, update

from wellbeing.accounts.models import SESSION
from wellbeing.accounts.queries import sessions, signing_in
from wellbeing.accounts.rules.sessions import (
    KNOWN_FOR,
    SECOND_FACTOR_WITHIN,
    SessionEnded,
    token_hash,
)
from wellbeing.foundation.database import changed, session

TOUCH_EVERY = timedelta(minutes=1)
TOKEN_BYTES = 32


def forget_old_sessions(*, real_now: datetime) -> int:
    """Delete sessions whose address need not be known any more; give how many."""
    old = SESSION.c.created_at <= real_now - KNOWN_FOR
    # One that never showed its second factor made no address known: it goes when it is over.
    over = SESSION.c.created_at <= real_now - SECOND_FACTOR_WITHIN
    return changed(delete(SESSION).where(or_(old, over & SESSION.c.second_factor_at.is_(None))))


def start_session(
    *, user_id: int, address: str, real_now: datetime, second_factor_done: bool = False
) -> str:
    """Start a session and give its token, which exists nowhere else; put it into the cookie."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    values = {
        "token_hash": token_hash(token=token),
        "user_id": user_id,
        "address_index": signing_in.address_key(address=address),
        "created_at": real_now,
        "seen_at": real_now,
        "second_factor_at": real_now if second_factor_done else None,
        "stepped_up_at": real_now if second_factor_done else None,
    }
    session().execute(insert(SESSION).values(values))
    return token


def complete_second_factor(*, session_id: int, real_now: datetime) -> str:
    """Mark the second factor as done and give the session a new token; the old one is void.

    Raises:
        SessionEnded: it is over.

    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    _change_live(
        session_id,
        real_now,
        token_hash=token_hash(token=token),
        created_at=real_now,
        seen_at=real_now,
        second_factor_at=real_now,
        stepped_up_at=real_now,
    )
    return token


def step_up(*, session_id: int, real_now: datetime) -> None:
    """Mark that the person proved themselves again just now.

    Raises:
        SessionEnded: it is over.

    """
    _change_live(session_id, real_now, stepped_up_at=real_now)


def touch_session(*, session_id: int, real_now: datetime) -> bool:
    """Prolong a session's idle limit, at most once a minute; False when it was not due."""
    due = (
        SESSION.c.id == session_id,
        SESSION.c.seen_at <= real_now - TOUCH_EVERY,
        sessions.is_live(real_now=real_now),
    )
    return changed(update(SESSION).where(*due).values(seen_at=real_now)) == 1


def end_session(*, session_id: int, real_now: datetime) -> None:
    """End one session; its token opens nothing from now on."""
    _end_sessions(SESSION.c.id == session_id, real_now=real_now)


def end_all_sessions(
    *, user_id: int, real_now: datetime, except_session_id: int | None = None
) -> int:
    """End a person's sessions, all or all but the one they act from; give how many."""
    others = SESSION.c.id != (except_session_id or 0)
    return _end_sessions(SESSION.c.user_id == user_id, others, real_now=real_now)


def _change_live(session_id: int, real_now: datetime, **values: object) -> None:
    live = (SESSION.c.id == session_id, sessions.is_live(real_now=real_now))
    if changed(update(SESSION).where(*live).values(values)) != 1:
        raise SessionEnded


def _end_sessions(*which: ColumnElement[bool], real_now: datetime) -> int:
    ended = update(SESSION).where(*which, SESSION.c.ended_at.is_(None))
    return changed(ended.values(ended_at=real_now))
