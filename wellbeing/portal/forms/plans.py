"""Forms of the plans of a case: what was typed, checked by field."""

from __future__ import annotations

from typing import Any

from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from wellbeing.cases.rules.plans import OPTIONAL, Heading
from wellbeing.portal.cases.plan_words import HEADINGS, HELP
from wellbeing.portal.forms.base import _
from wellbeing.portal.forms.cases import EMPTY, Versioned

LONGEST = 2_000
"""Characters of one part: all parts together stay below the limit of a page's request."""
TOO_LONG = _("This is too long; please shorten it to 2,000 characters.")


def _part(heading: Heading) -> Any:
    return TextAreaField(
        HEADINGS[heading],
        description=HELP[heading],
        validators=[
            Optional() if heading in OPTIONAL else DataRequired(EMPTY),
            Length(max=LONGEST, message=TOO_LONG),
        ],
    )


class SafetyPlanForm(Versioned):
    """The six headings, and the one question that may stay open."""

    warning_signs = _part(Heading.WARNING_SIGNS)
    own_coping = _part(Heading.OWN_COPING)
    distraction = _part(Heading.DISTRACTION)
    help = _part(Heading.HELP)
    professionals = _part(Heading.PROFESSIONALS)
    environment = _part(Heading.ENVIRONMENT)
    worth_living = _part(Heading.WORTH_LIVING)

    @property
    def parts(self) -> list[Any]:
        """List the fields in the order of the plan."""
        return [self[one.value] for one in Heading]
