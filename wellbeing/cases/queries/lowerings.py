"""Questions about proposals to leave red. Who may open the case or contact was decided before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, select

from wellbeing.cases.models.lowerings import LOWERING
from wellbeing.cases.rules.lowerings import About, LoweringRow, NoSuchLowering, Outcome
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session
from wellbeing.policy.model import RiskLevel

REASON_PLACE = "level_lowering.reason"
NOTE_PLACE = "level_lowering.decision_note"


def get(*, lowering_id: int) -> LoweringRow:
    """Give one proposal.

    Raises:
        NoSuchLowering: there is none with this id.

    """
    found = _rows(LOWERING.c.id == lowering_id)
    if not found:
        raise NoSuchLowering
    return found[0]


def of(*, about: About) -> tuple[LoweringRow, ...]:
    """List the proposals about a case or a contact, newest first."""
    return _rows(concerns(about))


def open_of(*, about: About) -> LoweringRow | None:
    """Give the proposal that waits for a supervisor, if there is one."""
    found = _rows(concerns(about), LOWERING.c.decided_at.is_(None))
    return found[0] if found else None


def concerns(about: About) -> ColumnElement[bool]:
    """Limit a statement to the proposals about one case or contact."""
    if about.case_id is not None:
        return LOWERING.c.case_id == about.case_id
    return LOWERING.c.contact_id == about.contact_id


def _rows(*conditions: ColumnElement[bool]) -> tuple[LoweringRow, ...]:
    statement = select(LOWERING).where(*conditions).order_by(LOWERING.c.id.desc())
    return tuple(_row(row) for row in session().execute(statement).mappings())


def _row(row: Mapping[Any, Any]) -> LoweringRow:
    note = row["decision_note_sealed"]
    return LoweringRow(
        lowering_id=row["id"],
        about=About(case_id=row["case_id"], contact_id=row["contact_id"]),
        to_level=RiskLevel(row["to_level"]),
        reason=sealed.open_what_is_kept(row["reason_sealed"], place=REASON_PLACE),
        proposed_by=row["proposed_by"],
        proposed_at=row["proposed_at"],
        decide_by=row["decide_by"],
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        decision_note=sealed.open_what_is_kept(note, place=NOTE_PLACE),
    )
