"""The form that chooses the days of a report. What a period is, is decided in reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from wtforms import DateField, SelectField
from wtforms.validators import InputRequired, Optional

from wellbeing.portal.forms.base import Form, _, choice
from wellbeing.reports.rules.periods import Period, Preset, period_of

PRESETS: Mapping[Preset, Any] = {
    Preset.TODAY: _("Today"),
    Preset.SEVEN_DAYS: _("Last 7 days"),
    Preset.THIRTY_DAYS: _("Last 30 days"),
    Preset.THIS_MONTH: _("This month"),
    Preset.LAST_MONTH: _("Last month"),
    Preset.TERM: _("School term, from … to …"),
}
ONLY_FOR_TERMS = _("Needed only for a school term.")


class PeriodForm(Form):
    """Which days are counted; it travels in the address and changes nothing."""

    class Meta:
        """A GET form needs no token."""

        csrf = False

    period = SelectField(
        _("Period"), default=Preset.THIRTY_DAYS.value, validators=[InputRequired()]
    )
    first = DateField(
        _("First day of the term"), description=ONLY_FOR_TERMS, validators=[Optional()]
    )
    last = DateField(_("Last day of the term"), description=ONLY_FOR_TERMS, validators=[Optional()])

    def offer(self) -> None:
        """Set the presets in the reader's language."""
        self.period.choices = [choice(one.value, words) for one, words in PRESETS.items()]

    def chosen(self, *, now: datetime, zone: str) -> Period:
        """Read the period; fields that are not used by a preset do not matter.

        Raises:
            NotAPeriod: the days of a term make none.

        """
        return period_of(
            preset=Preset(self.period.data),
            now=now,
            zone=zone,
            first=self.first.data,
            last=self.last.data,
        )
