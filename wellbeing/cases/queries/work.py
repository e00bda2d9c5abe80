"""Questions about tags, caseloads and other cases of the same student."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, false, func, or_, select, union

from wellbeing.cases.models.cases import CASE, CASE_CONTACT
from wellbeing.cases.models.people import LINK, PERSON
from wellbeing.cases.models.tags import CASE_TAG, SITE_TAG
from wellbeing.cases.queries import cases, visibility
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.people import Verdict
from wellbeing.cases.rules.work import OWN, Load, SiteTag, own_id
from wellbeing.contacts.models import CONTACT
from wellbeing.foundation.database import BigId, session
from wellbeing.organizations.models import ORGANIZATION
from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import RiskLevel

OTHERS_SHOWN = 10
_THIS: Any = bindparam("case_id", type_=BigId)


def tags_of(*, case_ids: Iterable[int]) -> Mapping[int, tuple[str, ...]]:
    """Give the tags of several cases with one query, by case."""
    statement = select(CASE_TAG.c.case_id, CASE_TAG.c.tag).where(CASE_TAG.c.case_id.in_(case_ids))
    found: dict[int, list[str]] = {}
    for case_id, tag in session().execute(statement.order_by(CASE_TAG.c.tag)):
        found.setdefault(case_id, []).append(tag)
    return {case_id: tuple(tags) for case_id, tags in found.items()}


def tagged(*, tag: str) -> Select[int]:
    """Give a SELECT of the ids of cases with a tag, for `.in_()` in a search."""
    return select(CASE_TAG.c.case_id).where(CASE_TAG.c.tag == tag)


def site_tags(*, organization_path: str) -> tuple[SiteTag, ...]:
    """List the tags that a unit or any above it made and did not retire, by name."""
    path_is_above = func.substr(organization_path, 1, func.length(ORGANIZATION.c.path))
    return _site_tags(path_is_above == ORGANIZATION.c.path, SITE_TAG.c.retired_at.is_(None))


def site_tags_within(*, path: str) -> tuple[SiteTag, ...]:
    """List the tags that a unit or any below it made, retired ones too, by name."""
    return _site_tags(ORGANIZATION.c.path.startswith(path, autoescape=True))


def site_tags_named(*, keys: Iterable[str]) -> Mapping[str, SiteTag]:
    """Give tags of the site by key, retired ones too: a case keeps what it was given."""
    ids = [int(one) for key in keys if (one := own_id(key=key)) is not None]
    return {one.key: one for one in _site_tags(SITE_TAG.c.id.in_(ids))} if ids else {}


def loads(*, scope: Scope, now: datetime) -> tuple[Load, ...]:
    """Count the living cases by owner within a supervisor's units, the fullest first."""
    within = or_(false(), *visibility.subtrees(scope=scope))
    statement = (
        select(
            CASE.c.owner_id,
            func.count(),
            _count(CASE.c.level == RiskLevel.HIGH.value),
            _count(CASE.c.level == RiskLevel.IMMINENT.value),
            _count(CASE.c.next_step_at < now),
        )
        .where(CASE.c.closed_at.is_(None), within)
        .group_by(CASE.c.owner_id)
        .order_by(func.count().desc(), CASE.c.owner_id)
    )
    return tuple(
        Load(user_id=row[0], cases=row[1], high=row[2], imminent=row[3], overdue=row[4])
        for row in session().execute(statement)
    )


def loads_by_unit(*, scope: Scope) -> Mapping[int, int]:
    """Count the living cases by organization within a supervisor's units."""
    within = or_(false(), *visibility.subtrees(scope=scope))
    statement = (
        select(CASE.c.organization_id, func.count())
        .where(CASE.c.closed_at.is_(None), within)
        .group_by(CASE.c.organization_id)
    )
    return {row[0]: row[1] for row in session().execute(statement)}


def others_of(*, found: CaseRow, scope: Scope, now: datetime) -> tuple[CaseRow, ...]:
    """List other cases that may be the same student's, of those that the reader may open.

    Same number (phones are shared: it is a hint, no proof), or the same person by a counselor's
    own decision.
    """
    given = visibility.given(scope=scope, now=now) | {"case_id": found.case_id}
    statement = _others(visibility.reach_of(scope=scope))
    ids = session().execute(statement, given).scalars().all()
    rows = cases.many(case_ids=ids)
    return tuple(rows[one] for one in ids)


@cache
def _others(reach: visibility.Reach) -> Select[Any]:
    # One set of few: an OR of two would be asked of every case of the city.
    related = union(_by_number(), _by_person())
    may_see = or_(*visibility.reasons(reach=reach, is_list=False))
    return (
        select(CASE.c.id)
        .where(CASE.c.id != _THIS, CASE.c.id.in_(related), may_see)
        .order_by(CASE.c.opened_at.desc(), CASE.c.id.desc())
        .limit(OTHERS_SHOWN)
    )


def _by_number() -> Select[int]:
    callers = (
        select(CONTACT.c.caller_id)
        .join(CASE_CONTACT, CASE_CONTACT.c.contact_id == CONTACT.c.id)
        .where(CASE_CONTACT.c.case_id == _THIS)
    )
    return (
        select(CASE_CONTACT.c.case_id)
        .join(CONTACT, CONTACT.c.id == CASE_CONTACT.c.contact_id)
        .where(CONTACT.c.caller_id.in_(callers))
    )


def _by_person() -> Select[int]:
    mine = select(PERSON.c.id).where(PERSON.c.case_id == _THIS)
    standing = (LINK.c.ended_at.is_(None), LINK.c.verdict == Verdict.SAME.value)
    linked = (
        select(LINK.c.other_id)
        .where(LINK.c.one_id.in_(mine), *standing)
        .union(select(LINK.c.one_id).where(LINK.c.other_id.in_(mine), *standing))
    )
    return select(PERSON.c.case_id).where(PERSON.c.id.in_(linked))


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _site_tags(*conditions: ColumnElement[bool]) -> tuple[SiteTag, ...]:
    statement = (
        select(SITE_TAG.c.id, SITE_TAG.c.name, SITE_TAG.c.organization_id)
        .join(ORGANIZATION, ORGANIZATION.c.id == SITE_TAG.c.organization_id)
        .where(*conditions)
        .order_by(SITE_TAG.c.name)
    )
    return tuple(
        SiteTag(key=f"{OWN}{row[0]}", name=row[1], organization_id=row[2])
        for row in session().execute(statement)
    )
