"""Planning the promises of a case, moving one, cancelling, changing hands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update

from wellbeing.cases import queries as cases
from wellbeing.cases.operations import entries, holds
from wellbeing.followups import queries
from wellbeing.followups.models import FOLLOW_UP
from wellbeing.followups.operations import moves
from wellbeing.followups.rules import (
    HOLD,
    HOLDING,
    TEXTED,
    Entry,
    FollowUpOver,
    FollowUpState,
    InThePast,
    NotAnHour,
    Owner,
    Planned,
    ReasonNeeded,
    first_step_at,
    is_allowed,
    plan,
)
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import changed, session
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel


def plan_for(
    *,
    case_id: int,
    level: RiskLevel,
    owner: Owner,
    anchor: datetime,
    now: datetime,
    wanted: bool = False,
) -> tuple[int, ...]:
    """Plan the promises of a case anew by its level; give their ids in order of time.

    What was planned before is cancelled, and texts that have not left are withdrawn. A check-in
    that the student was already sent, or answered, stays. `wanted` adds what is only promised to
    those who want it.
    """
    cancel_for(case_id=case_id, now=now)
    followups = policy.current().followups
    found = plan(policy=followups, level=level, anchor=anchor, now=now, wanted=wanted)
    shared = {
        "case_id": case_id,
        "owner_id": owner.user_id,
        "organization_id": owner.organization_id,
        "level": int(level),
        "plan_version": queries.latest_plan(case_id=case_id) + 1,
        "data_key_id": cases.case_by_id(case_id=case_id).data_key_id,
        "planned_at": now,
    }
    ids = tuple(_insert(one, shared) for one in found)
    if level in HOLDING:
        for follow_up_id in ids:
            holds.place_hold(case_id=case_id, kind=HOLD, source_id=follow_up_id, now=now)
    facts = {"level": int(level), "count": len(ids), "due_at": found[0].due_at if found else None}
    entries.add_entry(case_id=case_id, kind=Entry.PLANNED, actor_id=None, facts=facts, now=now)
    return ids


def cancel_for(*, case_id: int, now: datetime) -> int:
    """Cancel what is planned or was missed, and withdraw texts that have not left; give how many.

    For a new plan, and for a case that is closed.
    """
    gone = 0
    for row in queries.open_of_case(case_id=case_id):
        if row.state is FollowUpState.ANSWERED:
            continue
        if row.state is FollowUpState.SENT and not moves.take_back(row=row, now=now):
            continue
        gone += moves.settle(row=row, state=FollowUpState.CANCELLED, now=now)
    return gone


def change_owner(*, case_id: int, owner: Owner) -> int:
    """Hand the open promises of a case to its new owner; give how many went along."""
    return changed(
        update(FOLLOW_UP)
        .where(FOLLOW_UP.c.case_id == case_id, FOLLOW_UP.c.settled_at.is_(None))
        .values(
            owner_id=owner.user_id,
            organization_id=owner.organization_id,
            version=FOLLOW_UP.c.version + 1,
        )
    )


def reschedule(*, follow_up_id: int, due_at: datetime, reason: str, by: int, now: datetime) -> None:
    """Move a promise to another time, with a reason; a text that has not left is taken back.

    Raises:
        ReasonNeeded: no reason was given.
        InThePast: the time has passed.
        NotAnHour: a text would go out in quiet hours or lessons.
        FollowUpOver: it is settled already.

    """
    row = queries.by_id(follow_up_id=follow_up_id)
    if not reason.strip():
        raise ReasonNeeded
    if due_at <= now:
        raise InThePast
    if row.kind in TEXTED and not is_allowed(policy=policy.current().followups, moment=due_at):
        raise NotAnHour
    if row.state is FollowUpState.SENT:
        moves.take_back(row=row, now=now)
    why = sealed.seal(reason.strip(), key_id=row.data_key_id, place="follow_up.reason")
    if not moves.replan(row=row, due_at=due_at, reason_sealed=why):
        raise FollowUpOver
    moves.note(
        row=row,
        kind=Entry.MOVED,
        by=by,
        now=now,
        facts={"due_at": due_at},
        details={"reason": reason.strip()},
    )


def _insert(one: Planned, shared: Mapping[str, Any]) -> int:
    values = dict(shared) | {
        "kind": one.kind.value,
        "window_start": one.window_start,
        "due_at": one.due_at,
        "window_end": one.window_end,
        "state": FollowUpState.PLANNED.value,
        "step": 0,
        "told": 0,
        "version": 1,
        "next_step_at": first_step_at(kind=one.kind, due_at=one.due_at, window_end=one.window_end),
    }
    made = session().execute(insert(FOLLOW_UP).values(values).returning(FOLLOW_UP.c.id))
    return int(made.scalar_one())
