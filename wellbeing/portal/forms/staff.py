"""Forms of staff: whom to find, and what somebody will be. What it leads to, the rooms decide."""

from __future__ import annotations

from wtforms import RadioField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from wellbeing.portal.forms.base import Form, _
from wellbeing.portal.forms.cases import CHOOSE, Versioned

LONGEST_NAME, LONGEST_CODE = 60, 40
NO_SUCH_PLACE = _("No organization of your units has this code.")


class FindStaffForm(Form):
    """Whom an administrator looks for."""

    class Meta:
        """A GET form changes nothing and needs no token."""

        csrf = False

    begins = StringField(
        _("User name begins with"), validators=[Optional(), Length(max=LONGEST_NAME)]
    )
    role = SelectField(_("Role"), validators=[Optional()])


class RoleForm(Versioned):
    """Which role somebody gets, and where."""

    role = RadioField(_("Role"), validators=[InputRequired(CHOOSE)])
    place = StringField(
        _("Code of the organization"),
        description=_("As in the list of organizations, like 500103."),
        validators=[DataRequired(_("Please type a code.")), Length(max=LONGEST_CODE)],
    )
