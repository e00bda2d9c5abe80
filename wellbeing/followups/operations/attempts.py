"""Keeping promises: answers of students, attempts of staff, texts that did not arrive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from wellbeing.contacts.queries import conversations as contacts
from wellbeing.followups import queries
from wellbeing.followups.events import FollowUpAnswered, StudentReached, StudentUnreachable
from wellbeing.followups.models import FOLLOW_UP
from wellbeing.followups.operations import hours, moves
from wellbeing.followups.queries import FollowUpRow
from wellbeing.followups.rules import (
    GOOD_TIME_LASTS,
    WORDS_LAST,
    Answer,
    Entry,
    FollowUpOver,
    FollowUpState,
    Outcome,
    answer_of,
    next_tell,
    next_try,
)
from wellbeing.foundation import events
from wellbeing.foundation.database import session
from wellbeing.policy import current as policy
from wellbeing.policy.model import FollowUpKind

OWNER_KNOWS = 1
"""Whoever made the last attempt in vain need not be told of it: the next holder is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpAnswer:
    """What a text meant as an answer to a check-in; words are a text like any other besides."""

    follow_up_id: int
    case_id: int | None
    answer: Answer


def record_answer(
    *, number: str, line_number: str, text: str, now: datetime
) -> FollowUpAnswer | None:
    """Take a text for the answer to a check-in, if one waits; None otherwise.

    "Good time" makes the promise due at once, "not now" plans another try; anything else is
    words: the promise is answered, and the text is for a human to read like any other.
    """
    row = queries.awaiting_answer(number=number, line_number=line_number, now=now)
    if row is None:
        return None
    answer = answer_of(policy=policy.current().followups, text=text)
    if not _REACTIONS[answer](row, answer, now):
        return None
    facts = {"answer": answer.value}
    moves.note(row=row, kind=Entry.ANSWERED, by=None, now=now, facts=facts)
    events.publish(
        FollowUpAnswered(
            follow_up_id=row.follow_up_id,
            case_id=row.case_id,
            owner_id=row.owner_id,
            answer=answer.value,
            at=now,
        )
    )
    return FollowUpAnswer(follow_up_id=row.follow_up_id, case_id=row.case_id, answer=answer)


def record_attempt(
    *, follow_up_id: int, by: int, outcome: Outcome, note: str = "", now: datetime
) -> FollowUpRow:
    """Record how an attempt went; give the promise as it stands then.

    Reached or declined keeps it. No answer plans the next try at another hour; after the last one
    `StudentUnreachable` is told, so that a supervisor decides on a welfare check.

    Raises:
        FollowUpOver: it is settled already, or somebody else changed it just now.

    """
    row = queries.by_id(follow_up_id=follow_up_id)
    if not row.is_open:
        raise FollowUpOver
    moves.add_attempt(row=row, by=by, outcome=outcome, now=now, note=note.strip())
    facts, details = {"outcome": outcome.value}, {"note": note.strip()}
    moves.note(row=row, kind=Entry.TRIED, by=by, now=now, facts=facts, details=details)
    if outcome is Outcome.NO_ANSWER:
        _try_again(row, now)
    else:
        _keep(row, by, outcome, now)
    return queries.by_id(follow_up_id=follow_up_id)


def settle_call_backs(
    *, caller_id: int, by: int, now: datetime, answered_contact_id: int | None = None
) -> int:
    """Keep the open call-backs to a caller whom a human speaks with now; give how many.

    Whoever called again before we did has been reached. The call-back to the answered contact
    itself stays: taking up a voicemail is not yet a word with the student.
    """
    kept = 0
    for row in queries.call_backs_to(caller_id=caller_id):
        if row.promised_contact_id == answered_contact_id:
            continue
        reached = Outcome.REACHED.value
        if not moves.settle(row=row, state=FollowUpState.KEPT, now=now, outcome=reached):
            continue
        moves.add_attempt(row=row, by=by, outcome=Outcome.REACHED, now=now)
        moves.note(row=row, kind=Entry.TRIED, by=by, now=now, facts={"outcome": reached})
        _tell_reached(row, by, now, has_declined=False)
        kept += 1
    return kept


def record_text_failure(*, outbound_id: int, now: datetime) -> bool:
    """Turn a promise whose text did not arrive into a call; tell whether it was one of ours.

    For a text that was undelivered, refused by an opt-out, or whose time ran out.
    """
    statement = select(FOLLOW_UP.c.id).where(
        FOLLOW_UP.c.outbound_id == outbound_id, FOLLOW_UP.c.state == FollowUpState.SENT.value
    )
    found = session().execute(statement).scalar()
    if found is None:
        return False
    row = queries.by_id(follow_up_id=found)
    return moves.turn_into_call(row=row, cause="not_delivered", now=now)


def _keep(row: FollowUpRow, by: int, outcome: Outcome, now: datetime) -> None:
    if row.state is FollowUpState.SENT:
        moves.take_back(row=row, now=now)
    if not moves.settle(row=row, state=FollowUpState.KEPT, now=now, outcome=outcome.value):
        raise FollowUpOver
    _tell_reached(row, by, now, has_declined=outcome is Outcome.DECLINED)
    if outcome is Outcome.REACHED and row.promised_contact_id is not None:
        # Whoever called three times in an hour is called back once.
        caller_id = contacts.contact_by_id(contact_id=row.promised_contact_id).caller_id
        settle_call_backs(caller_id=caller_id, by=by, now=now)


def _tell_reached(row: FollowUpRow, by: int, now: datetime, *, has_declined: bool) -> None:
    events.publish(
        StudentReached(
            follow_up_id=row.follow_up_id,
            case_id=row.case_id,
            contact_id=row.promised_contact_id,
            by_user_id=by,
            has_declined=has_declined,
            at=now,
        )
    )


def _try_again(row: FollowUpRow, now: datetime) -> None:
    due_at = _next_try_of(row, now)
    if due_at is not None:
        if not moves.replan(row=row, due_at=due_at, kind=FollowUpKind.CALL.value):
            raise FollowUpOver
        return
    following = next_tell(policy=policy.current().followups, window_end=now, told=OWNER_KNOWS)
    given_up = moves.change(
        row=row,
        state=FollowUpState.MISSED.value,
        outcome=Outcome.NO_ANSWER.value,
        due_at=max(row.window_start, min(row.due_at, now)),
        window_end=max(row.window_start, now),
        told=OWNER_KNOWS,
        next_step_at=following.at,
    )
    if not given_up:
        raise FollowUpOver
    events.publish(
        StudentUnreachable(
            follow_up_id=row.follow_up_id,
            case_id=row.case_id,
            contact_id=row.promised_contact_id,
            owner_id=row.owner_id,
            organization_id=row.organization_id,
            level=row.level,
            at=now,
        )
    )


def _next_try_of(row: FollowUpRow, now: datetime) -> datetime | None:
    attempts = queries.attempts_of(follow_up_id=row.follow_up_id)
    return next_try(
        policy=hours.of_case(case_id=row.case_id),
        level=row.level,
        tried=[one.at for one in attempts],
        now=now,
    )


def _answered(row: FollowUpRow, answer: Answer, now: datetime) -> bool:
    # Whoever says "good time" waits no longer than that. Words are answered in the live queue,
    # which has its own clocks; the owner only confirms.
    lasts = WORDS_LAST if answer is Answer.WORDS else GOOD_TIME_LASTS
    end = now + lasts
    return moves.change(
        row=row,
        state=FollowUpState.ANSWERED.value,
        answer=answer.value,
        answered_at=now,
        window_start=min(row.window_start, now),
        due_at=now,
        window_end=end,
        told=0,
        next_step_at=end,
    )


def _not_now(row: FollowUpRow, answer: Answer, now: datetime) -> bool:
    due_at = _next_try_of(row, now)
    said = {"answer": answer.value, "answered_at": now}
    if due_at is not None:
        return moves.replan(row=row, due_at=due_at, **said)
    # They answered as often as they were asked; asking again would only press them.
    declined = said | {"outcome": Outcome.DECLINED.value}
    return moves.settle(row=row, state=FollowUpState.KEPT, now=now, **declined)


_REACTIONS: Mapping[Answer, Callable[[FollowUpRow, Answer, datetime], bool]] = {
    Answer.GOOD_TIME: _answered,
    Answer.WORDS: _answered,
    Answer.NOT_NOW: _not_now,
}
