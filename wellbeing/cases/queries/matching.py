"""Who may be the same person: offered to a counselor, never assumed, for phones are shared."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select, union_all
from sqlalchemy import case as case_

from wellbeing.cases.models.cases import CASE, CASE_CONTACT
from wellbeing.cases.models.people import LINK, NAME_INDEX, NUMBER, PERSON
from wellbeing.cases.queries import identity
from wellbeing.cases.queries.cases import many
from wellbeing.cases.queries.visibility import scoped
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.matching import Likeness, LinkRow, NoSuchLink, Suggestion
from wellbeing.cases.rules.names import NameKind
from wellbeing.cases.rules.people import Relation, Verdict
from wellbeing.contacts.models import CALLER, CONTACT
from wellbeing.foundation.database import session
from wellbeing.organizations.rules import Scope

SUGGESTIONS = 10
"""More than so many of one name are a common name, not a suggestion."""


def suggestions(*, case: CaseRow, scope: Scope, now: datetime) -> tuple[Suggestion, ...]:
    """Offer people of other cases who share a number or a full name with somebody of this one.

    Only among cases that the reader may open and whose names they may read; what somebody has
    decided already is not asked again.
    """
    if not identity.is_named(case=case, scope=scope):
        return ()
    ours, theirs = PERSON.alias("ours"), PERSON.alias("theirs")
    alike = union_all(
        _by_number(case.case_id), _by_name(case.case_id), _by_caller(case.case_id)
    ).subquery()
    decided = select(LINK.c.id).where(
        LINK.c.ended_at.is_(None),
        or_(
            and_(LINK.c.one_id == alike.c.our_id, LINK.c.other_id == alike.c.their_id),
            and_(LINK.c.one_id == alike.c.their_id, LINK.c.other_id == alike.c.our_id),
        ),
    )
    statement = (
        select(alike, theirs.c.relation, ours.c.relation.label("our_relation"), CASE.c.reference)
        .join(theirs, theirs.c.id == alike.c.their_id)
        .join(CASE, CASE.c.id == theirs.c.case_id)
        .outerjoin(ours, ours.c.id == alike.c.our_id)
        .where(
            theirs.c.case_id != case.case_id,
            theirs.c.removed_at.is_(None),
            scoped(scope=scope, now=now),
            identity.named(scope=scope),
            ~decided.exists(),
        )
        .order_by(alike.c.their_id.desc())
        .limit(3 * SUGGESTIONS)
    )
    return _joined(session().execute(statement).mappings())


def links_of(*, case: CaseRow, scope: Scope, now: datetime) -> tuple[LinkRow, ...]:
    """List the people of a case who were found to be people of others, newest first.

    The other case is named only to those who may open it.
    """
    ours, theirs = PERSON.alias("ours"), PERSON.alias("theirs")
    # From our people to their links to the one other: as one condition it joins all people.
    is_ours = or_(LINK.c.one_id == ours.c.id, LINK.c.other_id == ours.c.id)
    other_id = case_((LINK.c.one_id == ours.c.id, LINK.c.other_id), else_=LINK.c.one_id)
    visible = scoped(scope=scope, now=now)
    statement = (
        select(
            LINK.c.id.label("link_id"),
            LINK.c.by_user_id,
            LINK.c.at,
            ours.c.id.label("person_id"),
            ours.c.relation,
            theirs.c.relation.label("their_relation"),
            CASE.c.reference,
            visible.label("is_visible"),
        )
        .select_from(ours)
        .join(LINK, is_ours & (ours.c.case_id == case.case_id))
        .join(theirs, theirs.c.id == other_id)
        .join(CASE, CASE.c.id == theirs.c.case_id)
        .where(LINK.c.ended_at.is_(None), LINK.c.verdict == Verdict.SAME.value)
        .order_by(LINK.c.id.desc())
    )
    return tuple(
        LinkRow(
            link_id=row["link_id"],
            person_id=row["person_id"],
            relation=Relation(row["relation"]),
            their_relation=Relation(row["their_relation"]),
            reference=row["reference"] if row["is_visible"] else None,
            by_user_id=row["by_user_id"],
            at=row["at"],
        )
        for row in session().execute(statement).mappings()
    )


def pair_of(*, link_id: int, case_id: int) -> tuple[int, int]:
    """Tell which two persons a standing link of a case joins.

    Raises:
        NoSuchLink: no person of this case has such a link.

    """
    of_case = select(PERSON.c.id).where(PERSON.c.case_id == case_id)
    statement = select(LINK.c.one_id, LINK.c.other_id).where(
        LINK.c.id == link_id,
        LINK.c.ended_at.is_(None),
        or_(LINK.c.one_id.in_(of_case), LINK.c.other_id.in_(of_case)),
    )
    found = session().execute(statement).first()
    if found is None:
        raise NoSuchLink
    return found.one_id, found.other_id


def case_of_person(*, person_id: int) -> int | None:
    """Tell in which case a person was written down; None when there is none, or no more."""
    statement = select(PERSON.c.case_id).where(
        PERSON.c.id == person_id, PERSON.c.removed_at.is_(None)
    )
    return session().execute(statement).scalar()


def cases_of_caller(*, caller_id: int, scope: Scope, now: datetime) -> tuple[CaseRow, ...]:
    """List cases in which somebody has a caller's number, newest first, for whoever may know it."""
    number = select(CALLER.c.number_index).where(
        CALLER.c.id == caller_id, CALLER.c.number_index.is_not(None)
    )
    found = (
        select(PERSON.c.case_id)
        .join(NUMBER, NUMBER.c.person_id == PERSON.c.id)
        .where(NUMBER.c.number_index.in_(number), _kept(NUMBER, PERSON))
    )
    statement = (
        select(CASE.c.id)
        .where(CASE.c.id.in_(found), scoped(scope=scope, now=now), identity.named(scope=scope))
        .order_by(CASE.c.id.desc())
        .limit(SUGGESTIONS)
    )
    rows = many(case_ids=session().execute(statement).scalars())
    return tuple(rows[one] for one in sorted(rows, reverse=True))


def _by_number(case_id: int) -> Select[Any]:
    our, their = NUMBER.alias("our_number"), NUMBER.alias("their_number")
    return (
        select(
            our.c.person_id.label("our_id"),
            their.c.person_id.label("their_id"),
            literal(Likeness.NUMBER.value).label("likeness"),
        )
        .join(their, their.c.number_index == our.c.number_index)
        .where(our.c.person_id.in_(_people_of(case_id)), _kept(our, their))
    )


def _by_name(case_id: int) -> Select[Any]:
    our, their = NAME_INDEX.alias("our_name"), NAME_INDEX.alias("their_name")
    full = NameKind.FULL.value
    return (
        select(
            our.c.person_id.label("our_id"),
            their.c.person_id.label("their_id"),
            literal(Likeness.NAME.value).label("likeness"),
        )
        .join(their, their.c.token_hmac == our.c.token_hmac)
        .where(our.c.case_id == case_id, our.c.kind == full, their.c.kind == full)
    )


def _by_caller(case_id: int) -> Select[Any]:
    """The number that called for this case stands with somebody of another one."""
    numbers = (
        select(CALLER.c.number_index)
        .join(CONTACT, CONTACT.c.caller_id == CALLER.c.id)
        .join(CASE_CONTACT, CASE_CONTACT.c.contact_id == CONTACT.c.id)
        .where(CASE_CONTACT.c.case_id == case_id, CALLER.c.number_index.is_not(None))
    )
    # A plain NULL has no type on PostgreSQL, so the column's own type is given by a column.
    nobody = select(PERSON.c.id).where(PERSON.c.id.is_(None)).limit(1).scalar_subquery()
    return select(
        nobody.label("our_id"),
        NUMBER.c.person_id.label("their_id"),
        literal(Likeness.CALLER.value).label("likeness"),
    ).where(NUMBER.c.number_index.in_(numbers), _kept(NUMBER))


def _people_of(case_id: int) -> Select[Any]:
    return select(PERSON.c.id).where(PERSON.c.case_id == case_id, PERSON.c.removed_at.is_(None))


def _kept(*tables: Any) -> ColumnElement[bool]:
    return and_(*(one.c.removed_at.is_(None) for one in tables))


def _joined(rows: Iterable[Any]) -> tuple[Suggestion, ...]:
    """Bring together what speaks for the same pair; a pair of people outweighs a caller alone."""
    found: dict[tuple[int | None, int], Suggestion] = {}
    for row in rows:
        key = (row["our_id"], row["their_id"])
        likeness = frozenset({Likeness(row["likeness"])})
        before = found.get(key)
        found[key] = Suggestion(
            our_id=row["our_id"],
            our_relation=Relation(row["our_relation"]) if row["our_relation"] else None,
            their_id=row["their_id"],
            their_relation=Relation(row["relation"]),
            reference=row["reference"],
            likeness=before.likeness | likeness if before else likeness,
        )
    paired = {one.their_id for one in found.values() if one.our_id is not None}
    kept = [one for one in found.values() if one.our_id is not None or one.their_id not in paired]
    return tuple(kept[:SUGGESTIONS])
