"""Questions about ready-made replies. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import literal, or_, select

from wellbeing.contacts.models import CANNED
from wellbeing.contacts.rules.canned import CannedRow, CannedState, NoSuchReply
from wellbeing.foundation.database import session
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.rules import Scope

_OPEN = (CannedState.PROPOSED.value, CannedState.APPROVED.value)


def usable(*, path: str) -> tuple[CannedRow, ...]:
    """List the approved replies of a unit and of those above it, by shortcut."""
    statement = (
        select(CANNED)
        .where(
            CANNED.c.state == CannedState.APPROVED.value,
            literal(path).like(CANNED.c.organization_path + "%"),
        )
        .order_by(CANNED.c.shortcut, CANNED.c.id)
    )
    return tuple(_row(one) for one in session().execute(statement).mappings())


def listed(*, path: str, scope: Scope) -> tuple[CannedRow, ...]:
    """List what a reader may know of: their own units' replies, and those from above."""
    statement = (
        select(CANNED)
        .where(
            CANNED.c.state.in_(_OPEN),
            or_(
                literal(path).like(CANNED.c.organization_path + "%"),
                organizations.within(path=CANNED.c.organization_path, scope=scope),
            ),
        )
        .order_by(CANNED.c.state.desc(), CANNED.c.shortcut, CANNED.c.id)
    )
    return tuple(_row(one) for one in session().execute(statement).mappings())


def one(*, canned_id: int) -> CannedRow:
    """Give one ready-made reply.

    Raises:
        NoSuchReply: there is none.

    """
    found = session().execute(select(CANNED).where(CANNED.c.id == canned_id)).mappings().first()
    if found is None:
        raise NoSuchReply
    return _row(found)


def _row(row: Mapping[Any, Any]) -> CannedRow:
    values = {name: value for name, value in row.items() if name not in {"id", "state"}}
    return CannedRow(canned_id=row["id"], state=CannedState(row["state"]), **values)
