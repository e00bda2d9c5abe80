"""Who hears that a step of a rescue is late, from the owner up to the municipal duty lead."""

from __future__ import annotations

import logging
from datetime import datetime

from wellbeing.cases.events import RescueStepLate
from wellbeing.escalation.operations import desks, pages
from wellbeing.escalation.operations.desks import Desk
from wellbeing.escalation.rules.words import (
    DUTY_LEAD_DESK,
    NewPage,
    PageSubject,
    PageSubjectKind,
)
from wellbeing.messaging import operations as messaging
from wellbeing.messaging.rules import NewText, Purpose
from wellbeing.organizations import queries as organizations
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel, Rung

logger = logging.getLogger(__name__)


def call(*, late: RescueStepLate) -> None:
    """Let one rung hear of a late step; imminent danger never waits for quiet hours."""
    rung = Rung(late.rung)
    if rung is Rung.OWNER:
        _text(late.owner_id, purpose_id=late.rescue_id, now=late.at)
        return
    desk = _desk(rung, late.organization_id)
    new = NewPage(
        subject=PageSubject(kind=PageSubjectKind.RESCUE, id=late.rescue_id),
        organization_id=desk.organization_id,
        desk=desk.desk,
        urgency=RiskLevel.IMMINENT,
        case_id=late.case_id,
    )
    pages.start(new=new, now=late.at)


def _desk(rung: Rung, organization_id: int) -> Desk:
    city = organizations.municipality().id
    if rung is Rung.DUTY_LEAD:
        return Desk(organization_id=city, desk=DUTY_LEAD_DESK)
    own = desks.supervising(organization_id=organization_id)
    if rung is Rung.SUPERVISOR:
        return own
    return desks.above(desk=own) or own


def _text(user_id: int, *, purpose_id: int, now: datetime) -> None:
    """Text the owner that something waits in the portal, and nothing else."""
    person = desks.person(user_id=user_id)
    if person is None:
        logger.warning("the owner of a case has no phone", extra={"user_id": user_id})
        return
    current = policy.current()
    order = NewText(
        to=person.phone,
        from_number=current.line.numbers[0].number,
        body=current.prompts.text(key="staff_duty", language=person.language),
        purpose=Purpose.STAFF,
        purpose_id=purpose_id,
        data_key_id=person.data_key_id,
        urgency=RiskLevel.IMMINENT,
    )
    messaging.queue_text(order=order, now=now)
