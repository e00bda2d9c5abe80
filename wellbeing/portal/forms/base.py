"""What every form is: typed where Flask-WTF is not, its words in the reader's language."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

_: Any = lazy_gettext
"""Marks a label or message for the catalogue; worded when the page is written."""


def choice(value: Any, label: Any) -> Any:
    """Give one entry of a list to choose from."""
    return SelectChoice(value, label)


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
