"""What closing a case looks at, collected. Who may open the case is asked before."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, or_, select

from wellbeing.cases.models.cases import CASE_CONTACT, ENTRY, LEVEL_CHANGE
from wellbeing.cases.models.plans import PLAN
from wellbeing.cases.models.referrals import MOMENT, SIGNATURE
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow, EntryKind
from wellbeing.cases.rules.closing import Facts, LevelStep, MomentKind, unmet
from wellbeing.cases.rules.plans import PlanKind
from wellbeing.contacts.models import CONTACT
from wellbeing.contacts.rules.conversations import Channel
from wellbeing.foundation.database import session
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel

MOMENT_PLACE = "student_moment.note"
SIGNATURE_PLACE = "closing_signature.reason"


def facts_of(*, case: CaseRow, told: bool) -> Facts:
    """Collect all that closing a case looks at; `told` is what the reader says."""
    moments = _moments(case.case_id)
    return Facts(
        since=_since(case),
        level=case.level,
        levels=_levels(case.case_id),
        met=(*_conversations(case.case_id), *moments[MomentKind.REACHED]),
        declined=moments[MomentKind.DECLINED],
        signed_at=_signed_at(case),
        has_safety_plan=_has_safety_plan(case.case_id),
        held_by=tuple(hold.kind for hold in cases.holds(case_id=case.case_id)),
        told=told,
    )


def missing(*, case: CaseRow, told: bool) -> tuple[str, ...]:
    """Name what still stops a case from closing: rules by name, holds by kind."""
    return unmet(facts=facts_of(case=case, told=told), policy=policy.current().cases.closing)


def _since(case: CaseRow) -> datetime:
    statement = select(func.max(ENTRY.c.at)).where(
        ENTRY.c.case_id == case.case_id, ENTRY.c.kind == EntryKind.REOPENED.value
    )
    return session().execute(statement).scalar() or case.opened_at


def _levels(case_id: int) -> tuple[LevelStep, ...]:
    statement = select(LEVEL_CHANGE.c.to_level, LEVEL_CHANGE.c.at).where(
        LEVEL_CHANGE.c.case_id == case_id
    )
    rows = session().execute(statement.order_by(LEVEL_CHANGE.c.id))
    return tuple(LevelStep(level=RiskLevel(level), at=at) for level, at in rows)


def _conversations(case_id: int) -> tuple[datetime, ...]:
    """List when a human and the student spoke on the line, or met; an unanswered call is none."""
    statement = (
        select(CONTACT.c.arrived_at)
        .join(CASE_CONTACT, CASE_CONTACT.c.contact_id == CONTACT.c.id)
        .where(
            CASE_CONTACT.c.case_id == case_id,
            or_(
                CONTACT.c.first_human_reply_at.is_not(None),
                CONTACT.c.channel == Channel.WALK_IN.value,
            ),
        )
    )
    return tuple(session().execute(statement).scalars())


def _moments(case_id: int) -> dict[MomentKind, tuple[datetime, ...]]:
    statement = select(MOMENT.c.kind, MOMENT.c.at).where(MOMENT.c.case_id == case_id)
    rows = session().execute(statement.order_by(MOMENT.c.at, MOMENT.c.id)).all()
    return {kind: tuple(at for one, at in rows if one == kind.value) for kind in MomentKind}


def _signed_at(case: CaseRow) -> datetime | None:
    statement = select(func.max(SIGNATURE.c.at)).where(
        SIGNATURE.c.case_id == case.case_id,
        SIGNATURE.c.by_user_id != case.owner_id,
        SIGNATURE.c.at >= _since(case),
    )
    return session().execute(statement).scalar()


def _has_safety_plan(case_id: int) -> bool:
    statement = select(PLAN.c.id).where(
        PLAN.c.case_id == case_id, PLAN.c.kind == PlanKind.SAFETY.value
    )
    return session().execute(statement.limit(1)).first() is not None
