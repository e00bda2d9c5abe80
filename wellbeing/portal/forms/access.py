"""Forms of signing in and of one's own account. What matches is decided in accounts."""

from __future__ import annotations

from flask_babel import gettext
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, Optional

from wellbeing.portal.forms.base import Form, _

USERNAME_LIMIT = 60
PASSWORD_LIMIT = 1_000
"""Far above what accounts take; it only keeps absurd bodies from the hash."""
CODE_LIMIT = 40


class SignInForm(Form):
    """User name and password."""

    username = StringField(
        _("User name"),
        validators=[InputRequired(_("Please type your user name.")), Length(max=USERNAME_LIMIT)],
    )
    password = PasswordField(
        _("Password"),
        validators=[InputRequired(_("Please type your password.")), Length(max=PASSWORD_LIMIT)],
    )
    next = HiddenField()


class CodeForm(Form):
    """The six digits that the authenticator shows now."""

    code = StringField(
        _("Six-digit code"),
        description=_("It changes every 30 seconds and works once."),
        validators=[InputRequired(_("Please type the code.")), Length(max=CODE_LIMIT)],
    )
    next = HiddenField()


class RecoveryForm(Form):
    """One of the codes kept on paper."""

    code = StringField(
        _("Recovery code"),
        description=_("Sixteen letters and digits from the sheet that you printed or wrote down."),
        validators=[InputRequired(_("Please type the code.")), Length(max=CODE_LIMIT)],
    )
    next = HiddenField()


class StepUpForm(Form):
    """Proof of who one is, again: the authenticator's code, or without the phone the password."""

    code = StringField(
        _("Six-digit code"),
        description=_("It changes every 30 seconds and works once."),
        validators=[Optional(), Length(max=CODE_LIMIT)],
    )
    password = PasswordField(
        _("Or your password"),
        description=_("If the phone with the authenticator is not at hand."),
        validators=[Optional(), Length(max=PASSWORD_LIMIT)],
    )
    next = HiddenField()

    def is_valid(self) -> bool:
        """Tell whether there is something to check."""
        fits = super().is_valid()
        if fits and not self.text("code") and not self.password.data:
            self.code.errors = [gettext("Please type the code or your password.")]
            return False
        return fits
