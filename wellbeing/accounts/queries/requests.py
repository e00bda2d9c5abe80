"""Questions about requests for access and emergency views.

Which records they concern, and who may decide, higher rooms know.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from wellbeing.accounts.models import EMERGENCY_VIEW, REQUEST
from wellbeing.accounts.rules.grants import AccessRequestRow, EmergencyRow, RequestState, Verdict
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session

REASON_PLACE = "access_request.reason"
DECISION_PLACE = "access_request.decision"
VIEW_REASON_PLACE = "emergency_view.reason"
REVIEW_PLACE = "emergency_view.review"


def requests_of(*, user_id: int, limit: int = 50) -> tuple[AccessRequestRow, ...]:
    """List what a person asked for, newest first."""
    statement = select(REQUEST).where(REQUEST.c.user_id == user_id).order_by(REQUEST.c.id.desc())
    return request_rows(statement=statement.limit(limit))


def waiting_of(*, user_id: int, now: datetime) -> int:
    """Count the requests of a person that still wait for a decision."""
    statement = (
        select(func.count())
        .select_from(REQUEST)
        .where(
            REQUEST.c.user_id == user_id,
            REQUEST.c.state == RequestState.WAITING.value,
            REQUEST.c.waits_until > now,
        )
    )
    return int(session().execute(statement).scalar_one())


def overdue_view_ids(*, now: datetime, limit: int) -> tuple[int, ...]:
    """List the emergency views that nobody reviewed in time, oldest first."""
    statement = (
        select(EMERGENCY_VIEW.c.id)
        .where(
            EMERGENCY_VIEW.c.reviewed_at.is_(None),
            EMERGENCY_VIEW.c.overdue_at.is_(None),
            EMERGENCY_VIEW.c.review_by <= now,
        )
        .order_by(EMERGENCY_VIEW.c.review_by)
        .limit(limit)
    )
    return tuple(session().execute(statement).scalars())


def next_review_due_at() -> datetime | None:
    """Tell when the next review runs late; None when none can."""
    statement = select(func.min(EMERGENCY_VIEW.c.review_by)).where(
        EMERGENCY_VIEW.c.reviewed_at.is_(None), EMERGENCY_VIEW.c.overdue_at.is_(None)
    )
    return session().execute(statement).scalar()


def view(*, view_id: int) -> EmergencyRow | None:
    """Give one emergency view to a room that has decided that it may be seen."""
    found = view_rows(statement=select(EMERGENCY_VIEW).where(EMERGENCY_VIEW.c.id == view_id))
    return found[0] if found else None


def request_rows(*, statement: Select[Any]) -> tuple[AccessRequestRow, ...]:
    """Open the requests that a statement on their table finds."""
    return tuple(_request(row) for row in session().execute(statement).mappings())


def view_rows(*, statement: Select[Any]) -> tuple[EmergencyRow, ...]:
    """Open the emergency views that a statement on their table finds."""
    return tuple(_view(row) for row in session().execute(statement).mappings())


_REQUEST = ("user_id", "subject_kind", "subject_id", "asked_for", "asked_at", "waits_until",
            "decided_by", "decided_at", "ends_at")  # fmt: skip
_VIEW = ("user_id", "subject_kind", "subject_id", "opened_at", "ends_at", "review_by",
         "overdue_at", "reviewed_by", "reviewed_at")  # fmt: skip


def _request(row: Mapping[Any, Any]) -> AccessRequestRow:
    return AccessRequestRow(
        request_id=row["id"],
        reason=_opened(row["reason_sealed"], REASON_PLACE),
        decision=_opened(row["decision_sealed"], DECISION_PLACE),
        state=RequestState(row["state"]),
        **{name: row[name] for name in _REQUEST},
    )


def _view(row: Mapping[Any, Any]) -> EmergencyRow:
    return EmergencyRow(
        view_id=row["id"],
        reason=_opened(row["reason_sealed"], VIEW_REASON_PLACE),
        review=_opened(row["review_sealed"], REVIEW_PLACE),
        verdict=Verdict(row["verdict"]) if row["verdict"] else None,
        **{name: row[name] for name in _VIEW},
    )


def _opened(blob: bytes | None, place: str) -> str:
    return sealed.open_what_is_kept(blob, place=place)
