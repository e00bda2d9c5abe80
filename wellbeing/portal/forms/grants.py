"""Forms of access to a case beyond one's own. Who may decide is decided in `cases`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from wellbeing.portal.forms.base import Form, _, choice
from wellbeing.portal.forms.cases import CHOOSE, required

REFERENCE_LIMIT = 20


def _reference() -> Any:
    return StringField(
        _("Reference"),
        description=_("As a colleague gave it to you, like WB-7K3M9Q."),
        validators=[
            DataRequired(_("Please type the reference of the case.")),
            Length(max=REFERENCE_LIMIT, message=_("A reference is shorter.")),
        ],
    )


class AskForm(Form):
    """Which case somebody wants to open, and why."""

    reference = _reference()
    reason = TextAreaField(
        _("Why you need it"),
        description=_("A supervisor of the unit that follows the case reads this and decides."),
        validators=required(),
    )


class EmergencyForm(Form):
    """Which case somebody must open now, and why it cannot wait."""

    reference = _reference()
    reason = TextAreaField(
        _("Why it cannot wait"),
        description=_("The owner of the case and a supervisor read this."),
        validators=required(),
    )


class DecideForm(Form):
    """A supervisor's decision about a request."""

    decision = RadioField(
        _("Decision"),
        choices=[choice("approve", _("Approve")), choice("refuse", _("Do not approve"))],
        validators=[InputRequired(CHOOSE)],
    )
    hours = SelectField(_("If approved, for"), coerce=int)
    reason = TextAreaField(
        _("Reason"),
        description=_("Whoever asked reads this."),
        validators=required(),
    )

    def offer(self, *, hours: Sequence[Any]) -> None:
        """Set for how long access may be given, in the reader's language."""
        self.hours.choices = list(hours)


class ReviewForm(Form):
    """What a supervisor thinks of an emergency view."""

    verdict = RadioField(_("Verdict"), validators=[InputRequired(CHOOSE)])
    finding = TextAreaField(
        _("What you found"),
        description=_("Stays in the timeline of the case."),
        validators=required(),
    )
