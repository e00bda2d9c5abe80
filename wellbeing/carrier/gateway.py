"""The telephony port spoken to Twilio's REST API: orders become requests. Errors: `client`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import takewhile
from typing import Any

from twilio.base.exceptions import TwilioException
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant
from twilio.rest import Client

from wellbeing.carrier.client import CarrierClient
from wellbeing.carrier.statuses import CALL_IS_OVER, CALL_STATUSES, TEXT_STATUSES
from wellbeing.telephony.gateway import (
    Accepted,
    CallOrder,
    CarrierCall,
    CarrierNumber,
    CarrierText,
    InboundRecord,
    Purpose,
    TelephonyError,
    TextOrder,
)

OVERRIDES = "#rc=2&rp=ct,5xx,rt&ct=1000&rt=3500"
"""Three tries of ours stay under the carrier's hard limit of 15 seconds; it is never signed."""
CALL_EVENTS = ["initiated", "ringing", "answered", "completed"]
DOCUMENTS: Mapping[Purpose, str] = {
    Purpose.PAGE_CALL: "/twilio/page/{public_id}",
    Purpose.CODE_CALL: "/twilio/code/{public_id}",
    Purpose.RING: "/twilio/leg/{public_id}/answer",
    Purpose.CALL: "/twilio/call/{public_id}/moved",
}
"""Which document a call of this purpose hears."""
FALLBACKS: Mapping[Purpose, str] = {
    Purpose.PAGE_CALL: "/twilio/fallback/page",
    Purpose.CODE_CALL: "/twilio/fallback/code",
    Purpose.RING: "/twilio/fallback/page",
}
LIST_LIMIT = 200
PAGE_SIZE = 1_000
MOST_MEDIA = 10
"""So many pictures may come with one text."""
MOST_MEDIA_BYTES = 20 * 1024 * 1024
MEDIA = "https://api.twilio.com/2010-04-01/Accounts/{account}/Recordings/{sid}.mp3"
TEXT_MEDIA = "https://api.twilio.com/2010-04-01/Accounts/{account}/Messages/{message}/Media/{sid}"
MOST_PICTURE_BYTES = 5 * 1024 * 1024
"""What a network carries in one message, and more than any of them does."""
MEDIA_STORES = frozenset({"mms.twiliocdn.com", "media.twiliocdn.com"})
"""Where Twilio keeps the bytes of media: the only hosts that its answer may lead to, once."""
INBOUND = "inbound"
IDENTITY = re.compile(r"[A-Za-z0-9_]{1,121}")
"""What may stand after "client:"."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of the account that signs tokens for browsers; the auth token cannot."""

    sid: str
    secret: str


class TwilioGateway:
    """Any carrier that speaks Twilio's API; `telephony_base_url` None means Twilio itself."""

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        public_base_url: str,
        telephony_base_url: str | None,
        api_key: ApiKey | None = None,
    ) -> None:
        self._http = CarrierClient(base_url=telephony_base_url)
        self._client = Client(account_sid, auth_token, http_client=self._http)
        self._account, self._auth = account_sid, (account_sid, auth_token)
        self._public = public_base_url.rstrip("/")
        self._api_key = api_key

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
        limit = {} if order.limit_s is None else {"time_limit": order.limit_s}
        with _border():
            call = self._client.calls.create(
                to=order.to,
                from_=order.from_number,
                url=self._document(order.purpose, order.public_id),
                fallback_url=self._url(FALLBACKS[order.purpose]),
                status_callback=self._url(f"/twilio/call/status/{order.outbound_id}"),
                status_callback_event=CALL_EVENTS,
                timeout=order.ring_seconds,
                **limit,
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

    def fetch_recording(self, *, sid: str) -> bytes:
        """Give the sound of a recording (MP3), at most 20 MB."""
        address = MEDIA.format(account=self._account, sid=sid)
        return self._http.fetch(address, auth=self._auth, most_bytes=MOST_MEDIA_BYTES)

    def delete_recording(self, *, sid: str) -> None:
        """Delete a recording at Twilio; one that is gone is no error."""
        with _gone_is_fine():
            self._client.recordings(sid).delete()

    def fetch_medium(self, *, message_sid: str, sid: str) -> bytes:
        """Give what came with a text, at most 5 MB; the address is ours, never one that was told.

        Twilio itself may answer with its own store of media; nowhere else is looked.
        """
        address = TEXT_MEDIA.format(account=self._account, message=message_sid, sid=sid)
        return self._http.fetch(
            address, auth=self._auth, most_bytes=MOST_PICTURE_BYTES, stores=MEDIA_STORES
        )

    def delete_medium(self, *, message_sid: str, sid: str) -> None:
        """Delete what came with a text at Twilio; what is gone is no error."""
        with _gone_is_fine():
            self._client.messages(message_sid).media(sid).delete()

    def delete_queue(self, *, name: str) -> None:
        """Delete the queue of a call that is over; one that is gone is no error."""
        with _gone_is_fine():
            # Twilio cannot be asked for a queue by its name.
            for queue in self._client.queues.stream(page_size=PAGE_SIZE):
                if queue.friendly_name == name:
                    self._client.queues(_sid(queue)).delete()

    def hold_participant(self, *, conference_sid: str, call_sid: str, held: bool) -> None:
        """Hold somebody in a conference or take them back; one who left is no error."""
        with _gone_is_fine():
            self._client.conferences(conference_sid).participants(call_sid).update(hold=held)

    def inbound_calls(self, *, since: datetime) -> tuple[InboundRecord, ...]:
        """List the calls to our numbers that Twilio knows, newest first."""
        with _border():
            newest = self._client.calls.stream(page_size=PAGE_SIZE)
            return tuple(
                InboundRecord(
                    sid=_sid(item),
                    sender=item._from or "",  # noqa: SLF001 - how the library names it
                    line_number=item.to or "",
                    at=item.date_created,
                    status=str(item.status),
                )
                for item in _since(newest, since)
                if item.direction == INBOUND
            )

    def inbound_texts(self, *, since: datetime) -> tuple[InboundRecord, ...]:
        """List the texts to our numbers that Twilio knows, newest first."""
        with _border():
            newest = self._client.messages.stream(page_size=PAGE_SIZE)
            return tuple(
                InboundRecord(
                    sid=_sid(item),
                    sender=item.from_ or "",
                    line_number=item.to or "",
                    at=item.date_created,
                    status=str(item.status),
                    body=item.body or "",
                    media_sids=_media_of(item),
                )
                for item in _since(newest, since)
                if str(item.direction) == INBOUND
            )

    def numbers(self) -> tuple[CarrierNumber, ...]:
        """List our numbers as Twilio has them."""
        with _border():
            return tuple(
                CarrierNumber(
                    number=item.phone_number or "",
                    voice_url=item.voice_url or "",
                    voice_fallback_url=item.voice_fallback_url or "",
                    text_url=item.sms_url or "",
                    text_fallback_url=item.sms_fallback_url or "",
                    status_callback=item.status_callback or "",
                )
                for item in self._client.incoming_phone_numbers.stream(page_size=PAGE_SIZE)
            )

    def client_token(self, *, identity: str, seconds: int) -> str:
        """Sign what a browser needs in order to be rung; without an API key nobody can."""
        if self._api_key is None or not IDENTITY.fullmatch(identity):
            raise TelephonyError(permanent=True, alarm=True)
        key = self._api_key
        token = AccessToken(self._account, key.sid, key.secret, identity=identity, ttl=seconds)
        token.add_grant(VoiceGrant(incoming_allow=True))
        return str(token.to_jwt())

    def _end(self, sid: str, status: str) -> None:
        with _gone_is_fine():
            self._client.calls(sid).update(status=status)

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
        config["TWILIO_API_KEY"],
        config["TWILIO_API_SECRET"],
    )


@cache
def _gateway(
    account_sid: str,
    auth_token: str,
    public_base_url: str,
    telephony_base_url: str | None,
    *key: str | None,
) -> TwilioGateway:
    return TwilioGateway(
        account_sid=account_sid,
        auth_token=auth_token,
        public_base_url=public_base_url,
        telephony_base_url=telephony_base_url,
        api_key=_api_key(*key),
    )


def _api_key(sid: str | None, secret: str | None) -> ApiKey | None:
    return ApiKey(sid, secret) if sid and secret else None


@contextmanager
def _border() -> Iterator[None]:
    """Take an answer that says yes but cannot be read for what it is: an order in doubt."""
    try:
        yield
    except (TwilioException, ValueError, KeyError) as error:
        raise TelephonyError(in_doubt=True) from error


@contextmanager
def _gone_is_fine() -> Iterator[None]:
    """Take for done what cannot be changed any more because it is over."""
    try:
        with _border():
            yield
    except TelephonyError as error:
        if error.code not in CALL_IS_OVER:
            raise


def _sid(instance: Any) -> str:
    if not instance.sid:
        raise ValueError("the carrier named no id")
    return str(instance.sid)


def _media_of(item: Any) -> tuple[str, ...]:
    if not int(item.num_media or 0):
        return ()
    return tuple(_sid(one) for one in item.media.list(limit=MOST_MEDIA))


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
