"""Questions about records that are sealed or soon will be: that they exist, and no more."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, literal, select, true, tuple_

from wellbeing.accounts.rules.roles import Permission
from wellbeing.cases.models.cases import CASE
from wellbeing.cases.rules.cases import CaseStatus
from wellbeing.cases.rules.resting import AtRest, Last, sealed_before
from wellbeing.foundation.database import UtcDateTime, session
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.rules import Scope
from wellbeing.policy import current as policy


def due_ids(*, now: datetime, limit: int) -> tuple[int, ...]:
    """List by id the closed cases whose time of keeping is over, the oldest first."""
    years = policy.current().privacy.retention_years
    statement = select(CASE.c.id).where(
        CASE.c.status == CaseStatus.CLOSED.value,
        CASE.c.closed_at <= sealed_before(now=now, years=years),
    )
    return tuple(session().execute(statement.order_by(CASE.c.closed_at).limit(limit)).scalars())


def coming(
    *, scope: Scope, now: datetime, within: timedelta, limit: int, after: Last | None = None
) -> tuple[AtRest, ...]:
    """List the cases that will be sealed soon, so that a supervisor can look once more."""
    years = policy.current().privacy.retention_years
    closed_before = sealed_before(now=now + within, years=years)
    soon = (CASE.c.status == CaseStatus.CLOSED.value, CASE.c.closed_at <= closed_before)
    return _listed(scope, soon, limit, after)


def sealed_cases(*, scope: Scope, limit: int, after: Last | None = None) -> tuple[AtRest, ...]:
    """List the sealed records of a supervisor's units, or all of them for an auditor.

    The longest closed come first, from after `after` on.
    """
    return _listed(scope, (CASE.c.status == CaseStatus.SEALED.value,), limit, after)


def _listed(
    scope: Scope, which: tuple[ColumnElement[bool], ...], limit: int, after: Last | None
) -> tuple[AtRest, ...]:
    is_auditor = scope.may(Permission.SEE_AUDIT)
    if not is_auditor and not scope.may(Permission.SUPERVISE):
        return ()
    within = (
        true() if is_auditor else organizations.within(path=CASE.c.organization_path, scope=scope)
    )
    statement = select(CASE.c.id, CASE.c.reference, CASE.c.organization_id, CASE.c.closed_at)
    if after is not None:
        last = tuple_(literal(after.closed_at, UtcDateTime()), literal(after.case_id))
        statement = statement.where(tuple_(CASE.c.closed_at, CASE.c.id) > last)
    statement = statement.where(*which, within).order_by(CASE.c.closed_at, CASE.c.id)
    return tuple(
        AtRest(case_id=row[0], reference=row[1], organization_id=row[2], closed_at=row[3])
        for row in session().execute(statement.limit(limit))
    )
