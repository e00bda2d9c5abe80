"""Questions about records that are sealed or soon will be: that they exist, and no more."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, true

from wellbeing.accounts.rules.roles import Permission
from wellbeing.cases.models.cases import CASE
from wellbeing.cases.rules.cases import CaseStatus
from wellbeing.cases.rules.resting import AtRest, sealed_before
from wellbeing.foundation.database import session
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


def coming(*, scope: Scope, now: datetime, within: timedelta, limit: int) -> tuple[AtRest, ...]:
    """List the cases that will be sealed soon, so that a supervisor can look once more."""
    years = policy.current().privacy.retention_years
    closed_before = sealed_before(now=now + within, years=years)
    return _listed(scope, CaseStatus.CLOSED, limit, closed_before)


def sealed_cases(*, scope: Scope, limit: int) -> tuple[AtRest, ...]:
    """List the sealed records of a supervisor's units, or all of them for an auditor."""
    return _listed(scope, CaseStatus.SEALED, limit, None)


def _listed(
    scope: Scope, status: CaseStatus, limit: int, closed_before: datetime | None
) -> tuple[AtRest, ...]:
    is_auditor = scope.may(Permission.SEE_AUDIT)
    if not is_auditor and not scope.may(Permission.SUPERVISE):
        return ()
    within = (
        true() if is_auditor else organizations.within(path=CASE.c.organization_path, scope=scope)
    )
    statement = select(CASE.c.id, CASE.c.reference, CASE.c.organization_id, CASE.c.closed_at).where(
        CASE.c.status == status.value, within
    )
    if closed_before is not None:
        statement = statement.where(CASE.c.closed_at <= closed_before)
    rows = session().execute(statement.order_by(CASE.c.closed_at, CASE.c.id).limit(limit))
    return tuple(
        AtRest(case_id=row[0], reference=row[1], organization_id=row[2], closed_at=row[3])
        for row in rows
    )
