"""The telephony port spoken to Twilio's REST API: orders become requests. Errors: `client`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from itertools import takewhile
from typing import Any

from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from wellbeing.carrier.client import CarrierClient
from wellbeing.carrier.statuses import CALL_IS_OVER, CALL_STATUSES, TEXT_STATUSES
from wellbeing.telephony.gateway import (
    Accepted,
    CallOrder,
    CarrierCall,
    CarrierText,
    Purpose,
    TelephonyError,
    TextOrder,
)

OVERRIDES = "#rc=2&rp=ct,5xx,rt&ct=1000&rt=3500"
"""Three tries of ours stay under the carrier's hard limit of 15 seconds; it is never signed."""
CALL_EVENTS = ["initiated", "ringing", "answered", "completed"]
DOCUMENTS: Mapping[Purpose, str] = {Purpose.PAGE_CALL: "/twilio/page/{public_id}"}
"""Which document a call of this purpose hears."""
FALLBACKS: Mapping[Purpose, str] = {Purpose.PAGE_CALL: "/twilio/fallback/page"}
LIST_LIMIT = 200


class TwilioGateway:
    """Any carrier that speaks Twilio's API; `telephony_base_url` None means Twilio itself."""

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        public_base_url: str,
        telephony_base_url: str | None,
    ) -> None:
        http = CarrierClient(base_url=telephony_base_url)
        self._client = Client(account_sid, auth_token, http_client=http)
        self._public = public_base_url.rstrip("/")

    def send_text(self, order: TextOrder, /) -> Accepted:
        """Hand a text to Twilio; its receipts come to an address that carries our id."""
        with _border():
            message = self._client.messages.create(
                to=order.to,
                from_=order.from_number,
                body=order.body,
                status_callback=self._url(f"/twilio/text/status/{order.outbound_id}"),
            )
            return Accepted(sid=_sid(message), status=TEXT_STATUSES[str(message.status)])

    def place_call(self, order: CallOrder, /) -> Accepted:
        """Ask Twilio to ring a number; the document is fetched only after somebody answers."""
        with _border():
            call = self._client.calls.create(
                to=order.to,
                from_=order.from_number,
                url=self._document(order.purpose, order.public_id),
                fallback_url=self._url(FALLBACKS[order.purpose]),
                status_callback=self._url(f"/twilio/call/status/{order.outbound_id}"),
                status_callback_event=CALL_EVENTS,
                timeout=order.ring_seconds,
            )
            return Accepted(sid=_sid(call), status=CALL_STATUSES[str(call.status)])

    def redirect_call(self, *, sid: str, purpose: Purpose, public_id: str) -> None:
        """Let a running call fetch the document of this purpose now."""
        with _border():
            self._client.calls(sid).update(url=self._document(purpose, public_id))

    def cancel_call(self, *, sid: str) -> None:
        """Stop a call that nobody has answered yet; one that is over is no error."""
        self._end(sid, "canceled")

    def hang_up(self, *, sid: str) -> None:
        """End a call, answered or not; one that is over is no error."""
        self._end(sid, "completed")

    def texts_to(
        self, *, number: str, from_number: str, since: datetime
    ) -> tuple[CarrierText, ...]:
        """List the texts that Twilio took for this pair of numbers, newest first."""
        with _border():
            # Not filtered by date there: what still waits in Twilio's queue has no date of sending.
            newest = self._client.messages.stream(to=number, from_=from_number, limit=LIST_LIMIT)
            return tuple(_text(item) for item in _since(newest, since))

    def calls_to(
        self, *, number: str, from_number: str, since: datetime
    ) -> tuple[CarrierCall, ...]:
        """List the calls that Twilio took for this pair of numbers, newest first."""
        with _border():
            newest = self._client.calls.stream(to=number, from_=from_number, limit=LIST_LIMIT)
            return tuple(_call(item) for item in _since(newest, since))

    def _end(self, sid: str, status: str) -> None:
        try:
            with _border():
                self._client.calls(sid).update(status=status)
        except TelephonyError as error:
            if error.code not in CALL_IS_OVER:
                raise

    def _document(self, purpose: Purpose, public_id: str) -> str:
        if purpose not in DOCUMENTS:
            raise TelephonyError(permanent=True, alarm=True)
        return self._url(DOCUMENTS[purpose].format(public_id=public_id))

    def _url(self, path: str) -> str:
        return self._public + path + OVERRIDES


def from_config(config: Mapping[str, Any]) -> TwilioGateway:
    """Give the gateway of the application's settings; the first auth token is the current.

    The same settings give the same gateway, so that its connections are kept open.
    """
    return _gateway(
        config["TWILIO_ACCOUNT_SID"],
        config["TWILIO_AUTH_TOKENS"][0],
        config["PUBLIC_BASE_URL"],
        config["TELEPHONY_BASE_URL"],
    )


@cache
def _gateway(
    account_sid: str, auth_token: str, public_base_url: str, telephony_base_url: str | None
) -> TwilioGateway:
    return TwilioGateway(
        account_sid=account_sid,
        auth_token=auth_token,
        public_base_url=public_base_url,
        telephony_base_url=telephony_base_url,
    )


@contextmanager
def _border() -> Iterator[None]:
    """Take an answer that says yes but cannot be read for what it is: an order in doubt."""
    try:
        yield
    except (TwilioException, ValueError, KeyError) as error:
        raise TelephonyError(in_doubt=True) from error


def _sid(instance: Any) -> str:
    if not instance.sid:
        raise ValueError("the carrier named no id")
    return str(instance.sid)


def _since(newest_first: Iterable[Any], since: datetime) -> Iterator[Any]:
    return takewhile(lambda item: item.date_created >= since, newest_first)


def _text(item: Any) -> CarrierText:
    return CarrierText(
        sid=item.sid,
        to=item.to,
        from_number=item.from_,
        body=item.body,
        status=TEXT_STATUSES[str(item.status)],
        error_code=None if item.error_code is None else int(item.error_code),
        taken_at=item.date_created,
    )


def _call(item: Any) -> CarrierCall:
    return CarrierCall(
        sid=item.sid,
        to=item.to,
        from_number=item._from,  # noqa: SLF001 - how the library names it
        status=CALL_STATUSES[str(item.status)],
        taken_at=item.date_created,
    )
