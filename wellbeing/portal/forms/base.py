"""What every form is: typed where Flask-WTF is not, its words in the reader's language."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import IntegerField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from wellbeing.portal.addresses import LARGEST_ID

_: Any = lazy_gettext
"""Marks a label or message for the catalogue; worded when the page is written."""


def choice(value: Any, label: Any) -> Any:
    """Give one entry of a list to choose from."""
    return SelectChoice(value, label)


def hidden_version() -> Any:
    """Give the field that says which version the writer saw; 0 where there was none yet."""
    return IntegerField(widget=HiddenInput(), default=0, validators=[Optional()], filters=[_known])


def _known(version: int | None) -> int:
    """Take a number that no row can have for version 0, which is stale at most."""
    return version if version is not None and 0 <= version <= LARGEST_ID else 0


class Form(FlaskForm):
    """A form of a page; without `formdata` it reads the request."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)  # type: ignore[no-untyped-call]

    def is_valid(self) -> bool:
        """Tell whether what was sent is fit; each error then stands by its field."""
        return bool(self.validate())

    def text(self, name: str) -> str:
        """Give what was typed into a field, without the blanks around it."""
        return str(self[name].data or "").strip()

    def refuse(self, name: str, message: str) -> None:
        """Put an error that a room found (an English message id) beside its field."""
        field = self[name]
        field.errors = [*field.errors, gettext(message)]
