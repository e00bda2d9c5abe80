"""The escalation report: what happened to escalations sent from the reader's units, exactly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, exists, func, select

from wellbeing.cases.models.cases import CASE
from wellbeing.cases.queries import visibility
from wellbeing.escalation import queries as escalation
from wellbeing.escalation.models import ESCALATION
from wellbeing.escalation.rules.words import OPEN_STATES
from wellbeing.foundation.database import session
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.models import ORGANIZATION
from wellbeing.organizations.rules import Scope
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel, Tier
from wellbeing.reports.rules.figures import (
    EscalationReport,
    Fact,
    OpenEscalation,
    figures,
    rules_for,
    tally,
)
from wellbeing.reports.rules.periods import Period, period_before

OPEN_SHOWN = 100
AT_ONCE = 5_000


def escalation_report(*, scope: Scope, period: Period, now: datetime) -> EscalationReport:
    """Count the escalations sent from the reader's units in a period and in the one before.

    Small figures are hidden as the reader's tier demands; what is open now is listed oldest first.
    """
    before = period_before(period=period)
    shown = rules_for(tier=_tier(scope), policy=policy.current().privacy.suppression)
    open_now, open_count = _open_now(scope, now)
    return EscalationReport(
        period=period,
        before=before,
        made_at=now,
        rules=shown,
        current=figures(counted=tally(facts=_facts(scope, period), now=now), rules=shown),
        previous=figures(counted=tally(facts=_facts(scope, before), now=now), rules=shown),
        open_now=open_now,
        open_count=open_count,
    )


def _tier(scope: Scope) -> Tier:
    statement = select(func.max(ORGANIZATION.c.tier)).where(ORGANIZATION.c.path.in_(scope.paths))
    return Tier(session().execute(statement).scalar() or Tier.SCHOOL)


def _facts(scope: Scope, period: Period) -> Iterator[Fact]:
    sent = escalation.escalation_facts(
        scope=scope, since=period.since, until=period.until
    ).subquery()
    sender, acceptor = ORGANIZATION.alias(), ORGANIZATION.alias()
    earlier = ESCALATION.alias()
    is_again = exists().where(
        earlier.c.case_id == sent.c.case_id, earlier.c.sent_at < sent.c.sent_at
    )
    statement: Select[Any] = (
        select(
            sent.c.level,
            sent.c.tier,
            sender.c.tier.label("from_tier"),
            acceptor.c.tier.label("accepted_tier"),
            sent.c.sent_at,
            sent.c.acknowledge_by,
            sent.c.contact_by,
            sent.c.acknowledged_at,
            sent.c.accepted_at,
            sent.c.contacted_at,
            sent.c.declined_at,
            sent.c.released_at,
            sent.c.read_back_at,
            is_again.label("is_again"),
        )
        .join(sender, sender.c.id == sent.c.from_organization_id)
        .outerjoin(acceptor, acceptor.c.id == sent.c.accepted_organization_id)
    )
    found = session().execute(statement, execution_options={"yield_per": AT_ONCE})
    return (Fact(*row) for row in found)


def _open_now(scope: Scope, now: datetime) -> tuple[tuple[OpenEscalation, ...], int]:
    names = [name for name in OpenEscalation.__dataclass_fields__ if name in ESCALATION.c]
    may_open = case((visibility.scoped(scope=scope, now=now), CASE.c.reference))
    statement = (
        select(
            ESCALATION.c.id.label("escalation_id"),
            may_open.label("reference"),
            func.count().over().label("total"),
            *(ESCALATION.c[name] for name in names),
        )
        .join(CASE, CASE.c.id == ESCALATION.c.case_id)
        .join(ORGANIZATION, ORGANIZATION.c.id == ESCALATION.c.from_organization_id)
        .where(
            ESCALATION.c.state.in_([state.value for state in OPEN_STATES]),
            organizations.within(path=ORGANIZATION.c.path, scope=scope),
        )
        .order_by(ESCALATION.c.sent_at, ESCALATION.c.id)
        .limit(OPEN_SHOWN)
    )
    found = session().execute(statement).mappings().all()
    rows = tuple(
        OpenEscalation(
            escalation_id=row["escalation_id"],
            reference=row["reference"],
            **{name: row[name] for name in names if name != "level"},
            level=RiskLevel(row["level"]),
        )
        for row in found
    )
    return rows, found[0]["total"] if found else 0
