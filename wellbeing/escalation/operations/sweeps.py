"""What moves by itself: due escalations and due pages, one row at a time, each once.

Jobs call `advance` and `advance_page` in a transaction per row; which rows are due, queries tell.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from wellbeing.cases.operations import entries
from wellbeing.escalation import queries
from wellbeing.escalation.events import StudentContactMissed
from wellbeing.escalation.models import ESCALATION
from wellbeing.escalation.operations import pages, receivers, supervision
from wellbeing.escalation.rules.rows import EscalationRow
from wellbeing.escalation.rules.words import (
    DutyKind,
    Entry,
    EscalationState,
    PageState,
    PageSubjectKind,
)
from wellbeing.foundation import events
from wellbeing.foundation.database import changed


def advance(escalation_id: int, *, now: datetime) -> bool:
    """Do the due step of one escalation; False when it is not due or another process did it."""
    row = queries.by_id(escalation_id=escalation_id)
    if row.next_step_at is None or row.next_step_at > now:
        return False
    if row.is_open:
        return receivers.move(row=row, now=now)
    return _miss_contact(row, now)


def advance_page(page_id: int, *, now: datetime) -> bool:
    """Make the due rings of one page; False when none is due or another process made them."""
    page = queries.page(page_id=page_id)
    if page.state is not PageState.PAGING or page.next_step_at is None or page.next_step_at > now:
        return False
    is_done = pages.step(page=page, now=now)
    if is_done and page.subject.kind is PageSubjectKind.ESCALATION:
        receivers.hurry(escalation_id=page.subject.id, now=now)
    return is_done


def _miss_contact(row: EscalationRow, now: datetime) -> bool:
    missed = (
        update(ESCALATION)
        .where(
            ESCALATION.c.id == row.escalation_id,
            ESCALATION.c.version == row.version,
            ESCALATION.c.state == EscalationState.ACCEPTED.value,
            ESCALATION.c.contacted_at.is_(None),
        )
        .values(contact_missed_at=now, next_step_at=None, version=ESCALATION.c.version + 1)
    )
    organization_id = row.accepted_organization_id
    if changed(missed) != 1 or organization_id is None:
        return False
    facts = {
        "escalation_id": row.escalation_id,
        "contact_by": row.contact_by,
        "organization_id": organization_id,
    }
    entries.add_entry(
        case_id=row.case_id, kind=Entry.CONTACT_MISSED, actor_id=None, facts=facts, now=now
    )
    supervision.give_to_supervisor(
        row=row, organization_id=organization_id, kind=DutyKind.CONTACT_MISSED, now=now
    )
    events.publish(
        StudentContactMissed(
            escalation_id=row.escalation_id,
            case_id=row.case_id,
            organization_id=organization_id,
            at=now,
        )
    )
    return True
