"""What moves by itself: due escalations and due pages, each once.

Jobs call `advance` and `advance_page` in a transaction per row, or `advance_all` and
`advance_pages` for many at once; which rows are due, queries tell.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from wellbeing.escalation import queries
from wellbeing.escalation.operations import late, pages, receivers
from wellbeing.escalation.rules.rows import EscalationRow, PageRow
from wellbeing.escalation.rules.words import PageState, PageSubjectKind


def advance(escalation_id: int, *, now: datetime) -> bool:
    """Do the due step of one escalation; False when it is not due or another process did it."""
    row = queries.by_id(escalation_id=escalation_id)
    if not _is_due(row, now):
        return False
    if row.is_open:
        return receivers.move(row=row, now=now)
    return late.move(row=row, now=now)


def advance_all(escalation_ids: Collection[int], *, now: datetime) -> frozenset[int]:
    """Do the due steps of open escalations together; give the ids of those that moved.

    Contact clocks that ran out are left to `advance`, one by one.

    Raises:
        RowsMoved: another process moved one of them; nothing of this may be committed.

    """
    rows = queries.held(escalation_ids=escalation_ids)
    return receivers.move_all(
        rows=[row for row in rows if row.is_open and _is_due(row, now)], now=now
    )


def advance_page(page_id: int, *, now: datetime) -> bool:
    """Make the due rings of one page; False when none is due or another process made them."""
    page = queries.page(page_id=page_id)
    return _rings_now(page, now) and bool(_step([page], now))


def advance_pages(page_ids: Collection[int], *, now: datetime) -> frozenset[int]:
    """Make the due rings of many pages together; give the ids of those that rang.

    Raises:
        RowsMoved: another process made those of one of them; nothing of this may be committed.

    """
    found = queries.held_pages(page_ids=page_ids)
    return _step([page for page in found if _rings_now(page, now)], now)


def _step(due: list[PageRow], now: datetime) -> frozenset[int]:
    done = pages.step_all(pages=due, now=now)
    for page in due:
        # Everybody on this list was rung in vain: in red the next desk need not wait.
        is_over = page.page_id in done and done[page.page_id].is_over
        if is_over and page.subject.kind is PageSubjectKind.ESCALATION:
            receivers.hurry(escalation_id=page.subject.id, now=now)
    return frozenset(done)


def _is_due(row: EscalationRow, now: datetime) -> bool:
    return row.next_step_at is not None and row.next_step_at <= now


def _rings_now(page: PageRow, now: datetime) -> bool:
    is_due = page.next_step_at is not None and page.next_step_at <= now
    return page.state is PageState.PAGING and is_due
