"""Which duties are late and nobody was called about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, select

from wellbeing.cases.models.cases import DUTY
from wellbeing.escalation.models import PAGE
from wellbeing.escalation.rules.words import PageState, PageSubjectKind
from wellbeing.foundation.database import session, taken
from wellbeing.policy import current as policy


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueDuty:
    """What calling about a duty needs to know of it."""

    duty_id: int
    organization_id: int
    case_id: int | None
    by_at: datetime


def overdue_duty_ids(*, now: datetime, limit: int) -> tuple[int, ...]:
    """List the duties that are late and about which nobody is or was called lately."""
    statement = select(DUTY.c.id).where(unheard(now)).order_by(DUTY.c.by_at, DUTY.c.id)
    return tuple(session().execute(taken(statement.limit(limit), of=DUTY)).scalars())


def overdue_duty(*, duty_id: int, now: datetime) -> OverdueDuty | None:
    """Give one of them; None when somebody did it, or was called, in the meantime."""
    statement = select(DUTY.c.id, DUTY.c.organization_id, DUTY.c.case_id, DUTY.c.by_at)
    row = session().execute(statement.where(DUTY.c.id == duty_id, unheard(now))).first()
    return None if row is None else OverdueDuty(
        duty_id=row.id, organization_id=row.organization_id, case_id=row.case_id, by_at=row.by_at
    )  # fmt: skip


def unheard(now: datetime) -> ColumnElement[bool]:
    """Limit a statement over duties to late ones with no call that rings or was made lately."""
    again = policy.current().tiers.overdue_duty_again
    about = and_(PAGE.c.subject_kind == PageSubjectKind.DUTY.value, PAGE.c.subject_id == DUTY.c.id)
    rings = exists().where(about, PAGE.c.state == PageState.PAGING.value)
    called = exists().where(
        about, PAGE.c.started_at >= DUTY.c.by_at, PAGE.c.started_at > now - again
    )
    return and_(DUTY.c.done_at.is_(None), DUTY.c.by_at <= now, ~rings, ~called)
