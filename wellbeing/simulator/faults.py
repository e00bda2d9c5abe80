"""Faults that can be ordered in advance: for a number, a SID, or the next n times."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum


class FaultKind(StrEnum):
    """What goes wrong; `value` means what the comment says."""

    # status callbacks
    DROP = "drop"
    DELAY = "delay"  # value: seconds, default 5
    DUPLICATE = "duplicate"  # value: extra copies, default 1
    REORDER = "reorder"
    # answers of the REST API
    REST_429 = "rest_429"  # value: Retry-After in seconds, default 1
    REST_500 = "rest_500"
    REST_503 = "rest_503"
    REST_TIMEOUT = "rest_timeout"
    REST_ACCEPT_TIMEOUT = "rest_accept_timeout"
    # calls
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    VOICEMAIL = "voicemail"  # value: seconds of ringing before it answers, default 4
    # texts
    UNDELIVERED = "undelivered"  # value: error code, default 30003
    TEXT_FAILED = "text_failed"  # value: error code, default 30008
    # calls and texts
    INVALID = "invalid"
    OPTED_OUT = "opted_out"


CALLBACK_FAULTS = frozenset(
    {
        FaultKind.DROP,
        FaultKind.DELAY,
        FaultKind.DUPLICATE,
        FaultKind.REORDER,
    }
)
REST_FAULTS = frozenset(
    {
        FaultKind.REST_429,
        FaultKind.REST_500,
        FaultKind.REST_503,
        FaultKind.REST_TIMEOUT,
        FaultKind.REST_ACCEPT_TIMEOUT,
    }
)
LINE_FAULTS = frozenset(
    {
        FaultKind.BUSY,
        FaultKind.NO_ANSWER,
        FaultKind.FAILED,
        FaultKind.VOICEMAIL,
    }
)
TEXT_FAULTS = frozenset({FaultKind.UNDELIVERED, FaultKind.TEXT_FAILED})

_DEFAULT_VALUE = {
    FaultKind.DELAY: 5.0,
    FaultKind.DUPLICATE: 1.0,
    FaultKind.REST_429: 1.0,
    FaultKind.VOICEMAIL: 4.0,
    FaultKind.UNDELIVERED: 30003.0,
    FaultKind.TEXT_FAILED: 30008.0,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One order: without number and SID it strikes anybody; count None means until cleared."""

    kind: FaultKind
    number: str | None = None
    sid: str | None = None
    count: int | None = 1
    value: float | None = None

    @property
    def amount(self) -> float:
        """Give the value of the order or the usual one of its kind."""
        return self.value if self.value is not None else _DEFAULT_VALUE.get(self.kind, 0.0)

    def strikes(self, *, kinds: Collection[FaultKind], names: Collection[str]) -> bool:
        """Tell whether the order is meant for something known by one of `names`."""
        wanted = {name for name in (self.number, self.sid) if name is not None}
        return self.kind in kinds and wanted <= set(names)


class Faults:
    """The orders that are still open, oldest first."""

    def __init__(self) -> None:
        self._orders: dict[int, Fault] = {}
        self._ids = itertools.count(1)
        self._guard = threading.Lock()

    def add(self, *, fault: Fault) -> int:
        """Order a fault and give its id."""
        with self._guard:
            number = next(self._ids)
            self._orders[number] = fault
            return number

    def take(self, *, kinds: Collection[FaultKind], names: Collection[str]) -> Fault | None:
        """Use up one occurrence of the oldest order that fits, or None."""
        with self._guard:
            for number, fault in self._orders.items():
                if fault.strikes(kinds=kinds, names=names):
                    self._use(number, fault)
                    return fault
        return None

    def open_orders(self) -> dict[int, Fault]:
        """Give the orders that have not been used up, by id."""
        with self._guard:
            return dict(self._orders)

    def clear(self) -> None:
        """Withdraw every order."""
        with self._guard:
            self._orders.clear()

    def _use(self, number: int, fault: Fault) -> None:
        if fault.count is None:
            return
        if fault.count <= 1:
            del self._orders[number]
        else:
            self._orders[number] = replace(fault, count=fault.count - 1)
