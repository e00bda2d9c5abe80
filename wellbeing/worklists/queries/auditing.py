"""The auditor of promise P8: whoever waits has a next step with a time, and somebody holds it.

It trusts no operation: it reads the tables alone, and knows nothing of how a step is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, literal, or_, select

from wellbeing.accounts.models import USER
from wellbeing.cases.models.cases import CASE, DUTY
from wellbeing.contacts.models import CALL, CONTACT
from wellbeing.contacts.rules.calls import CallState
from wellbeing.contacts.rules.conversations import ContactState
from wellbeing.escalation import queries as escalation
from wellbeing.escalation.models import ESCALATION, PAGE
from wellbeing.escalation.rules.words import OPEN_STATES, EscalationState, PageState
from wellbeing.followups.models import FOLLOW_UP
from wellbeing.followups.rules import FollowUpState
from wellbeing.foundation.database import session
from wellbeing.messaging.models import OUTBOUND
from wellbeing.messaging.rules import OrderState
from wellbeing.worklists.rules import Broken, Fault, Promise

PATIENCE = timedelta(minutes=2)
"""One sweep and one lease after its time, a step must have been made (promise P2)."""
SHOWN = 200
"""Of each kind: more than anybody reads, and a bound on what a bad night costs."""
_OPEN = [state.value for state in OPEN_STATES]
_RUNNING = (
    FollowUpState.PLANNED.value,
    FollowUpState.SENT.value,
    FollowUpState.ANSWERED.value,
    FollowUpState.MISSED.value,
)


def broken_promises(*, now: datetime) -> tuple[Broken, ...]:
    """List the promises that no sweep will keep, or whose holder is nobody; nine questions."""
    late = now - PATIENCE
    asked = (
        (Promise.CONTACT, _waiting_contacts(late)),
        (Promise.CALL, _waiting_calls(late)),
        (Promise.ESCALATION, _escalations(late)),
        (Promise.PAGE, _pages(late)),
        (Promise.FOLLOW_UP, _follow_ups(late)),
        (Promise.DUTY, _duties()),
        (Promise.DUTY, _unheard_duties(late)),
        (Promise.CASE, _cases()),
        (Promise.ORDER, _orders(late)),
    )
    return tuple(one for kind, statement in asked for one in _found(kind, statement))


def _found(kind: Promise, statement: Select[Any]) -> Iterator[Broken]:
    for row in session().execute(statement.limit(SHOWN)):
        yield Broken(kind=kind, id=row[0], says=Fault(row[1]))


def _waiting_contacts(late: datetime) -> Select[Any]:
    # A call keeps its own time, beside it.
    is_call = exists().where(CALL.c.contact_id == CONTACT.c.id)
    step = CONTACT.c.next_page_at
    return _stepless(CONTACT.c.id, step).where(
        CONTACT.c.state == ContactState.WAITING.value, ~is_call, _is_stale(step, late)
    )


def _waiting_calls(late: datetime) -> Select[Any]:
    step = CALL.c.next_step_at
    # Only a step that was planned and passed: a call that is talked on has none.
    return _stepless(CALL.c.contact_id, step).where(
        CALL.c.state != CallState.ENDED.value, step < late
    )


def _escalations(late: datetime) -> Select[Any]:
    step = ESCALATION.c.next_step_at
    newer = ESCALATION.alias("newer")
    passed_on = exists().where(
        newer.c.case_id == ESCALATION.c.case_id, newer.c.id > ESCALATION.c.id
    )
    owes_contact = and_(
        ESCALATION.c.state == EscalationState.ACCEPTED.value,
        ESCALATION.c.contacted_at.is_(None),
        CASE.c.closed_at.is_(None),
        ~passed_on,
    )
    found = _stepless(ESCALATION.c.id, step).join(CASE, CASE.c.id == ESCALATION.c.case_id)
    return found.where(or_(ESCALATION.c.state.in_(_OPEN), owes_contact), _is_stale(step, late))


def _pages(late: datetime) -> Select[Any]:
    step = PAGE.c.next_step_at
    return _stepless(PAGE.c.id, step).where(
        PAGE.c.state == PageState.PAGING.value, _is_stale(step, late)
    )


def _follow_ups(late: datetime) -> Select[Any]:
    step = FOLLOW_UP.c.next_step_at
    return _held(FOLLOW_UP.c.id, FOLLOW_UP.c.owner_id, step, late).where(
        FOLLOW_UP.c.state.in_(_RUNNING), or_(_is_stale(step, late), _nobody())
    )


def _duties() -> Select[Any]:
    nobody = literal(Fault.NOBODY.value)
    return (
        select(DUTY.c.id, nobody)
        .join(USER, USER.c.id == DUTY.c.holder_id)
        .where(DUTY.c.done_at.is_(None), _nobody())
    )


def _unheard_duties(late: datetime) -> Select[Any]:
    # A duty is work of a person; what must not stand still is the calling once it is late.
    return select(DUTY.c.id, literal(Fault.STALE.value)).where(escalation.unheard(late))


def _cases() -> Select[Any]:
    nobody = literal(Fault.NOBODY.value)
    return (
        select(CASE.c.id, nobody)
        .join(USER, USER.c.id == CASE.c.owner_id)
        .where(CASE.c.closed_at.is_(None), _nobody())
    )


def _orders(late: datetime) -> Select[Any]:
    step = case(
        (OUTBOUND.c.state == OrderState.SENDING.value, OUTBOUND.c.lease_until),
        else_=OUTBOUND.c.due_at,
    )
    # One by one, not as a list: each state has an index of its few orders.
    unsent = (OrderState.QUEUED, OrderState.SENDING, OrderState.IN_DOUBT)
    is_unsent = or_(*(OUTBOUND.c.state == one.value for one in unsent))
    return _stepless(OUTBOUND.c.id, step).where(is_unsent, _is_stale(step, late))


def _stepless(row: ColumnElement[int], step: ColumnElement[datetime]) -> Select[Any]:
    fault = case((step.is_(None), Fault.NO_STEP.value), else_=Fault.STALE.value)
    return select(row, fault)


def _held(
    row: ColumnElement[int],
    holder: ColumnElement[int],
    step: ColumnElement[datetime],
    late: datetime,
) -> Select[Any]:
    fault = case(
        (step.is_(None), Fault.NO_STEP.value),
        (step < late, Fault.STALE.value),
        else_=Fault.NOBODY.value,
    )
    return select(row, fault).join(USER, USER.c.id == holder)


def _is_stale(step: ColumnElement[datetime], late: datetime) -> ColumnElement[bool]:
    return or_(step.is_(None), step < late)


def _nobody() -> ColumnElement[bool]:
    return USER.c.is_active.is_(False)
