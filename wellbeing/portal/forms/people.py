"""Forms about people and consent. What the rules allow is decided in `cases`."""

from __future__ import annotations

from wtforms import (
    BooleanField,
    DateTimeLocalField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from wellbeing.portal.forms.base import Form, _
from wellbeing.portal.forms.cases import CHOOSE, Versioned, optional, required

SHORT = 200
SHORTER = _("Please shorten this to 200 characters.")
NAME = 100
NAME_SHORTER = _("A name has at most 100 characters.")


def _short() -> list[Optional | Length]:
    return [Optional(), Length(max=SHORT, message=SHORTER)]


class PersonForm(Versioned):
    """Somebody in or around a case; nothing but the relation must be known."""

    relation = SelectField(_("Who it is"), validators=[InputRequired(CHOOSE)])
    name = StringField(
        _("Name"),
        description=_("Leave it empty if nobody told it. Never press for it."),
        validators=[Optional(), Length(max=NAME, message=NAME_SHORTER)],
    )
    called = StringField(_("How they want to be called"), validators=_short())
    is_caller = BooleanField(
        _("This person reached us"),
        description=_("Somebody who worries about a student is a person of their own."),
    )
    is_guardian = BooleanField(_("Guardian by law"))
    school = StringField(_("School"), validators=_short())
    grade = StringField(_("Grade and class"), validators=_short())
    born = StringField(_("Age or year of birth"), validators=_short())
    address = TextAreaField(
        _("Where they are or live"),
        description=_("Only where it is needed to help."),
        validators=optional(),
    )
    remark = TextAreaField(_("What to know"), validators=optional())


class RevealForm(Form):
    """Why a name is shown."""

    why = RadioField(_("Why do you need it?"), validators=[InputRequired(CHOOSE)])
    in_words = TextAreaField(
        _("In your words"),
        description=_("Needed for another reason; it stands in the case's history."),
        validators=optional(),
    )


class ReasonForm(Form):
    """A reason, and nothing else."""

    reason = TextAreaField(_("Reason"), validators=required())


class NumberForm(Form):
    """A number of a person."""

    number = StringField(
        _("Number"),
        validators=[DataRequired(_("Please type a number.")), Length(max=40, message=SHORTER)],
    )
    kind = SelectField(_("Which telephone"), validators=[InputRequired(CHOOSE)])
    is_shared = BooleanField(
        _("Others use this telephone too"),
        description=_("Then nothing is said before we know who it is."),
    )


class ReachingForm(Versioned):
    """How a person may be reached."""

    safety = RadioField(_("Is it safe to contact this person?"), validators=[InputRequired(CHOOSE)])
    may_text = SelectField(_("May we text?"), validators=[InputRequired(CHOOSE)])
    may_call = SelectField(_("May we call?"), validators=[InputRequired(CHOOSE)])
    may_leave_message = SelectField(
        _("May we leave a message?"), validators=[InputRequired(CHOOSE)]
    )
    safe_times = TextAreaField(
        _("Safe times"),
        description=_("When nobody else is near the phone, and when never."),
        validators=optional(),
    )
    care = TextAreaField(
        _("What to take care of"),
        description=_("Who may see the phone, who must not learn of us."),
        validators=optional(),
    )
    code_word = StringField(
        _("Code word"),
        description=_(
            "A plain word that nobody guesses. We ask for it when the student comes back."
        ),
        validators=_short(),
    )


class ConsentForm(Form):
    """What may be done with the identity, and on which ground."""

    purpose = RadioField(_("For which purpose"), validators=[InputRequired(CHOOSE)])
    basis = RadioField(_("On which ground"), validators=[InputRequired(CHOOSE)])
    given_by = SelectField(_("Who agreed"), validators=[InputRequired(CHOOSE)])
    given_at = DateTimeLocalField(
        _("When"),
        format="%Y-%m-%dT%H:%M",
        description=_("Chongqing time."),
        validators=[Optional()],
    )
    approver_id = SelectField(
        _("Who answers for the emergency"),
        description=_("Only for an emergency: the supervisor whom you asked. They confirm it."),
        validators=[Optional()],
    )
    in_words = TextAreaField(
        _("How it was said, or the reason"),
        description=_("Without consent: which danger, or which law."),
        validators=optional(),
    )


class DecisionForm(Form):
    """What somebody decided about two records."""

    verdict = RadioField(_("What do you think?"), validators=[InputRequired(CHOOSE)])
    reason = TextAreaField(
        _("Reason"), description=_("What tells you so; phones are shared."), validators=required()
    )
