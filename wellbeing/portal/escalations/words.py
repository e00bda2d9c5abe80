"""How pages word escalations, desks and rings. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from wellbeing.escalation.rules.words import (
    AcknowledgedVia,
    Agreement,
    AttemptOutcome,
    Direction,
    EscalationState,
    PageChannel,
    PageState,
    PageSubjectKind,
)

STATES: Mapping[EscalationState, tuple[Any, str]] = {
    EscalationState.SENT: (_("Waiting for an answer"), "attention"),
    EscalationState.ACKNOWLEDGED: (_("Seen, not yet accepted"), "waiting"),
    EscalationState.ACCEPTED: (_("Accepted"), "done"),
    EscalationState.DECLINED: (_("Declined"), "attention"),
    EscalationState.RELEASED: (_("Taken back by the sender"), "neutral"),
}
"""Words and tone of each state."""

DIRECTIONS: Mapping[Direction, Any] = {
    Direction.UP: _("Passed up"),
    Direction.DOWN: _("Stepped down"),
}

AGREEMENTS: Mapping[Agreement, Any] = {
    Agreement.AGREED: _("Agreed to be passed on"),
    Agreement.REFUSED: _("Did not agree; passed on to keep them safe"),
    Agreement.NOT_ASKED: _("Could not be asked yet"),
}

CHANNELS: Mapping[PageChannel, Any] = {
    PageChannel.TEXT: _("Text message"),
    PageChannel.CALL: _("Phone call"),
}

OUTCOMES: Mapping[AttemptOutcome, Any] = {
    AttemptOutcome.ACKNOWLEDGED: _("Acknowledged"),
    AttemptOutcome.DELIVERED: _("Delivered, no answer yet"),
    AttemptOutcome.ANSWERED: _("Picked up, did not confirm"),
    AttemptOutcome.BUSY: _("Busy"),
    AttemptOutcome.NO_ANSWER: _("No answer"),
    AttemptOutcome.FAILED: _("Did not get through"),
    AttemptOutcome.WITHDRAWN: _("Called off"),
}

PAGE_STATES: Mapping[PageState, tuple[Any, str]] = {
    PageState.PAGING: (_("Being called"), "attention"),
    PageState.ACKNOWLEDGED: (_("Acknowledged"), "done"),
    PageState.UNANSWERED: (_("Nobody answered"), "attention"),
    PageState.WITHDRAWN: (_("Called off"), "neutral"),
}

VIA: Mapping[AcknowledgedVia, Any] = {
    AcknowledgedVia.KEY: _("by phone key"),
    AcknowledgedVia.TEXT: _("by text message"),
    AcknowledgedVia.PORTAL: _("in the portal"),
}


CALLED_FOR: Mapping[PageSubjectKind, Any] = {
    PageSubjectKind.ESCALATION: _("A case was passed on to your desk"),
    PageSubjectKind.CONTACT: _("A student is waiting"),
    PageSubjectKind.FOLLOW_UP: _("A promise to a student was missed"),
    PageSubjectKind.DUTY: _("Something needs a supervisor"),
    PageSubjectKind.TEST: _("A test call; nothing is wrong"),
    PageSubjectKind.RESCUE: _("A step of a rescue is late"),
    PageSubjectKind.REPORT: _("A report required by law waits"),
}
