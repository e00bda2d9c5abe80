"""The form of a search for cases; its words are checked here and found in `cases`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import DateField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from wellbeing.cases.rules.search import LABEL_LENGTH, Standing
from wellbeing.portal.forms.base import Form, _, choice

TOO_LONG = _("This is too long.")
NOT_A_DAY = _("This is not a day.")


class SearchForm(Form):
    """What is asked for; everything that is filled in must fit."""

    reference = StringField(_("Reference"), validators=[Optional(), Length(max=20)])
    number = StringField(
        _("Telephone number"),
        description=_("The whole number; a part of one cannot be found."),
        validators=[Optional(), Length(max=40, message=TOO_LONG)],
    )
    name = StringField(
        _("Name"),
        description=_("A full name, a surname, or pinyin."),
        validators=[Optional(), Length(max=100, message=TOO_LONG)],
    )
    level = SelectField(_("Level"), validators=[Optional()])
    standing = SelectField(_("Closed or not"))
    status = SelectField(_("Status"), validators=[Optional()])
    owner = StringField(
        _("Owner"),
        description=_("The user name of a colleague."),
        validators=[Optional(), Length(max=60, message=TOO_LONG)],
    )
    unit = SelectField(_("Unit"), validators=[Optional()])
    tag = SelectField(_("Tag"), validators=[Optional()])
    opened_from = DateField(_("Opened from"), validators=[Optional()])
    opened_to = DateField(_("Opened until"), validators=[Optional()])

    def offer(
        self,
        *,
        levels: Sequence[Any],
        statuses: Sequence[Any],
        units: Sequence[Any],
        tags: Sequence[Any],
    ) -> None:
        """Set the choices, each in the reader's language."""
        self.level.choices = [choice("", _("All levels")), *levels]
        self.status.choices = [choice("", _("Any status")), *statuses]
        self.unit.choices = [choice("", _("All units")), *units]
        self.tag.choices = [choice("", _("Any tag or none")), *tags]
        self.standing.choices = [
            choice(Standing.OPEN.value, _("Not closed")),
            choice(Standing.CLOSED.value, _("Closed ones")),
            choice(Standing.ANY.value, _("Both")),
        ]

    def validate_opened_to(self, field: DateField) -> None:
        """Refuse a last day before the first."""
        first = self.opened_from.data
        if first is not None and field.data is not None and field.data < first:
            raise ValidationError(_("The last day is before the first."))


class LabelForm(Form):
    """The name of a saved view; only its person sees it."""

    label = StringField(
        _("Save as a view"),
        description=_("Only you see it."),
        validators=[
            DataRequired(_("Please give it a name.")),
            Length(max=LABEL_LENGTH, message=TOO_LONG),
        ],
    )
