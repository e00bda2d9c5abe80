"""The branches of the screeners as the page tells them. What follows from answers is in triage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from wellbeing.triage.rules.screeners import Result, asq_required, cssrs_required

REQUIRED: Mapping[str, Callable[..., tuple[str, ...]]] = {
    "cssrs": cssrs_required,
    "asq": asq_required,
}
CONDITIONS: Mapping[str, Mapping[str, Any]] = {
    "cssrs": {
        "q3": _("Ask 3, 4 and 5 only after a yes to 2. After a no go on with 6."),
        "q6": _("Always ask 6."),
        "q6_when": _("Ask only after a yes to 6."),
        "means_at_hand": _("Ask only after a yes to 4 that is not followed by a yes to 5."),
    },
    "asq": {
        "q5": _("Ask only after a yes to, or no answer on, any question above."),
        "safety_agreed": _("Ask only after a yes to 5."),
    },
}
"""What to say before a question: without a script all of them stand on the page."""

RESULTS: Mapping[Result, Any] = {
    Result.NEGATIVE: _("negative"),
    Result.LOW: _("low"),
    Result.MODERATE: _("moderate"),
    Result.HIGH: _("high"),
    Result.NON_ACUTE_POSITIVE: _("positive, not acute"),
    Result.ACUTE_POSITIVE: _("positive, acute"),
}


def outside_branch(*, screener: str, answers: Mapping[str, str]) -> tuple[str, ...]:
    """Name the answered questions that the branch does not lead to.

    They would not count; a yes among them must not be lost silently.
    """
    required = REQUIRED[screener](answers=answers)
    return tuple(key for key in answers if key not in required)
