"""What doors' tests of case work share: a case of the district counselor, and its audit events."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import select

from tests.factories import portal as made
from wellbeing.audit.models import AUDIT_EVENT
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.foundation.database import session
from wellbeing.policy.model import RiskLevel


def case_of(app: Flask, people: Any, claimed: Any, level: RiskLevel = RiskLevel.HIGH) -> CaseRow:
    """Open a case of the district counselor in the north."""
    reached = claimed("district counselor")
    with app.app_context():
        return made.open_case(
            people("district counselor"), contact_id=reached.contact_id, level=level
        )


def events(app: Flask, action: str) -> list[Any]:
    """List the audit events of one kind, oldest first."""
    with app.app_context():
        statement = select(AUDIT_EVENT).where(AUDIT_EVENT.c.action == action)
        return list(session().execute(statement.order_by(AUDIT_EVENT.c.id)).mappings())
