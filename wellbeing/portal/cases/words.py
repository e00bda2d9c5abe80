"""How pages word cases: statuses, notes, what stops one from closing. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from wellbeing.cases.rules.cases import DUTY_HOLD, CaseStatus, NoteKind
from wellbeing.cases.rules.closing import Rule
from wellbeing.cases.rules.referrals import HOLD as REFERRAL_HOLD

STATUSES: Mapping[CaseStatus, tuple[Any, str]] = {
    CaseStatus.OPEN: (_("New case"), "attention"),
    CaseStatus.IN_CARE: (_("In care"), "active"),
    CaseStatus.WAITING: (_("Waiting for somebody"), "waiting"),
    CaseStatus.CLOSED: (_("Case closed"), "done"),
    CaseStatus.SEALED: (_("Sealed"), "neutral"),
    CaseStatus.ERASED: (_("Erased"), "neutral"),
}
"""Words and tone of each status."""

OBSTACLES: Mapping[str, Any] = {
    Rule.LEVEL: _("The level is above blue."),
    Rule.CALM: _("Two calm contacts, far enough apart, are not there yet."),
    Rule.SAFETY_PLAN: _("There is no safety plan yet."),
    Rule.TOLD: _("The student must know how to come back."),
    REFERRAL_HOLD: _("A referral has no outcome yet."),
    DUTY_HOLD: _("A duty is not done yet."),
    "escalation": _("An escalation is still open."),
    "follow_up": _("A promise to get back is still open."),
    "rescue": _("A rescue is not reviewed yet."),
    "report": _("A report required by law is not closed yet."),
}
"""What stops a case from closing, by kind of hold."""

NOTE_KINDS: Mapping[NoteKind, Any] = {
    NoteKind.NOTE: _("Casework note"),
    NoteKind.SUPERVISION: _("Supervisor's note"),
}


def obstacle(*, kind: str) -> str:
    """Say what stops a case from closing; an unknown hold is named, never left out."""
    known = OBSTACLES.get(kind)
    return str(known) if known else gettext("Something is not finished yet (%(kind)s).", kind=kind)
