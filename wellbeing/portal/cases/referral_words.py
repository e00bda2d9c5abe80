"""How pages word referrals. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from wellbeing.cases.rules.referrals import Agreed, ReferralState
from wellbeing.policy import current as policy
from wellbeing.portal import pages

STATES: Mapping[ReferralState, tuple[Any, str]] = {
    ReferralState.SENT: (_("Sent, no answer yet"), "waiting"),
    ReferralState.ACCEPTED: (_("Accepted, not there yet"), "active"),
    ReferralState.ATTENDED: (_("The student was there"), "done"),
    ReferralState.DECLINED: (_("Did not come about"), "neutral"),
    ReferralState.WITHDRAWN: (_("Withdrawn by us"), "neutral"),
}
"""Words and tone of each state."""

STEPS: Mapping[ReferralState, Any] = {
    ReferralState.ACCEPTED: _("The other side accepted"),
    ReferralState.ATTENDED: _("The student was there"),
    ReferralState.DECLINED: _("It did not come about: the other side or the student declined"),
    ReferralState.WITHDRAWN: _("We withdraw it"),
}

AGREED: Mapping[Agreed, Any] = {
    Agreed.STUDENT: _("The student agreed"),
    Agreed.GUARDIAN: _("The student and a guardian agreed"),
    Agreed.DANGER: _("Nobody agreed: a life is in danger, and the reason says so"),
}


def kind(*, key: str) -> str:
    """Name a place to refer to; one that the policy dropped keeps its key."""
    found = policy.current().cases.referral_kinds.get(key)
    return found.name(language=pages.language()) if found else key


def state(*, value: str) -> str:
    """Word a state."""
    return str(STATES[ReferralState(value)][0])
