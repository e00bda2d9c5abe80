"""Whether a form was sent and is fit; pages that are both the form and its answer ask here."""

from __future__ import annotations

from flask import request

from wellbeing.portal.forms.base import Form

UNFIT = 422


def is_sent(*, form: Form) -> bool:
    """Tell whether the reader sent a form that is fit to be acted on."""
    return request.method == "POST" and form.is_valid()


def status() -> int:
    """Tell the status of a page that shows a form: 422 when it was sent and is not fit."""
    return UNFIT if request.method == "POST" else 200
