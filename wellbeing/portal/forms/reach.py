"""Forms of how pages reach the reader: a number, the code that proves it, quiet hours."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField, RadioField, StringField, TimeField
from wtforms.validators import AnyOf, InputRequired, Length, Optional

from wellbeing.escalation.rules.words import PageChannel
from wellbeing.portal.forms.base import Form, _, choice

CHANNELS = [channel.value for channel in PageChannel]


class _OfChannel(Form):
    """A form about one way of being paged."""

    def chosen(self) -> PageChannel:
        """Give the way that was chosen."""
        return PageChannel(self.text("channel"))


class NumberForm(_OfChannel):
    """A number for texts or for calls, and how its code comes there."""

    channel = RadioField(
        _("For"),
        choices=[
            choice(PageChannel.TEXT.value, _("Text message")),
            choice(PageChannel.CALL.value, _("Phone call")),
        ],
        default=PageChannel.TEXT.value,
        validators=[InputRequired()],
    )
    number = StringField(
        _("Number"),
        validators=[InputRequired(_("Please give the number.")), Length(max=40)],
    )
    call_me = BooleanField(
        _("Read the code to me by a phone call"),
        description=_("For phone calls only. A landline is always called."),
    )


class CodeForm(_OfChannel):
    """The code that was sent to a number."""

    channel = HiddenField(validators=[AnyOf(CHANNELS)])
    code = StringField(
        _("Code from the text or call"),
        validators=[InputRequired(_("Please type the code.")), Length(max=20)],
    )


class ForgetForm(_OfChannel):
    """Which number is forgotten."""

    channel = HiddenField(validators=[AnyOf(CHANNELS)])


class QuietForm(Form):
    """From when to when the reader rests; both empty: never."""

    starts = TimeField(_("From"), validators=[Optional()])
    ends = TimeField(_("Until"), validators=[Optional()])
