"""Forms of erasures and of holds for the law. What they lead to is decided in `cases`."""

from __future__ import annotations

from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from wellbeing.portal.forms.base import Form, _, choice
from wellbeing.portal.forms.cases import CHOOSE, optional, required

REFERENCE_LIMIT = 20


class AskErasureForm(Form):
    """Why a record should be destroyed."""

    ground = RadioField(_("Ground"), validators=[InputRequired(CHOOSE)])
    reason = TextAreaField(
        _("In your words"),
        description=_("Who asked, and how you know who they are. A second supervisor reads this."),
        validators=required(),
    )


class HoldForm(Form):
    """For whom a record must be kept."""

    reason = TextAreaField(
        _("Who needs it"),
        description=_("The court, the police or the complaint, with its number if there is one."),
        validators=required(),
    )


class DecideErasureForm(Form):
    """A second supervisor's decision; destroying is confirmed twice."""

    decision = RadioField(
        _("Decision"),
        choices=[
            choice("refuse", _("Do not destroy it, and say why")),
            choice("erase", _("Destroy it for good")),
        ],
        validators=[InputRequired(CHOOSE)],
    )
    reason = TextAreaField(
        _("Why not"),
        description=_("Needed if it is not destroyed: whoever asked has a right to read it."),
        validators=optional(),
    )
    reference = StringField(
        _("Type the reference of the case"),
        description=_("Only if it is destroyed, so that it is surely this one."),
        validators=[Optional(), Length(max=REFERENCE_LIMIT)],
    )
    is_sure = BooleanField(_("I know that nobody can bring back anything of it."))
