"""The words of erasures. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from wellbeing.cases.rules.erasures import ErasureState, Ground, Obstacle

GROUNDS: Mapping[Ground, Any] = {
    Ground.TIME_OVER: _("the time of keeping is over"),
    Ground.STUDENT_ASKS: _("the student asks for it"),
    Ground.GUARDIAN_ASKS: _("a guardian asks for it"),
}
STATES: Mapping[ErasureState, tuple[Any, str]] = {
    ErasureState.WAITING: (_("Waiting for a second person"), "attention"),
    ErasureState.DONE: (_("Destroyed"), "neutral"),
    ErasureState.REFUSED: (_("Not destroyed"), "neutral"),
    ErasureState.WITHDRAWN: (_("Taken back"), "neutral"),
}
OBSTACLES: Mapping[Obstacle, Any] = {
    Obstacle.STILL_OPEN: _("The case is open; close it first."),
    Obstacle.LAW_KEEPS: _("The law keeps it longer; until then it can only be sealed."),
    Obstacle.LEGAL_HOLD: _("It is held for a court, the police or a complaint."),
    Obstacle.SOMETHING_OPEN: _("A promise, an escalation, a report or a duty is open still."),
    Obstacle.IN_CONVERSATION: _("A conversation of this student is going on."),
}
