"""Forms of handing over, tags and the timeline's filter: what was typed, checked by field."""

from __future__ import annotations

from wtforms import (
    DateField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from wellbeing.portal.forms.base import Form, _
from wellbeing.portal.forms.cases import CHOOSE, EMPTY, Versioned, required


class AssignForm(Versioned):
    """To whom a case goes, and why."""

    to = SelectField(_("To whom"), validators=[InputRequired(CHOOSE)], coerce=int)
    reason = TextAreaField(
        _("Why"),
        description=_("The timeline shows it to both."),
        validators=required(),
    )


class TagsForm(Form):
    """Which tags a case carries; `seen` are those that stood there when the page was opened."""

    seen = HiddenField(default="")

    tags = SelectMultipleField(
        _("Tags"),
        validators=[Optional()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class PutTagForm(Form):
    """One tag for several cases."""

    tag = SelectField(_("Tag"), validators=[InputRequired(CHOOSE)])


class NewTagForm(Form):
    """A tag for a unit and all below it."""

    name = StringField(
        _("Name"),
        description=_("One short word without figures; never a name."),
        validators=[DataRequired(EMPTY), Length(max=40)],
    )


class TimelineForm(Form):
    """Which entries are wanted; it travels in the address, so it holds no word of anybody."""

    class Meta:
        """A GET form changes nothing and needs no token."""

        csrf = False

    who = SelectField(_("By whom"), validators=[Optional()])
    since = DateField(_("From"), validators=[Optional()])
    until = DateField(_("To"), validators=[Optional()])
