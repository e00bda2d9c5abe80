"""Duties that nobody did in time: the supervisors are called, then the desk above, day by day."""

from __future__ import annotations

from datetime import datetime

from wellbeing.cases.queries import cases
from wellbeing.escalation import queries
from wellbeing.escalation.operations import desks, pages
from wellbeing.escalation.rules.words import NewPage, PageSubject, PageSubjectKind
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel


def advance(duty_id: int, *, now: datetime) -> bool:
    """Call somebody about an overdue duty; False when it is done, not late, or they were called.

    The first round goes to the supervisors of its unit, each later one to the desk above the last.
    """
    duty = queries.overdue_duty(duty_id=duty_id, now=now)
    if duty is None:
        return False
    desk = desks.supervising(organization_id=duty.organization_id)
    for _ in range((now - duty.by_at) // policy.current().tiers.overdue_duty_again):
        desk = desks.above(desk=desk) or desk
    level = RiskLevel.MODERATE
    if duty.case_id is not None:
        level = max(level, cases.case_by_id(case_id=duty.case_id).level)
    new = NewPage(
        subject=PageSubject(kind=PageSubjectKind.DUTY, id=duty_id),
        organization_id=desk.organization_id,
        desk=desk.desk,
        urgency=level,
        case_id=duty.case_id,
    )
    pages.start(new=new, now=now)
    return True
