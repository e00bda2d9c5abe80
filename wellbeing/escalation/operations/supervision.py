"""Giving something to a supervisor: a duty, a page that climbs until it is heard, a warning."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from wellbeing.cases.operations import duties
from wellbeing.cases.rules.cases import NewDuty
from wellbeing.escalation.operations import desks, pages
from wellbeing.escalation.rules.rows import EscalationRow
from wellbeing.escalation.rules.words import DutyKind, NewPage, PageSubject, PageSubjectKind
from wellbeing.messaging import operations as messaging
from wellbeing.messaging.rules import NewText, Purpose
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel

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


def warn_of_gap(*, organization_id: int, now: datetime) -> None:
    """Text whoever supervises an organization that a desk will stand empty; not at night.

    The text says that something waits in the portal, and nothing else.
    """
    desk = desks.supervising(organization_id=organization_id)
    holder = desks.holder_at(desk=desk, now=now)
    person = desks.person(user_id=holder) if holder is not None else None
    if person is None:
        logger.error("nobody can be told of a gap", extra={"organization_id": organization_id})
        return
    current = policy.current()
    order = NewText(
        to=person.phone,
        from_number=current.line.numbers[0].number,
        body=current.prompts.text(key="staff_duty", language=person.language),
        purpose=Purpose.STAFF,
        purpose_id=organization_id,
        data_key_id=person.data_key_id,
        urgency=RiskLevel.MODERATE,
        scheduled=True,
    )
    messaging.queue_text(order=order, now=now)
