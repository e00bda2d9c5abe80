"""Forms of referrals and of what closing asks for: what was typed, checked by field."""

from __future__ import annotations

from wtforms import DateField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from wellbeing.portal.forms.base import Form, _
from wellbeing.portal.forms.cases import CHOOSE, EMPTY, Versioned, optional, required

LONGEST_NAME = 200


class ReferralForm(Form):
    """Where a student is sent, why, and who agreed."""

    kind = RadioField(_("What kind of place"), validators=[InputRequired(CHOOSE)])
    to = StringField(
        _("Where exactly"),
        description=_("Hospital and department, or the service, and whom to ask for there."),
        validators=[
            DataRequired(EMPTY),
            Length(max=LONGEST_NAME, message=_("At most 200 characters, please.")),
        ],
    )
    reason = TextAreaField(
        _("Why"),
        description=_("What they need to know, and no more. A concern, never a diagnosis."),
        validators=required(),
    )
    agreed = RadioField(_("Who agreed"), validators=[InputRequired(CHOOSE)])


class ReferralStepForm(Versioned):
    """What became of a referral."""

    state = RadioField(_("What is known now"), validators=[InputRequired(CHOOSE)])
    outcome = TextAreaField(
        _("In a few words"),
        description=_("What was agreed there; needed if it did not come about."),
        validators=optional(),
    )


class DeclinedForm(Form):
    """That the student wanted no more of us, and when."""

    on = DateField(_("On which day"), validators=[InputRequired(_("Please give a day."))])
    note = TextAreaField(_("What the student said"), validators=required())


class SignatureForm(Form):
    """A supervisor's word."""

    reason = TextAreaField(
        _("Why it may end"),
        description=_("What speaks for letting the student go, and who keeps an eye on them."),
        validators=required(),
    )
