"""The branches of the screeners as the page tells them. What follows from answers is in triage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from wellbeing.policy.model import ScreenerDefinition
from wellbeing.portal import pages
from wellbeing.triage.rules import questionnaires
from wellbeing.triage.rules.records import ScreeningRow
from wellbeing.triage.rules.results import Result

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

RESULTS: Mapping[str, Any] = {
    Result.NEGATIVE: _("negative"),
    Result.LOW: _("low"),
    Result.MODERATE: _("moderate"),
    Result.HIGH: _("high"),
    Result.NON_ACUTE_POSITIVE: _("positive, not acute"),
    Result.ACUTE_POSITIVE: _("positive, acute"),
}


def result_words(*, row: ScreeningRow, definition: ScreenerDefinition | None) -> str:
    """Word a result: a note by its sum and band, a screener of suicide risk by its own word."""
    if definition is None or not definition.bands:
        return str(RESULTS.get(row.result, row.result))
    read = questionnaires.read_note(definition=definition, answers=row.answers)
    band = next(one for one in definition.bands if one.key == read.result)
    return gettext(
        "%(points)s points, %(band)s", points=read.points, band=band.name(language=pages.language())
    )
