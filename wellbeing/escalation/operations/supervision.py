"""Giving something to a supervisor: a duty to hold, and a page that climbs until it is heard."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from wellbeing.cases.operations import duties
from wellbeing.cases.rules import NewDuty
from wellbeing.escalation.operations import desks, pages
from wellbeing.escalation.rules.rows import EscalationRow
from wellbeing.escalation.rules.words import DutyKind, NewPage, PageSubject, PageSubjectKind
from wellbeing.policy import current as policy

logger = logging.getLogger(__name__)


def give_to_supervisor(
    *, row: EscalationRow, organization_id: int, kind: DutyKind, now: datetime
) -> None:
    """Open a duty for the supervisors of an organization and page their desk.

    It is to be done as fast as an escalation of this level is acknowledged.
    """
    desk = desks.supervising(organization_id=organization_id)
    holder = desks.holder_at(desk=desk, now=now)
    subject = PageSubject(kind=PageSubjectKind.ESCALATION, id=row.escalation_id)
    if holder is None:
        logger.error("no supervisor exists", extra={"organization_id": organization_id})
    else:
        within: timedelta = policy.current().tiers.clocks[row.level].acknowledge
        new = NewDuty(
            kind=kind,
            case_id=row.case_id,
            holder_id=holder,
            organization_id=desk.organization_id,
            by_at=now + within,
        )
        duty_id = duties.open_duty(new=new, now=now)
        subject = PageSubject(kind=PageSubjectKind.DUTY, id=duty_id)
    page = NewPage(
        subject=subject,
        organization_id=desk.organization_id,
        desk=desk.desk,
        urgency=row.level,
        case_id=row.case_id,
    )
    pages.start(new=page, now=now)
