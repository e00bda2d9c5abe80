"""Forms of a rescue, of leaving red, and of reports required by law. Rules decide what may be."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from wtforms import (
    DateTimeLocalField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length
from wtforms.validators import Optional as MayBeEmpty
from wtforms.widgets import CheckboxInput, ListWidget

from wellbeing.cases.rules.rescue import FIELDS
from wellbeing.policy import current as policy
from wellbeing.policy.model import Language, RescueStep
from wellbeing.portal.cases import rescue_words as words
from wellbeing.portal.forms.base import Form, _, choice
from wellbeing.portal.forms.cases import CHOOSE, EMPTY, LONGEST, TOO_LONG
from wellbeing.portal.forms.roster import WALL_TIME, aware

WHEN = _("When it happened")
NOW_IF_EMPTY = _("Leave it empty if it happened just now.")


def when() -> Any:
    """Give a field for a time on the wall; empty means now."""
    return DateTimeLocalField(
        WHEN, description=NOW_IF_EMPTY, format=WALL_TIME, validators=[MayBeEmpty()]
    )


def moment(*, form: Form, now: datetime) -> datetime:
    """Read the time of a form; now, if none was given."""
    wall = form["happened_at"].data
    return aware(wall=wall) if wall else now


def step_form(*, step: RescueStep, **settings: Any) -> Form:
    """Build the form of a rescue's step from what the rules want it to say."""
    fields: dict[str, Any] = {}
    for one in FIELDS[step]:
        needed: list[Any] = (
            [InputRequired(CHOOSE if one.choices else EMPTY)] if one.required else []
        )
        label = words.FIELDS[(step, one.name)]
        if one.choices:
            options = [choice(key, words.CHOICES[(one.name, key)]) for key in one.choices]
            fields[one.name] = RadioField(label, choices=options, validators=needed)
        else:
            checks = [*(needed or [MayBeEmpty()]), Length(max=LONGEST, message=TOO_LONG)]
            fields[one.name] = TextAreaField(label, validators=checks)
    fields["happened_at"] = when()
    kind: type[Form] = type("StepForm", (Form,), fields)
    return kind(prefix=f"{step.value}-", **settings)


def step_words(*, form: Form, step: RescueStep) -> dict[str, str]:
    """Give what was written down, by field."""
    return {one.name: form.text(one.name) for one in FIELDS[step]}


class SkipForm(Form):
    """Why a step is left out."""

    reason = TextAreaField(
        _("Why this step is left out"),
        validators=[InputRequired(EMPTY), Length(max=LONGEST, message=TOO_LONG)],
    )


class DecideForm(Form):
    """Whether a red may fall, with the reason."""

    decision = RadioField(
        _("Decision"),
        choices=[choice("lower", _("Lower it as proposed")), choice("keep", _("Keep red"))],
        validators=[InputRequired(CHOOSE)],
    )
    note = TextAreaField(
        _("Reason"), validators=[InputRequired(EMPTY), Length(max=LONGEST, message=TOO_LONG)]
    )


class CheckForm(Form):
    """The nine situations, and what happened in words."""

    situations = SelectMultipleField(
        _("Which of these applies, or seems to?"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[MayBeEmpty()],
    )
    account = TextAreaField(
        _("What happened"),
        description=_("Who, when, where, as far as known. Suspicion is enough; bring no proof."),
        validators=[MayBeEmpty(), Length(max=LONGEST, message=TOO_LONG)],
    )

    def __init__(self, *, language: Language, **settings: Any) -> None:
        super().__init__(**settings)
        situations = policy.current().safety.report.situations
        self.situations.choices = [
            choice(one.key, one.name(language=language)) for one in situations
        ]


class ReportDecisionForm(Form):
    """Whether a report is due, with the reason."""

    decision = RadioField(
        _("Decision"),
        choices=[
            choice("report", _("It must be reported")),
            choice("none", _("It need not be reported")),
        ],
        validators=[InputRequired(CHOOSE)],
    )
    reason = TextAreaField(
        _("Reason"), validators=[InputRequired(EMPTY), Length(max=LONGEST, message=TOO_LONG)]
    )


class FilingForm(Form):
    """To whom it was reported, and the receipt."""

    organ = RadioField(_("Reported to"), validators=[InputRequired(CHOOSE)])
    receipt = StringField(
        _("Receipt or incident number"),
        description=_("If they gave none, write who took the report."),
        validators=[InputRequired(EMPTY), Length(max=200)],
    )
    happened_at = when()

    def __init__(self, *, language: Language, **settings: Any) -> None:
        super().__init__(**settings)
        self.organ.choices = [
            choice(one.key, f"{one.name(language=language)} · {one.number}")
            for one in policy.current().safety.report.organs
        ]
