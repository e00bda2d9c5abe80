"""An escalation under way whose case became more dangerous: its clocks run faster from now on.

Nothing is ever put off here; who has joined stays, and what fell level keeps its times.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from wellbeing.cases.operations import entries
from wellbeing.escalation import queries
from wellbeing.escalation.models import ESCALATION, PAGE
from wellbeing.escalation.operations import pages, receivers, senders
from wellbeing.escalation.rules.chain import deadlines, sharpened
from wellbeing.escalation.rules.rows import EscalationRow, snapshot
from wellbeing.escalation.rules.words import (
    OPEN_STATES,
    Entry,
    EscalationState,
    NewPage,
    PageState,
)
from wellbeing.foundation.database import changed, session
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel

UNDER_WAY = (*(state.value for state in OPEN_STATES), EscalationState.ACCEPTED.value)


def sharpen(*, case_id: int, level: RiskLevel, by: int, now: datetime) -> int:
    """Hold every escalation of a case to the clocks of its new, higher level; tell how many.

    Open ones: who is still to come comes sooner, and who is being rung is rung as the level asks.
    Accepted ones: the student is to be contacted sooner, or more people hear that nobody did.
    """
    statement = select(ESCALATION.c.id).where(
        ESCALATION.c.case_id == case_id,
        ESCALATION.c.state.in_(UNDER_WAY),
        ESCALATION.c.level < int(level),
        # A clock that somebody else took over runs there.
        ESCALATION.c.next_step_at.is_not(None),
    )
    found = session().execute(statement).scalars().all()
    return sum(_sharpen(queries.by_id(escalation_id=one), level, by, now) for one in found)


def _sharpen(row: EscalationRow, level: RiskLevel, by: int, now: datetime) -> bool:
    values = _values(row, level, now)
    faster = (
        update(ESCALATION)
        .where(ESCALATION.c.id == row.escalation_id, ESCALATION.c.version == row.version)
        .values(values | {"version": ESCALATION.c.version + 1})
    )
    if changed(faster) != 1:
        return False
    facts = {
        "escalation_id": row.escalation_id,
        "level": int(level),
        "acknowledge_by": values["acknowledge_by"],
        "contact_by": values["contact_by"],
    }
    entries.add_entry(case_id=row.case_id, kind=Entry.SHARPENED, actor_id=by, facts=facts, now=now)
    if row.state is EscalationState.SENT:
        _ring_as(queries.by_id(escalation_id=row.escalation_id), now)
    return True


def _values(row: EscalationRow, level: RiskLevel, now: datetime) -> dict[str, Any]:
    tiers, counting = policy.current().tiers, senders.counting(level=level)
    due = deadlines(counting=counting, sent_at=now)
    acknowledge_by = min(row.acknowledge_by, due.acknowledge_by)
    # Once it is accepted the chain tells how long after a missed deadline a desk is told.
    start = now if row.is_open else acknowledge_by - counting.clock.acknowledge
    chain = sharpened(
        chain=row.chain, joined=row.step, steps=tiers.chain[level], counting=counting, now=start
    )
    values: dict[str, Any] = {
        "level": int(level),
        "chain": [snapshot(one) for one in chain],
        "again_s": int(tiers.clocks[level].acknowledge.total_seconds()),
        "slow_again_s": int(tiers.slow_round(level=level).total_seconds()),
        "acknowledge_by": acknowledge_by,
        "contact_by": min(row.contact_by, due.contact_by),
    }
    if row.state is EscalationState.ACCEPTED:
        step_at = values["contact_by"]
    elif row.state is EscalationState.ACKNOWLEDGED:
        step_at = due.acknowledge_by
    else:
        coming = [one.planned_at for one in chain[row.step :]]
        step_at = min([values["acknowledge_by"], *coming])
    kept = row.next_step_at
    return values | {"next_step_at": step_at if kept is None else min(kept, step_at)}


def _ring_as(row: EscalationRow, now: datetime) -> None:
    """Ring at the new level whoever rings, and once more whoever was rung in vain."""
    rung = select(PAGE.c.organization_id, PAGE.c.desk).where(
        queries.about(receivers.subject_of(escalation_id=row.escalation_id)),
        PAGE.c.state.in_([PageState.PAGING.value, PageState.UNANSWERED.value]),
    )
    found = {(one.organization_id, one.desk) for one in session().execute(rung)}
    for organization_id, desk in sorted(found):
        new = NewPage(
            subject=receivers.subject_of(escalation_id=row.escalation_id),
            organization_id=organization_id,
            desk=desk,
            urgency=row.level,
            case_id=row.case_id,
        )
        pages.start(new=new, now=now)
