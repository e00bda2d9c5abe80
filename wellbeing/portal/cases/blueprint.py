"""The blueprint of cases, the one way to open one, and its head. Its routes live beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.policy.model import RiskLevel
from wellbeing.portal import pages
from wellbeing.portal.cases import words
from wellbeing.portal.cases.naming import Names, look_up
from wellbeing.triage.rules.levels import Decider

blueprint = Blueprint("cases", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What every page of a case shows on top, worded for the reader."""

    reference: str
    version: int
    level: RiskLevel
    status_words: str
    status_tone: str
    owner: str
    organization: str
    opened_at: datetime
    owned_since: datetime
    next_step_at: datetime | None


def found(reference: str) -> CaseRow:
    """Give a case to a reader who may open it.

    Raises:
        NotFound: there is none, or this reader may not know of it.

    """
    return cases.get(reference=reference, scope=pages.reader().scope, now=pages.now())


def opened(reference: str) -> CaseRow:
    """Give a case to a reader and write down that it was shown."""
    case = found(reference)
    pages.note_read(action=AuditAction.OPENED_CASE, subject=subject_of(case))
    return case


def head(*, case: CaseRow, names: Names | None = None) -> Head:
    """Word the head of a case."""
    known = names or look_up(users=[case.owner_id], organizations_=[case.organization_id])
    status_words, tone = words.STATUSES[case.status]
    return Head(
        reference=case.reference,
        version=case.version,
        level=case.level,
        status_words=str(status_words),
        status_tone=tone,
        owner=known.user(case.owner_id),
        organization=known.place(case.organization_id),
        opened_at=case.opened_at,
        owned_since=case.owned_since,
        next_step_at=case.next_step_at,
    )


def subject_of(case: CaseRow) -> Subject:
    """Name a case as the audit log does."""
    return Subject(kind="case", id=case.case_id)


def note_change(*, case: CaseRow, action: AuditAction, details: dict[str, Any]) -> None:
    """Write down a change of a case, in the transaction that makes it."""
    audit.record(
        action=action,
        subject=subject_of(case),
        actor=pages.actor(),
        details=details,
        now=pages.now(),
    )


def decider() -> Decider:
    """Give the reader as the rules about levels and notes name people."""
    reader = pages.reader()
    return Decider(user_id=reader.user_id, is_supervisor=Permission.SUPERVISE in reader.permissions)
