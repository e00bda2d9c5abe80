"""One claimed order said to the carrier, by its kind. What comes of it is written in `results`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from wellbeing.foundation import pictures
from wellbeing.messaging.delivery.claims import Claim
from wellbeing.messaging.rules import OrderKind
from wellbeing.telephony.gateway import Accepted, CallOrder, Gateway, TextOrder

logger = logging.getLogger(__name__)

Answer = Accepted | bytes | None


def carry(*, gateway: Gateway, claim: Claim) -> Answer:
    """Ask the carrier for what was ordered: what it took, what was fetched, or None for a yes.

    Raises:
        TelephonyError: the carrier did not take it, or nobody knows.

    """
    return CARRIERS[claim.kind](gateway, claim)


def _text(gateway: Gateway, claim: Claim) -> Accepted:
    return gateway.send_text(
        TextOrder(
            to=claim.to,
            from_number=claim.from_number,
            body=claim.body,
            outbound_id=claim.outbound_id,
        )
    )


def _call(gateway: Gateway, claim: Claim) -> Accepted:
    return gateway.place_call(
        CallOrder(
            to=claim.to,
            from_number=claim.from_number,
            outbound_id=claim.outbound_id,
            purpose=claim.purpose,
            public_id=claim.public_id,
            ring_seconds=claim.ring_seconds,
            limit_s=claim.limit_s,
        )
    )


def _redirect(gateway: Gateway, claim: Claim) -> None:
    gateway.redirect_call(sid=claim.target_sid, purpose=claim.purpose, public_id=claim.public_id)


def _cancel(gateway: Gateway, claim: Claim) -> None:
    gateway.cancel_call(sid=claim.target_sid)


def _hang_up(gateway: Gateway, claim: Claim) -> None:
    gateway.hang_up(sid=claim.target_sid)


def _fetch_recording(gateway: Gateway, claim: Claim) -> bytes:
    return gateway.fetch_recording(sid=claim.target_sid)


def _delete_recording(gateway: Gateway, claim: Claim) -> None:
    gateway.delete_recording(sid=claim.target_sid)


def _fetch_medium(gateway: Gateway, claim: Claim) -> bytes:
    """Fetch and draw a picture anew while no transaction is open; nothing for what is none."""
    raw = gateway.fetch_medium(message_sid=claim.target_in, sid=claim.target_sid)
    try:
        return pictures.cleaned(raw)
    except pictures.NotAPicture:
        logger.warning("what came with a text is no picture", extra={"medium": claim.purpose_id})
        return b""


def _delete_medium(gateway: Gateway, claim: Claim) -> None:
    gateway.delete_medium(message_sid=claim.target_in, sid=claim.target_sid)


def _delete_queue(gateway: Gateway, claim: Claim) -> None:
    gateway.delete_queue(name=claim.target_sid)


def _hold(gateway: Gateway, claim: Claim) -> None:
    gateway.hold_participant(
        conference_sid=claim.target_in,
        call_sid=claim.target_sid,
        held=claim.kind is OrderKind.HOLD,
    )


CARRIERS: Mapping[OrderKind, Callable[[Gateway, Claim], Answer]] = {
    OrderKind.TEXT: _text,
    OrderKind.CALL: _call,
    OrderKind.REDIRECT: _redirect,
    OrderKind.CANCEL: _cancel,
    OrderKind.HANG_UP: _hang_up,
    OrderKind.FETCH_RECORDING: _fetch_recording,
    OrderKind.DELETE_RECORDING: _delete_recording,
    OrderKind.FETCH_MEDIUM: _fetch_medium,
    OrderKind.DELETE_MEDIUM: _delete_medium,
    OrderKind.DELETE_QUEUE: _delete_queue,
    OrderKind.HOLD: _hold,
    OrderKind.UNHOLD: _hold,
}
