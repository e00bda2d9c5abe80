"""Forms of promises to get back. What the rules allow is decided in `followups`."""

from __future__ import annotations

from wtforms import DateTimeLocalField, RadioField, TextAreaField
from wtforms.validators import InputRequired

from wellbeing.portal.forms.base import Form, _
from wellbeing.portal.forms.cases import CHOOSE, optional, required


class AttemptForm(Form):
    """How one attempt to reach a student went."""

    outcome = RadioField(_("How did it go?"), validators=[InputRequired(CHOOSE)])
    note = TextAreaField(_("Note"), validators=optional())


class RescheduleForm(Form):
    """Another time for a promise, and why; the time is the wall clock of Chongqing."""

    due_at = DateTimeLocalField(
        _("New time"),
        format="%Y-%m-%dT%H:%M",
        description=_("Chongqing time."),
        validators=[InputRequired(_("Please give a day and a time."))],
    )
    reason = TextAreaField(_("Reason"), validators=required())
