"""Questions about escalations: who may see, who receives, what is due, what counts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from wellbeing.accounts.queries import grants
from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.roles import ROLE_PERMISSIONS, Permission
from wellbeing.cases.queries import cases
from wellbeing.escalation.models import ATTEMPT, ESCALATION, PAGE, RECEIVER
from wellbeing.escalation.queries.pages import about
from wellbeing.escalation.rules.rows import (
    EscalationRow,
    EscalationWords,
    ReceiverRow,
    escalation_row,
    receiver_row,
)
from wellbeing.escalation.rules.words import (
    OPEN_STATES,
    NoSuchEscalation,
    PageSubject,
    PageSubjectKind,
)
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session, taken
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.models import ORGANIZATION
from wellbeing.organizations.rules import Scope

_OPEN = tuple(state.value for state in OPEN_STATES)


def get(*, escalation_id: int, scope: Scope) -> EscalationRow:
    """Give an escalation to its sender, its receivers, whoever was rung, and supervisors.

    Raises:
        NoSuchEscalation: there is none, or this reader may not know of it.

    """
    found = _escalations(select(ESCALATION).where(ESCALATION.c.id == escalation_id, visible(scope)))
    if not found:
        raise NoSuchEscalation
    return found[0]


def by_id(*, escalation_id: int) -> EscalationRow:
    """Give an escalation to a room that has decided itself who may see it.

    Raises:
        NoSuchEscalation: there is none with this id.

    """
    found = _escalations(select(ESCALATION).where(ESCALATION.c.id == escalation_id))
    if not found:
        raise NoSuchEscalation
    return found[0]


def held(
    *, escalation_ids: Collection[int], unless_others_do: bool = False
) -> tuple[EscalationRow, ...]:
    """Give escalations to whoever is about to move them, and keep others from it meanwhile.

    An escalation is always held before its pages, so that two who decide at once wait for each
    other and never for ever. Whoever holds pages already asks with `unless_others_do`.
    """
    statement = select(ESCALATION).where(ESCALATION.c.id.in_(escalation_ids))
    held_now = statement.order_by(ESCALATION.c.id).with_for_update(skip_locked=unless_others_do)
    return _escalations(held_now)


def words(*, escalation_id: int, scope: Scope, now: datetime) -> EscalationWords:
    """Open what the sender wrote, for whoever may open the case, the sender, and supervisors.

    Raises:
        NoSuchEscalation: this reader has not acknowledged it, or may not know of it.

    """
    row = get(escalation_id=escalation_id, scope=scope)
    if not may_read_words(row=row, scope=scope, now=now):
        raise NoSuchEscalation
    statement = select(ESCALATION).where(ESCALATION.c.id == escalation_id)
    found = session().execute(statement).mappings().one()
    reasons = (
        select(RECEIVER.c.decline_reason_sealed)
        .where(
            RECEIVER.c.escalation_id == escalation_id,
            RECEIVER.c.decline_reason_sealed.is_not(None),
        )
        .order_by(RECEIVER.c.declined_at)
    )
    return EscalationWords(
        **{
            name: _opened(found[f"{name}_sealed"], name)
            for name in ("reason", "safety_plan", "may_be_told", "skip_reason")
        },
        decline_reasons=tuple(
            sealed.open_what_is_kept(blob, place="escalation_receiver.decline_reason")
            for blob in session().execute(reasons).scalars()
        ),
    )


def may_read_words(*, row: EscalationRow, scope: Scope, now: datetime) -> bool:
    """Tell whether a reader sees more than the summary: receivers only once they acknowledged."""
    if row.from_user_id == scope.user_id:
        return True
    if grants.has_grant(
        user_id=scope.user_id, subject_kind=cases.GRANT_SUBJECT, subject_id=row.case_id, now=now
    ):
        return True
    path = select(ORGANIZATION.c.path).where(ORGANIZATION.c.id == row.from_organization_id)
    return scope.may(Permission.SUPERVISE) and scope.covers(session().execute(path).scalar_one())


def inbox(*, scope: Scope, limit: int = 100) -> tuple[EscalationRow, ...]:
    """List what waits for this reader's desk to acknowledge or accept, most urgent first.

    Also what a colleague accepted whose student was not contacted in time.
    """
    statement = (
        select(ESCALATION)
        .where(
            waits(),
            or_(
                ESCALATION.c.accepted_by.is_(None),
                ESCALATION.c.accepted_by != scope.user_id,
            ),
            _received(scope),
        )
        .order_by(ESCALATION.c.level.desc(), ESCALATION.c.acknowledge_by, ESCALATION.c.id)
        .limit(limit)
    )
    return _escalations(statement)


def open_escalations(*, scope: Scope, limit: int = 200) -> tuple[EscalationRow, ...]:
    """List every escalation that still calls people and that a reader may know of, as above."""
    statement = (
        select(ESCALATION)
        .where(waits(), visible(scope))
        .order_by(ESCALATION.c.level.desc(), ESCALATION.c.acknowledge_by, ESCALATION.c.id)
        .limit(limit)
    )
    return _escalations(statement)


def of_case(*, case_id: int) -> tuple[EscalationRow, ...]:
    """List the escalations of a case that the reader was let into, newest first."""
    statement = select(ESCALATION).where(ESCALATION.c.case_id == case_id)
    return _escalations(statement.order_by(ESCALATION.c.sent_at.desc(), ESCALATION.c.id.desc()))


def receivers(*, row: EscalationRow) -> tuple[ReceiverRow, ...]:
    """List the whole chain: who joined when, and who is still to come."""
    statement = select(RECEIVER).where(RECEIVER.c.escalation_id == row.escalation_id)
    joined = {
        (found["organization_id"], found["desk"]): found
        for found in session().execute(statement).mappings()
    }
    return tuple(
        receiver_row(one, joined.get((one.organization_id, one.desk))) for one in row.chain
    )


def receiving_organization(*, escalation_id: int, user_id: int) -> int | None:
    """Tell for which receiver a person answers: their own organization, or one they are rung for.

    A receiver that declined is none any more. None means: no receiver.
    """
    person = accounts.user(user_id=user_id)
    if not person.is_active or Permission.RECEIVE_ESCALATION not in ROLE_PERMISSIONS[person.role]:
        return None
    subject = PageSubject(kind=PageSubjectKind.ESCALATION, id=escalation_id)
    rung = (
        select(PAGE.c.organization_id)
        .join(ATTEMPT, ATTEMPT.c.page_id == PAGE.c.id)
        .where(about(subject), ATTEMPT.c.user_id == user_id)
    )
    statement = (
        select(RECEIVER.c.organization_id)
        .where(
            RECEIVER.c.escalation_id == escalation_id,
            RECEIVER.c.declined_at.is_(None),
            or_(
                RECEIVER.c.organization_id == person.organization_id,
                RECEIVER.c.organization_id.in_(rung),
            ),
        )
        .order_by((RECEIVER.c.organization_id == person.organization_id).desc(), RECEIVER.c.id)
        .limit(1)
    )
    return session().execute(statement).scalar()


def due_ids(*, now: datetime, limit: int) -> tuple[int, ...]:
    """List the escalations whose next step is due, the most urgent first."""
    statement = (
        select(ESCALATION.c.id)
        .where(ESCALATION.c.next_step_at <= now)
        .order_by(ESCALATION.c.level.desc(), ESCALATION.c.next_step_at)
        .limit(limit)
    )
    return tuple(session().execute(taken(statement, of=ESCALATION)).scalars())


def next_due_at() -> datetime | None:
    """Tell when the next escalation moves by itself; None when none is under way."""
    return session().execute(select(func.min(ESCALATION.c.next_step_at))).scalar()


def escalation_facts(*, scope: Scope, since: datetime, until: datetime) -> Select[Any]:
    """Give a SELECT over escalations sent in `[since, until)` from the reader's subtrees.

    Columns of the table without sealed ones, and `tier`, the first receiver's tier; reports count.
    """
    first = (
        select(RECEIVER.c.escalation_id, ORGANIZATION.c.tier)
        .join(ORGANIZATION, ORGANIZATION.c.id == RECEIVER.c.organization_id)
        .where(RECEIVER.c.position == 0)
        .subquery()
    )
    facts = [column for column in ESCALATION.c if not column.name.endswith("_sealed")]
    sender = _paths(ESCALATION.c.from_organization_id, scope)
    return (
        select(*facts, first.c.tier)
        .join(first, first.c.escalation_id == ESCALATION.c.id)
        .where(ESCALATION.c.sent_at >= since, ESCALATION.c.sent_at < until, sender)
    )


def waits() -> ColumnElement[bool]:
    """Limit a statement to what calls people: nobody accepted it, or nobody contacted in time."""
    return and_(
        ESCALATION.c.next_step_at.is_not(None),
        or_(ESCALATION.c.state.in_(_OPEN), ESCALATION.c.contact_missed_at.is_not(None)),
    )


def visible(scope: Scope) -> ColumnElement[bool]:
    """Limit a statement to the escalations that a reader may know of."""
    supervised = or_(
        _paths(ESCALATION.c.from_organization_id, scope),
        exists().where(
            RECEIVER.c.escalation_id == ESCALATION.c.id, _paths(RECEIVER.c.organization_id, scope)
        ),
    )
    chosen = [ESCALATION.c.from_user_id == scope.user_id, _received(scope)]
    if scope.may(Permission.SUPERVISE):
        chosen.append(supervised)
    return or_(*chosen)


def _received(scope: Scope) -> ColumnElement[bool]:
    rung = exists().where(
        PAGE.c.subject_kind == PageSubjectKind.ESCALATION.value,
        PAGE.c.subject_id == ESCALATION.c.id,
        ATTEMPT.c.page_id == PAGE.c.id,
        ATTEMPT.c.user_id == scope.user_id,
    )
    if not scope.may(Permission.RECEIVE_ESCALATION):
        return rung
    mine = exists().where(
        RECEIVER.c.escalation_id == ESCALATION.c.id,
        RECEIVER.c.declined_at.is_(None),
        ORGANIZATION.c.id == RECEIVER.c.organization_id,
        ORGANIZATION.c.path.in_(scope.paths),
    )
    return or_(rung, mine)


def _paths(organization_id: Any, scope: Scope) -> ColumnElement[bool]:
    return exists().where(
        ORGANIZATION.c.id == organization_id,
        organizations.within(path=ORGANIZATION.c.path, scope=scope),
    )


def _escalations(statement: Select[Any]) -> tuple[EscalationRow, ...]:
    return tuple(escalation_row(row) for row in session().execute(statement).mappings())


def _opened(blob: bytes | None, name: str) -> str:
    return sealed.open_what_is_kept(blob, place=f"escalation.{name}")
