"""Whether a form was sent and is fit; pages that are both the form and its answer ask here."""

from __future__ import annotations

from flask import request

from wellbeing.portal.forms.base import Form
from wellbeing.portal.forms.cases import Versioned

UNFIT = 422


def is_sent(*, form: Form) -> bool:
    """Tell whether the reader sent a form that is fit to be acted on."""
    return request.method == "POST" and form.is_valid()


def status() -> int:
    """Tell the status of a page that shows a form: 422 when it was sent and is not fit."""
    return UNFIT if request.method == "POST" else 200


def is_stale(*, form: Versioned, version: int) -> bool:
    """Tell whether a form was written over another version than the one that stands.

    Choices may have changed with it: then it is a conflict and no mistake of the writer.
    """
    seen = form.version.data or 0
    return request.method == "POST" and 0 < seen != version
