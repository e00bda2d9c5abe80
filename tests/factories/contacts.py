"""Invented texts and contacts, received by the real operations."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from tests.factories.moments import NOW
from wellbeing.contacts import text
from wellbeing.contacts.operations import conversations as operations
from wellbeing.contacts.rules.conversations import IncomingText, Received
from wellbeing.foundation.database import transaction
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.queries import OrganizationRow
from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import RiskLevel

LINE = "+862300000000"
STUDENT = "+8613800000001"

_sids = count(1)


def make_text(**changes: Any) -> IncomingText:
    """Write a text to the municipality's line; the municipality must stand."""
    line: OrganizationRow = changes.pop("organization", None) or organizations.municipality()
    text_in = {
        "sid": f"SM{next(_sids):032x}",
        "sender": STUDENT,
        "line_number": LINE,
        "body": "你好",
        "organization_id": line.id,
        "organization_path": line.path,
        "language": None,
    } | changes
    return IncomingText(**text_in)


def receive(*, now: datetime = NOW, **changes: Any) -> Received:
    """Receive a text in a transaction of its own."""
    incoming = make_text(**changes)
    with transaction():
        return text.receive_text(text=incoming, now=now)


def scope_of(*, user_id: int = 0, paths: tuple[str, ...] = (), **changes: Any) -> Scope:
    """See everything of the municipality unless other paths are given."""
    chosen = paths or (organizations.municipality().path,)
    return Scope(user_id=user_id, paths=chosen, permissions=changes.get("permissions", frozenset()))


def make_contact(*, urgency: RiskLevel = RiskLevel.LOW, now: datetime = NOW, **changes: Any) -> int:
    """Let somebody text, as urgent as wanted; give the contact's id."""
    received = receive(now=now, **changes)
    if urgency > RiskLevel.LOW:
        with transaction():
            operations.raise_urgency(contact_id=received.contact_id, level=urgency, now=now)
    return received.contact_id


def claim(*, contact_id: int, user_id: int, now: datetime = NOW + timedelta(seconds=20)) -> None:
    """Let a counselor of the municipality take a contact."""
    with transaction():
        operations.claim(
            contact_id=contact_id, scope=scope_of(user_id=user_id), user_id=user_id, now=now
        )


def make_conversation(*, user_id: int, **changes: Any) -> int:
    """Let somebody text and a counselor take it; give the contact's id."""
    contact_id = make_contact(**changes)
    claim(contact_id=contact_id, user_id=user_id)
    return contact_id
