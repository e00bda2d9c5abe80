"""Forms of a case: what was typed, checked by field. What the rules allow is decided in `cases`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import (
    BooleanField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from wellbeing.portal.forms.base import Form, _, choice, hidden_version

LONGEST = 10_000
"""Characters of one note; the widest note seen in practice is a tenth of that."""

EMPTY = _("Please write something here.")
CHOOSE = _("Please choose one.")
TOO_LONG = _("This is too long; please shorten it to 10,000 characters.")

Choices = Sequence[Any]


def required() -> list[DataRequired | Length]:
    """Give the checks of a text that must be written."""
    return [DataRequired(EMPTY), Length(max=LONGEST, message=TOO_LONG)]


def optional() -> list[Optional | Length]:
    """Give the checks of a text that may stay empty."""
    return [Optional(), Length(max=LONGEST, message=TOO_LONG)]


class FilterForm(Form):
    """Which cases are listed; it travels in the address, so it holds no word of anybody."""

    class Meta:
        """A GET form changes nothing and needs no token."""

        csrf = False

    reference = StringField(_("Reference"), validators=[Optional(), Length(max=20)])
    level = SelectField(_("Level"), validators=[Optional()])
    status = SelectField(_("Status"), validators=[Optional()])
    whose = SelectField(_("Whose"), validators=[Optional()])

    def offer(self, *, levels: Choices, statuses: Choices, whose: Choices) -> None:
        """Set the choices, each in the reader's language."""
        self.level.choices = [choice("", _("All levels")), *levels]
        self.status.choices = [choice("", _("Not closed")), *statuses]
        self.whose.choices = list(whose)


class Versioned(Form):
    """A form that knows which version its writer saw; 0 where there is none yet."""

    version = hidden_version()

    def follow(self, *, version: int) -> None:
        """Mean the version that is on the screen now; what was sent before is forgotten."""
        self.version.data, self.version.raw_data = version, None


class NoteForm(Versioned):
    """A note for the next colleague."""

    body = TextAreaField(
        _("What to write down"),
        description=_("For the next colleague: what happened, what was agreed, what to watch."),
        validators=required(),
    )


class LevelForm(Versioned):
    """A new level with its reason; whether it may fall is decided in `cases`."""

    level = RadioField(_("Level"), coerce=int, validators=[InputRequired(CHOOSE)])
    note = TextAreaField(
        _("Reason"),
        description=_("What you saw or heard, and why this level fits."),
        validators=optional(),
    )


class StatusForm(Versioned):
    """A new status among those that the present one allows."""

    status = RadioField(_("New status"), validators=[InputRequired(CHOOSE)])
    note = TextAreaField(_("Note"), validators=optional())


class CloseForm(Versioned):
    """What must be told before a case is closed."""

    note = TextAreaField(
        _("How it ends"),
        description=_("How the student is now, and who stays with them."),
        validators=required(),
    )
    told = BooleanField(
        _("The student knows how to come back at any hour."),
        validators=[InputRequired(_("Please tell the student first."))],
    )


class DutyForm(Form):
    """How a duty was done."""

    note = TextAreaField(
        _("What was done"),
        description=_("For whoever asks later; of a case it stands in the timeline."),
        validators=optional(),
    )


class EscalateForm(Form):
    """What the receiving desk needs to know; the level and the clocks come from the case."""

    to = RadioField(_("To"), validators=[InputRequired(CHOOSE)])
    skip_reason = TextAreaField(
        _("Reason for leaving out a tier"),
        description=_("Only needed if you pass over the next tier."),
        validators=optional(),
    )
    reason = TextAreaField(
        _("Reason"),
        description=_("What happened, what you have done, and what you need from them."),
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
        description=_("What keeps the student safe tonight: people, places, things put away."),
        validators=optional(),
    )
