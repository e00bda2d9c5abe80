"""Fakes at the ports: a carrier that records and can fail, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from wellbeing.telephony.gateway import (
    Accepted,
    CallOrder,
    CarrierCall,
    CarrierNumber,
    CarrierText,
    DeliveryStatus,
    InboundRecord,
    Purpose,
    TelephonyError,
    TextOrder,
)


@dataclass(slots=True)
class FrozenClock:
    """A clock that moves only when it is told to; call it to read it."""

    moment: datetime

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **parts: float) -> None:
        self.moment += timedelta(**parts)


@dataclass(slots=True)
class FakeTelephony:
    """A carrier in memory: it remembers what it took, and fails as it is told, once per failure."""

    now: Callable[[], datetime]
    texts: list[TextOrder] = field(default_factory=list)
    calls: list[CallOrder] = field(default_factory=list)
    changes: list[tuple[str, str]] = field(default_factory=list)
    recordings: dict[str, bytes] = field(default_factory=dict)
    media: dict[str, bytes] = field(default_factory=dict)
    arrived_calls: list[InboundRecord] = field(default_factory=list)
    arrived_texts: list[InboundRecord] = field(default_factory=list)
    own_numbers: tuple[CarrierNumber, ...] = ()
    asked: int = 0
    fails_to_list: bool = False
    refuses_to_delete: TelephonyError | None = None
    while_sending: Callable[[], None] | None = None
    _taken: list[tuple[str, TextOrder | CallOrder, datetime]] = field(default_factory=list)
    _failures: list[tuple[TelephonyError, bool]] = field(default_factory=list)
    _statuses: dict[str, DeliveryStatus] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def fails(self, error: TelephonyError, *, times: int = 1, taken: bool = False) -> None:
        """Fail the next orders; `taken` means that the carrier took them all the same."""
        self._failures += [(error, taken)] * times

    def heals(self) -> None:
        """Fail no more."""
        self._failures.clear()

    def arrived_once(self) -> set[str]:
        """Give the bodies that the carrier took; fail if it took one twice."""
        bodies = [order.body for _, order, _ in self._taken if isinstance(order, TextOrder)]
        assert len(bodies) == len(set(bodies)), bodies
        return set(bodies)

    def went_out(self) -> list[tuple[str, str]]:
        """List the sender and the body of each text that the carrier took, in order."""
        taken = [order for _, order, _ in self._taken if isinstance(order, TextOrder)]
        return [(order.from_number, order.body) for order in taken]

    def fails_permanently(self, *, code: int = 21211) -> None:
        self.fails(TelephonyError(permanent=True, code=code))

    def fails_for_now(self, *, code: int = 30001, retry_after: float | None = None) -> None:
        self.fails(TelephonyError(code=code, retry_after=retry_after))

    def leaves_in_doubt(self, *, taken: bool) -> None:
        self.fails(TelephonyError(in_doubt=True), taken=taken)

    def settles(self, sid: str, status: DeliveryStatus) -> None:
        """Let the carrier know an end that it never reports."""
        self._statuses[sid] = status

    def sid_of(self, position: int) -> str:
        return self._taken[position][0]

    def send_text(self, order: TextOrder, /) -> Accepted:
        return self._take(order, self.texts)

    def place_call(self, order: CallOrder, /) -> Accepted:
        return self._take(order, self.calls)

    def redirect_call(self, *, sid: str, purpose: Purpose, public_id: str) -> None:
        self._change(f"redirect {purpose.value} {public_id}", sid)

    def cancel_call(self, *, sid: str) -> None:
        self._change("cancel", sid)

    def hang_up(self, *, sid: str) -> None:
        self._change("hang_up", sid)

    def fetch_recording(self, *, sid: str) -> bytes:
        self._change("fetch", sid)
        if sid not in self.recordings:
            raise TelephonyError(permanent=True, code=20404)
        return self.recordings[sid]

    def delete_recording(self, *, sid: str) -> None:
        self._change("delete", sid)
        self.recordings.pop(sid, None)

    def fetch_medium(self, *, message_sid: str, sid: str) -> bytes:
        self._change(f"fetch of {message_sid}", sid)
        if sid not in self.media:
            raise TelephonyError(permanent=True, code=20404)
        return self.media[sid]

    def delete_medium(self, *, message_sid: str, sid: str) -> None:
        if self.refuses_to_delete is not None:
            raise self.refuses_to_delete
        self._change(f"delete of {message_sid}", sid)
        self.media.pop(sid, None)

    def delete_queue(self, *, name: str) -> None:
        self._change("delete queue", name)

    def hold_participant(self, *, conference_sid: str, call_sid: str, held: bool) -> None:
        self._change(f"{'hold' if held else 'unhold'} in {conference_sid}", call_sid)

    def inbound_calls(self, *, since: datetime) -> tuple[InboundRecord, ...]:
        self._ask()
        return tuple(one for one in self.arrived_calls if one.at >= since)

    def inbound_texts(self, *, since: datetime) -> tuple[InboundRecord, ...]:
        self._ask()
        return tuple(one for one in self.arrived_texts if one.at >= since)

    def numbers(self) -> tuple[CarrierNumber, ...]:
        self._ask()
        return self.own_numbers

    def client_token(self, *, identity: str, seconds: int) -> str:
        return f"token for {identity} for {seconds} s"

    def texts_to(
        self, *, number: str, from_number: str, since: datetime
    ) -> tuple[CarrierText, ...]:
        self._ask()
        return tuple(
            CarrierText(
                sid=sid,
                to=order.to,
                from_number=order.from_number,
                body=order.body,
                status=self._statuses.get(sid, DeliveryStatus.QUEUED),
                error_code=None,
                taken_at=at,
            )
            for sid, order, at in reversed(self._taken)
            if isinstance(order, TextOrder)
            and (order.to, order.from_number) == (number, from_number)
            and at >= since
        )

    def calls_to(
        self, *, number: str, from_number: str, since: datetime
    ) -> tuple[CarrierCall, ...]:
        self._ask()
        return tuple(
            CarrierCall(
                sid=sid,
                to=order.to,
                from_number=order.from_number,
                status=self._statuses.get(sid, DeliveryStatus.QUEUED),
                taken_at=at,
            )
            for sid, order, at in reversed(self._taken)
            if isinstance(order, CallOrder)
            and (order.to, order.from_number) == (number, from_number)
            and at >= since
        )

    def _take(self, order: TextOrder | CallOrder, record: list) -> Accepted:  # type: ignore[type-arg]
        if self.while_sending is not None:
            self.while_sending()
        with self._lock:
            record.append(order)
            error, taken = self._failures.pop(0) if self._failures else (None, True)
            sid = f"{'SM' if isinstance(order, TextOrder) else 'CA'}{len(self._taken):032x}"
            if taken:
                self._taken.append((sid, order, self.now()))
        if error is not None:
            raise error
        return Accepted(sid=sid, status=DeliveryStatus.QUEUED)

    def _ask(self) -> None:
        self.asked += 1
        if self.fails_to_list:
            raise TelephonyError(code=20500)

    def _change(self, change: str, sid: str) -> None:
        with self._lock:
            self.changes.append((change, sid))
            error, _ = self._failures.pop(0) if self._failures else (None, True)
        if error is not None:
            raise error
