"""What moves by itself: due escalations and due pages, one row at a time, each once.

Jobs call `advance` and `advance_page` in a transaction per row; which rows are due, queries tell.
"""

from __future__ import annotations

from datetime import datetime

from wellbeing.escalation import queries
from wellbeing.escalation.operations import late, pages, receivers
from wellbeing.escalation.rules.words import PageState, PageSubjectKind


def advance(escalation_id: int, *, now: datetime) -> bool:
    """Do the due step of one escalation; False when it is not due or another process did it."""
    row = queries.by_id(escalation_id=escalation_id)
    if row.next_step_at is None or row.next_step_at > now:
        return False
    if row.is_open:
        return receivers.move(row=row, now=now)
    return late.move(row=row, now=now)


def advance_page(page_id: int, *, now: datetime) -> bool:
    """Make the due rings of one page; False when none is due or another process made them."""
    page = queries.page(page_id=page_id)
    if page.state is not PageState.PAGING or page.next_step_at is None or page.next_step_at > now:
        return False
    is_done = pages.step(page=page, now=now)
    if is_done and page.subject.kind is PageSubjectKind.ESCALATION:
        receivers.hurry(escalation_id=page.subject.id, now=now)
    return is_done
