"""Test pages: a desk is called as in earnest, so that a dead telephone is found on a quiet day.

Every word of it says that it is a test; nothing waits for it, and nothing follows from it.
"""

from __future__ import annotations

from datetime import datetime

from wellbeing.escalation import queries
from wellbeing.escalation.operations import pages
from wellbeing.escalation.rules.drills import is_wanted
from wellbeing.escalation.rules.words import NewPage, PageSubject, PageSubjectKind, StartedPage
from wellbeing.organizations import queries as organizations
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel, Tier


def start(*, organization_id: int, desk: str, now: datetime) -> StartedPage:
    """Call a desk for a test, at once and at any hour: whoever asks for it decides when."""
    new = NewPage(
        # The minute names the test: pressed twice it is one, next week it is another.
        subject=PageSubject(kind=PageSubjectKind.TEST, id=int(now.timestamp()) // 60),
        organization_id=organization_id,
        desk=desk,
        urgency=RiskLevel.HIGH,
    )
    return pages.start(new=new, now=now)


def start_due(*, now: datetime) -> int:
    """Test every desk of the municipality in the policy's half hour; tell how many were called."""
    drill = policy.current().tiers.paging.test
    if not organizations.is_empty() and drill.covers(moment=now):
        city = organizations.municipality().id
        proofs = queries.proofs(organization_id=city)
        wanted = [
            desk.key
            for desk in policy.current().line.desks
            if desk.tier is Tier.MUNICIPAL and is_wanted(proof=proofs.get(desk.key), now=now)
        ]
        for desk in wanted:
            start(organization_id=city, desk=desk, now=now)
        return len(wanted)
    return 0
