"""What promises do by themselves: texts go out, windows pass, holders are told. Each once.

Jobs call `advance` in a transaction per promise, or `advance_all` for many that are to be sent;
which ones are due, queries tell.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from wellbeing.followups import queries
from wellbeing.followups.events import FollowUpMissed
from wellbeing.followups.operations import moves, sending
from wellbeing.followups.queries import FollowUpRow
from wellbeing.followups.rules import TEXTED, Entry, FollowUpState, next_tell
from wellbeing.foundation import events
from wellbeing.policy import current as policy
from wellbeing.policy.model import FollowUpKind


def advance(follow_up_id: int, *, now: datetime) -> bool:
    """Do the due step of one promise, once: send it, miss it, tell the next holder.

    False when nothing is due, or another process did it.
    """
    row = next(iter(queries.held(follow_up_ids=[follow_up_id])), None)
    if row is None or not _is_due(row, now):
        return False
    if _is_to_be_sent(row, now):
        return bool(sending.send(rows=[row], now=now))
    if row.state is FollowUpState.SENT and row.kind is FollowUpKind.CARING_CONTACT:
        return moves.settle(row=row, state=FollowUpState.KEPT, now=now)
    return _tell(row, now)


def advance_all(follow_up_ids: Collection[int], *, now: datetime) -> frozenset[int]:
    """Send those of these due promises that are texts, together; give the ids of what moved.

    The others are left to `advance`, one by one: each of them calls people.

    Raises:
        RowsMoved: another process did one of them; nothing of this may be committed.

    """
    rows = queries.held(follow_up_ids=follow_up_ids)
    texts = [row for row in rows if _is_due(row, now) and _is_to_be_sent(row, now)]
    return sending.send(rows=texts, now=now) if texts else frozenset()


def _is_due(row: FollowUpRow, now: datetime) -> bool:
    return row.is_open and row.next_step_at is not None and row.next_step_at <= now


def _is_to_be_sent(row: FollowUpRow, now: datetime) -> bool:
    return row.state is FollowUpState.PLANNED and row.kind in TEXTED and now < row.window_end


def _tell(row: FollowUpRow, now: datetime) -> bool:
    followups = policy.current().followups
    this = next_tell(policy=followups, window_end=row.window_end, told=row.told)
    is_due = this.at <= now
    told = row.told + 1 if is_due else row.told
    following = next_tell(policy=followups, window_end=row.window_end, told=told)
    moved = moves.change(
        row=row,
        state=FollowUpState.MISSED.value,
        step=row.step + 1,
        told=told,
        next_step_at=following.at,
    )
    if not moved or not is_due:
        return moved
    facts = {"holder": this.holder.value}
    moves.note(row=row, kind=Entry.MISSED, by=None, now=now, facts=facts)
    events.publish(
        FollowUpMissed(
            follow_up_id=row.follow_up_id,
            case_id=row.case_id,
            contact_id=row.promised_contact_id,
            owner_id=row.owner_id,
            organization_id=row.organization_id,
            holder=this.holder,
            level=row.level,
            at=now,
        )
    )
    return moved
