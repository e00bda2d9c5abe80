"""Planning the promises of a case, moving one, cancelling, changing hands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update

from wellbeing.accounts.operations import grants as accounts
from wellbeing.accounts.rules.grants import GrantKind
from wellbeing.cases.operations import entries, holds
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.contacts.operations import conversations as contacts_operations
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.followups import queries
from wellbeing.followups.events import PromisesChanged
from wellbeing.followups.models import FOLLOW_UP
from wellbeing.followups.operations import hours, moves
from wellbeing.followups.queries import FollowUpRow
from wellbeing.followups.rules import (
    BY_HAND,
    HOLD,
    HOLDING,
    TEXTED,
    CallBack,
    CallBackReason,
    Entry,
    FollowUpOver,
    FollowUpState,
    InThePast,
    NotAnHour,
    NothingMoreOffered,
    Owner,
    Planned,
    ReasonNeeded,
    StaleFollowUp,
    call_back,
    first_step_at,
    is_allowed,
    plan,
)
from wellbeing.foundation import events
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import changed, session
from wellbeing.policy import current as policy
from wellbeing.policy.model import FollowUpKind, RiskLevel

TRIES = 5


class CallBackRace(RuntimeError):
    """A promise to call back lost every race against others for the same contact."""


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
    _cancel(case_id, now, keeps_by_hand=True)
    followups = hours.of_case(case_id=case_id)
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
    """Cancel what a closed case promised, and withdraw texts that have not left; give how many.

    A call-back stays: no level promised it, and the student was told of it.
    """
    return _cancel(case_id, now, keeps_by_hand=False)


def _cancel(case_id: int, now: datetime, *, keeps_by_hand: bool) -> int:
    gone = 0
    for row in queries.open_of_case(case_id=case_id):
        if row.state is FollowUpState.ANSWERED or row.reason is not None:
            continue
        if keeps_by_hand and row.plan_version == BY_HAND:
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


def promise_call_back(
    *,
    contact_id: int,
    owner: Owner,
    level: RiskLevel,
    due_at: datetime,
    reason: CallBackReason,
    now: datetime,
) -> int:
    """Promise somebody to call back by a deadline; give the promise's id, one for each contact.

    Asked again, the promise moves earlier, never later. The owner may open the contact from now
    on. A contact of an open case gives the promise to its case.
    """
    wanted = call_back(
        quiet_hours=policy.current().followups.quiet_hours,
        reason=reason,
        level=level,
        due_at=due_at,
        now=now,
    )
    for _ in range(TRIES):
        row = queries.call_back_of(contact_id=contact_id)
        if row is not None and _hasten(row, wanted):
            return row.follow_up_id
        follow_up_id = None if row else _add_call_back(contact_id, owner, wanted, now)
        if follow_up_id is not None:
            _settle_in(contact_id, owner, now)
            return follow_up_id
    raise CallBackRace


def attach_to_case(*, contact_id: int, case_id: int, now: datetime) -> int:
    """Let the open call-back to a contact go along with its case, and hold it open; give how many.

    The case's owner keeps the promise from now on.
    """
    row = queries.call_back_of(contact_id=contact_id)
    if row is None or row.case_id is not None:
        return 0
    case = cases.case_by_id(case_id=case_id)
    moved = moves.change(
        row=row, case_id=case_id, owner_id=case.owner_id, organization_id=case.organization_id
    )
    if moved:
        holds.place_hold(case_id=case_id, kind=HOLD, source_id=row.follow_up_id, now=now)
        facts = {"level": int(row.level), "count": 1, "due_at": row.due_at}
        entries.add_entry(case_id=case_id, kind=Entry.PLANNED, actor_id=None, facts=facts, now=now)
    return int(moved)


def reschedule(
    *,
    follow_up_id: int,
    due_at: datetime,
    reason: str,
    by: int,
    now: datetime,
    version: int | None = None,
) -> None:
    """Move a promise to another time, with a reason; a text that has not left is taken back.

    `version` is the one that its writer saw; None where nobody had a page open.

    Raises:
        StaleFollowUp: somebody else changed it since.
        ReasonNeeded: no reason was given.
        InThePast: the time has passed.
        NotAnHour: a text would go out in quiet hours or lessons.
        FollowUpOver: it is settled already.

    """
    row = queries.by_id(follow_up_id=follow_up_id)
    if version not in {None, row.version} and row.settled_at is None:
        raise StaleFollowUp
    _check_move(row, due_at, reason, now)
    if row.state is FollowUpState.SENT:
        moves.take_back(row=row, now=now)
    why = sealed.seal(reason.strip(), key_id=row.data_key_id, place=queries.REASON_PLACE)
    if not moves.replan(row=row, due_at=due_at, reason_sealed=why):
        raise FollowUpOver if row.settled_at else StaleFollowUp
    moves.note(
        row=row,
        kind=Entry.MOVED,
        by=by,
        now=now,
        facts={"due_at": due_at},
        details={"reason": reason.strip()},
    )
    if row.case_id is not None:
        events.publish(PromisesChanged(case_id=row.case_id, at=now))


def _check_move(row: FollowUpRow, due_at: datetime, reason: str, now: datetime) -> None:
    if not reason.strip():
        raise ReasonNeeded
    if due_at <= now:
        raise InThePast
    if row.kind in TEXTED and not is_allowed(
        policy=hours.of_case(case_id=row.case_id), moment=due_at
    ):
        raise NotAnHour


def add_wanted(*, case_id: int, by: int, now: datetime) -> tuple[int, ...]:
    """Plan what the level promises only to those who want it; give the ids (followups.toml).

    Raises:
        NothingMoreOffered: the level offers nothing more, or a text is planned already.

    """
    case = cases.case_by_id(case_id=case_id)
    rules = hours.of_case(case_id=case_id)
    both = [
        plan(policy=rules, level=case.level, anchor=now, now=now, wanted=wanted)
        for wanted in (True, False)
    ]
    more = [one for one in both[0] if one not in both[1]]
    planned = {row.kind for row in queries.open_of_case(case_id=case_id)}
    if case.closed_at is not None or not more or planned & TEXTED:
        raise NothingMoreOffered
    shared = _shared(case, now)
    ids = tuple(_insert(one, shared) for one in more)
    facts = {"level": int(case.level), "count": len(ids), "due_at": more[0].due_at}
    entries.add_entry(case_id=case_id, kind=Entry.PLANNED, actor_id=by, facts=facts, now=now)
    events.publish(PromisesChanged(case_id=case_id, at=now))
    return ids


def _shared(case: CaseRow, now: datetime) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "owner_id": case.owner_id,
        "organization_id": case.organization_id,
        "level": int(case.level),
        "plan_version": queries.latest_plan(case_id=case.case_id),
        "data_key_id": case.data_key_id,
        "planned_at": now,
    }


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


def _add_call_back(contact_id: int, owner: Owner, wanted: CallBack, now: datetime) -> int | None:
    values = {
        "promised_contact_id": contact_id,
        "owner_id": owner.user_id,
        "organization_id": owner.organization_id,
        "kind": FollowUpKind.CALL.value,
        "plan_version": BY_HAND,
        "data_key_id": contacts.contact_by_id(contact_id=contact_id).data_key_id,
        "planned_at": now,
        "state": FollowUpState.PLANNED.value,
        "step": 0,
        "told": 0,
        "version": 1,
    }
    # Of two processes that promise at once, one makes the promise and the other hastens it.
    statement = contacts_operations.meeting(FOLLOW_UP).values(values | _times(wanted))
    made = session().execute(statement.on_conflict_do_nothing().returning(FOLLOW_UP.c.id))
    return made.scalar()


def _settle_in(contact_id: int, owner: Owner, now: datetime) -> None:
    accounts.grant_access(
        user_id=owner.user_id,
        subject_kind=contacts.GRANT_SUBJECT,
        subject_id=contact_id,
        kind=GrantKind.ASSIGNMENT,
        now=now,
    )
    case = cases.case_of_contact(contact_id=contact_id)
    if case is not None and case.closed_at is None:
        attach_to_case(contact_id=contact_id, case_id=case.case_id, now=now)


def _hasten(row: FollowUpRow, wanted: CallBack) -> bool:
    standing = CallBack(
        window_start=row.window_start,
        due_at=row.due_at,
        level=row.level,
        reason=row.reason or wanted.reason,
    )
    joined = standing.joined(wanted)
    if joined.due_at == row.due_at:
        return moves.change(row=row, level=joined.level.value, reason=joined.reason.value)
    return moves.change(row=row, **_times(joined))


def _times(wanted: CallBack) -> dict[str, Any]:
    return {
        "level": wanted.level.value,
        "reason": wanted.reason.value,
        "window_start": wanted.window_start,
        "due_at": wanted.due_at,
        "window_end": wanted.due_at,
        "next_step_at": wanted.due_at,
    }
