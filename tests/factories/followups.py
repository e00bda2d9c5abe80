"""Invented promises by the real operations, and time that moves as the job process moves it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.factories.moments import NOW
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.followups import queries
from wellbeing.followups.operations import plans, sweeps
from wellbeing.followups.queries import FollowUpRow
from wellbeing.followups.rules import CallBackReason, Owner
from wellbeing.foundation.database import session, transaction
from wellbeing.policy.model import RiskLevel


def make_plan(
    *, case: CaseRow, level: RiskLevel = RiskLevel.IMMINENT, now: datetime = NOW, **changes: Any
) -> tuple[int, ...]:
    """Plan the promises of a level for a case and its owner."""
    wanted = {"anchor": now} | changes
    with transaction():
        return plans.plan_for(
            case_id=case.case_id,
            level=level,
            owner=Owner(user_id=case.owner_id, organization_id=case.organization_id),
            now=now,
            **wanted,
        )


def forward(*, until: datetime, limit: int = 200) -> int:
    """Run the sweep of promises at each due moment; tell how many steps it made."""
    steps = 0
    for _ in range(limit):
        session().rollback()
        moment = queries.next_due_at()
        if moment is None or moment > until:
            return steps
        for row in queries.due_ids(now=moment, limit=100):
            with transaction():
                steps += sweeps.advance(row, now=moment)
    raise AssertionError("the sweep never came to rest")


def make_call_back(
    *, contact_id: int, owner: Owner, now: datetime = NOW, **changes: Any
) -> FollowUpRow:
    """Promise to call somebody back who left a voicemail, within four hours."""
    wanted = {
        "level": RiskLevel.MODERATE,
        "due_at": now + timedelta(hours=4),
        "reason": CallBackReason.VOICEMAIL,
    } | changes
    with transaction():
        made = plans.promise_call_back(contact_id=contact_id, owner=owner, now=now, **wanted)
    return queries.by_id(follow_up_id=made)
