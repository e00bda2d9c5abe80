"""The blueprint of access, and how its deeds are written down. Its routes live beside it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.portal import pages

blueprint = Blueprint("grants", __name__)


def note(*, action: AuditAction, subject: Subject, **details: Any) -> None:
    """Write down what was done about access, in the transaction that does it."""
    audit.record(
        action=action, subject=subject, actor=pages.actor(), details=details, now=pages.now()
    )
