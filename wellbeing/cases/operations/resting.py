"""Seal the record of a case whose time of keeping is over: from then on nobody reads it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from wellbeing.accounts.operations import grants
from wellbeing.cases.models.cases import CASE
from wellbeing.cases.operations import entries
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseStatus, EntryKind, check_transition
from wellbeing.cases.rules.resting import sealed_before
from wellbeing.foundation.database import changed
from wellbeing.policy import current as policy


def advance(case_id: int, *, now: datetime) -> bool:
    """Seal a case that was closed long enough ago, once; every access to it ends.

    Only an emergency view with its reason and review opens it again (product.md 10).
    """
    case = cases.case_by_id(case_id=case_id)
    years = policy.current().privacy.retention_years
    statement = (
        update(CASE)
        .where(
            CASE.c.id == case_id,
            CASE.c.status == CaseStatus.CLOSED.value,
            CASE.c.version == case.version,
            CASE.c.closed_at <= sealed_before(now=now, years=years),
        )
        .values(status=CaseStatus.SEALED.value, version=case.version + 1)
    )
    if changed(statement) != 1:
        return False
    check_transition(old=case.status, new=CaseStatus.SEALED)
    grants.end_grants(subject_kind=cases.GRANT_SUBJECT, subject_id=case_id, now=now)
    entries.add_entry(
        case_id=case_id,
        kind=EntryKind.SEALED,
        actor_id=None,
        facts={"closed_at": case.closed_at},
        now=now,
    )
    return True
