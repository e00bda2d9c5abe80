"""Which supervisor has a report that the law requires, and who is called when it is late."""

from __future__ import annotations

import logging

from wellbeing.cases.events import ReportLate, ReportOpened
from wellbeing.cases.operations import reporting
from wellbeing.escalation.operations import desks, pages
from wellbeing.escalation.rules.words import NewPage, PageSubject, PageSubjectKind
from wellbeing.policy.model import RiskLevel

logger = logging.getLogger(__name__)


def give(*, opened: ReportOpened) -> None:
    """Give a report to the supervisors of its unit, or the nearest above."""
    desk = desks.supervising(organization_id=opened.organization_id)
    holder = desks.holder_at(desk=desk, now=opened.at)
    if holder is None:
        logger.error("nobody can hold a report", extra={"report_id": opened.report_id})
        return
    reporting.bind_holder(
        report_id=opened.report_id, holder_id=holder, organization_id=desk.organization_id
    )


def call(*, late: ReportLate) -> None:
    """Call the supervisors; each further time the desk above the last one is called."""
    desk = desks.supervising(organization_id=late.organization_id)
    for _ in range(late.calls - 1):
        desk = desks.above(desk=desk) or desk
    new = NewPage(
        subject=PageSubject(kind=PageSubjectKind.REPORT, id=late.report_id),
        organization_id=desk.organization_id,
        desk=desk.desk,
        urgency=RiskLevel.HIGH,
        case_id=late.case_id,
    )
    pages.start(new=new, now=late.at)
