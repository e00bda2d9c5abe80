"""Making a caller and a contact, once, whoever reaches us in whichever way at the same moment.

How texts come in is told in `contacts.text`, how calls do in `contacts.voice`.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wellbeing.contacts.models import CALLER, CONTACT
from wellbeing.contacts.operations import conversations as operations
from wellbeing.contacts.rules.conversations import ContactState, IncomingCall, IncomingText
from wellbeing.foundation.crypto import ring, sealed
from wellbeing.foundation.database import session
from wellbeing.policy.model import Language, RiskLevel

NOBODY = b""
"""Blind index of a withheld number: it matches no caller."""
KNOWN_CONTACT = (
    CONTACT.c.id,
    CONTACT.c.data_key_id,
    CONTACT.c.language,
    CONTACT.c.urgency,
    CONTACT.c.state,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The contact that a text belongs to."""

    contact_id: int
    data_key_id: uuid.UUID
    language: Language
    urgency: RiskLevel
    state: ContactState


def place_of(*, row: Any) -> Place:
    """Read what an INSERT or UPDATE of a contact gave back."""
    return Place(
        contact_id=row.id,
        data_key_id=row.data_key_id,
        language=Language(row.language),
        urgency=RiskLevel(row.urgency),
        state=ContactState(row.state),
    )


def index_of(*, sender: str | None) -> bytes | None:
    """Give the blind index of a number; None for a withheld one."""
    return ring.blind_index(purpose="phone", value=sender) if sender else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """A caller just made, and the key that the contact they come with is sealed under."""

    caller_id: int
    contact_key_id: uuid.UUID


def newcomer(*, sender: str | None, language: Language | None, now: datetime) -> Newcomer | None:
    """Make a caller; None when another process has just made the same one."""
    key_id, contact_key_id = sealed.create_data_keys(count=2, now=now)
    blob = sealed.seal(sender, key_id=key_id, place="caller.number") if sender else None
    row = {
        "number_index": index_of(sender=sender),
        "number_sealed": blob,
        "data_key_id": key_id,
        "language": language.value if language else None,
        "created_at": now,
    }
    statement = operations.meeting(CALLER).on_conflict_do_nothing().returning(CALLER.c.id)
    caller_id = session().execute(statement, row).scalar_one_or_none()
    if caller_id is None:
        _erase((key_id, contact_key_id), now)
        return None
    return Newcomer(caller_id=caller_id, contact_key_id=contact_key_id)


def new_contact(
    *,
    reached: IncomingText | IncomingCall,
    caller_id: int,
    key_id: uuid.UUID | None = None,
    now: datetime,
    **values: Any,
) -> Place | None:
    """Make a contact; None when another process has just made the one for the same caller."""
    key_id = key_id or sealed.create_data_key(now=now)
    values |= {
        "data_key_id": key_id,
        "urgency": RiskLevel.LOW.value,
        "public_id": secrets.token_urlsafe(16),
        "caller_id": caller_id,
        "line_number": reached.line_number,
        "organization_id": reached.organization_id,
        "organization_path": reached.organization_path,
        "urgency_at": now,
        "arrived_at": now,
    }
    statement = operations.meeting(CONTACT).on_conflict_do_nothing().returning(*KNOWN_CONTACT)
    row = session().execute(statement, values).first()
    if row is None:
        _erase((key_id,), now)
        return None
    return place_of(row=row)


def _erase(key_ids: Iterable[uuid.UUID], now: datetime) -> None:
    # A key made in vain must not look like the key of somebody's record.
    for key_id in key_ids:
        sealed.erase_data_key(key_id=key_id, now=now)
