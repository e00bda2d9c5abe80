"""Invented messages read, screeners filled in and levels set, by the real operations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.factories.contacts import receive
from tests.factories.moments import NOW
from wellbeing.foundation.database import transaction
from wellbeing.policy.model import RiskLevel
from wellbeing.triage import operations
from wellbeing.triage.rules.levels import Decider, Source
from wellbeing.triage.rules.records import AssessmentRow, Reading, ScreeningRow, SignalResult

ALL_NO = {"q1": "no", "q2": "no", "q6": "no"}


def read(body: str, *, now: datetime = NOW, **changes: Any) -> tuple[int, SignalResult]:
    """Receive a text and read it; give the contact's id and what was found."""
    received = receive(body=body, now=now, **changes)
    reading = Reading(
        contact_id=received.contact_id,
        message_id=received.message_id,
        text=body,
        is_first=received.is_new_contact,
    )
    with transaction():
        result = operations.read_signals(reading=reading, data_key_id=received.data_key_id, now=now)
    return received.contact_id, result


def screen(*, contact_id: int, by: int, **changes: Any) -> ScreeningRow:
    """Fill in a C-SSRS in which every answer is no, unless told otherwise."""
    filled = {"screener": "cssrs", "answers": ALL_NO, "now": NOW} | changes
    with transaction():
        return operations.record_screening(contact_id=contact_id, by=by, **filled)


def assess(
    *, contact_id: int, by: int, level: RiskLevel = RiskLevel.IMMINENT, **changes: Any
) -> AssessmentRow:
    """Set a level as a counselor, with a note."""
    given = {"source": Source.COUNSELOR, "note": "说明", "now": NOW} | changes
    decider = Decider(user_id=by, is_supervisor=given.pop("is_supervisor", False))
    with transaction():
        return operations.assess(contact_id=contact_id, level=level, by=decider, **given)
