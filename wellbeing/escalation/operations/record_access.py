"""Telling people of emergency views: the owner at once, supervisors when nobody looked at one.

The texts say that something waits in the portal, and nothing of a student.
"""

from __future__ import annotations

import logging
from datetime import datetime

from wellbeing.cases.operations import duties
from wellbeing.cases.rules.access import REVIEW_DUTY
from wellbeing.cases.rules.cases import NewDuty
from wellbeing.escalation.operations import desks
from wellbeing.messaging import operations as messaging
from wellbeing.messaging.rules import NewText, Purpose
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel

logger = logging.getLogger(__name__)


def tell_owner(*, owner_id: int, view_id: int, now: datetime) -> None:
    """Text the owner of a case that somebody opened it in an emergency, at any hour."""
    _text(owner_id, "staff_record_opened", view_id, now, can_wait=False)


def give_late_review(
    *, case_id: int, view_id: int, viewer_id: int, organization_id: int, now: datetime
) -> None:
    """Give a review that ran late to a supervisor as a duty, never to the viewer; text them.

    The duty is due as soon as a review was in the first place (`break_glass.review_within`).
    """
    desk: desks.Desk | None = desks.supervising(organization_id=organization_id)
    holder = desks.holder_at(desk=desk, now=now) if desk else None
    while desk is not None and holder in {viewer_id, None}:
        desk = desks.above(desk=desk)
        holder = desks.holder_at(desk=desk, now=now) if desk else None
    if desk is None or holder is None:
        logger.error("nobody can review an emergency view", extra={"view_id": view_id})
        return
    new = NewDuty(
        kind=REVIEW_DUTY,
        case_id=case_id,
        holder_id=holder,
        organization_id=desk.organization_id,
        by_at=now + policy.current().privacy.break_glass.review_within,
    )
    duties.open_duty(new=new, now=now)
    _text(holder, "staff_duty", view_id, now, can_wait=True)


def _text(user_id: int, key: str, view_id: int, now: datetime, *, can_wait: bool) -> None:
    person = desks.person(user_id=user_id)
    if person is None:
        # Without a number it still stands in their work and on the timeline.
        logger.warning("no number to tell of an emergency view", extra={"user_id": user_id})
        return
    current = policy.current()
    order = NewText(
        to=person.phone,
        from_number=current.line.numbers[0].number,
        body=current.prompts.text(key=key, language=person.language),
        purpose=Purpose.STAFF,
        purpose_id=view_id,
        data_key_id=person.data_key_id,
        urgency=RiskLevel.MODERATE,
        scheduled=can_wait,
    )
    messaging.queue_text(order=order, now=now)
