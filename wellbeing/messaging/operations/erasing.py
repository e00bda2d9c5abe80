"""Forget what was sent and to whom; that something was, when, and whether it arrived, stays."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import ColumnElement, update

from wellbeing.foundation.database import changed, session
from wellbeing.messaging.models import OUTBOUND
from wellbeing.messaging.rules import OrderState

NOTHING = {"to_index": None, "to_sealed": None, "body_sealed": None, "never_sealed": None}
UNDER_WAY = (OrderState.QUEUED.value, OrderState.SENDING.value, OrderState.IN_DOUBT.value)


def forget_under(*, data_key_id: uuid.UUID) -> int:
    """Forget the words and numbers of everything sealed under one key; give how many.

    What is still under way keeps its ciphertext, which nobody can open: delivery puts it aside.
    """
    mine = OUTBOUND.c.data_key_id == data_key_id
    session().execute(update(OUTBOUND).where(mine).values(to_index=None))
    return _forget(mine)


def forget_orders(*, outbound_ids: Collection[int]) -> int:
    """Forget the words and numbers of texts and calls that are over; give how many."""
    return _forget(OUTBOUND.c.id.in_(outbound_ids)) if outbound_ids else 0


def _forget(which: ColumnElement[bool]) -> int:
    over = OUTBOUND.c.state.not_in(UNDER_WAY)
    return changed(update(OUTBOUND).where(which, over).values(NOTHING))
