"""Questions about access beyond the owner's: what waits for a decision, what for a review."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select

from wellbeing.accounts.models import EMERGENCY_VIEW, REQUEST
from wellbeing.accounts.queries import requests
from wellbeing.accounts.rules.grants import NoSuchRequest, NoSuchView, RequestState
from wellbeing.accounts.rules.roles import Permission
from wellbeing.cases.models.cases import CASE
from wellbeing.cases.queries import cases, visibility
from wellbeing.cases.rules.access import RequestItem, ViewItem
from wellbeing.cases.rules.cases import CaseStatus, normalised_reference
from wellbeing.foundation.database import session
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.rules import Scope

SHOWN = 100
REMEMBERED = timedelta(days=7)
"""So long an owner sees in their work that a case of theirs was opened in an emergency."""


def named(*, typed: str) -> int | None:
    """Find the case that a reference names, whoever asks; never tell a stranger of it."""
    reference = normalised_reference(typed=typed)
    if reference is None:
        return None
    # Of an erased record there is nothing left to ask for.
    statement = select(CASE.c.id).where(
        CASE.c.reference == reference, CASE.c.status != CaseStatus.ERASED.value
    )
    return session().execute(statement).scalar()


def may_open(*, case_id: int, scope: Scope, now: datetime) -> bool:
    """Tell whether a reader may open a case as things stand."""
    statement = select(CASE.c.id).where(
        CASE.c.id == case_id, visibility.scoped(scope=scope, now=now)
    )
    return session().execute(statement).first() is not None


def openable(*, case_ids: Collection[int], scope: Scope, now: datetime) -> frozenset[int]:
    """Tell which of several cases a reader may open, with one query."""
    may = visibility.scoped(scope=scope, now=now)
    found = session().execute(select(CASE.c.id).where(CASE.c.id.in_(case_ids), may))
    return frozenset(found.scalars())


def to_decide(*, scope: Scope, now: datetime, limit: int = SHOWN) -> tuple[RequestItem, ...]:
    """List the requests that a supervisor may decide, those that run out first on top."""
    statement = _requests(scope).where(
        REQUEST.c.state == RequestState.WAITING.value, REQUEST.c.waits_until > now
    )
    return _request_items(statement.order_by(REQUEST.c.waits_until, REQUEST.c.id).limit(limit))


def request(*, request_id: int, scope: Scope) -> RequestItem:
    """Give one request, decided or not, to a supervisor of the unit that holds the case.

    Raises:
        NoSuchRequest: there is none that this reader may decide.

    """
    found = _request_items(_requests(scope).where(REQUEST.c.id == request_id))
    if not found:
        raise NoSuchRequest
    return found[0]


def to_review(*, scope: Scope, limit: int = SHOWN) -> tuple[ViewItem, ...]:
    """List the emergency views that a supervisor has to look at, the earliest deadline first."""
    statement = _views(scope).where(EMERGENCY_VIEW.c.reviewed_at.is_(None))
    ordered = statement.order_by(EMERGENCY_VIEW.c.review_by, EMERGENCY_VIEW.c.id)
    return _view_items(ordered.limit(limit))


def view(*, view_id: int, scope: Scope) -> ViewItem:
    """Give one emergency view to a supervisor of the unit that holds the case.

    Raises:
        NoSuchView: there is none that this reader may review.

    """
    found = _view_items(_views(scope).where(EMERGENCY_VIEW.c.id == view_id))
    if not found:
        raise NoSuchView
    return found[0]


def views_of_owner(*, user_id: int, now: datetime) -> tuple[ViewItem, ...]:
    """List whose cases of one owner were opened in an emergency lately, newest first."""
    statement = _all_views().where(
        CASE.c.owner_id == user_id,
        EMERGENCY_VIEW.c.user_id != user_id,
        EMERGENCY_VIEW.c.opened_at > now - REMEMBERED,
    )
    return _view_items(statement.order_by(EMERGENCY_VIEW.c.id.desc()).limit(SHOWN))


def unreviewed_of(*, case_id: int) -> int:
    """Count the emergency views of a case that ran late and nobody has reviewed."""
    statement = select(EMERGENCY_VIEW.c.id).where(
        EMERGENCY_VIEW.c.subject_kind == cases.GRANT_SUBJECT,
        EMERGENCY_VIEW.c.subject_id == case_id,
        EMERGENCY_VIEW.c.reviewed_at.is_(None),
        EMERGENCY_VIEW.c.overdue_at.is_not(None),
    )
    return len(session().execute(statement).all())


def _requests(scope: Scope) -> Select[Any]:
    joined = select(REQUEST).join(
        CASE, (CASE.c.id == REQUEST.c.subject_id) & (REQUEST.c.subject_kind == cases.GRANT_SUBJECT)
    )
    return joined.where(_decides(scope))


def _views(scope: Scope) -> Select[Any]:
    return _all_views().where(_decides(scope))


def _all_views() -> Select[Any]:
    is_case = EMERGENCY_VIEW.c.subject_kind == cases.GRANT_SUBJECT
    return select(EMERGENCY_VIEW).join(CASE, (CASE.c.id == EMERGENCY_VIEW.c.subject_id) & is_case)


def _decides(scope: Scope) -> ColumnElement[bool]:
    """Limit to cases of the reader's subtree, if they supervise it."""
    if not scope.may(Permission.SUPERVISE):
        return false()
    return or_(false(), organizations.within(path=CASE.c.organization_path, scope=scope))


def _request_items(statement: Select[Any]) -> tuple[RequestItem, ...]:
    rows = requests.request_rows(statement=statement)
    known = cases.many(case_ids=[row.subject_id for row in rows if row.subject_id is not None])
    return tuple(
        RequestItem(row=row, case=known[row.subject_id])
        for row in rows
        if row.subject_id is not None
    )


def _view_items(statement: Select[Any]) -> tuple[ViewItem, ...]:
    rows = requests.view_rows(statement=statement)
    known = cases.many(case_ids=[row.subject_id for row in rows])
    return tuple(ViewItem(row=row, case=known[row.subject_id]) for row in rows)
