"""Questions about records at rest that somebody wants destroyed, or must be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select

from wellbeing.accounts.rules.roles import Permission
from wellbeing.cases.models.cases import CASE, DUTY, HOLD
from wellbeing.cases.models.erasures import ERASURE, LEGAL_HOLD
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.erasures import (
    AT_REST,
    ErasureRow,
    ErasureState,
    Ground,
    NoSuchErasure,
    Obstacle,
    Standing,
    obstacles,
)
from wellbeing.contacts.queries import standing as contacts
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session
from wellbeing.foundation.errors import NotFound
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.rules import Scope
from wellbeing.policy import current as policy

REASON_PLACE = "case_erasure.reason"
DECISION_PLACE = "case_erasure.decision"
HOLD_PLACE = "legal_hold.reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An erasure asked for, and the case that it is about."""

    row: ErasureRow
    case: CaseRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Why a record is held, by whom, since when."""

    reason: str
    by_user_id: int
    at: datetime


def at_rest(*, reference: str, scope: Scope) -> CaseRow:
    """Give a closed or sealed case to a supervisor of its unit; they need not read it.

    Raises:
        NotFound: there is none, or this reader may not know of it.

    """
    statement = select(CASE.c.id).where(
        CASE.c.reference == reference,
        CASE.c.status.in_([one.value for one in AT_REST]),
        _supervised(scope),
    )
    case_id = session().execute(statement).scalar()
    if case_id is None:
        raise NotFound
    return cases.case_by_id(case_id=case_id)


def waiting(*, scope: Scope, limit: int) -> tuple[Item, ...]:
    """List the erasures that a supervisor of the unit may decide, the oldest first."""
    statement = _erasures(scope).where(ERASURE.c.state == ErasureState.WAITING.value)
    return _items(statement.order_by(ERASURE.c.id).limit(limit))


def get(*, erasure_id: int, scope: Scope) -> Item:
    """Give an erasure, decided or not, to a supervisor of the unit.

    Raises:
        NoSuchErasure: there is none that this reader may see.

    """
    found = _items(_erasures(scope).where(ERASURE.c.id == erasure_id))
    if not found:
        raise NoSuchErasure
    return found[0]


def of_case(*, case_id: int) -> tuple[ErasureRow, ...]:
    """List what was asked for a case, newest first; the reader was let in before."""
    statement = select(ERASURE).where(ERASURE.c.case_id == case_id).order_by(ERASURE.c.id.desc())
    return tuple(_erasure(row) for row in session().execute(statement).mappings())


def legal_hold(*, case_id: int) -> Held | None:
    """Tell why a record must be kept; None when nothing says so."""
    statement = select(LEGAL_HOLD).where(
        LEGAL_HOLD.c.case_id == case_id, LEGAL_HOLD.c.lifted_at.is_(None)
    )
    row = session().execute(statement).mappings().first()
    if row is None:
        return None
    return Held(
        reason=sealed.open_what_is_kept(row["reason_sealed"], place=HOLD_PLACE),
        by_user_id=row["by_user_id"],
        at=row["at"],
    )


def obstacles_of(*, case: CaseRow, now: datetime) -> tuple[Obstacle, ...]:
    """List what stands in the way of destroying a record now."""
    standing = Standing(
        status=case.status,
        closed_at=case.closed_at,
        is_held_by_law=legal_hold(case_id=case.case_id) is not None,
        open_things=_open_things(case.case_id),
        is_in_conversation=contacts.is_any_open(
            contact_ids=cases.contacts_of(case_id=case.case_id)
        ),
    )
    years = policy.current().privacy.retention_years
    return obstacles(standing=standing, now=now, years=years)


def _open_things(case_id: int) -> int:
    """Count holds of other rooms (promises, escalations, rescue, reports) and open duties."""
    holds = select(func.count()).where(HOLD.c.case_id == case_id, HOLD.c.lifted_at.is_(None))
    duties = select(func.count()).where(DUTY.c.case_id == case_id, DUTY.c.done_at.is_(None))
    statement = select(holds.scalar_subquery() + duties.scalar_subquery())
    return int(session().execute(statement).scalar_one())


def _erasures(scope: Scope) -> Select[Any]:
    return select(ERASURE).join(CASE, CASE.c.id == ERASURE.c.case_id).where(_supervised(scope))


def _supervised(scope: Scope) -> ColumnElement[bool]:
    if not scope.may(Permission.SUPERVISE):
        return false()
    return or_(false(), organizations.within(path=CASE.c.organization_path, scope=scope))


def _items(statement: Select[Any]) -> tuple[Item, ...]:
    rows = [_erasure(row) for row in session().execute(statement).mappings()]
    known = cases.many(case_ids=[row.case_id for row in rows])
    return tuple(Item(row=row, case=known[row.case_id]) for row in rows)


def _erasure(row: Mapping[Any, Any]) -> ErasureRow:
    return ErasureRow(
        erasure_id=row["id"],
        case_id=row["case_id"],
        ground=Ground(row["ground"]),
        state=ErasureState(row["state"]),
        reason=sealed.open_what_is_kept(row["reason_sealed"], place=REASON_PLACE),
        asked_by=row["asked_by"],
        asked_at=row["asked_at"],
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        decision=sealed.open_what_is_kept(row["decision_sealed"], place=DECISION_PLACE),
    )
