"""A decision that only a supervisor may take becomes a duty of one, until it is decided."""

from __future__ import annotations

import logging

from wellbeing.cases.events import LoweringDecided, LoweringProposed
from wellbeing.cases.operations import duties
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import NewDuty
from wellbeing.cases.rules.lowerings import DUTY
from wellbeing.escalation.operations import desks, supervision
from wellbeing.escalation.operations.desks import Desk

logger = logging.getLogger(__name__)


def ask_to_decide(*, proposal: LoweringProposed) -> None:
    """Give the decision to a supervisor other than the proposer, and text them."""
    desk = desks.supervising(organization_id=proposal.organization_id)
    holder = desks.holder_at(desk=desk, now=proposal.at)
    if holder == proposal.by_user_id:
        desk = desks.above(desk=desk) or desk
        holder = desks.holder_at(desk=desk, now=proposal.at)
    if holder is None:
        logger.error("nobody can decide", extra={"lowering_id": proposal.lowering_id})
        return
    new = NewDuty(
        kind=DUTY,
        case_id=proposal.case_id,
        contact_id=proposal.contact_id,
        holder_id=holder,
        organization_id=desk.organization_id,
        by_at=proposal.decide_by,
    )
    duties.open_duty(new=new, now=proposal.at)
    _tell(desk, proposal)


def settle(*, decided: LoweringDecided) -> None:
    """End the duty of a proposal that is decided or overtaken."""
    found = cases.open_duty_of(kind=DUTY, case_id=decided.case_id, contact_id=decided.contact_id)
    if found is not None:
        duties.settle_duty(duty_id=found, by=decided.by_user_id, is_decided=True, now=decided.at)


def _tell(desk: Desk, proposal: LoweringProposed) -> None:
    supervision.warn_of_gap(organization_id=desk.organization_id, now=proposal.at)
