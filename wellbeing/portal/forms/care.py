"""The form of a care plan (一生一策): goals, measures by line, the day of the review."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, FieldList, FormField, HiddenField, StringField, TextAreaField
from wtforms import Form as Plain
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from wellbeing.portal.forms.base import _
from wellbeing.portal.forms.cases import EMPTY, Versioned
from wellbeing.portal.forms.plans import LONGEST, TOO_LONG

LINES = 8
"""Lines that stand open; whoever needs more has more than one plan in mind."""


class MeasureForm(Plain):
    """One line: what, who, until when. Whether it is complete is decided in `cases`."""

    what = StringField(_("What is done"))
    who = StringField(_("By whom"))
    until = StringField(_("Until"))


class CarePlanForm(Versioned):
    """Where the student wants to get to, how, and when all look again."""

    goals = TextAreaField(
        _("Goals"),
        description=_("What the student wants to be different, in their own words; one a line."),
        validators=[DataRequired(EMPTY), Length(max=LONGEST, message=TOO_LONG)],
    )
    strengths = TextAreaField(
        _("What helps already"),
        description=_("People, habits and places that hold; build on these."),
        validators=[Optional(), Length(max=LONGEST, message=TOO_LONG)],
    )
    measures = FieldList(FormField(MeasureForm), min_entries=LINES, max_entries=LINES)
    review_on = DateField(
        _("Review on"),
        description=_("The day on which you look at the plan again with the student."),
        validators=[InputRequired(_("Please give a day."))],
    )

    @property
    def lines(self) -> list[Any]:
        """List the lines of measures."""
        return list(self.measures)


class TakeOverForm(Versioned):
    """Which case's plan is taken over, and the version of it that its reader saw."""

    source = HiddenField()
