"""The carrier's webhooks: verify, parse, ask the hotline, render. No rule lives here."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, Response, request

from wellbeing.carrier import twiml
from wellbeing.carrier.deadline import Desk
from wellbeing.carrier.signature import signed
from wellbeing.carrier.statuses import CALL_STATUSES, TEXT_STATUSES
from wellbeing.foundation import clock
from wellbeing.foundation.database import WEBHOOK_PATIENCE_MS, transaction
from wellbeing.hotline import text as hotline_text
from wellbeing.hotline.voice import pages as hotline_voice
from wellbeing.messaging import operations as messaging
from wellbeing.messaging.rules import DeliveryStatus, Receipt
from wellbeing.policy import current as policy
from wellbeing.telephony.steps import Document

logger = logging.getLogger(__name__)
blueprint = Blueprint("carrier", __name__, url_prefix="/twilio")

desk = Desk()

LONGEST_NUMBER = 9
Answer = TypeVar("Answer")


@blueprint.post("/text/in")
@signed
def text_in() -> Response:
    """Take a text; on any trouble answer 503, so that the carrier tries again or falls back."""
    text = _carrier_text()
    try:
        _in_time(lambda: hotline_text.receive_text(text=text, now=clock.now()))
    except Exception:
        # The edge of a door: whatever happened, the carrier must not take it for received.
        logger.exception("a text could not be received", extra={"sid": text.sid})
        return Response(status=503)
    return _xml(twiml.EMPTY_TEXT_REPLY)


@blueprint.post("/text/status/<int:outbound_id>")
@signed
def text_status(outbound_id: int) -> Response:
    """Move one of our texts forward by the carrier's report."""
    return _take_receipt(
        outbound_id,
        sid=_field("MessageSid"),
        status=TEXT_STATUSES.get(_field("MessageStatus") or _field("SmsStatus")),
    )


@blueprint.post("/call/status/<int:outbound_id>")
@signed
def call_status(outbound_id: int) -> Response:
    """Move one of our calls forward by the carrier's report."""
    return _take_receipt(
        outbound_id,
        sid=_field("CallSid"),
        status=CALL_STATUSES.get(_field("CallStatus")),
    )


@blueprint.post("/voice/in")
@signed
def voice_in() -> Response:
    """Answer a call to the line."""
    return _fallback(_caller_fallback())


@blueprint.post("/voice/status")
@signed
def voice_status() -> Response:
    """Take note that a call to the line is over; it was recorded when it came in."""
    logger.info("a call to the line ended", extra={"sid": _field("CallSid")})
    return _done()


@blueprint.post("/page/<public_id>")
@signed
def page(public_id: str) -> Response:
    """Tell a paged colleague that the line needs them."""
    return _speak(
        lambda: hotline_voice.page_call(public_id=public_id, now=clock.now()),
        fallback=_staff_fallback,
    )


@blueprint.post("/page/<public_id>/key")
@signed
def page_key(public_id: str) -> Response:
    """Take the key that a paged colleague pressed; none at all is an answer, too."""
    digits = _field("Digits")
    return _speak(
        lambda: hotline_voice.page_call_key(public_id=public_id, digits=digits, now=clock.now()),
        fallback=_staff_fallback,
    )


@blueprint.post("/fallback/voice")
@signed
def fallback_voice() -> Response:
    """Speak to a caller without the database: the carrier could not reach the real answer."""
    return _fallback(_caller_fallback())


@blueprint.post("/fallback/page")
@signed
def fallback_page() -> Response:
    """Speak to a paged colleague without the database."""
    return _fallback(_staff_fallback())


@blueprint.post("/fallback/text")
@signed
def fallback_text() -> Response:
    """Tell the sender that a text could not be received, without the database."""
    return _fallback(twiml.text_fallback(prompts=policy.current().prompts))


def _in_time(work: Callable[[], Answer]) -> Answer:
    def unit() -> Answer:
        with transaction(patience_ms=WEBHOOK_PATIENCE_MS):
            return work()

    return desk.run(unit)


def _speak(step: Callable[[], Document], *, fallback: Callable[[], str]) -> Response:
    try:
        return _xml(twiml.render(_in_time(step)))
    except Exception:
        # The edge of a door: a caller must hear something whatever happened (promise P7).
        logger.exception("a call could not be answered", extra={"endpoint": request.endpoint})
        return _xml(fallback())


def _take_receipt(outbound_id: int, *, sid: str, status: DeliveryStatus | None) -> Response:
    if status is None:
        logger.warning("a status is unknown", extra={"outbound_id": outbound_id})
        return _done()
    receipt = Receipt(
        outbound_id=outbound_id,
        sid=sid,
        status=status,
        error_code=_number("ErrorCode"),
        sequence_number=_number("SequenceNumber"),
    )
    try:
        _in_time(lambda: messaging.apply_receipt(receipt=receipt, now=clock.now()))
    except Exception:
        # The edge of a door: 503 makes the carrier tell us again.
        logger.exception("a receipt was not recorded", extra={"outbound_id": outbound_id})
        return Response(status=503)
    return _done()


def _carrier_text() -> hotline_text.CarrierText:
    return hotline_text.CarrierText(
        sid=_field("MessageSid"),
        sender=_field("From"),
        line_number=_field("To"),
        body=request.form.get("Body", ""),
        media_count=_number("NumMedia") or 0,
    )


def _fallback(document: str) -> Response:
    logger.error("the carrier fell back", extra={"code": _field("ErrorCode")})
    return _xml(document)


def _caller_fallback() -> str:
    rules = policy.current()
    return twiml.caller_fallback(
        prompts=rules.prompts,
        lifeline=rules.line.lifeline.dialled,
        line_number=rules.line.numbers[0].number,
    )


def _staff_fallback() -> str:
    return twiml.staff_fallback(prompts=policy.current().prompts)


def _field(name: str) -> str:
    return request.form.get(name, "").strip()


def _number(name: str) -> int | None:
    given = _field(name)
    is_number = given.isascii() and given.isdigit() and len(given) <= LONGEST_NUMBER
    return int(given) if is_number else None


def _xml(document: str) -> Response:
    return Response(document, mimetype="text/xml")


def _done() -> Response:
    return Response(status=204)
