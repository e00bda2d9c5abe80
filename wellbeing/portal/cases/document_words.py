"""The words of documents. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import format_decimal, gettext
from flask_babel import lazy_gettext as _

from wellbeing.cases.rules.documents import DocumentRow
from wellbeing.foundation.documents import ENDINGS, DocumentKind

KINDS: Mapping[DocumentKind, Any] = {
    DocumentKind.PICTURE: _("Picture"),
    DocumentKind.PDF: _("PDF"),
    DocumentKind.TEXT: _("Plain text"),
    DocumentKind.WORD: _("Text document"),
    DocumentKind.SHEET: _("Spreadsheet"),
    DocumentKind.SLIDES: _("Slides"),
}
KILOBYTE, MEGABYTE = 1024, 1024 * 1024


def kind(*, value: str) -> str:
    """Word a kind of document as the timeline has it."""
    return str(KINDS[DocumentKind(value)])


def name(*, row: DocumentRow) -> str:
    """Give a document's name; one that came without is called by its number."""
    nameless = gettext("document-%(number)s", number=row.document_id)
    return row.name or f"{nameless}{ENDINGS[row.kind]}"


def size(*, count: int) -> str:
    """Word a number of bytes."""
    if count < MEGABYTE:
        return gettext("%(count)s KB", count=format_decimal(max(1, round(count / KILOBYTE))))
    return gettext("%(count)s MB", count=format_decimal(round(count / MEGABYTE, 1)))
