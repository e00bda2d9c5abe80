"""The port to the carrier: orders, answers, and the one error. No carrier's own words live here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Purpose(StrEnum):
    """Why a text or call goes out; with its id it names the row that asked for it."""

    AUTO_REPLY = "auto_reply"
    CHAT = "chat"
    PAGE_TEXT = "page_text"
    PAGE_CALL = "page_call"
    CODE_CALL = "code_call"
    """Reads out the code that proves a number for pages."""
    CHECK_IN = "check_in"
    CARING = "caring"
    STAFF = "staff"
    LINE_NOTICE = "line_notice"
    RING = "ring"
    """A leg: one ring of one counselor."""
    CALL = "call"
    """A caller's own call, which we did not place."""
    RECORDING = "recording"
    MEDIUM = "medium"
    """A picture that came with a text."""
    QUEUE = "queue"
    CONFERENCE = "conference"


class DeliveryStatus(StrEnum):
    """What became of a text or call at the carrier; it moves forward only."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    RINGING = "ringing"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    CANCELED = "canceled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextOrder:
    """One text to be sent; `outbound_id` comes back in its receipts."""

    to: str
    from_number: str
    body: str
    outbound_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOrder:
    """One call to be placed; `purpose` and `public_id` name the document it will hear.

    `to` is a number or "client:…"; `limit_s` ends a call that nobody hangs up.
    """

    to: str
    from_number: str
    outbound_id: int
    purpose: Purpose
    public_id: str
    ring_seconds: int
    limit_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The carrier took an order under this id of its own."""

    sid: str
    status: DeliveryStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierText:
    """A text as the carrier remembers it; `taken_at` is when the carrier took it."""

    sid: str
    to: str
    from_number: str
    body: str
    status: DeliveryStatus
    error_code: int | None
    taken_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierCall:
    """A call as the carrier remembers it; `taken_at` is when the carrier took it."""

    sid: str
    to: str
    from_number: str
    status: DeliveryStatus
    taken_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundRecord:
    """A call or text to us as the carrier remembers it; raw addresses, `at` when it came."""

    sid: str
    sender: str
    line_number: str
    at: datetime
    status: str = ""
    body: str = ""
    media_sids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierNumber:
    """A number of ours and the addresses that the carrier asks about it; "" where none is set."""

    number: str
    voice_url: str
    voice_fallback_url: str
    text_url: str
    text_fallback_url: str
    status_callback: str


class TelephonyError(Exception):
    """The carrier did not take an order, or nobody knows whether it did."""

    def __init__(
        self,
        *,
        permanent: bool = False,
        code: int | None = None,
        retry_after: float | None = None,
        in_doubt: bool = False,
        whole_account: bool = False,
        alarm: bool = False,
    ) -> None:
        super().__init__(f"telephony error {code}" if code else "telephony error")
        self.permanent = permanent
        """Trying again can never succeed."""
        self.code = code
        """The carrier's number for the reason."""
        self.retry_after = retry_after
        """Seconds the carrier asked us to wait."""
        self.in_doubt = in_doubt
        """The order may have been taken; ask before it is sent again."""
        self.whole_account = whole_account
        """Every other order would meet the same error now, so all of them wait."""
        self.alarm = alarm
        """Operators must act: configuration, account or compliance."""


class Gateway(Protocol):
    """What any carrier can do for us; each method raises TelephonyError and nothing else."""

    def send_text(self, order: TextOrder, /) -> Accepted:
        """Hand a text to the carrier."""
        ...

    def place_call(self, order: CallOrder, /) -> Accepted:
        """Ask the carrier to ring a number."""
        ...

    def redirect_call(self, *, sid: str, purpose: Purpose, public_id: str) -> None:
        """Let a running call fetch the document of this purpose now."""
        ...

    def cancel_call(self, *, sid: str) -> None:
        """Stop a call that nobody has answered yet; one that is over is no error."""
        ...

    def hang_up(self, *, sid: str) -> None:
        """End a call, answered or not; one that is over is no error."""
        ...

    def texts_to(
        self, *, number: str, from_number: str, since: datetime
    ) -> tuple[CarrierText, ...]:
        """List the texts that the carrier took for this pair of numbers, newest first."""
        ...

    def calls_to(
        self, *, number: str, from_number: str, since: datetime
    ) -> tuple[CarrierCall, ...]:
        """List the calls that the carrier took for this pair of numbers, newest first."""
        ...

    def fetch_recording(self, *, sid: str) -> bytes:
        """Give the sound of a recording."""
        ...

    def delete_recording(self, *, sid: str) -> None:
        """Delete a recording at the carrier; one that is gone is no error."""
        ...

    def fetch_medium(self, *, message_sid: str, sid: str) -> bytes:
        """Give the bytes of what came with a text."""
        ...

    def delete_medium(self, *, message_sid: str, sid: str) -> None:
        """Delete what came with a text at the carrier; what is gone is no error."""
        ...

    def delete_queue(self, *, name: str) -> None:
        """Delete the queue of a call that is over; one that is gone is no error."""
        ...

    def hold_participant(self, *, conference_sid: str, call_sid: str, held: bool) -> None:
        """Let somebody in a conference hear music instead of the others, or the others again."""
        ...

    def inbound_calls(self, *, since: datetime) -> tuple[InboundRecord, ...]:
        """List the calls to our numbers that the carrier knows, newest first."""
        ...

    def inbound_texts(self, *, since: datetime) -> tuple[InboundRecord, ...]:
        """List the texts to our numbers that the carrier knows, newest first."""
        ...

    def numbers(self) -> tuple[CarrierNumber, ...]:
        """List our numbers as the carrier has them."""
        ...

    def client_token(self, *, identity: str, seconds: int) -> str:
        """Give what a browser needs in order to be rung as "client:<identity>" for a while."""
        ...
