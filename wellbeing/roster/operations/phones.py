"""Somebody comes, goes, misses a ring, sets a telephone. `queries.phones` tells who is rung."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, update

from wellbeing.accounts.queries import people as accounts
from wellbeing.contacts.operations import conversations as contacts
from wellbeing.foundation import phone
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import changed, session
from wellbeing.policy import current as policy
from wellbeing.roster.models import PRESENCE, STAFF_PHONE
from wellbeing.roster.queries.phones import NUMBER_PLACE
from wellbeing.roster.rules.phones import (
    KEPT_KINDS,
    AwayReason,
    NoSuchPhone,
    NotAKeptPhone,
    Phone,
)


def go_away(*, user_id: int, now: datetime) -> None:
    """Stop ringing a person until they come back or their next shift begins."""
    values = {"away_since": now, "away_reason": AwayReason.OWN.value}
    _set(user_id, is_new=values, was_known=values)


def come_back(*, user_id: int, now: datetime) -> None:
    """Ring a person again; rings missed so far are forgiven."""
    del now
    values = {"away_since": None, "away_reason": None, "missed_rings": 0}
    _set(user_id, is_new=values, was_known=values)


def beat(*, user_id: int, now: datetime) -> None:
    """Note that the telephone in a person's browser is there."""
    _set(user_id, is_new={"client_beat_at": now}, was_known={"client_beat_at": now})


def note_missed_ring(*, user_id: int, now: datetime) -> bool:
    """Count a ring that was not answered; True if that was one too many and they are away now."""
    once_more = PRESENCE.c.missed_rings + 1
    _set(user_id, is_new={"missed_rings": 1}, was_known={"missed_rings": once_more})
    limit = policy.current().line.voice.missed_rings_until_away
    one_too_many = (
        update(PRESENCE)
        .where(
            PRESENCE.c.user_id == user_id,
            PRESENCE.c.missed_rings >= limit,
        )
        .values(
            away_since=now,
            away_reason=case(
                (PRESENCE.c.away_since.is_(None), AwayReason.MISSED_RINGS.value),
                else_=PRESENCE.c.away_reason,
            ),
            missed_rings=0,
        )
    )
    return changed(one_too_many) == 1


def note_answered_ring(*, user_id: int, now: datetime) -> None:
    """Forgive the rings that a person missed before; answering also tells that they are back."""
    come_back(user_id=user_id, now=now)


def set_phone(*, user_id: int, new: Phone, now: datetime) -> int:
    """Keep a telephone of a person, in place of the one of its kind; give its id.

    Raises:
        NotAKeptPhone: a browser has no number.
        NotAPhoneNumber: it cannot be dialled.
        NoSuchUser: there is no such person.

    """
    if new.kind not in KEPT_KINDS:
        raise NotAKeptPhone
    number = phone.normalised(new.number)
    key = accounts.data_key_of(user_id=user_id)
    values = {
        "number_sealed": sealed.seal(number, key_id=key, place=NUMBER_PLACE),
        "position": new.position,
        "set_at": now,
    }
    statement = (
        contacts.meeting(STAFF_PHONE)
        .values(user_id=user_id, kind=new.kind.value, **values)
        .on_conflict_do_update(index_elements=["user_id", "kind"], set_=values)
    )
    return int(session().execute(statement.returning(STAFF_PHONE.c.id)).scalar_one())


def remove_phone(*, user_id: int, phone_id: int) -> None:
    """Forget a telephone of a person.

    Raises:
        NoSuchPhone: it is not theirs.

    """
    own = delete(STAFF_PHONE).where(STAFF_PHONE.c.id == phone_id, STAFF_PHONE.c.user_id == user_id)
    if changed(own) != 1:
        raise NoSuchPhone


def _set(user_id: int, *, is_new: Mapping[str, Any], was_known: Mapping[str, Any]) -> None:
    first = {"user_id": user_id, "missed_rings": 0, **is_new}
    statement = contacts.meeting(PRESENCE).values(first)
    session().execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=was_known))
