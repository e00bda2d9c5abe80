"""Access is asked for, decided, taken in an emergency and reviewed. Who may decide, `cases` knows.

Who did it is audited by the door.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from wellbeing.accounts.models import EMERGENCY_VIEW, REQUEST
from wellbeing.accounts.operations import grants
from wellbeing.accounts.queries import requests as queries
from wellbeing.accounts.rules.grants import (
    AccessRequestRow,
    AskedAlready,
    EmergencyRow,
    GrantKind,
    NoSuchView,
    OwnRequest,
    ReasonMissing,
    RequestSettled,
    RequestState,
    ReviewedAlready,
    TooManyRequests,
    Verdict,
)
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import changed, session
from wellbeing.policy import current as policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks for: the name as typed, and the record if there is one."""

    subject_kind: str
    subject_id: int | None
    name: str
    reason: str
    data_key_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody decides or thinks afterwards: the words are sealed under the record's key."""

    by: int
    words: str
    data_key_id: uuid.UUID
    now: datetime


def ask(*, asked: Asked, by: int, now: datetime) -> int:
    """Ask to open a record; the answer is the same whether there is such a record or not.

    Raises:
        ReasonMissing: nothing was said.
        TooManyRequests: as many as one person may have are waiting.
        AskedAlready: the same request waits already.

    """
    limits, reason = policy.current().privacy.access_request, _reason(asked.reason)
    _settle_run_out(by, now)
    if queries.waiting_of(user_id=by, now=now) >= limits.open_per_person:
        raise TooManyRequests
    made = insert(REQUEST).values(
        user_id=by,
        subject_kind=asked.subject_kind,
        subject_id=asked.subject_id,
        asked_for=asked.name,
        reason_sealed=sealed.seal(reason, key_id=asked.data_key_id, place=queries.REASON_PLACE),
        asked_at=now,
        waits_until=now + limits.waits,
        state=RequestState.WAITING.value,
    )
    try:
        with session().begin_nested():
            return int(session().execute(made.returning(REQUEST.c.id)).scalar_one())
    except IntegrityError as error:
        raise AskedAlready from error


def withdraw(*, request_id: int, by: int) -> None:
    """Take back one's own request.

    Raises:
        RequestSettled: it is not waiting, or is somebody else's.

    """
    mine = (REQUEST.c.id == request_id, REQUEST.c.user_id == by)
    waiting = update(REQUEST).where(*mine, REQUEST.c.state == RequestState.WAITING.value)
    if changed(waiting.values(state=RequestState.WITHDRAWN.value)) != 1:
        raise RequestSettled


def approve(*, row: AccessRequestRow, decision: Decision, ends_at: datetime) -> None:
    """Let the asker open the record until `ends_at`, at most as long as the policy says.

    Raises:
        ReasonMissing: nothing was said.
        OwnRequest: it is the decider's own.
        RequestSettled: it was decided or has run out, or there is no such record.

    """
    if row.subject_id is None:
        raise RequestSettled
    until = min(ends_at, decision.now + policy.current().privacy.access_request.lasts)
    _decide(row, decision, RequestState.APPROVED, until)
    grants.grant_access(
        user_id=row.user_id,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        kind=GrantKind.REQUEST,
        now=decision.now,
        ends_at=until,
    )


def refuse(*, row: AccessRequestRow, decision: Decision) -> None:
    """Say no, with the reason that the asker reads.

    Raises:
        ReasonMissing: nothing was said.
        OwnRequest: it is the decider's own.
        RequestSettled: it was decided or has run out.

    """
    _decide(row, decision, RequestState.REFUSED, None)


def open_in_emergency(*, asked: Asked, by: int, now: datetime) -> EmergencyRow:
    """Open a record at once for as long as `break_glass.lasts`; its review is due by the policy.

    The caller holds the record's row, so that two at once do not make two views.

    Raises:
        ReasonMissing: nothing was said.
        NoSuchView: there is no such record.

    """
    limits, reason = policy.current().privacy.break_glass, _reason(asked.reason)
    if asked.subject_id is None:
        raise NoSuchView
    ends_at = now + limits.lasts
    grants.grant_access(
        user_id=by,
        subject_kind=asked.subject_kind,
        subject_id=asked.subject_id,
        kind=GrantKind.BREAK_GLASS,
        now=now,
        ends_at=ends_at,
    )
    place = queries.VIEW_REASON_PLACE
    made = insert(EMERGENCY_VIEW).values(
        user_id=by,
        subject_kind=asked.subject_kind,
        subject_id=asked.subject_id,
        reason_sealed=sealed.seal(reason, key_id=asked.data_key_id, place=place),
        opened_at=now,
        ends_at=ends_at,
        review_by=now + limits.review_within,
    )
    view_id = int(session().execute(made.returning(EMERGENCY_VIEW.c.id)).scalar_one())
    found = queries.view(view_id=view_id)
    if found is None:
        raise NoSuchView
    return found


def review(*, row: EmergencyRow, decision: Decision, verdict: Verdict) -> None:
    """Write down what a supervisor thinks of an emergency view; not justified ends it at once.

    Raises:
        ReasonMissing: nothing was said.
        OwnRequest: it is the reviewer's own.
        ReviewedAlready: somebody was faster.

    """
    open_one = update(EMERGENCY_VIEW).where(
        EMERGENCY_VIEW.c.id == row.view_id, EMERGENCY_VIEW.c.reviewed_at.is_(None)
    )
    values = {
        "reviewed_by": decision.by,
        "reviewed_at": decision.now,
        "verdict": verdict.value,
        "review_sealed": _sealed(decision, row.user_id, queries.REVIEW_PLACE),
    }
    if changed(open_one.values(values)) != 1:
        raise ReviewedAlready
    if verdict is Verdict.NOT_JUSTIFIED:
        grants.end_grants(
            subject_kind=row.subject_kind,
            subject_id=row.subject_id,
            now=decision.now,
            user_id=row.user_id,
            kind=GrantKind.BREAK_GLASS,
        )


def mark_overdue(*, view_id: int, now: datetime) -> bool:
    """Note that nobody reviewed in time; of two who note it, one does."""
    late = update(EMERGENCY_VIEW).where(
        EMERGENCY_VIEW.c.id == view_id,
        EMERGENCY_VIEW.c.reviewed_at.is_(None),
        EMERGENCY_VIEW.c.overdue_at.is_(None),
        EMERGENCY_VIEW.c.review_by <= now,
    )
    return changed(late.values(overdue_at=now)) == 1


def _decide(
    row: AccessRequestRow, decision: Decision, state: RequestState, ends_at: datetime | None
) -> None:
    waiting = update(REQUEST).where(
        REQUEST.c.id == row.request_id,
        REQUEST.c.state == RequestState.WAITING.value,
        REQUEST.c.waits_until > decision.now,
    )
    values = {
        "state": state.value,
        "decided_by": decision.by,
        "decided_at": decision.now,
        "ends_at": ends_at,
        "decision_sealed": _sealed(decision, row.user_id, queries.DECISION_PLACE),
    }
    if changed(waiting.values(values)) != 1:
        raise RequestSettled


def _sealed(decision: Decision, asker_id: int, place: str) -> bytes:
    if asker_id == decision.by:
        raise OwnRequest
    return sealed.seal(_reason(decision.words), key_id=decision.data_key_id, place=place)


def _settle_run_out(by: int, now: datetime) -> None:
    """What ran out makes room to ask again; it counts as withdrawn by time."""
    late = update(REQUEST).where(
        REQUEST.c.user_id == by,
        REQUEST.c.state == RequestState.WAITING.value,
        REQUEST.c.waits_until <= now,
    )
    session().execute(late.values(state=RequestState.WITHDRAWN.value))


def _reason(text: str) -> str:
    if not text.strip():
        raise ReasonMissing
    return text.strip()
