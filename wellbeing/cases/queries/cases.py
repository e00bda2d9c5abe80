"""Questions about cases: who may see which, lists, timeline, notes, duties. Nothing is changed.

Every list and every item asks `visibility`, so that they always agree (promise P6).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Select,
    bindparam,
    false,
    func,
    or_,
    select,
)

from wellbeing.accounts.rules.roles import Permission
from wellbeing.cases.models.cases import CASE, CASE_CONTACT, DUTY, ENTRY, HOLD, LEVEL_CHANGE
from wellbeing.cases.queries import entries, listing, visibility
from wellbeing.cases.queries.visibility import Reach
from wellbeing.cases.rules.cases import (
    COUNT_CAP,
    CaseFilters,
    CaseRow,
    CaseStatus,
    Cursor,
    DutyRow,
    EntryRow,
    HoldRow,
    LevelChangeRow,
    NoSuchDuty,
    normalised_reference,
)
from wellbeing.cases.rules.work import TimelineFilter
from wellbeing.contacts.models import CONTACT
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.conversations import ContactRow, ContactState
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session
from wellbeing.foundation.errors import NotFound
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.models import ORGANIZATION
from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import RiskLevel
from wellbeing.triage.rules.levels import Source

GRANT_SUBJECT = visibility.GRANT_SUBJECT
ENTRY_PLACE = "timeline_entry.details"
LEVEL_PLACE = "level_change.note"


def get(
    *, reference: str | None = None, case_id: int | None = None, scope: Scope, now: datetime
) -> CaseRow:
    """Give a case, named by reference or id, to somebody who may see it.

    Raises:
        NotFound: there is none, or this reader may not know of it.

    """
    name, wanted = ("case_id", case_id) if reference is None else ("reference", reference)
    statement = _one_by(name, visibility.reach_of(scope=scope))
    found = _cases(statement, {name: wanted} | visibility.given(scope=scope, now=now))
    if not found:
        raise NotFound
    return found[0]


def case_by_id(*, case_id: int) -> CaseRow:
    """Give a case to a room that has decided itself that it may be opened.

    Raises:
        NotFound: there is none.

    """
    found = many(case_ids=[case_id])
    if case_id not in found:
        raise NotFound
    return found[case_id]


def many(*, case_ids: Iterable[int]) -> Mapping[int, CaseRow]:
    """Give several cases with one query to a room that has decided that they may be seen."""
    wanted = set(case_ids)
    found = _cases(_MANY, {"wanted": list(wanted)}) if wanted else ()
    return {row.case_id: row for row in found}


def list_cases(
    *, scope: Scope, filters: CaseFilters, before: Cursor | None = None, limit: int, now: datetime
) -> tuple[CaseRow, ...]:
    """List the reader's cases, newest first, from after `before`; one query, whatever the size."""
    asked = _asked(filters) | listing.after(last=before)
    statement = listing.page(reach=visibility.reach_of(scope=scope), asked=asked)
    given = visibility.given(scope=scope, now=now)
    return _cases(statement, asked | given | {"at_most": limit})


def chosen(*, statement: Select[Any], values: Mapping[str, Any]) -> tuple[CaseRow, ...]:
    """Give the cases that a statement of `listing` finds, in its order."""
    return _cases(statement, values)


def count_cases(*, scope: Scope, filters: CaseFilters, now: datetime) -> int:
    """Count the reader's cases; `COUNT_CAP` + 1 means that there are more than `COUNT_CAP`."""
    asked = _asked(filters)
    statement = listing.count(reach=visibility.reach_of(scope=scope), asked=asked)
    given = visibility.given(scope=scope, now=now)
    found: int = session().execute(statement, asked | given).scalar_one()
    return min(found, COUNT_CAP + 1)


def exists_for(*, scope: Scope) -> Mapping[RiskLevel, int]:
    """Count the open cases of a principal's school by level; that they exist is all they see."""
    if not scope.may(Permission.SEE_CASE_EXISTS):
        return {}
    statement = (
        select(CASE.c.level, func.count())
        .where(CASE.c.closed_at.is_(None), or_(false(), *visibility.subtrees(scope=scope)))
        .group_by(CASE.c.level)
    )
    return {RiskLevel(level): count for level, count in session().execute(statement)}


def case_of_contact(*, contact_id: int) -> CaseRow | None:
    """Give the case that a contact belongs to; whoever may open the contact may know of it."""
    statement = select(CASE).join(CASE_CONTACT, CASE_CONTACT.c.case_id == CASE.c.id)
    return next(iter(_cases(statement.where(CASE_CONTACT.c.contact_id == contact_id))), None)


def contacts_of(*, case_id: int) -> tuple[int, ...]:
    """List the contacts of a case by id, oldest first."""
    return contacts_of_many(case_ids=[case_id])[case_id]


def contacts_of_many(*, case_ids: Iterable[int]) -> Mapping[int, tuple[int, ...]]:
    """List the contacts of several cases with one query, of each oldest first."""
    found: dict[int, tuple[int, ...]] = dict.fromkeys(case_ids, ())
    statement = (
        select(CASE_CONTACT.c.case_id, CASE_CONTACT.c.contact_id)
        .where(CASE_CONTACT.c.case_id.in_(found))
        .order_by(CASE_CONTACT.c.contact_id)
    )
    for row in session().execute(statement):
        found[row.case_id] += (row.contact_id,)
    return found


def contact(*, public_id: str, scope: Scope, now: datetime) -> ContactRow:
    """Give a contact to somebody who may open it by itself or because they may open its case.

    Raises:
        NotFound: there is none, or this reader may not know of it.

    """
    own = _own_contact(public_id, scope, now)
    if own is not None and own.state is not ContactState.CLOSED:
        return own
    may_see = visibility.scoped(scope=scope, now=now)
    statement = (
        select(CONTACT.c.id, may_see.label("may_see"), visibility.AT_REST.label("is_at_rest"))
        .join(CASE_CONTACT, CASE_CONTACT.c.contact_id == CONTACT.c.id)
        .join(CASE, CASE.c.id == CASE_CONTACT.c.case_id)
        .where(CONTACT.c.public_id == public_id)
    )
    linked = session().execute(statement).first()
    if linked is not None and linked.may_see:
        return own or contacts.contact_by_id(contact_id=linked.id)
    # What was said in a record that is sealed or erased is as shut as the record itself.
    if own is None or (linked is not None and linked.is_at_rest):
        raise NotFound
    return own


def _own_contact(public_id: str, scope: Scope, now: datetime) -> ContactRow | None:
    try:
        return contacts.contact(public_id=public_id, scope=scope, now=now)
    except NotFound:
        return None


def timeline(
    *,
    case_id: int,
    before: int | None = None,
    kinds: Collection[str] = (),
    only: TimelineFilter | None = None,
    limit: int,
) -> tuple[EntryRow, ...]:
    """Open what happened to a case, newest first, from before an entry; no kinds means all."""
    statement = select(ENTRY).where(ENTRY.c.case_id == case_id, *entries.wanted(only=only))
    if before is not None:
        statement = statement.where(ENTRY.c.id < before)
    if kinds:
        statement = statement.where(ENTRY.c.kind.in_([str(kind) for kind in kinds]))
    rows = session().execute(statement.order_by(ENTRY.c.id.desc()).limit(limit)).mappings()
    return tuple(_entry(row) for row in rows)


def level_changes(*, case_id: int) -> tuple[LevelChangeRow, ...]:
    """Open the levels that persons set for a case with their reasons, newest first."""
    statement = select(LEVEL_CHANGE).where(LEVEL_CHANGE.c.case_id == case_id)
    rows = session().execute(statement.order_by(LEVEL_CHANGE.c.id.desc())).mappings()
    return tuple(
        LevelChangeRow(
            previous=RiskLevel(row["from_level"]) if row["from_level"] else None,
            level=RiskLevel(row["to_level"]),
            by_user_id=row["by_user_id"],
            note=_opened(row["note_sealed"], LEVEL_PLACE),
            at=row["at"],
            source=Source(row["source"]),
            proposed_by=row["proposed_by"],
        )
        for row in rows
    )


def holds(*, case_id: int) -> tuple[HoldRow, ...]:
    """List what other rooms hold a case open for, oldest first."""
    statement = select(HOLD.c.kind, HOLD.c.source_id, HOLD.c.placed_at).where(
        HOLD.c.case_id == case_id, HOLD.c.lifted_at.is_(None)
    )
    rows = session().execute(statement.order_by(HOLD.c.id)).mappings()
    return tuple(HoldRow(**row) for row in rows)


def duties(*, scope: Scope, holder_id: int | None = None, limit: int = 200) -> tuple[DutyRow, ...]:
    """List the open duties that a reader holds or supervises, most pressing first."""
    statement = _duties(scope).where(DUTY.c.done_at.is_(None)).order_by(DUTY.c.by_at, DUTY.c.id)
    if holder_id is not None:
        statement = statement.where(DUTY.c.holder_id == holder_id)
    return _duty_rows(statement.limit(limit))


def open_duty_of(*, kind: str, case_id: int | None, contact_id: int | None) -> int | None:
    """Give the id of the open duty of a kind about a case or a contact, if there is one."""
    about = DUTY.c.case_id == case_id if case_id is not None else DUTY.c.contact_id == contact_id
    statement = select(DUTY.c.id).where(DUTY.c.kind == kind, about, DUTY.c.done_at.is_(None))
    return session().execute(statement).scalar()


def duties_of(*, case_id: int) -> tuple[DutyRow, ...]:
    """List the open duties of a case, most pressing first; the reader was let in before."""
    statement = _every_duty().where(DUTY.c.case_id == case_id, DUTY.c.done_at.is_(None))
    return _duty_rows(statement.order_by(DUTY.c.by_at, DUTY.c.id))


def duty(*, duty_id: int, scope: Scope) -> DutyRow:
    """Give one duty, open or done, to its holder or a supervisor of its unit.

    Raises:
        NoSuchDuty: there is none that this reader may see.

    """
    found = _duty_rows(_duties(scope).where(DUTY.c.id == duty_id))
    if not found:
        raise NoSuchDuty
    return found[0]


def _asked(filters: CaseFilters) -> dict[str, Any]:
    reference = filters.reference and (normalised_reference(typed=filters.reference) or "")
    asked = {
        "is_open": filters.open_only or None,
        "level": filters.level.value if filters.level else None,
        "status": filters.status.value if filters.status else None,
        "owner_id": filters.owner_id,
        "reference": reference if filters.reference else None,
    }
    return {name: value for name, value in asked.items() if value is not None}


_MANY = select(CASE).where(CASE.c.id.in_(bindparam("wanted", expanding=True)))
"""Built once, as the questions for one case."""


@cache
def _one_by(name: str, reach: Reach) -> Select[Any]:
    column = CASE.c.id if name == "case_id" else CASE.c.reference
    may_see = or_(*visibility.reasons(reach=reach, is_list=False))
    return select(CASE).where(column == bindparam(name), may_see)


def _every_duty() -> Select[Any]:
    return select(DUTY, CASE.c.reference).outerjoin(CASE, CASE.c.id == DUTY.c.case_id)


def _duties(scope: Scope) -> Select[Any]:
    supervised = (
        organizations.within(path=ORGANIZATION.c.path, scope=scope)
        if scope.may(Permission.SUPERVISE)
        else false()
    )
    return (
        _every_duty()
        .join(ORGANIZATION, ORGANIZATION.c.id == DUTY.c.organization_id)
        .where(or_(DUTY.c.holder_id == scope.user_id, supervised))
    )


def _duty_rows(statement: Select[Any]) -> tuple[DutyRow, ...]:
    return tuple(
        DutyRow(
            duty_id=row["id"],
            **{name: row[name] for name in DutyRow.__dataclass_fields__ if name != "duty_id"},
        )
        for row in session().execute(statement).mappings()
    )


def _cases(statement: Select[Any], values: Mapping[str, Any] | None = None) -> tuple[CaseRow, ...]:
    return tuple(_case(row) for row in session().execute(statement, values).mappings())


_AS_STORED = tuple(
    name for name in CaseRow.__dataclass_fields__ if name not in {"case_id", "level", "status"}
)


def _case(row: Mapping[Any, Any]) -> CaseRow:
    return CaseRow(
        case_id=row["id"],
        level=RiskLevel(row["level"]),
        status=CaseStatus(row["status"]),
        **{name: row[name] for name in _AS_STORED},
    )


def _entry(row: Mapping[Any, Any]) -> EntryRow:
    blob = row["details_sealed"]
    return EntryRow(
        entry_id=row["id"],
        case_id=row["case_id"],
        at=row["at"],
        kind=row["kind"],
        actor_id=row["actor_id"],
        facts=row["facts"],
        details=json.loads(sealed.open_sealed(blob, place=ENTRY_PLACE)) if blob else {},
    )


def _opened(blob: bytes | None, place: str) -> str:
    return sealed.open_sealed(blob, place=place) if blob else ""
