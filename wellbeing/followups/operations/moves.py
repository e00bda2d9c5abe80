"""The few ways in which one promise changes, each fenced by its version; used by all others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from wellbeing.cases.operations import entries, holds
from wellbeing.followups.models import FOLLOW_UP, FOLLOW_UP_ATTEMPT
from wellbeing.followups.operations import hours
from wellbeing.followups.queries import NOTE_PLACE, FollowUpRow
from wellbeing.followups.rules import (
    ANSWER_TIME,
    HOLD,
    Entry,
    FollowUpState,
    Outcome,
    first_step_at,
    sensible_moment,
)
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import changed, session
from wellbeing.messaging import operations as messaging
from wellbeing.policy.model import FollowUpKind


def change(*, row: FollowUpRow, **values: Any) -> bool:
    """Change an open promise unless somebody else did since `row` was read."""
    guarded = update(FOLLOW_UP).where(
        FOLLOW_UP.c.id == row.follow_up_id,
        FOLLOW_UP.c.version == row.version,
        FOLLOW_UP.c.settled_at.is_(None),
    )
    return changed(guarded.values(version=row.version + 1, **values)) == 1


def settle(*, row: FollowUpRow, state: FollowUpState, now: datetime, **values: Any) -> bool:
    """Bring a promise to its end and let its case go; False if somebody else was faster."""
    ended = values | {"state": state.value, "next_step_at": None, "settled_at": now}
    if not change(row=row, **ended):
        return False
    if row.case_id is None:
        return True
    holds.lift_hold(case_id=row.case_id, kind=HOLD, source_id=row.follow_up_id, now=now)
    return True


def replan(*, row: FollowUpRow, due_at: datetime, **values: Any) -> bool:
    """Plan a promise for another time; its window grows so that it can still be kept."""
    kind = FollowUpKind(values.get("kind", row.kind))
    end = max(row.window_end, due_at + ANSWER_TIME)
    planned = values | {
        "state": FollowUpState.PLANNED.value,
        "window_start": min(row.window_start, due_at),
        "due_at": due_at,
        "window_end": end,
        "next_step_at": first_step_at(kind=kind, due_at=due_at, window_end=end),
        "told": 0,
    }
    return change(row=row, **planned)


def turn_into_call(*, row: FollowUpRow, cause: str, now: datetime) -> bool:
    """Let a person call where a text cannot help, at the next sensible hour."""
    due_at = sensible_moment(policy=hours.of_case(case_id=row.case_id), earliest=now, latest=now)
    if not replan(row=row, due_at=due_at, kind=FollowUpKind.CALL.value):
        return False
    note(row=row, kind=Entry.TO_CALL, by=None, now=now, facts={"cause": cause})
    return True


def take_back(*, row: FollowUpRow, now: datetime) -> bool:
    """Withdraw the text of a promise; False when it has left already."""
    if row.outbound_id is None:
        return False
    return messaging.withdraw(outbound_id=row.outbound_id, now=now) > 0


def add_attempt(
    *,
    row: FollowUpRow,
    by: int | None,
    outcome: Outcome | None,
    now: datetime,
    outbound_id: int | None = None,
    note: str = "",
) -> None:
    """Write an attempt under the next number; the same number cannot be written twice.

    A note belongs into the timeline of the case; only where there is none, it stays here.
    """
    blob = None
    if note and row.case_id is None:
        blob = sealed.seal(note, key_id=row.data_key_id, place=NOTE_PLACE)
    last = select(func.coalesce(func.max(FOLLOW_UP_ATTEMPT.c.number), 0)).where(
        FOLLOW_UP_ATTEMPT.c.follow_up_id == row.follow_up_id
    )
    number = int(session().execute(last).scalar_one()) + 1
    session().execute(
        insert(FOLLOW_UP_ATTEMPT).values(
            follow_up_id=row.follow_up_id,
            number=number,
            at=now,
            by_user_id=by,
            outbound_id=outbound_id,
            outcome=outcome.value if outcome else None,
            note_sealed=blob,
        )
    )


def note(
    *,
    row: FollowUpRow,
    kind: Entry,
    by: int | None,
    now: datetime,
    facts: Mapping[str, Any],
    details: Mapping[str, str] | None = None,
) -> None:
    """Write into the timeline of the case what happened to one of its promises, if it has one."""
    if row.case_id is None:
        return
    entries.add_entry(
        case_id=row.case_id,
        kind=kind,
        actor_id=by,
        facts={"follow_up_id": row.follow_up_id} | dict(facts),
        details=details,
        now=now,
    )
