"""What the pages' tests stand on: a case, a shift, an escalation, each by the real operations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from wellbeing.cases.operations import opening
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.escalation.operations import senders
from wellbeing.escalation.rules.words import NewEscalation
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction
from wellbeing.policy.model import RiskLevel
from wellbeing.roster import operations as roster
from wellbeing.roster.rules import NewShift

NOTE = "示例：最近两周睡不好。"
REASON = "示例：需要区里今晚接着陪。"


def open_case(person: Any, *, contact_id: int, level: RiskLevel = RiskLevel.HIGH) -> CaseRow:
    """Open a case of a person's own unit for a contact."""
    with transaction():
        return opening.open_case(
            contact_id=contact_id,
            by=person.user_id,
            organization_id=person.organization_id,
            level=level,
            note=NOTE,
            now=clock.now(),
        )


def put_on_duty(person: Any, *, desk: str = "line") -> None:
    """Put a person on a desk of their own unit from an hour ago for a day."""
    now = clock.now()
    with transaction():
        roster.add_shift(
            new=NewShift(
                organization_id=person.organization_id,
                desk=desk,
                user_id=person.user_id,
                starts_at=now - timedelta(hours=1),
                ends_at=now + timedelta(hours=24),
                by_user_id=person.user_id,
            ),
            now=now,
        )


def escalate(person: Any, *, case_id: int) -> int:
    """Pass a case on to the next tier; give the escalation's id."""
    new = NewEscalation(case_id=case_id, reason=REASON, safety_plan="示例：室友陪着。")
    with transaction():
        return senders.escalate(new=new, by=person.user_id, now=clock.now())
