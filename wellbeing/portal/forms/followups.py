"""Forms of promises to get back. What the rules allow is decided in `followups`."""

from __future__ import annotations

from wtforms import DateTimeLocalField, RadioField, TextAreaField
from wtforms.validators import InputRequired

from wellbeing.portal.forms.base import Form, _
from wellbeing.portal.forms.cases import CHOOSE, Versioned, optional, required


class AttemptForm(Form):
    """How one attempt to reach a student went."""

    outcome = RadioField(_("How did it go?"), validators=[InputRequired(CHOOSE)])
    note = TextAreaField(_("Note"), validators=optional())


class RescheduleForm(Versioned):
    """Another time for a promise, and why; the time is the wall clock of Chongqing."""

    due_at = DateTimeLocalField(
        _("New time"),
        format="%Y-%m-%dT%H:%M",
        description=_("Chongqing time."),
        validators=[InputRequired(_("Please give a day and a time."))],
    )
    reason = TextAreaField(_("Reason"), validators=required())


class PromiseForm(Form):
    """A promise that a counselor gave: how, when (wall clock of Chongqing), and what was agreed."""

    kind = RadioField(_("How will you get back?"), validators=[InputRequired(CHOOSE)])
    due_at = DateTimeLocalField(
        _("When"),
        format="%Y-%m-%dT%H:%M",
        description=_("Chongqing time."),
        validators=[InputRequired(_("Please give a day and a time."))],
    )
    note = TextAreaField(
        _("What was agreed"),
        description=_("For whoever keeps the promise; the student never sees it."),
        validators=required(),
    )


class UnreachableForm(Form):
    """What a supervisor decides about a student whom nobody could reach, and why."""

    decision = RadioField(_("What happens now?"), validators=[InputRequired(CHOOSE)])
    note = TextAreaField(_("Reason"), validators=required())
