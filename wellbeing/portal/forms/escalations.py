"""Forms of a receiving desk. What the rules allow is decided in `escalation`."""

from __future__ import annotations

from wtforms import RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired

from wellbeing.portal.forms.base import Form, _
from wellbeing.portal.forms.cases import CHOOSE, optional, required


class DeclineForm(Form):
    """Why a desk cannot take a case; the sender reads it."""

    reason = TextAreaField(
        _("Reason for declining"),
        description=_("The sender keeps the case and reads this; the next desk is asked."),
        validators=required(),
    )


class StepDownForm(Form):
    """What the unit below needs in order to carry on."""

    to = SelectField(_("To"), validators=[InputRequired(CHOOSE)])
    reason = TextAreaField(
        _("Plan"),
        description=_("How the student is now, what comes next, and when to pass it up again."),
        validators=required(),
    )
    agreed = RadioField(_("What the student agreed to"), validators=[InputRequired(CHOOSE)])
    may_be_told = TextAreaField(
        _("Who may be told"),
        description=_("Whom the student allows us to speak with, and whom not."),
        validators=optional(),
    )
    safety_plan = TextAreaField(
        _("Safety plan"),
        description=_("What keeps the student safe: people, places, things put away."),
        validators=optional(),
    )
