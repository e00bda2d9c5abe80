"""How a row of the outbox is written: what all kinds have, and what is sealed in it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from wellbeing.foundation.crypto import ring, sealed
from wellbeing.foundation.database import session
from wellbeing.messaging.models import OUTBOUND
from wellbeing.messaging.rules import NewCall, NewText, OrderKind, OrderState, Purpose
from wellbeing.policy.model import RiskLevel


def errand(
    *, purpose: Purpose, purpose_id: int, data_key_id: uuid.UUID, urgency: RiskLevel
) -> dict[str, Any]:
    """Say whose errand it is; it reaches nobody and has no number."""
    return {
        "purpose": purpose.value,
        "purpose_id": purpose_id,
        "urgency": int(urgency),
        "data_key_id": data_key_id,
    }


def insert_order(*, order: NewText | NewCall, now: datetime, kind: OrderKind, **values: Any) -> int:
    """Write a text or a call, its number sealed under the key of its contact; give its id."""
    shared = {
        "purpose": order.purpose.value,
        "purpose_id": order.purpose_id,
        "urgency": int(order.urgency),
        "from_number": order.from_number,
        "to_index": ring.blind_index(purpose="phone", value=order.to),
        "to_sealed": sealed.seal(order.to, key_id=order.data_key_id, place="outbound.to"),
        "data_key_id": order.data_key_id,
        "expires_at": order.expires_at,
    }
    return store(values=shared | values, now=now, kind=kind, due_at=order.not_before or now)


def store(*, values: dict[str, Any], now: datetime, kind: OrderKind, **more: Any) -> int:
    """Write a row that waits to be carried out; give its id."""
    row = {
        "kind": kind.value,
        "state": OrderState.QUEUED.value,
        "scheduled": False,
        "despite_opt_out": False,
        "attempts": 0,
        "questions": 0,
        "due_at": now,
        "created_at": now,
    }
    # Values beside the statement, not in it: SQLAlchemy then finds it compiled in its cache.
    statement = insert(OUTBOUND).returning(OUTBOUND.c.id)
    return int(session().execute(statement, row | values | more).scalar_one())


def never(*, order: NewText) -> bytes | None:
    """Seal the names that an unasked text must not say, so that they are asked again later."""
    if not order.scheduled or not order.never_say:
        return None
    words = "\n".join(order.never_say)
    return sealed.seal(words, key_id=order.data_key_id, place="outbound.never")
