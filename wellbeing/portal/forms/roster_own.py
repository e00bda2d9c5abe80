"""Forms of one's own duty: a telephone, and the request to take a shift."""

from __future__ import annotations

from wtforms import RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from wellbeing.policy.model import Language
from wellbeing.portal.forms.base import Form, _, choice
from wellbeing.portal.forms.roster import PERSON_NEEDED
from wellbeing.roster.rules import PhoneKind
from wellbeing.roster.rules.phones import Phone


class PhoneForm(Form):
    """A telephone on which the line may ring the reader."""

    kind = RadioField(
        _("Kind of phone"),
        choices=[
            choice(PhoneKind.MOBILE.value, _("Mobile phone")),
            choice(PhoneKind.LANDLINE.value, _("Landline")),
        ],
        default=PhoneKind.MOBILE.value,
        validators=[InputRequired()],
    )
    number = StringField(
        _("Number"),
        validators=[InputRequired(_("Please give the number.")), Length(max=40)],
    )
    position = RadioField(
        _("Which rings first"),
        choices=[choice(1, _("this one")), choice(2, _("the other one"))],
        coerce=int,
        default=1,
        validators=[InputRequired()],
    )

    def phone(self) -> Phone:
        """Read the telephone."""
        return Phone(
            kind=PhoneKind(self.kind.data), number=self.text("number"), position=self.position.data
        )


class LanguagesForm(Form):
    """What the reader speaks with students; the first is the one that pages come in."""

    languages = SelectField(
        _("Languages you speak with students"),
        choices=[
            choice("zh", _("Chinese")),
            choice("zh,en", _("Chinese and English")),
            choice("en,zh", _("English and Chinese")),
            choice("en", _("English")),
        ],
        description=_(
            "Callers reach somebody who speaks their language first. Calls to your desk come"
            " in the first one."
        ),
        validators=[InputRequired()],
    )

    def spoken(self) -> tuple[Language, ...]:
        """Read the languages, preferred first."""
        return tuple(Language(one) for one in str(self.languages.data).split(","))


class SwapForm(Form):
    """Which shift, and who is asked to take it; the choices are filled by the door."""

    shift_id = SelectField(
        _("Shift"), coerce=int, validators=[InputRequired(_("Please choose a shift."))]
    )
    asked_id = SelectField(_("Colleague"), coerce=int, validators=[InputRequired(PERSON_NEEDED)])
