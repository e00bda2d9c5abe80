"""Questions about promises: what is due, for whom, what was tried. Nothing is changed here."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select

from wellbeing.accounts.queries import grants as accounts
from wellbeing.accounts.rules.roles import Permission
from wellbeing.cases.models.cases import CASE
from wellbeing.cases.queries import visibility
from wellbeing.contacts.models import CALLER, CONTACT
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.followups.models import FOLLOW_UP, FOLLOW_UP_ATTEMPT
from wellbeing.followups.rules import (
    ANSWERS_UNTIL,
    OPEN,
    Answer,
    CallBackReason,
    FollowUpState,
    NoSuchFollowUp,
    Outcome,
)
from wellbeing.foundation import phone
from wellbeing.foundation.crypto import ring, sealed
from wellbeing.foundation.database import session, taken
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.models import ORGANIZATION
from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import FollowUpKind, RiskLevel

ANSWERABLE = (FollowUpState.SENT.value, FollowUpState.MISSED.value)
PENDING = [state.value for state in OPEN]
NOTE_PLACE = "follow_up_attempt.note"
REASON_PLACE = "follow_up.reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpRow:
    """A promise as doors and other rooms see it; no word of anybody.

    `reason` and `promised_contact_id` are of a call-back; without a case it has no `case_id`.
    """

    follow_up_id: int
    case_id: int | None
    promised_contact_id: int | None
    reason: CallBackReason | None
    owner_id: int
    organization_id: int
    kind: FollowUpKind
    level: RiskLevel
    plan_version: int
    window_start: datetime
    due_at: datetime
    window_end: datetime
    state: FollowUpState
    step: int
    next_step_at: datetime | None
    told: int
    outbound_id: int | None
    sent_at: datetime | None
    answer: Answer | None
    answered_at: datetime | None
    outcome: Outcome | None
    data_key_id: uuid.UUID
    planned_at: datetime
    settled_at: datetime | None
    version: int

    @property
    def is_open(self) -> bool:
        """Tell whether the promise can still be kept."""
        return self.settled_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpAttemptRow:
    """One attempt to keep a promise; `by_user_id` None went out by itself.

    `note` is what was noted before there was a case; later notes stand in its timeline.
    """

    number: int
    at: datetime
    by_user_id: int | None
    outcome: Outcome | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerRow:
    """Who is to be called back, as a list may show them: where from, and when they reached us."""

    contact_id: int
    public_id: str
    masked_number: str
    reached_at: datetime


def get(*, follow_up_id: int, scope: Scope, now: datetime) -> FollowUpRow:
    """Give a promise to its owner and to whoever may see its case, or the contact it is for.

    Raises:
        NoSuchFollowUp: there is none, or this reader may not know of it.

    """
    named = FOLLOW_UP.c.id == follow_up_id
    found = _rows(select(FOLLOW_UP).where(named, _visible(scope, now)))
    if not found:
        raise NoSuchFollowUp
    return found[0]


def by_id(*, follow_up_id: int) -> FollowUpRow:
    """Give a promise to a room that has decided itself who may see it.

    Raises:
        NoSuchFollowUp: there is none with this id.

    """
    found = _rows(select(FOLLOW_UP).where(FOLLOW_UP.c.id == follow_up_id))
    if not found:
        raise NoSuchFollowUp
    return found[0]


def held(*, follow_up_ids: Collection[int]) -> tuple[FollowUpRow, ...]:
    """Give promises to whoever is about to change them, and keep others from it meanwhile."""
    statement = select(FOLLOW_UP).where(FOLLOW_UP.c.id.in_(follow_up_ids))
    return _rows(statement.order_by(FOLLOW_UP.c.id).with_for_update())


def last_attempts(*, follow_up_ids: Collection[int]) -> Mapping[int, int]:
    """Tell the number of the last attempt at each of these promises; not of those without one."""
    statement = (
        select(FOLLOW_UP_ATTEMPT.c.follow_up_id, func.max(FOLLOW_UP_ATTEMPT.c.number))
        .where(FOLLOW_UP_ATTEMPT.c.follow_up_id.in_(follow_up_ids))
        .group_by(FOLLOW_UP_ATTEMPT.c.follow_up_id)
    )
    return {row[0]: row[1] for row in session().execute(statement)}


def due_for(
    *,
    scope: Scope,
    until: datetime,
    now: datetime,
    owner_id: int | None = None,
    limit: int = 200,
    asked_for: bool = False,
) -> tuple[FollowUpRow, ...]:
    """List the open promises due until a moment, earliest first: of one person, or of the unit.

    With `asked_for` also the call-backs whose time has begun: who asks to be called as soon as
    possible waits now, however late the policy would forgive it.
    """
    due = FOLLOW_UP.c.due_at <= until
    if asked_for:
        is_asked = FOLLOW_UP.c.promised_contact_id.is_not(None)
        due = or_(due, and_(is_asked, FOLLOW_UP.c.window_start <= now))
    statement = select(FOLLOW_UP).where(FOLLOW_UP.c.settled_at.is_(None), due, _visible(scope, now))
    if owner_id is not None:
        statement = statement.where(FOLLOW_UP.c.owner_id == owner_id)
    return _rows(statement.order_by(FOLLOW_UP.c.due_at, FOLLOW_UP.c.id).limit(limit))


def due_between(
    *,
    scope: Scope,
    since: datetime,
    until: datetime,
    now: datetime,
    owner_id: int | None = None,
    limit: int = 200,
) -> tuple[FollowUpRow, ...]:
    """List the open promises due from `since` to before `until`, earliest first, for a calendar."""
    statement = select(FOLLOW_UP).where(
        FOLLOW_UP.c.settled_at.is_(None),
        FOLLOW_UP.c.due_at >= since,
        FOLLOW_UP.c.due_at < until,
        _visible(scope, now),
    )
    if owner_id is not None:
        statement = statement.where(FOLLOW_UP.c.owner_id == owner_id)
    return _rows(statement.order_by(FOLLOW_UP.c.due_at, FOLLOW_UP.c.id).limit(limit))


def of_owner(
    *, owner_id: int, since: datetime, until: datetime, limit: int = 500
) -> tuple[FollowUpRow, ...]:
    """List the open promises that one person keeps, due from `since` to before `until`."""
    statement = select(FOLLOW_UP).where(
        FOLLOW_UP.c.settled_at.is_(None),
        FOLLOW_UP.c.owner_id == owner_id,
        FOLLOW_UP.c.due_at >= since,
        FOLLOW_UP.c.due_at < until,
    )
    return _rows(statement.order_by(FOLLOW_UP.c.due_at, FOLLOW_UP.c.id).limit(limit))


def owners(*, scope: Scope, now: datetime) -> tuple[int, ...]:
    """List the people whose open promises a reader sees, for a choice among them."""
    statement = select(FOLLOW_UP.c.owner_id).where(
        FOLLOW_UP.c.settled_at.is_(None), _visible(scope, now)
    )
    return tuple(session().execute(statement.distinct().order_by(FOLLOW_UP.c.owner_id)).scalars())


def of_case(*, case_id: int) -> tuple[FollowUpRow, ...]:
    """List the promises of a case that the reader was let into, cancelled ones too, by due time."""
    statement = select(FOLLOW_UP).where(FOLLOW_UP.c.case_id == case_id)
    return _rows(statement.order_by(FOLLOW_UP.c.due_at, FOLLOW_UP.c.id))


def open_of_case(*, case_id: int) -> tuple[FollowUpRow, ...]:
    """List the open promises of a case, by due time."""
    statement = select(FOLLOW_UP).where(
        FOLLOW_UP.c.case_id == case_id, FOLLOW_UP.c.settled_at.is_(None)
    )
    return _rows(statement.order_by(FOLLOW_UP.c.due_at, FOLLOW_UP.c.id))


def attempts_of(*, follow_up_id: int) -> tuple[FollowUpAttemptRow, ...]:
    """List the attempts at a promise, oldest first."""
    statement = select(FOLLOW_UP_ATTEMPT).where(FOLLOW_UP_ATTEMPT.c.follow_up_id == follow_up_id)
    return tuple(
        FollowUpAttemptRow(
            number=row["number"],
            at=row["at"],
            by_user_id=row["by_user_id"],
            outcome=Outcome(row["outcome"]) if row["outcome"] else None,
            note=_opened(row["note_sealed"], NOTE_PLACE),
        )
        for row in session().execute(statement.order_by(FOLLOW_UP_ATTEMPT.c.number)).mappings()
    )


def why_moved(*, follow_up_id: int) -> str:
    """Tell why the date of a promise was moved last; nothing if it never was."""
    statement = select(FOLLOW_UP.c.reason_sealed).where(FOLLOW_UP.c.id == follow_up_id)
    return _opened(session().execute(statement).scalar(), REASON_PLACE)


def call_back_of(*, contact_id: int) -> FollowUpRow | None:
    """Give the open call-back to a contact; there is at most one."""
    open_one = (FOLLOW_UP.c.promised_contact_id == contact_id, FOLLOW_UP.c.settled_at.is_(None))
    found = _rows(select(FOLLOW_UP).where(*open_one))
    return found[0] if found else None


def call_backs_to(*, caller_id: int) -> tuple[FollowUpRow, ...]:
    """List the open call-backs to a caller, from whichever of their contacts, by due time."""
    statement = (
        select(FOLLOW_UP)
        .join(CONTACT, CONTACT.c.id == FOLLOW_UP.c.promised_contact_id)
        .where(CONTACT.c.caller_id == caller_id, FOLLOW_UP.c.settled_at.is_(None))
    )
    return _rows(statement.order_by(FOLLOW_UP.c.due_at, FOLLOW_UP.c.id))


def callers_of(*, rows: Iterable[FollowUpRow]) -> Mapping[int, CallerRow]:
    """Tell by contact whom the call-backs among these are for, with one query."""
    wanted = {row.promised_contact_id for row in rows} - {None}
    if not wanted:
        return {}
    statement = (
        select(
            CONTACT.c.id,
            CONTACT.c.public_id,
            CONTACT.c.arrived_at,
            CALLER.c.number_sealed,
            CALLER.c.data_key_id,
        )
        .join(CALLER, CALLER.c.id == CONTACT.c.caller_id)
        .where(CONTACT.c.id.in_(wanted))
    )
    found = session().execute(statement).all()
    sealed.prefetch(key_ids=[row.data_key_id for row in found])
    return {
        row.id: CallerRow(
            contact_id=row.id,
            public_id=row.public_id,
            masked_number=phone.masked(_opened(row.number_sealed, "caller.number") or None),
            reached_at=row.arrived_at,
        )
        for row in found
    }


def awaiting_answer(*, number: str, line_number: str, now: datetime) -> FollowUpRow | None:
    """Find the check-in that a text from this number answers: the newest one sent lately."""
    statement = select(FOLLOW_UP).where(
        FOLLOW_UP.c.number_index == ring.blind_index(purpose="phone", value=number),
        FOLLOW_UP.c.line_number == line_number,
        FOLLOW_UP.c.sent_at > now - ANSWERS_UNTIL,
        FOLLOW_UP.c.kind == FollowUpKind.CHECK_IN.value,
        FOLLOW_UP.c.state.in_(ANSWERABLE),
    )
    found = _rows(statement.order_by(FOLLOW_UP.c.sent_at.desc(), FOLLOW_UP.c.id.desc()).limit(1))
    return found[0] if found else None


def latest_plan(*, case_id: int) -> int:
    """Tell the number of the newest plan of a case; 0 before the first."""
    statement = select(func.max(FOLLOW_UP.c.plan_version)).where(FOLLOW_UP.c.case_id == case_id)
    return int(session().execute(statement).scalar() or 0)


def due_ids(*, now: datetime, limit: int) -> tuple[int, ...]:
    """List the promises that move by themselves now: to be sent, missed, told on."""
    statement = (
        select(FOLLOW_UP.c.id)
        .where(FOLLOW_UP.c.next_step_at <= now)
        .order_by(FOLLOW_UP.c.next_step_at, FOLLOW_UP.c.id)
        .limit(limit)
    )
    return tuple(session().execute(taken(statement, of=FOLLOW_UP)).scalars())


def next_due_at() -> datetime | None:
    """Tell when the next promise moves by itself; None when none does."""
    return session().execute(select(func.min(FOLLOW_UP.c.next_step_at))).scalar()


def _visible(scope: Scope, now: datetime) -> ColumnElement[bool]:
    # Of each promise its own case is asked: a set of all that the reader may see is the whole city.
    seen = select(CASE.c.id).where(
        CASE.c.id == FOLLOW_UP.c.case_id, visibility.scoped(scope=scope, now=now)
    )
    return or_(
        FOLLOW_UP.c.owner_id == scope.user_id,
        seen.limit(1).correlate(FOLLOW_UP).scalar_subquery().is_not(None),
        and_(FOLLOW_UP.c.case_id.is_(None), _reachable(scope, now)),
    )


def _reachable(scope: Scope, now: datetime) -> ColumnElement[bool]:
    """Limit to call-backs of contacts that the reader may open: by a grant, or supervising."""
    if not scope.may(Permission.OPEN_CASE):
        return false()
    granted = accounts.grants_subquery(
        user_id=scope.user_id, subject_kind=contacts.GRANT_SUBJECT, now=now
    )
    named = FOLLOW_UP.c.promised_contact_id.in_(granted)
    if not scope.may(Permission.SUPERVISE):
        return named
    below = organizations.within(path=ORGANIZATION.c.path, scope=scope)
    return or_(named, FOLLOW_UP.c.organization_id.in_(select(ORGANIZATION.c.id).where(below)))


def _opened(blob: bytes | None, place: str) -> str:
    return sealed.open_what_is_kept(blob, place=place)


def _rows(statement: Select[Any]) -> tuple[FollowUpRow, ...]:
    return tuple(_row(row) for row in session().execute(statement).mappings())


def _row(row: Any) -> FollowUpRow:
    plain = {
        name: row[name]
        for name in FollowUpRow.__dataclass_fields__
        if name not in {"follow_up_id", "kind", "level", "state", "answer", "outcome", "reason"}
    }
    return FollowUpRow(
        follow_up_id=row["id"],
        kind=FollowUpKind(row["kind"]),
        level=RiskLevel(row["level"]),
        state=FollowUpState(row["state"]),
        reason=CallBackReason(row["reason"]) if row["reason"] else None,
        answer=Answer(row["answer"]) if row["answer"] else None,
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        **plain,
    )
