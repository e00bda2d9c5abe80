"""Orders of texts and calls, queued by the real operations."""

from __future__ import annotations

from typing import Any

from tests.factories.moments import NOW
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import transaction
from wellbeing.messaging import operations as messaging
from wellbeing.messaging.rules import NewCall, NewText, Purpose
from wellbeing.policy.model import RiskLevel

STUDENT = "+8613800000001"
COUNSELOR = "+8613800000002"
LINE = "+862300000000"


def queued_text(**changes: Any) -> int:
    """Queue a chat text to the invented student in a transaction of its own."""
    now = changes.pop("now", NOW)
    with transaction():
        order = {
            "to": STUDENT,
            "from_number": LINE,
            "body": "我们在。",
            "purpose": Purpose.CHAT,
            "purpose_id": 1,
            "urgency": RiskLevel.LOW,
        } | changes
        order.setdefault("data_key_id", sealed.create_data_key(now=now))
        return messaging.queue_text(order=NewText(**order), now=now)


def queued_call(**changes: Any) -> int:
    """Queue a page call to the invented counselor in a transaction of its own."""
    now = changes.pop("now", NOW)
    with transaction():
        order = {
            "to": COUNSELOR,
            "from_number": LINE,
            "purpose": Purpose.PAGE_CALL,
            "purpose_id": 7,
            "public_id": "page-7",
            "urgency": RiskLevel.IMMINENT,
        } | changes
        order.setdefault("data_key_id", sealed.create_data_key(now=now))
        return messaging.queue_call(order=NewCall(**order), now=now)
