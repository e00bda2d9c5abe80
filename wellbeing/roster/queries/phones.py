"""Who of a desk can be rung now, on what, and who is away. Nothing is changed here.

What it costs does not grow with the people: one query for the desk, one for their telephones, one
for the keys under which the numbers are sealed.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select

from wellbeing.accounts.models import USER
from wellbeing.accounts.queries.people import PHONE_PLACE
from wellbeing.foundation import phone
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.crypto.ring import Unreadable
from wellbeing.foundation.database import session
from wellbeing.policy import current as policy
from wellbeing.policy.model import Language
from wellbeing.roster.models import PRESENCE, SHIFT, STAFF_PHONE
from wellbeing.roster.rules.phones import (
    Available,
    AwayReason,
    Phone,
    PhoneKind,
    PhoneRow,
    Presence,
    client_address,
    first_phone,
    has_client,
    is_away,
)

NUMBER_PLACE = "staff_phone.number"
_PRESENCE = (
    PRESENCE.c.away_since,
    PRESENCE.c.away_reason,
    PRESENCE.c.missed_rings,
    PRESENCE.c.client_beat_at,
)
_PERSON = (
    USER.c.id.label("user_id"),
    USER.c.data_key_id,
    USER.c.phone_sealed,
    USER.c.languages,
    *_PRESENCE,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    presence: Presence
    position: int
    data_key_id: uuid.UUID
    phone_sealed: bytes | None
    languages: tuple[Language, ...]


def available_at(*, organization_id: int, desk: str, at: datetime) -> tuple[Available, ...]:
    """List whom of a desk to ring, first first; nobody who is away, left, or has no telephone."""
    statement = (
        _people(SHIFT.c.position, SHIFT.c.starts_at)
        .join(SHIFT, SHIFT.c.user_id == USER.c.id)
        .where(
            SHIFT.c.organization_id == organization_id,
            SHIFT.c.desk == desk,
            SHIFT.c.starts_at <= at,
            SHIFT.c.ends_at > at,
            USER.c.is_active,
        )
        .order_by(SHIFT.c.position, SHIFT.c.starts_at, SHIFT.c.id)
    )
    found: dict[int, _Person] = {}
    for row in session().execute(statement).mappings():
        person = _person(row, position=row["position"])
        if not is_away(presence=person.presence, since=row["starts_at"]):
            found.setdefault(row["user_id"], person)
    return _available(found, at)


def ids_on_call(*, places: Iterable[tuple[int, str]], at: datetime) -> frozenset[int]:
    """Name who is on call at some desks (organization, desk) and not away, in one statement.

    Less than `available_at` tells: no telephone is opened, and somebody may have none.
    """
    statement = (
        select(SHIFT.c.user_id, SHIFT.c.starts_at, *_PRESENCE)
        .join(USER, USER.c.id == SHIFT.c.user_id)
        .outerjoin(PRESENCE, PRESENCE.c.user_id == SHIFT.c.user_id)
        .where(
            or_(
                *(
                    and_(SHIFT.c.organization_id == organization_id, SHIFT.c.desk == desk)
                    for organization_id, desk in places
                )
            ),
            SHIFT.c.starts_at <= at,
            SHIFT.c.ends_at > at,
            USER.c.is_active,
        )
    )
    return frozenset(
        row["user_id"]
        for row in session().execute(statement).mappings()
        if not is_away(presence=_presence(row), since=row["starts_at"])
    )


def reachable(*, user_id: int, at: datetime) -> Available | None:
    """Tell how to ring one person, on call or away alike; None when no telephone is known."""
    statement = _people().where(USER.c.id == user_id, USER.c.is_active)
    row = session().execute(statement).mappings().first()
    if row is None:
        return None
    return next(iter(_available({user_id: _person(row, position=1)}, at)), None)


def presence_of(*, user_ids: Iterable[int]) -> Mapping[int, Presence]:
    """Tell of several people whether they take calls; whoever never said anything is left out."""
    statement = select(PRESENCE).where(PRESENCE.c.user_id.in_(set(user_ids)))
    return {row["user_id"]: _presence(row) for row in session().execute(statement).mappings()}


def phones_of(*, user_id: int) -> tuple[PhoneRow, ...]:
    """List a person's own telephones for a page, first to be rung first, numbers masked."""
    statement = select(STAFF_PHONE).where(STAFF_PHONE.c.user_id == user_id)
    rows = session().execute(statement.order_by(STAFF_PHONE.c.position, STAFF_PHONE.c.id))
    return tuple(
        PhoneRow(
            phone_id=row["id"],
            kind=PhoneKind(row["kind"]),
            masked_number=phone.masked(
                sealed.open_sealed(row["number_sealed"], place=NUMBER_PLACE)
            ),
            position=row["position"],
        )
        for row in rows.mappings()
    )


def _people(*columns: Any) -> Select[Any]:
    return (
        select(*_PERSON, *columns)
        .select_from(USER)
        .outerjoin(PRESENCE, PRESENCE.c.user_id == USER.c.id)
    )


def _person(row: Any, *, position: int) -> _Person:
    return _Person(
        presence=_presence(row),
        position=position,
        data_key_id=row["data_key_id"],
        phone_sealed=row["phone_sealed"],
        languages=tuple(Language(one) for one in row["languages"]),
    )


def _presence(row: Any) -> Presence:
    reason = row["away_reason"]
    return Presence(
        user_id=row["user_id"],
        away_since=row["away_since"],
        away_reason=AwayReason(reason) if reason else None,
        missed_rings=row["missed_rings"] or 0,
        client_beat_at=row["client_beat_at"],
    )


def _available(people: Mapping[int, _Person], at: datetime) -> tuple[Available, ...]:
    within = policy.current().line.voice.heartbeat_within
    kept = _phones(people)
    found: list[Available] = []
    for user_id, person in people.items():
        kind, address = PhoneKind.CLIENT, client_address(user_id=user_id)
        if not has_client(presence=person.presence, within=within, at=at):
            first = first_phone(phones=kept.get(user_id, ()))
            if first is None:
                continue
            kind, address = first.kind, first.number
        found.append(
            Available(
                user_id=user_id,
                position=person.position,
                phone_kind=kind,
                address=address,
                languages=person.languages,
            )
        )
    return tuple(found)


def _phones(people: Mapping[int, _Person]) -> Mapping[int, list[Phone]]:
    """Open the telephones of several people; the account's own number stands in where none is."""
    if not people:
        return {}
    sealed.prefetch(key_ids=(person.data_key_id for person in people.values()))
    statement = select(STAFF_PHONE).where(STAFF_PHONE.c.user_id.in_(people))
    found: dict[int, list[Phone]] = {}
    for row in session().execute(statement).mappings():
        number = _opened(row["number_sealed"], NUMBER_PLACE, row["user_id"])
        if number is not None:
            kept = Phone(kind=PhoneKind(row["kind"]), number=number, position=row["position"])
            found.setdefault(row["user_id"], []).append(kept)
    for user_id, person in people.items():
        if user_id not in found and person.phone_sealed is not None:
            number = _opened(person.phone_sealed, PHONE_PLACE, user_id)
            if number is not None:
                found[user_id] = [Phone(kind=PhoneKind.MOBILE, number=number, position=1)]
    return found


def _opened(blob: bytes, place: str, user_id: int) -> str | None:
    try:
        return sealed.open_sealed(blob, place=place)
    except Unreadable:
        # A caller waits: one damaged number must not keep the others from ringing.
        logger.exception("a telephone of the staff does not open", extra={"user": user_id})
        return None
