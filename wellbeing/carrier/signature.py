"""Who may post to the webhooks: the carrier alone, by its signature. What is posted: `webhooks`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, cast

from flask import Response, current_app, request
from prometheus_client import Counter
from twilio.request_validator import RequestValidator
from werkzeug.exceptions import RequestEntityTooLarge

logger = logging.getLogger(__name__)

HEADER = "X-Twilio-Signature"
MOST_BYTES = 64 * 1024
MOST_PARAMETERS = 1_000
FORM = "application/x-www-form-urlencoded"

refused = Counter(
    "wellbeing_webhooks_refused", "Webhook requests that were not the carrier's", ["reason"]
)

View = Callable[..., Response]


class Doubt(StrEnum):
    """Why a request is not taken for the carrier's."""

    TOO_LARGE = "too_large"
    NOT_A_FORM = "not_a_form"
    UNSIGNED = "unsigned"
    REPEATED = "repeated"
    ACCOUNT = "account"
    FORGED = "forged"


def signed(view: View) -> View:
    """Open a view to the carrier alone: 413 for what is too large, 403 on any other doubt."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Response:
        doubt = _doubt()
        if doubt is None:
            return view(*args, **kwargs)
        refused.labels(reason=doubt.value).inc()
        logger.warning(
            "a webhook was refused", extra={"reason": doubt.value, "endpoint": request.endpoint}
        )
        return Response(status=413 if doubt is Doubt.TOO_LARGE else 403)

    cast("Any", guarded).allowed = "carrier"
    return guarded


def _doubt() -> Doubt | None:
    return _doubt_of_body() or _doubt_of_signature()


def _doubt_of_body() -> Doubt | None:
    request.max_content_length = MOST_BYTES
    if (request.content_length or 0) > MOST_BYTES:
        return Doubt.TOO_LARGE
    if request.mimetype != FORM:
        return Doubt.NOT_A_FORM
    try:
        given = sum(len(values) for values in request.form.listvalues())
    except RequestEntityTooLarge:
        return Doubt.TOO_LARGE
    return Doubt.TOO_LARGE if given > MOST_PARAMETERS else None


def _doubt_of_signature() -> Doubt | None:
    signature = ",".join(request.headers.getlist(HEADER))
    if not signature:
        return Doubt.UNSIGNED
    # Servers join repeated headers with a comma, too; a signature holds none.
    if "," in signature:
        return Doubt.REPEATED
    if request.form.getlist("AccountSid") != [current_app.config["TWILIO_ACCOUNT_SID"]]:
        return Doubt.ACCOUNT
    return None if _is_signed(signature) else Doubt.FORGED


def _is_signed(signature: str) -> bool:
    """Check against the true public address: `request.url` un-escapes and trusts Host."""
    url = str(current_app.config["PUBLIC_BASE_URL"]).rstrip("/") + request.path
    if request.query_string:
        url += "?" + request.query_string.decode("latin-1")
    for token in current_app.config["TWILIO_AUTH_TOKENS"]:
        try:
            if RequestValidator(token).validate(url, request.form, signature):
                return True
        except Exception:  # noqa: BLE001 - the edge of a door
            # The validator raises on what it cannot parse; what it cannot check is not genuine.
            logger.warning("a signature could not be checked", extra={"endpoint": request.endpoint})
    return False
