"""How a row of the outbox is written: what all kinds have, and what is sealed in it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
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
    row = order_values(order=order, now=now, kind=kind, **values)
    return int(session().execute(_ONE, row).scalar_one())


def insert_orders(*, rows: Sequence[dict[str, Any]]) -> tuple[int, ...]:
    """Write rows made by `order_values` with one statement; give their ids in the same order."""
    if not rows:
        return ()
    # Every row names the same columns, as one statement for many asks; what one lacks is empty.
    names = dict.fromkeys(name for row in rows for name in row)
    alike = [{name: row.get(name) for name in names} for row in rows]
    return tuple(session().execute(_MANY, alike).scalars())


def order_values(
    *, order: NewText | NewCall, now: datetime, kind: OrderKind, **values: Any
) -> dict[str, Any]:
    """Give the whole row of a text or a call, its number sealed; nothing is written."""
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
    return _waiting(now, kind) | shared | values | {"due_at": order.not_before or now}


def said(*, order: NewText, piece: str, key: str | None) -> dict[str, Any]:
    """Give what only a text has; its words sealed."""
    return {
        "ordering_key": key,
        "body_sealed": sealed.seal(piece, key_id=order.data_key_id, place="outbound.body"),
        "scheduled": order.scheduled,
        "in_lessons": not order.has_lessons,
        "never_sealed": never(order=order),
        "despite_opt_out": order.despite_opt_out,
    }


def rung(*, order: NewCall) -> dict[str, Any]:
    """Give what only a call has."""
    return {
        "public_id": order.public_id,
        "ring_seconds": order.ring_seconds,
        "limit_s": order.limit_s,
    }


def store(*, values: dict[str, Any], now: datetime, kind: OrderKind, **more: Any) -> int:
    """Write a row that waits to be carried out; give its id."""
    return int(session().execute(_ONE, _waiting(now, kind) | values | more).scalar_one())


def never(*, order: NewText) -> bytes | None:
    """Seal the names that an unasked text must not say, so that they are asked again later."""
    if not order.scheduled or not order.never_say:
        return None
    words = "\n".join(order.never_say)
    return sealed.seal(words, key_id=order.data_key_id, place="outbound.never")


def _waiting(now: datetime, kind: OrderKind) -> dict[str, Any]:
    return {
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
_ONE = insert(OUTBOUND).returning(OUTBOUND.c.id)
_MANY = insert(OUTBOUND).returning(OUTBOUND.c.id, sort_by_parameter_order=True)
