"""Calling a desk: start, ring by ring, withdraw, what became of each ring.

What an answer means for the subject of a page is in `answers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update

from wellbeing.contacts.operations import rows as contacts
from wellbeing.escalation import queries
from wellbeing.escalation.events import PageAcknowledged, PageUnanswered
from wellbeing.escalation.models import ATTEMPT, PAGE
from wellbeing.escalation.operations import desks, rings
from wellbeing.escalation.operations.desks import Desk, Person
from wellbeing.escalation.rules.paging import (
    Rings,
    Tried,
    kept,
    next_rings,
    plan_of,
)
from wellbeing.escalation.rules.rows import PageRow, page_row
from wellbeing.escalation.rules.words import (
    OUTCOMES,
    AcknowledgedVia,
    AttemptOutcome,
    NewPage,
    NoSuchPage,
    PageChannel,
    PageState,
    PageSubject,
    PageSubjectKind,
    StartedPage,
)
from wellbeing.foundation import events
from wellbeing.foundation.database import changed, session
from wellbeing.messaging import operations as messaging
from wellbeing.messaging import queries as outbox
from wellbeing.messaging.rules import (
    DeliveryStatus,
    OrderState,
    Purpose,
    end_of_quiet,
)
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel

CLIMBING = frozenset({
    PageSubjectKind.DUTY, PageSubjectKind.FOLLOW_UP, PageSubjectKind.RESCUE, PageSubjectKind.REPORT,
})  # fmt: skip
"""Subjects whose unanswered page goes on to the desk above, at levels that wake people.

The others have plans of their own: an escalation its chain, a contact its list in line.toml.
"""


def page_desk(
    *,
    subject: PageSubject,
    organization_id: int,
    desk: str,
    urgency: RiskLevel,
    now: datetime,
    case_id: int | None = None,
) -> int:
    """Call whoever is on call at a desk; give the page's id, the running one if there is one.

    Where nobody is on call the page ends at once as unanswered, with a coverage alarm.
    """
    new = NewPage(
        subject=subject,
        organization_id=organization_id,
        desk=desk,
        urgency=urgency,
        case_id=case_id,
    )
    return start(new=new, now=now).page_id


def start(*, new: NewPage, now: datetime) -> StartedPage:
    """Do as `page_desk`, and tell whether there is anybody to be rung.

    Raises:
        NoSuchPage: other processes begin and end the same page at this moment; try again.

    """
    page = _insert(new, now)
    running = _running(new) if page is None else None
    if running is not None:
        if running.urgency < new.urgency:
            _make_urgent(running, new.urgency, now)
        return StartedPage(page_id=running.page_id, is_covered=True)
    # The one that stood in the way may have ended between the two statements.
    page = page or _insert(new, now)
    if page is None:
        raise NoSuchPage
    at = Desk(organization_id=new.organization_id, desk=new.desk)
    people = desks.people_at(desk=at, last_resort=new.last_resort, now=now)
    quiet = _quiet_until(new.urgency, now)
    if people and quiet is not None:
        changed(update(PAGE).where(PAGE.c.id == page.page_id).values(next_step_at=quiet))
        return StartedPage(page_id=page.page_id, is_covered=True)
    made = _go_on(page, people, (), now)
    return StartedPage(page_id=page.page_id, is_covered=made is not None and not made.is_over)


def step(*, page: PageRow, now: datetime) -> bool:
    """Make the rings that are due, once (promise P2); tell whether this process made them.

    Publishes `PageUnanswered` when everybody was rung in vain.
    """
    at = Desk(organization_id=page.organization_id, desk=page.desk)
    people = desks.people_at(desk=at, last_resort=page.last_resort, now=now)
    return _go_on(page, people, rings.tried(page_id=page.page_id), now) is not None


def _go_on(
    page: PageRow, people: Sequence[Person], tried: tuple[Tried, ...], now: datetime
) -> Rings | None:
    """Give what was done now, for one process only."""
    due = next_rings(
        paging=rings.plan(page=page),
        urgency=page.urgency,
        tried=tried,
        on_call=rings.awake_first(
            people=[one.user_id for one in people], urgency=page.urgency, now=now
        ),
        now=now,
    )
    claim = (
        update(PAGE)
        .where(
            PAGE.c.id == page.page_id,
            PAGE.c.state == PageState.PAGING.value,
            PAGE.c.step == page.step,
        )
        .values(step=page.step + 1, next_step_at=due.next_at)
    )
    if changed(claim) != 1:
        return None
    if due.is_over:
        _give_up(page, is_covered=bool(tried), now=now)
    else:
        known = {one.user_id: one for one in people}
        rings.ring(page=page, rings=due, known=known, made=len(tried), now=now)
    return due


def withdraw_pages(*, subject: PageSubject, now: datetime) -> int:
    """Stop calling anybody for a subject, because it is taken care of; give how many stopped."""
    stopped = 0
    for page in queries.pages_of(subject=subject):
        if page.state is PageState.PAGING:
            stopped += _end(page.page_id, PageState.WITHDRAWN, now)
        if page.state in {PageState.PAGING, PageState.UNANSWERED}:
            _withdraw_rings(page.page_id, now)
    return stopped


def mark_acknowledged(*, page_id: int, user_id: int, via: AcknowledgedVia, now: datetime) -> bool:
    """Note who answered first, also after the ringing ended; tell whether it was they."""
    answered = (
        update(PAGE)
        .where(PAGE.c.id == page_id, PAGE.c.state.in_(queries.UNANSWERED))
        .values(
            state=PageState.ACKNOWLEDGED.value,
            next_step_at=None,
            ended_at=func.coalesce(PAGE.c.ended_at, now),
            acknowledged_at=now,
            acknowledged_by=user_id,
            acknowledged_via=via.value,
        )
    )
    if changed(answered) != 1:
        return False
    last = select(func.max(ATTEMPT.c.id)).where(
        ATTEMPT.c.page_id == page_id, ATTEMPT.c.user_id == user_id
    )
    changed(
        update(ATTEMPT)
        .where(ATTEMPT.c.id == last.scalar_subquery())
        .values(outcome=AttemptOutcome.ACKNOWLEDGED.value, outcome_at=now)
    )
    _withdraw_rings(page_id, now)
    page = queries.page(page_id=page_id)
    events.publish(
        PageAcknowledged(
            page_id=page_id,
            subject_kind=page.subject.kind.value,
            subject_id=page.subject.id,
            user_id=user_id,
            at=now,
        )
    )
    return True


def record_ring(*, outbound_id: int, status: DeliveryStatus, now: datetime) -> bool:
    """Note what became of a ring; after a call that cannot be placed the next person's turn comes.

    `status` is final; a ring that was acknowledged keeps that. Tells whether it was a ring of ours.
    """
    outcome = OUTCOMES[status]
    noted = (
        update(ATTEMPT)
        .where(
            ATTEMPT.c.outbound_id == outbound_id,
            or_(
                ATTEMPT.c.outcome.is_(None),
                ATTEMPT.c.outcome != AttemptOutcome.ACKNOWLEDGED.value,
            ),
        )
        .values(outcome=outcome.value, outcome_at=now)
        .returning(ATTEMPT.c.page_id, ATTEMPT.c.channel)
    )
    row = session().execute(noted).first()
    if row is not None and outcome is AttemptOutcome.FAILED and row.channel == PageChannel.CALL:
        at_once = update(PAGE).where(PAGE.c.id == row.page_id, PAGE.c.next_step_at > now)
        changed(at_once.values(next_step_at=now))
    return row is not None


def _running(new: NewPage) -> PageRow | None:
    same = (
        page
        for page in queries.pages_of(subject=new.subject)
        if page.state is PageState.PAGING
        and (page.organization_id, page.desk) == (new.organization_id, new.desk)
    )
    return next(same, None)


def _insert(new: NewPage, now: datetime) -> PageRow | None:
    """Begin a page; None where the desk is being called for the same reason already."""
    values: dict[str, Any] = {
        "subject_kind": new.subject.kind.value,
        "subject_id": new.subject.id,
        "organization_id": new.organization_id,
        "desk": new.desk,
        "urgency": int(new.urgency),
        "case_id": new.case_id,
        "last_resort": new.last_resort,
        "state": PageState.PAGING.value,
        "step": 0,
        "next_step_at": now,
        "started_at": now,
        "plan": kept(plan=plan_of(paging=policy.current().tiers.paging)),
    }
    statement = contacts.meeting(PAGE).on_conflict_do_nothing().returning(*PAGE.c)
    made = session().execute(statement, values).mappings().first()
    return None if made is None else page_row(made)


def _make_urgent(page: PageRow, urgency: RiskLevel, now: datetime) -> None:
    if page.next_step_at is not None and _quiet_until(page.urgency, now) is not None:
        # It was waiting for the morning; danger does not.
        changed(update(PAGE).where(PAGE.c.id == page.page_id).values(next_step_at=now))
    changed(update(PAGE).where(PAGE.c.id == page.page_id).values(urgency=int(urgency)))


def _quiet_until(urgency: RiskLevel, now: datetime) -> datetime | None:
    paging = policy.current().tiers.paging
    if urgency in paging.ignores_quiet_hours:
        return None
    return end_of_quiet(hours=paging.quiet_hours, now=now)


def _give_up(page: PageRow, *, is_covered: bool, now: datetime) -> None:
    paging = policy.current().tiers.paging
    _end(page.page_id, PageState.UNANSWERED, now)
    if not is_covered:
        desks.raise_coverage_alarm(page=page, now=now)
    if page.subject.kind in CLIMBING and page.urgency in paging.ignores_quiet_hours:
        _climb(page, now)
    events.publish(
        PageUnanswered(
            page_id=page.page_id,
            subject_kind=page.subject.kind.value,
            subject_id=page.subject.id,
            organization_id=page.organization_id,
            desk=page.desk,
            at=now,
        )
    )


def _climb(page: PageRow, now: datetime) -> None:
    higher = desks.above(desk=Desk(organization_id=page.organization_id, desk=page.desk))
    new = NewPage(
        subject=page.subject,
        organization_id=page.organization_id,
        desk=page.desk,
        urgency=page.urgency,
        case_id=page.case_id,
    )
    if higher is not None:
        start(new=replace(new, organization_id=higher.organization_id, desk=higher.desk), now=now)
    elif not page.last_resort:
        start(new=replace(new, last_resort=True), now=now)


def _end(page_id: int, state: PageState, now: datetime) -> int:
    ended = update(PAGE).where(PAGE.c.id == page_id, PAGE.c.state == PageState.PAGING.value)
    return changed(ended.values(state=state.value, next_step_at=None, ended_at=now))


def _withdraw_rings(page_id: int, now: datetime) -> None:
    for purpose in (Purpose.PAGE_TEXT, Purpose.PAGE_CALL):
        messaging.withdraw(purpose=purpose, purpose_id=page_id, now=now)
    statement = select(ATTEMPT.c.outbound_id).where(
        ATTEMPT.c.page_id == page_id,
        ATTEMPT.c.outcome.is_(None),
        ATTEMPT.c.outbound_id.is_not(None),
    )
    orders = outbox.orders(outbound_ids=session().execute(statement).scalars())
    gone = [order.outbound_id for order in orders.values() if order.state is OrderState.WITHDRAWN]
    changed(
        update(ATTEMPT)
        .where(ATTEMPT.c.outbound_id.in_(gone))
        .values(outcome=AttemptOutcome.WITHDRAWN.value, outcome_at=now)
    )
