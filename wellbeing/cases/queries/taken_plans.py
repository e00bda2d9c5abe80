"""Where a care plan that was taken over came from, and whether it still fits its source."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, exists, or_, select

from wellbeing.cases.models.cases import CASE
from wellbeing.cases.models.people import LINK, PERSON
from wellbeing.cases.models.plans import PLAN
from wellbeing.cases.queries import plans
from wellbeing.cases.queries.visibility import AT_REST, scoped
from wellbeing.cases.rules.people import Relation, Verdict
from wellbeing.cases.rules.plans import Origin, PlanKind, PlanRow
from wellbeing.foundation.database import session
from wellbeing.organizations.rules import Scope


def origin_of(*, plan: PlanRow, scope: Scope, now: datetime) -> Origin | None:
    """Tell where the plan of this case began, if not here; no word of the other is opened.

    The other case is named only to a reader who may open it, and never at rest. It changed if it
    has a newer version, written after this case's own newest one: who reviewed here since has
    had the chance to look.
    """
    began = (
        select(PLAN.c.taken_from_id, PLAN.c.taken_version)
        .where(
            PLAN.c.case_id == plan.case_id,
            PLAN.c.kind == PlanKind.CARE.value,
            PLAN.c.taken_from_id.is_not(None),
        )
        .limit(1)
    )
    row = session().execute(began).first()
    if row is None:
        return None
    standing = plans.newest(case_id=row.taken_from_id).get(PlanKind.CARE)
    own = plans.newest(case_id=plan.case_id)[PlanKind.CARE]
    reference = _reference(row.taken_from_id, scope, now)
    is_unseen = (
        standing is not None and standing.version > row.taken_version and standing.at >= own.at
    )
    return Origin(
        reference=reference,
        version=row.taken_version,
        is_same_student=_is_same_student(plan.case_id, row.taken_from_id),
        changed=standing if reference and is_unseen else None,
    )


def _reference(case_id: int, scope: Scope, now: datetime) -> str | None:
    readable = CASE.c.id == case_id, ~AT_REST, scoped(scope=scope, now=now)
    found: str | None = session().execute(select(CASE.c.reference).where(*readable)).scalar()
    return found


def _is_same_student(case_id: int, other_id: int) -> bool:
    ours, theirs = PERSON.alias("ours"), PERSON.alias("theirs")
    pairs = or_(
        and_(LINK.c.one_id == ours.c.id, LINK.c.other_id == theirs.c.id),
        and_(LINK.c.other_id == ours.c.id, LINK.c.one_id == theirs.c.id),
    )
    student = Relation.STUDENT.value
    standing = (
        exists()
        .where(ours.c.case_id == case_id, ours.c.relation == student, ours.c.removed_at.is_(None))
        .where(theirs.c.case_id == other_id, theirs.c.relation == student)
        .where(theirs.c.removed_at.is_(None), pairs)
        .where(LINK.c.ended_at.is_(None), LINK.c.verdict == Verdict.SAME.value)
    )
    return bool(session().execute(select(standing)).scalar())
