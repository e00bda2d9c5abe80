"""Questions about the plans of a case and about drafts. Who may open the case is asked before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, func, select, union

from wellbeing.cases.models.cases import CASE
from wellbeing.cases.models.people import LINK, PERSON
from wellbeing.cases.models.plans import DRAFT, PLAN
from wellbeing.cases.queries.visibility import AT_REST, scoped
from wellbeing.cases.rules.people import Relation, Verdict
from wellbeing.cases.rules.plans import (
    DraftRow,
    NoSuchPlan,
    OfferedPlan,
    PlanKind,
    PlanRow,
    PlanVersion,
)
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session
from wellbeing.organizations.rules import Scope

PLAN_PLACE = "case_plan.body"
DRAFT_PLACE = "case_draft.body"


def latest(*, case_id: int, kind: PlanKind) -> PlanRow | None:
    """Open the newest version of a plan; None where there is none yet."""
    statement = (
        select(PLAN)
        .where(PLAN.c.case_id == case_id, PLAN.c.kind == kind.value)
        .order_by(PLAN.c.version.desc())
    )
    row = session().execute(statement.limit(1)).mappings().first()
    return _plan(row) if row else None


def version(*, case_id: int, kind: PlanKind, number: int) -> PlanRow:
    """Open one version of a plan, old or new.

    Raises:
        NoSuchPlan: this case has no such version.

    """
    statement = select(PLAN).where(
        PLAN.c.case_id == case_id, PLAN.c.kind == kind.value, PLAN.c.version == number
    )
    row = session().execute(statement).mappings().first()
    if row is None:
        raise NoSuchPlan
    return _plan(row)


def care_elsewhere(*, case_id: int, scope: Scope, now: datetime) -> OfferedPlan | None:
    """Open the newest care plan of any other case whose student was found to be this one's.

    One plan per student (一生一策): only among cases that the reader may open, none at rest, and
    only while the finding that the two are one person stands. None where there is none.
    """
    statement = (
        select(PLAN, CASE.c.reference)
        .select_from(CASE)
        .join(PLAN, and_(PLAN.c.case_id == CASE.c.id, PLAN.c.kind == PlanKind.CARE.value))
        .where(
            CASE.c.id.in_(_cases_of_the_same(case_id)),
            CASE.c.id != case_id,
            ~AT_REST,
            scoped(scope=scope, now=now),
        )
        .order_by(PLAN.c.at.desc(), PLAN.c.id.desc())
        .limit(1)
    )
    row = session().execute(statement).mappings().first()
    return OfferedPlan(reference=row["reference"], plan=_plan(row)) if row else None


def _cases_of_the_same(case_id: int) -> CompoundSelect[Any]:
    # From this side and from that, each by its own index: an OR of both would read every finding.
    return union(
        _linked(case_id, LINK.c.one_id, LINK.c.other_id),
        _linked(case_id, LINK.c.other_id, LINK.c.one_id),
    )


def _linked(case_id: int, ours_id: ColumnElement[int], their_id: ColumnElement[int]) -> Select[Any]:
    ours, theirs = PERSON.alias("ours"), PERSON.alias("theirs")
    student = Relation.STUDENT.value
    return (
        select(theirs.c.case_id)
        .select_from(ours)
        .join(LINK, ours_id == ours.c.id)
        .join(theirs, theirs.c.id == their_id)
        .where(
            ours.c.case_id == case_id,
            LINK.c.ended_at.is_(None),
            LINK.c.verdict == Verdict.SAME.value,
            *(one.c.relation == student for one in (ours, theirs)),
            *(one.c.removed_at.is_(None) for one in (ours, theirs)),
        )
    )


def versions(*, case_id: int, kind: PlanKind) -> tuple[PlanVersion, ...]:
    """List the versions of a plan, newest first; no word is opened."""
    statement = (
        select(PLAN.c.kind, PLAN.c.version, PLAN.c.by_user_id, PLAN.c.at)
        .where(PLAN.c.case_id == case_id, PLAN.c.kind == kind.value)
        .order_by(PLAN.c.version.desc())
    )
    return tuple(_version(row) for row in session().execute(statement).mappings())


def newest(*, case_id: int) -> Mapping[PlanKind, PlanVersion]:
    """Tell of every plan of a case its newest version with one query; no word is opened."""
    statement = (
        select(PLAN.c.kind, PLAN.c.version, PLAN.c.by_user_id, PLAN.c.at)
        .where(PLAN.c.case_id == case_id)
        .order_by(PLAN.c.version)
    )
    found = [_version(row) for row in session().execute(statement).mappings()]
    return {one.kind: one for one in found}


def drafts_of(*, case_id: int, user_id: int, prefix: str) -> Mapping[str, DraftRow]:
    """Open what somebody was typing into the fields that begin so, by field."""
    statement = select(DRAFT).where(
        DRAFT.c.case_id == case_id,
        DRAFT.c.user_id == user_id,
        DRAFT.c.field.startswith(prefix, autoescape=True),
    )
    rows = session().execute(statement).mappings()
    return {row["field"]: _draft(row) for row in rows}


def due_review_ids(*, now: datetime, limit: int) -> tuple[int, ...]:
    """List by id the plans whose review is due, the oldest first."""
    statement = select(PLAN.c.id).where(PLAN.c.review_at <= now).order_by(PLAN.c.review_at)
    return tuple(session().execute(statement.limit(limit)).scalars())


def next_review_at() -> datetime | None:
    """Tell when the next review falls due; None when none lies ahead."""
    statement = select(func.min(PLAN.c.review_at)).where(PLAN.c.review_at.is_not(None))
    return session().execute(statement).scalar()


def _plan(row: Mapping[Any, Any]) -> PlanRow:
    return PlanRow(
        case_id=row["case_id"],
        kind=PlanKind(row["kind"]),
        version=row["version"],
        words=json.loads(sealed.open_sealed(row["body_sealed"], place=PLAN_PLACE)),
        by_user_id=row["by_user_id"],
        at=row["at"],
    )


def _version(row: Mapping[Any, Any]) -> PlanVersion:
    return PlanVersion(
        kind=PlanKind(row["kind"]),
        version=row["version"],
        by_user_id=row["by_user_id"],
        at=row["at"],
    )


def _draft(row: Mapping[Any, Any]) -> DraftRow:
    return DraftRow(
        field=row["field"],
        body=sealed.open_sealed(row["body_sealed"], place=DRAFT_PLACE),
        base_version=row["base_version"],
        saved_at=row["saved_at"],
    )
