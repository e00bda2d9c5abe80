"""The carrier's webhooks for texts, pages, receipts and fallbacks; a call's are beside this.

Verify, parse, ask the hotline, render. No rule lives here.
"""

from __future__ import annotations

import logging
import re

from flask import Blueprint, Response, request

from wellbeing.carrier import answering, twiml
from wellbeing.carrier.answering import field, number
from wellbeing.carrier.signature import signed
from wellbeing.carrier.statuses import CALL_STATUSES, TEXT_STATUSES
from wellbeing.contacts.rules.media import MOST_PER_TEXT
from wellbeing.foundation import clock
from wellbeing.hotline import text as hotline_text
from wellbeing.hotline.voice import codes, pages
from wellbeing.messaging import operations as messaging
from wellbeing.messaging.rules import DeliveryStatus, Receipt
from wellbeing.policy import current as policy

logger = logging.getLogger(__name__)
MEDIA_URL = re.compile(
    r"https://api\.twilio\.com/2010-04-01/Accounts/(?P<account>AC[0-9a-f]{32})"
    r"/Messages/(?P<text>(?:SM|MM)[0-9a-f]{32})/Media/(?P<sid>ME[0-9a-f]{32})"
)
blueprint = Blueprint("carrier", __name__, url_prefix="/twilio")


@blueprint.post("/text/in")
@signed
def text_in() -> Response:
    """Take a text; on any trouble answer 503, so that the carrier tries again or falls back."""
    text = _carrier_text()
    try:
        answering.in_time(lambda: hotline_text.receive_text(text=text, now=clock.now()))
    except Exception:
        # The edge of a door: whatever happened, the carrier must not take it for received.
        logger.exception("a text could not be received", extra={"sid": text.sid})
        return Response(status=503)
    return answering.xml(twiml.EMPTY_TEXT_REPLY)


@blueprint.post("/text/status/<int:outbound_id>")
@signed
def text_status(outbound_id: int) -> Response:
    """Move one of our texts forward by the carrier's report."""
    return _take_receipt(
        outbound_id,
        sid=field("MessageSid"),
        status=TEXT_STATUSES.get(field("MessageStatus") or field("SmsStatus")),
    )


@blueprint.post("/call/status/<int:outbound_id>")
@signed
def call_status(outbound_id: int) -> Response:
    """Move one of our calls forward by the carrier's report."""
    return _take_receipt(
        outbound_id,
        sid=field("CallSid"),
        status=CALL_STATUSES.get(field("CallStatus")),
    )


@blueprint.post("/page/<public_id>")
@signed
def page(public_id: str) -> Response:
    """Tell a paged colleague that the line needs them."""
    return answering.speak(
        lambda: pages.page_call(public_id=public_id, now=clock.now()),
        fallback=answering.staff_fallback,
    )


@blueprint.post("/page/<public_id>/key")
@signed
def page_key(public_id: str) -> Response:
    """Take the key that a paged colleague pressed; none at all is an answer, too."""
    digits = field("Digits")
    return answering.speak(
        lambda: pages.page_call_key(public_id=public_id, digits=digits, now=clock.now()),
        fallback=answering.staff_fallback,
    )


@blueprint.post("/code/<public_id>")
@signed
def code(public_id: str) -> Response:
    """Read out the code that proves a number, to whoever answers it."""
    return answering.speak(
        lambda: codes.read_out(public_id=public_id, now=clock.now()),
        fallback=answering.code_fallback,
    )


@blueprint.post("/fallback/voice")
@signed
def fallback_voice() -> Response:
    """Speak to a caller without the database: the carrier could not reach the real answer."""
    return _fallback(answering.caller_fallback())


@blueprint.post("/fallback/page")
@signed
def fallback_page() -> Response:
    """Speak to a paged colleague without the database."""
    return _fallback(answering.staff_fallback())


@blueprint.post("/fallback/code")
@signed
def fallback_code() -> Response:
    """Say without the database that no code can be read out now."""
    return _fallback(answering.code_fallback())


@blueprint.post("/fallback/text")
@signed
def fallback_text() -> Response:
    """Tell the sender that a text could not be received, without the database."""
    return _fallback(twiml.text_fallback(prompts=policy.current().prompts))


def _take_receipt(outbound_id: int, *, sid: str, status: DeliveryStatus | None) -> Response:
    if status is None:
        logger.warning("a status is unknown", extra={"outbound_id": outbound_id})
        return answering.done()
    receipt = Receipt(
        outbound_id=outbound_id,
        sid=sid,
        status=status,
        error_code=number("ErrorCode"),
        sequence_number=number("SequenceNumber"),
    )
    return answering.note(lambda: messaging.apply_receipt(receipt=receipt, now=clock.now()))


def _carrier_text() -> hotline_text.CarrierText:
    return hotline_text.CarrierText(
        sid=field("MessageSid"),
        sender=field("From"),
        line_number=field("To"),
        body=request.form.get("Body", ""),
        media_count=number("NumMedia") or 0,
        media_sids=_media_sids(),
    )


def _media_sids() -> tuple[str, ...]:
    """Take the ids out of the addresses of media; nothing else of an address is ever used."""
    account, message = field("AccountSid"), field("MessageSid")
    addresses = (
        field(f"MediaUrl{place}") for place in range(min(number("NumMedia") or 0, MOST_PER_TEXT))
    )
    found = (MEDIA_URL.fullmatch(one) for one in addresses)
    return tuple(
        one["sid"] for one in found if one and one["account"] == account and one["text"] == message
    )


def _fallback(document: str) -> Response:
    logger.error("the carrier fell back", extra={"code": field("ErrorCode")})
    return answering.xml(document)
