"""Promises that a person makes or decides about; those that a level makes are in `plans`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import insert

from wellbeing.cases.operations import duties, entries, holds
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseIsClosed, CaseRow, NewDuty
from wellbeing.followups import queries
from wellbeing.followups.events import PromisesChanged
from wellbeing.followups.models import FOLLOW_UP
from wellbeing.followups.operations import hours, moves
from wellbeing.followups.queries import FollowUpRow
from wellbeing.followups.rules import (
    ANSWER_TIME,
    BY_HAND,
    HOLD,
    TEXTED,
    WELFARE_CHECK,
    Decision,
    Entry,
    FollowUpOver,
    FollowUpState,
    InThePast,
    NotAnHour,
    NothingSaid,
    NotUnreachable,
    Outcome,
    Planned,
    first_step_at,
    is_allowed,
    next_moment,
)
from wellbeing.foundation import events
from wellbeing.foundation.database import session
from wellbeing.policy import current as policy
from wellbeing.policy.model import FollowUpKind


def promise(
    *, case_id: int, kind: FollowUpKind, due_at: datetime, note: str, by: int, now: datetime
) -> int:
    """Promise to get back to a student at a time that a person chose; give the promise's id.

    A new plan by level leaves it alone. A call or text of a person holds the case open until it is
    kept; what goes out by itself does not.

    Raises:
        CaseIsClosed: a closed case promises nothing.
        InThePast: the time has passed.
        NotAnHour: a text would go out by itself in quiet hours or lessons.
        NothingSaid: nothing was written down about what was agreed.

    """
    case = cases.case_by_id(case_id=case_id)
    if case.closed_at is not None:
        raise CaseIsClosed
    if not note.strip():
        raise NothingSaid
    if due_at <= now:
        raise InThePast
    if kind in TEXTED and not is_allowed(policy=hours.of_case(case_id=case_id), moment=due_at):
        raise NotAnHour
    one = Planned(kind=kind, window_start=now, due_at=due_at, window_end=due_at + ANSWER_TIME)
    follow_up_id = _insert(case, one, now)
    if kind not in TEXTED:
        holds.place_hold(case_id=case_id, kind=HOLD, source_id=follow_up_id, now=now)
    entries.add_entry(
        case_id=case_id,
        kind=Entry.PROMISED,
        actor_id=by,
        facts={"follow_up_id": follow_up_id, "kind": kind.value, "due_at": due_at},
        details={"note": note.strip()},
        now=now,
    )
    events.publish(PromisesChanged(case_id=case_id, at=now))
    return follow_up_id


def decide_unreachable(
    *, follow_up_id: int, decision: Decision, note: str, by: int, now: datetime
) -> None:
    """Record what a supervisor decides about a student whom nobody could reach.

    Trying on plans one more attempt at another hour; a caring text closes the promise kindly; a
    welfare check becomes the supervisor's own duty with a deadline (facts.md 5, attempts).

    Raises:
        NothingSaid: a decision needs its reason.
        NotUnreachable: the attempts are not used up, or it was decided already.

    """
    row = queries.by_id(follow_up_id=follow_up_id)
    if not note.strip():
        raise NothingSaid
    if not is_unreachable(row=row):
        raise NotUnreachable
    moves.note(
        row=row,
        kind=Entry.DECIDED,
        by=by,
        now=now,
        facts={"decision": decision.value},
        details={"note": note.strip()},
    )
    if not _DECISIONS[decision](row, by, now):
        raise FollowUpOver
    if row.case_id is not None:
        events.publish(PromisesChanged(case_id=row.case_id, at=now))


def is_unreachable(*, row: FollowUpRow) -> bool:
    """Tell whether every attempt was made in vain and nobody has decided what follows."""
    is_missed = row.is_open and row.state is FollowUpState.MISSED
    return is_missed and row.outcome is Outcome.NO_ANSWER


def _insert(case: CaseRow, one: Planned, now: datetime) -> int:
    values = {
        "case_id": case.case_id,
        "owner_id": case.owner_id,
        "organization_id": case.organization_id,
        "level": int(case.level),
        "plan_version": BY_HAND,
        "data_key_id": case.data_key_id,
        "planned_at": now,
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


def _try_on(row: FollowUpRow, by: int, now: datetime) -> bool:
    del by
    rules = hours.of_case(case_id=row.case_id)
    tried = [one.at for one in queries.attempts_of(follow_up_id=row.follow_up_id)]
    due_at = next_moment(policy=rules, level=row.level, tried=tried, now=now)
    return moves.replan(row=row, due_at=due_at, kind=FollowUpKind.CALL.value, outcome=None)


def _check_welfare(row: FollowUpRow, by: int, now: datetime) -> bool:
    duties.open_duty(
        new=NewDuty(
            kind=WELFARE_CHECK,
            case_id=row.case_id,
            contact_id=None if row.case_id else row.promised_contact_id,
            holder_id=by,
            organization_id=row.organization_id,
            by_at=now + policy.current().followups.welfare_check_within[row.level],
        ),
        now=now,
    )
    return _let_go(row, by, now)


def _say_that_we_remember(row: FollowUpRow, by: int, now: datetime) -> bool:
    if row.case_id is not None:
        case = cases.case_by_id(case_id=row.case_id)
        rules = hours.of_case(case_id=row.case_id)
        due_at = next_moment(policy=rules, level=row.level, tried=(), now=now)
        kind = FollowUpKind.CARING_CONTACT
        end = due_at + ANSWER_TIME
        _insert(case, Planned(kind=kind, window_start=now, due_at=due_at, window_end=end), now)
    return _let_go(row, by, now)


def _let_go(row: FollowUpRow, by: int, now: datetime) -> bool:
    del by
    return moves.settle(row=row, state=FollowUpState.MISSED, now=now)


_DECISIONS: Mapping[Decision, Callable[[FollowUpRow, int, datetime], bool]] = {
    Decision.TRY_ON: _try_on,
    Decision.SCHOOL_VISIT: _check_welfare,
    Decision.GUARDIAN: _check_welfare,
    Decision.POLICE: _check_welfare,
    Decision.CARING_TEXT: _say_that_we_remember,
}
