"""Hold a case open and let it go again: for a duty here, for any promise of a higher room."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from wellbeing.cases.models.cases import CASE, HOLD
from wellbeing.cases.rules.cases import CaseIsClosed
from wellbeing.contacts.operations import conversations as contacts
from wellbeing.foundation.database import changed, session


def place_hold(*, case_id: int, kind: str, source_id: int, now: datetime) -> None:
    """Stop a case from closing until the same kind and source lift it; twice is as once.

    Raises:
        CaseIsClosed: it is closed already; whoever wants it open must open it again first.

    """
    if not is_living(case_id=case_id):
        raise CaseIsClosed
    statement = contacts.meeting(HOLD).values(
        case_id=case_id, kind=str(kind), source_id=source_id, placed_at=now
    )
    session().execute(statement.on_conflict_do_nothing())


def is_living(*, case_id: int) -> bool:
    """Tell whether a case is worked on, and let nobody close it before this transaction ends."""
    statement = select(CASE.c.id).where(CASE.c.id == case_id, CASE.c.closed_at.is_(None))
    return session().execute(statement.with_for_update()).first() is not None


def lift_hold(*, case_id: int, kind: str, source_id: int, now: datetime) -> bool:
    """Let a case go; tell whether it was held for this."""
    statement = update(HOLD).where(
        HOLD.c.case_id == case_id,
        HOLD.c.kind == str(kind),
        HOLD.c.source_id == source_id,
        HOLD.c.lifted_at.is_(None),
    )
    return changed(statement.values(lifted_at=now)) == 1
