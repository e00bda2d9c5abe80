"""The words of access: what became of a request, what a supervisor thinks of a view."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from wellbeing.accounts.rules.grants import AccessRequestRow, RequestState, Verdict
from wellbeing.portal import pages

STATES: Mapping[RequestState, tuple[Any, str]] = {
    RequestState.WAITING: (_("Waiting for a decision"), "waiting"),
    RequestState.APPROVED: (_("Approved"), "done"),
    RequestState.REFUSED: (_("Not approved"), "neutral"),
    RequestState.WITHDRAWN: (_("Withdrawn"), "neutral"),
}
"""Words and tone of what became of a request."""

RAN_OUT = _("Ran out without a decision")

VERDICTS: Mapping[Verdict, Any] = {
    Verdict.JUSTIFIED: _("It was justified"),
    Verdict.NOT_JUSTIFIED: _("It was not justified"),
}


def state_of(row: AccessRequestRow) -> tuple[str, str]:
    """Word what became of a request as things stand."""
    words, tone = STATES[row.state]
    if row.state is RequestState.WAITING and not row.is_waiting(now=pages.now()):
        return str(RAN_OUT), "neutral"
    return str(words), tone
