"""Calling a desk: start, ring by ring, withdraw, what became of each ring.

What an answer means for the subject of a page is in `answers`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select, update

from wellbeing.escalation import queries
from wellbeing.escalation.events import PageAcknowledged, PageUnanswered
from wellbeing.escalation.models import ATTEMPT, PAGE
from wellbeing.escalation.operations import desks, rings, starting
from wellbeing.escalation.operations.desks import Desk
from wellbeing.escalation.operations.rings import Ringing
from wellbeing.escalation.operations.staffing import Staffing
from wellbeing.escalation.operations.starting import Begun, Key
from wellbeing.escalation.rules.paging import PagePlan, Rings, Tried, next_rings, plan_of
from wellbeing.escalation.rules.rows import PageRow
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
from wellbeing.foundation.database import changed, changed_many, session
from wellbeing.messaging import operations as messaging
from wellbeing.messaging import queries as outbox
from wellbeing.messaging.rules import DeliveryStatus, OrderState, Purpose
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
    return start_all(news=[new], staff=Staffing(now=now), now=now)[0]


def start_all(
    *, news: Sequence[NewPage], staff: Staffing, now: datetime
) -> tuple[StartedPage, ...]:
    """Start many pages with as many statements as one; the same page twice is one.

    Raises:
        NoSuchPage: as for one.

    """
    begun = {starting.key_of(new=new): starting.begin(new=new, staff=staff) for new in news}
    made = starting.insert_all(begun=begun, now=now)
    running = starting.running(keys=begun.keys() - made.keys())
    # The one that stood in the way may have ended between the two statements.
    lost = {key: one for key, one in begun.items() if key not in made and key not in running}
    made = {**made, **starting.insert_all(begun=lost, now=now)}
    for key, page in running.items():
        if page.urgency < begun[key].new.urgency:
            _make_urgent(page, begun[key].new.urgency, now)
    _ring_first(begun, made, now)
    started = {key: _started(one, made.get(key), running.get(key)) for key, one in begun.items()}
    return tuple(started[starting.key_of(new=new)] for new in news)


def _started(one: Begun, made: int | None, running: PageRow | None) -> StartedPage:
    if running is not None:
        return StartedPage(page_id=running.page_id, is_covered=True)
    if made is None:
        raise NoSuchPage
    return StartedPage(page_id=made, is_covered=bool(one.people))


def _ring_first(begun: Mapping[Key, Begun], made: Mapping[Key, int], now: datetime) -> None:
    """Make the first rings of pages that have just begun; give up those that found nobody."""
    ringing = [
        Ringing(
            page_id=page_id,
            kind=begun[key].new.subject.kind,
            desk=begun[key].new.desk,
            urgency=begun[key].new.urgency,
            plan=begun[key].plan,
            planned_at=now,
            rings=rings_due,
            known=begun[key].people,
            made=0,
        )
        for key, page_id in made.items()
        if (rings_due := begun[key].due) is not None and not rings_due.is_over
    ]
    rings.ring_all(ringing=ringing, now=now)
    for key, page_id in made.items():
        if not begun[key].people:
            _give_up(queries.page(page_id=page_id), is_covered=False, now=now)


def step(*, page: PageRow, now: datetime) -> bool:
    """Make the rings that are due, once (promise P2); tell whether this process made them.

    Publishes `PageUnanswered` when everybody was rung in vain.
    """
    return bool(step_all(pages=[page], now=now))


def step_all(*, pages: Sequence[PageRow], now: datetime) -> Mapping[int, Rings]:
    """Make the rings of many pages; give what was done by page, nothing if others did the only one.

    Raises:
        RowsMoved: another process made those of one of several; nothing of this may be committed.

    """
    staff = Staffing(now=now)
    tried = rings.tried_of(page_ids=[page.page_id for page in pages])
    due = {page.page_id: _due(page, tried[page.page_id], staff, now) for page in pages}
    claims = [
        {"this": page.page_id, "seen": page.step, "next_step_at": due[page.page_id].next_at}
        for page in pages
    ]
    if not claims or not changed_many(_STEPPED, claims):
        return {}
    rings.ring_all(
        ringing=[
            _ringing(page, due[page.page_id], len(tried[page.page_id]), staff, now)
            for page in pages
            if not due[page.page_id].is_over
        ],
        now=now,
    )
    for page in pages:
        if due[page.page_id].is_over:
            _give_up(page, is_covered=bool(tried[page.page_id]), now=now)
    return due


_STEPPED = (
    update(PAGE)
    .where(
        PAGE.c.id == bindparam("this"),
        PAGE.c.state == PageState.PAGING.value,
        PAGE.c.step == bindparam("seen"),
    )
    .values(step=PAGE.c.step + 1)
)


def _due(page: PageRow, tried: Sequence[Tried], staff: Staffing, now: datetime) -> Rings:
    return next_rings(
        paging=_plan(page),
        urgency=page.urgency,
        tried=tried,
        on_call=staff.awake_first(
            organization_id=page.organization_id,
            desk=page.desk,
            last_resort=page.last_resort,
            urgency=page.urgency,
        ),
        now=now,
    )


def _ringing(page: PageRow, due: Rings, made: int, staff: Staffing, now: datetime) -> Ringing:
    return Ringing(
        page_id=page.page_id,
        kind=page.subject.kind,
        desk=page.desk,
        urgency=page.urgency,
        plan=_plan(page),
        planned_at=page.next_step_at or now,
        rings=due,
        known=staff.people(
            organization_id=page.organization_id, desk=page.desk, last_resort=page.last_resort
        ),
        made=made,
    )


def _plan(page: PageRow) -> PagePlan:
    """Give the plan that a page began with, else today's."""
    return page.plan or plan_of(paging=policy.current().tiers.paging)


def withdraw_pages(
    *, subject: PageSubject, now: datetime, organization_id: int | None = None
) -> int:
    """Stop calling anybody for a subject, because it is taken care of; give how many stopped.

    With `organization_id` only the desks of that unit, which has said no.
    """
    stopped = 0
    for page in queries.pages_of(subject=subject):
        if organization_id not in {None, page.organization_id}:
            continue
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


def _make_urgent(page: PageRow, urgency: RiskLevel, now: datetime) -> None:
    if (
        page.next_step_at is not None
        and starting.quiet_until(urgency=page.urgency, now=now) is not None
    ):
        # It was waiting for the morning; danger does not.
        changed(update(PAGE).where(PAGE.c.id == page.page_id).values(next_step_at=now))
    changed(update(PAGE).where(PAGE.c.id == page.page_id).values(urgency=int(urgency)))


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
