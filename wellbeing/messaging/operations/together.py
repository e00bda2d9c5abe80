"""Queue many texts and calls of one sweep with one statement; what each is, its row says itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wellbeing.foundation.crypto import sealed
from wellbeing.messaging import operations as messaging
from wellbeing.messaging.operations import storing
from wellbeing.messaging.rules import NewCall, NewText, OrderKind
from wellbeing.messaging.rules.lengths import parts


def queue_all(*, orders: Sequence[NewText | NewCall], now: datetime) -> tuple[int, ...]:
    """Queue many texts and calls as `queue_text` and `queue_call` do; give their ids in order.

    One statement writes them, except a body above the carrier's limit, which is queued apart.

    Raises:
        NothingToSend, UnsafeText: as for one text; nothing of these is queued then.

    """
    long = {n for n, one in enumerate(orders) if _is_long(one)}
    sealed.prefetch(key_ids=[one.data_key_id for one in orders])
    rows = [_row(one, now) for n, one in enumerate(orders) if n not in long]
    short = iter(storing.insert_orders(rows=rows))
    return tuple(
        messaging.queue_text(order=one, now=now)
        if isinstance(one, NewText) and n in long
        else next(short)
        for n, one in enumerate(orders)
    )


def _is_long(order: NewText | NewCall) -> bool:
    return isinstance(order, NewText) and len(parts(body=order.body)) > 1


def _row(order: NewText | NewCall, now: datetime) -> dict[str, Any]:
    if isinstance(order, NewCall):
        return storing.order_values(
            order=order, now=now, kind=OrderKind.CALL, **storing.rung(order=order)
        )
    if not order.body.strip():
        raise messaging.NothingToSend
    if order.scheduled:
        messaging.refuse_unsafe(body=order.body, never_say=order.never_say)
    said = storing.said(order=order, piece=order.body, key=order.ordering_key)
    return storing.order_values(order=order, now=now, kind=OrderKind.TEXT, **said)
