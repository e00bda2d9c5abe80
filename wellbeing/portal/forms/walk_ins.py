"""The form of a contact made elsewhere: who came, when, why, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_wtf.file import FileField, FileRequired
from wtforms import (
    DateTimeLocalField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.validators import Optional as MayBeEmpty

from wellbeing.cases.rules.walk_ins import ENDINGS, NewWalkIn
from wellbeing.contacts.rules.conversations import Channel, Disposition
from wellbeing.contacts.rules.walk_ins import ELSEWHERE, LONGEST_MINUTES, WalkIn
from wellbeing.foundation import phone
from wellbeing.organizations.queries import OrganizationRow
from wellbeing.policy import current as policy
from wellbeing.policy.model import Language, RiskLevel
from wellbeing.portal.filters import level_label, words
from wellbeing.portal.forms.base import Form, _, choice
from wellbeing.portal.forms.contacts import NOTE_LIMIT, FactsForm

FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M"]
"""As a browser sends it, and as somebody types it into a browser without such a field."""


class ContactsFileForm(Form):
    """A file of contacts."""

    file = FileField(_("File"), validators=[FileRequired(_("Please choose a file."))])

    def content(self) -> bytes:
        """Give the file's bytes."""
        read: bytes = self.file.data.stream.read()
        return read


class ContactsNowForm(Form):
    """The file as its preview sends it back; it is read anew, so nothing of it is trusted."""

    content = HiddenField(validators=[InputRequired()])


class WalkInForm(FactsForm):
    """A contact in person or by letter."""

    token = HiddenField(validators=[InputRequired(), Length(min=16, max=64)])
    channel = RadioField(
        _("How"),
        default=Channel.WALK_IN.value,
        validators=[InputRequired()],
    )
    organization_id = SelectField(
        _("The student's school or district"), coerce=int, validators=[InputRequired()]
    )
    happened_at = DateTimeLocalField(
        _("When"),
        format=FORMATS,
        description=_("For a letter: when you read it."),
        validators=[InputRequired(_("Please say when this was."))],
    )
    minutes = IntegerField(
        _("How long, in minutes"),
        validators=[
            MayBeEmpty(),
            NumberRange(0, LONGEST_MINUTES, message=_("A whole number from 0 to 1440.")),
        ],
    )
    number = StringField(
        _("Telephone number"),
        description=_("Only if they left one. It is kept sealed and shown masked."),
        validators=[MayBeEmpty(), Length(max=40)],
    )
    spoken = SelectField(_("Language"), choices=[choice(one.value, words(one)) for one in Language])
    level = RadioField(_("Risk level"), validators=[MayBeEmpty()], default="")
    level_note = TextAreaField(
        _("Reason for the level, and what this is about"),
        description=_("A case begins with these words. No names are needed."),
        validators=[MayBeEmpty(), Length(max=NOTE_LIMIT)],
    )
    wrap_up = TextAreaField(
        _("Wrap-up note"),
        description=_("For whoever meets this student next."),
        validators=[MayBeEmpty(), Length(max=NOTE_LIMIT)],
    )
    next_step = RadioField(
        _("What happens now"),
        validators=[InputRequired(_("Please choose what happens now."))],
    )

    def __init__(self, *, units: Iterable[OrganizationRow], **settings: Any) -> None:
        super().__init__(**settings)
        language = settings["language"]
        self.channel.choices = [choice(one.value, words(one)) for one in ELSEWHERE]
        self.spoken.choices = [choice(one.value, words(one)) for one in Language]
        self.next_step.choices = [
            *(choice(one.value, words(one)) for one in ENDINGS),
            choice("case", _("A case is opened, and I follow it")),
            choice("workspace", _("I go on in the workspace: screening, report, case")),
        ]
        self.organization_id.choices = [
            choice(unit.id, unit.name(language=language)) for unit in units
        ]
        self.level.choices = [
            choice("", _("Not assessed")),
            *(choice(str(one.value), level_label(one)) for one in reversed(RiskLevel)),
        ]

    def contact(self, *, path: str, by: int) -> NewWalkIn:
        """Give what was written down; `path` is that of the chosen unit.

        Raises:
            NotAPhoneNumber: what stands there cannot be dialled.

        """
        number = self.text("number")
        walk_in = WalkIn(
            origin=f"hand:{by}:{self.text('token')}",
            channel=Channel(self.channel.data),
            happened_at=self._moment(),
            minutes=self.minutes.data,
            number=phone.normalised(number) if number else None,
            language=Language(self.spoken.data),
            organization_id=int(self.organization_id.data),
            organization_path=path,
            facts=self.facts(non_data_kind=None),
        )
        chosen = self.text("next_step")
        return NewWalkIn(
            walk_in=walk_in,
            level=RiskLevel(int(self.level.data)) if self.level.data else None,
            level_note=self.text("level_note"),
            opens_case=chosen == "case",
            ending=Disposition(chosen) if chosen in ENDINGS else None,
            wrap_up=self.text("wrap_up"),
        )

    def _moment(self) -> datetime:
        typed: Any = self.happened_at.data
        zone = ZoneInfo(policy.current().followups.zone)
        moment: datetime = typed.replace(tzinfo=zone)
        return moment
