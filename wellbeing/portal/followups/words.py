"""How pages word promises to get back. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from wellbeing.followups.queries import FollowUpRow
from wellbeing.followups.rules import Answer, CallBackReason, Decision, FollowUpState, Outcome
from wellbeing.policy.model import FollowUpKind, MissedStepHolder

KINDS: Mapping[FollowUpKind, Any] = {
    FollowUpKind.CALL: _("Call the student"),
    FollowUpKind.TEXT: _("Text the student"),
    FollowUpKind.CHECK_IN: _("Check-in text"),
    FollowUpKind.CARING_CONTACT: _("Caring text"),
}

CALL_BACKS: Mapping[CallBackReason, Any] = {
    CallBackReason.ASKED: _("Call back: asked for it"),
    CallBackReason.APPOINTED: _("Call back: at the time they chose, not before"),
    CallBackReason.VOICEMAIL: _("Call back: left a voicemail"),
    CallBackReason.ABANDONED: _("Call back: hung up before anybody answered"),
}

STATES: Mapping[FollowUpState, tuple[Any, str]] = {
    FollowUpState.PLANNED: (_("Planned"), "neutral"),
    FollowUpState.SENT: (_("Text sent, no answer yet"), "waiting"),
    FollowUpState.ANSWERED: (_("Answered; waiting for you"), "attention"),
    FollowUpState.KEPT: (_("Kept"), "done"),
    FollowUpState.MISSED: (_("Missed; can still be kept"), "attention"),
    FollowUpState.CANCELLED: (_("No longer planned"), "neutral"),
}
"""Words and tone of each state."""

ANSWERS: Mapping[Answer, Any] = {
    Answer.GOOD_TIME: _("“Now is a good time”"),
    Answer.NOT_NOW: _("“Not now”"),
    Answer.WORDS: _("Answered in words; see the conversation"),
}

DECISIONS: Mapping[Decision, Any] = {
    Decision.TRY_ON: _("Try once more, at another hour"),
    Decision.SCHOOL_VISIT: _("Ask the school to look after the student, without saying why"),
    Decision.GUARDIAN: _("Speak with a guardian, unless the guardian is the danger"),
    Decision.POLICE: _("Ask the police (110) for a welfare check"),
    Decision.CARING_TEXT: _("Send a caring text and leave it there"),
}
"""Mildest first where the risk allows it; the supervisor answers for the choice."""

OUTCOMES: Mapping[Outcome, Any] = {
    Outcome.REACHED: _("Reached"),
    Outcome.NO_ANSWER: _("No answer"),
    Outcome.DECLINED: _("Does not want to be contacted"),
}

TOLD: Mapping[MissedStepHolder, Any] = {
    MissedStepHolder.OWNER: _("the owner is reminded"),
    MissedStepHolder.SUPERVISOR: _("the supervisor is told"),
    MissedStepHolder.NEXT_TIER: _("the next tier is told"),
}
"""Who hears of a missed promise."""


def kind(*, row: FollowUpRow) -> str:
    """Word what is to be done; for a call-back also why."""
    return str(CALL_BACKS[row.reason] if row.reason else KINDS[row.kind])
