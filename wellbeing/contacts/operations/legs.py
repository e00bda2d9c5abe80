"""Legs of a call: placed, moved forward by what the carrier tells, ended. No order is sent here."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import update

from wellbeing.contacts.models import LEG
from wellbeing.contacts.operations import conversations
from wellbeing.contacts.queries import calls as queries
from wellbeing.contacts.rules.calls import (
    ACTIVE,
    LEG_MOVES,
    LegRow,
    LegState,
    NewLeg,
)
from wellbeing.foundation.database import changed, session


def place(*, new: NewLeg, now: datetime) -> LegRow | None:
    """Write down that somebody is rung; None when they are in another call at this moment."""
    row = {
        "public_id": secrets.token_urlsafe(16),
        "contact_id": new.contact_id,
        "user_id": new.user_id,
        "kind": new.kind.value,
        "phone_kind": new.phone_kind,
        "stage": new.stage,
        "state": LegState.PLACING.value,
        "is_in_conference": False,
        "placed_at": now,
    }
    statement = conversations.meeting(LEG).on_conflict_do_nothing().returning(LEG.c.id)
    leg_id = session().execute(statement, row).scalar_one_or_none()
    if leg_id is None:
        return None
    conversations.count_change(new.contact_id)
    return queries.leg(leg_id=leg_id)


def set_order(*, leg_id: int, outbound_id: int) -> None:
    """Keep the order by which the carrier rings this leg."""
    changed(update(LEG).where(LEG.c.id == leg_id).values(outbound_id=outbound_id))


def move(*, leg: LegRow, to: LegState, now: datetime) -> bool:
    """Move a leg forward, never back; tell whether this did it (promise P4)."""
    values: dict[str, object] = {"state": to.value}
    if to not in ACTIVE:
        values["ended_at"] = now
    if to in {LegState.SCREENING, LegState.TALKING} and leg.answered_at is None:
        values["answered_at"] = now
    allowed = [state.value for state in LEG_MOVES[to]]
    moved = update(LEG).where(LEG.c.id == leg.leg_id, LEG.c.state.in_(allowed)).values(**values)
    if changed(moved) != 1:
        return False
    conversations.count_change(leg.contact_id)
    return True


def join_conference(*, leg: LegRow) -> bool:
    """Note that a leg goes on in the conference; tell whether it was news."""
    joined = update(LEG).where(
        LEG.c.id == leg.leg_id,
        LEG.c.state == LegState.TALKING.value,
        LEG.c.is_in_conference.is_(False),
    )
    return changed(joined.values(is_in_conference=True)) == 1
