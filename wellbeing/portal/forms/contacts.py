"""Forms of the contact workspace: reply, level, screeners, record, case, ending.

They turn what was typed into the rooms' dataclasses; whether it may be is decided in the rooms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import (
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.validators import Optional as MayBeEmpty
from wtforms.widgets import CheckboxInput, ListWidget

from wellbeing.contacts.rules.canned import LONGEST as CANNED_LIMIT
from wellbeing.contacts.rules.conversations import (
    BY_COUNSELORS,
    MEASURE_LIMIT,
    MEASURES,
    ContactFacts,
    Disposition,
)
from wellbeing.organizations.queries import OrganizationRow
from wellbeing.policy import current as policy
from wellbeing.policy.model import Choice, Language, RiskLevel, ScreenerDefinition
from wellbeing.portal.filters import level_label, words
from wellbeing.portal.forms.base import Form, _, choice, hidden_version
from wellbeing.portal.forms.cases import Versioned

NOTE_LIMIT = 4_000
REPLY_LIMIT = 1_400
"""Longer texts would be split by the carrier into two that may arrive apart."""

NOT_KNOWN = choice("", _("not known"))
NOTE_NEEDED = _("Please write one sentence of why.")


class ReplyForm(Form):
    """A counselor's text to the student."""

    body = TextAreaField(
        _("Your reply"),
        validators=[
            InputRequired(_("There is nothing to send yet.")),
            Length(max=REPLY_LIMIT, message=_("Please send this in two shorter texts.")),
        ],
    )


class AssessForm(Form):
    """A risk level with its reason."""

    level = RadioField(
        _("Risk level"), coerce=int, validators=[InputRequired(_("Please choose a level."))]
    )
    source = RadioField(
        _("What it rests on"),
        choices=[
            choice("counselor", _("My own judgement")),
            choice("third_party", _("A report by somebody else")),
        ],
        default="counselor",
        validators=[InputRequired()],
    )
    note = TextAreaField(
        _("Reason"), validators=[InputRequired(NOTE_NEEDED), Length(max=NOTE_LIMIT)]
    )

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.level.choices = _levels()


class FactsForm(Form):
    """The contact record: who, why, and how it was at the start and at the end."""

    caller_type = SelectField(_("Who is writing"), validators=[MayBeEmpty()])
    age_band = SelectField(_("Age"), validators=[MayBeEmpty()])
    reasons = SelectMultipleField(
        _("Reasons for contact"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[MayBeEmpty()],
    )
    version = hidden_version()

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        triage = policy.current().triage
        language = settings["language"]
        self.caller_type.choices = [NOT_KNOWN, *_choices(triage.caller_types, language)]
        self.age_band.choices = [NOT_KNOWN, *_choices(triage.age_bands, language)]
        self.reasons.choices = _choices(triage.reasons, language)

    def facts(self, *, non_data_kind: str | None) -> ContactFacts:
        """Give what was recorded; the kind of a non-data contact is set elsewhere and stays."""
        return ContactFacts(
            caller_type=self.caller_type.data or None,
            age_band=self.age_band.data or None,
            reasons=tuple(self.reasons.data or ()),
            non_data_kind=non_data_kind,
            **{name: self[name].data for name in MEASURES},
        )


MEASURE_LABELS: Mapping[str, Any] = {
    "distress_start": _("Distress at the start"),
    "distress_end": _("Distress at the end"),
    "intent_start": _("Wish to die at the start"),
    "intent_end": _("Wish to die at the end"),
    "hope_start": _("Hope at the start"),
    "hope_end": _("Hope at the end"),
}

for _name in MEASURES:
    setattr(
        FactsForm,
        _name,
        IntegerField(
            MEASURE_LABELS[_name],
            validators=[
                MayBeEmpty(),
                NumberRange(0, MEASURE_LIMIT, message=_("A whole number from 0 to 100.")),
            ],
        ),
    )


class OpenCaseForm(Form):
    """What a case needs to begin: a unit, a level, a reason."""

    organization_id = SelectField(
        _("The student's school or district"), coerce=int, validators=[InputRequired()]
    )
    other_code = StringField(
        _("Or the code of another unit"),
        description=_("Only when it is not in the list above."),
        validators=[MayBeEmpty(), Length(max=40)],
    )
    level = RadioField(
        _("Risk level"), coerce=int, validators=[InputRequired(_("Please choose a level."))]
    )
    note = TextAreaField(
        _("What this is about"),
        description=_("For colleagues who have not read the conversation. No names are needed."),
        validators=[InputRequired(NOTE_NEEDED), Length(max=NOTE_LIMIT)],
    )

    def __init__(
        self, *, units: Iterable[OrganizationRow], language: Language, **settings: Any
    ) -> None:
        super().__init__(**settings)
        self.level.choices = _levels()
        self.organization_id.choices = [
            choice(unit.id, unit.name(language=language)) for unit in units
        ]


class ReleaseForm(Form):
    """What the next colleague should know of a conversation that goes back to the queue."""

    note = TextAreaField(
        _("For the colleague who takes over"),
        description=_("What was said last, and what the student is waiting for."),
        validators=[MayBeEmpty(), Length(max=NOTE_LIMIT)],
    )


class HandOverForm(Form):
    """To whom a conversation goes, and what they should know of it."""

    colleague = RadioField(
        _("Who takes it"),
        coerce=int,
        validators=[InputRequired(_("Please choose a colleague who is on duty."))],
    )
    note = TextAreaField(
        _("For the colleague who takes over"),
        description=_("What was said last, and what the student is waiting for."),
        validators=[MayBeEmpty(), Length(max=NOTE_LIMIT)],
    )

    def __init__(self, *, colleagues: Iterable[tuple[int, str]], **settings: Any) -> None:
        super().__init__(**settings)
        self.colleague.choices = [choice(user_id, label) for user_id, label in colleagues]


class CannedForm(Form):
    """A ready-made reply in both languages; `version` names the one it would replace."""

    shortcut = StringField(
        _("Shortcut"),
        description=_("What is typed after the slash: small letters, digits and hyphens."),
        validators=[InputRequired(_("Please give it a shortcut.")), Length(max=20)],
    )
    text_zh = TextAreaField(
        _("In Chinese"),
        validators=[
            InputRequired(_("Both languages are needed.")),
            Length(max=CANNED_LIMIT, message=_("Please keep it shorter than 600 characters.")),
        ],
    )
    text_en = TextAreaField(
        _("In English"),
        validators=[
            InputRequired(_("Both languages are needed.")),
            Length(max=CANNED_LIMIT, message=_("Please keep it shorter than 600 characters.")),
        ],
    )
    version = hidden_version()


class WordForm(Versioned):
    """The word agreed with a student."""

    word = StringField(
        _("Agreed word"),
        description=_("Chosen by the student, said only by them. Leave it empty to forget it."),
        validators=[MayBeEmpty(), Length(max=40)],
    )


class CloseForm(Form):
    """How a conversation ended."""

    disposition = RadioField(
        _("How it ended"), validators=[InputRequired(_("Please choose how it ended."))]
    )
    wrap_up = TextAreaField(
        _("Wrap-up note"),
        description=_("For whoever meets this student next."),
        validators=[MayBeEmpty(), Length(max=NOTE_LIMIT)],
    )

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        # What is no request for help is closed by one click of its own.
        self.disposition.choices = [
            choice(one.value, words(one))
            for one in BY_COUNSELORS
            if one is not Disposition.NON_DATA
        ]


NOT_ASKED = choice("", _("Not asked"))


def screener_form(*, definition: ScreenerDefinition, language: Language, **settings: Any) -> Form:
    """Build the form of a screener from the policy's wording: one row of answers per question."""
    fields: dict[str, Any] = {
        item.key: RadioField(
            f"{number}. {item.text(language=language)}",
            choices=[
                *(
                    choice(one, definition.answers[one].name(language=language))
                    for one in item.answers
                ),
                NOT_ASKED,
            ],
            default="",
            validators=[MayBeEmpty()],
        )
        for number, item in enumerate(definition.items, start=1)
    }
    kind: type[Form] = type("ScreenerForm", (Form,), fields)
    return kind(prefix=f"{definition.key}-", **settings)


def screener_answers(*, form: Form, definition: ScreenerDefinition) -> dict[str, str]:
    """Give the answers that were chosen; a question that was not asked is left out."""
    return {item.key: form[item.key].data for item in definition.items if form[item.key].data}


def _levels() -> list[Any]:
    return [choice(level.value, level_label(level)) for level in reversed(RiskLevel)]


def _choices(entries: Iterable[Choice], language: Language) -> list[Any]:
    return [choice(entry.key, entry.name(language=language)) for entry in entries]
