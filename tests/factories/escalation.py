"""Invented escalations by the real operations, and time that moves as the job process moves it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.factories.moments import NOW
from wellbeing.escalation import queries
from wellbeing.escalation.operations import senders, sweeps
from wellbeing.escalation.rules.rows import AttemptRow
from wellbeing.escalation.rules.words import NewEscalation, PageSubject, PageSubjectKind
from wellbeing.foundation.database import session, transaction


def make_escalation(*, case_id: int, by: int, now: datetime = NOW, **changes: Any) -> int:
    """Pass a case up to the next tier."""
    words = {"case_id": case_id, "reason": "虚构：他说今晚就走。"} | changes
    with transaction():
        return senders.escalate(new=NewEscalation(**words), by=by, now=now)


def subject_of(escalation_id: int) -> PageSubject:
    """Name an escalation as what a desk is called for."""
    return PageSubject(kind=PageSubjectKind.ESCALATION, id=escalation_id)


def rings_of(escalation_id: int) -> tuple[AttemptRow, ...]:
    """List every ring made for an escalation."""
    return queries.attempts_of(subjects=[subject_of(escalation_id)])


def forward(*, until: datetime, limit: int = 500) -> int:
    """Run the sweeps of escalations and pages at each due moment; tell how many steps they made."""
    steps = 0
    for _ in range(limit):
        session().rollback()
        found = (queries.next_due_at(), queries.next_page_due_at())
        moment = min((one for one in found if one is not None), default=None)
        if moment is None or moment > until:
            return steps
        steps += sweep(now=moment)
    raise AssertionError("the sweeps never came to rest")


def sweep(*, now: datetime) -> int:
    """Run each sweep once, every row in a transaction of its own, pages first."""
    steps = 0
    for due, advance in (
        (queries.due_page_ids, sweeps.advance_page),
        (queries.due_ids, sweeps.advance),
    ):
        for row in due(now=now, limit=100):
            with transaction():
                steps += advance(row, now=now)
    return steps
