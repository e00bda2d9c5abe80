"""How somebody answers a page, by key, by text or in the portal, and what that means."""

from __future__ import annotations

from datetime import datetime

from wellbeing.escalation import queries
from wellbeing.escalation.operations import escalations, pages
from wellbeing.escalation.rules.rows import PageRow
from wellbeing.escalation.rules.words import (
    AcknowledgedVia,
    AlreadyAccepted,
    EscalationOver,
    NoSuchEscalation,
    NoSuchPage,
    PageState,
    PageSubjectKind,
)


def acknowledge_page(*, page_id: int, user_id: int, via: AcknowledgedVia, now: datetime) -> bool:
    """Answer a page; one for an escalation acknowledges that too. Tells whether it was the first.

    Raises:
        NoSuchPage: this person was not rung and does not belong to the desk's organization.

    """
    if not queries.may_answer(page_id=page_id, user_id=user_id):
        raise NoSuchPage
    page = queries.page(page_id=page_id)
    if page.subject.kind is PageSubjectKind.ESCALATION:
        queries.held(escalation_ids=[page.subject.id])
    is_first = pages.mark_acknowledged(page_id=page_id, user_id=user_id, via=via, now=now)
    if page.subject.kind is PageSubjectKind.ESCALATION and is_first:
        _acknowledge_escalation(page, user_id, via, now)
    return is_first


def acknowledge_by_text(*, user_id: int, now: datetime) -> PageRow | None:
    """Answer the newest page of a person who texted "1"; None when they were not rung lately.

    The row tells who acknowledged it: this person, or the colleague who was faster.
    """
    page = queries.latest_for(user_id=user_id, now=now)
    if page is None:
        return None
    if page.state in {PageState.PAGING, PageState.UNANSWERED}:
        acknowledge_page(page_id=page.page_id, user_id=user_id, via=AcknowledgedVia.TEXT, now=now)
    return queries.page(page_id=page.page_id)


def _acknowledge_escalation(
    page: PageRow, user_id: int, via: AcknowledgedVia, now: datetime
) -> None:
    try:
        escalations.acknowledge(escalation_id=page.subject.id, by=user_id, via=via, now=now)
    except (AlreadyAccepted, EscalationOver, NoSuchEscalation):
        # A late "1" after somebody took it, or after one's own unit declined: the answer to the
        # page stands, nothing else follows.
        return
