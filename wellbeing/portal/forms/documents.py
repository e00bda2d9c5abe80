"""Forms of documents: a file, and why one is taken back."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import TextAreaField

from wellbeing.portal.forms.base import Form, _
from wellbeing.portal.forms.cases import required

ACCEPT = "image/*,.pdf,.txt,.docx,.xlsx,.pptx"
"""A help for whoever chooses; what comes is judged by its own bytes."""


class DocumentForm(Form):
    """One file."""

    file = FileField(
        _("File"),
        validators=[FileRequired(_("Please choose a file."))],
    )

    def raw(self) -> tuple[bytes, str]:
        """Give the file's bytes and the name that it came with."""
        return self.file.data.stream.read(), self.file.data.filename or ""


class WithdrawForm(Form):
    """Why a document does not belong here."""

    reason = TextAreaField(
        _("Why it does not belong here"),
        description=_(
            "Supervisors of this case read this; nobody else sees the document any more."
        ),
        validators=required(),
    )
