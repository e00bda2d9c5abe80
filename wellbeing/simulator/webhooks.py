"""Requests from carrier to product: signed, retried by connection overrides, written down.

What the answer means is decided by whoever asked for it.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, Protocol
from urllib.parse import parse_qsl, urlencode

from wellbeing.simulator.journal import Journal
from wellbeing.simulator.signature import sign

CAP_SECONDS = 15.0
_SUCCESS = range(200, 300)
_CLIENT_ERROR = range(400, 500)
_SERVER_ERROR = range(500, 600)

Cause = Literal["ct", "rt", "4xx", "5xx"]


@dataclass(frozen=True, slots=True)
class Overrides:
    """Connection overrides as documented: time-outs in seconds, retries and what they are for."""

    connect_seconds: float = 5.0
    read_seconds: float = 15.0
    total_seconds: float = CAP_SECONDS
    retries: int = 1
    causes: frozenset[str] = frozenset({"ct"})

    def covers(self, *, cause: Cause) -> bool:
        """Tell whether a failure of this kind is tried again."""
        return cause in self.causes or "all" in self.causes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One attempt, ready to be sent."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the product answered."""

    status: int
    content_type: str
    body: bytes


class ConnectionFailed(Exception):
    """No connection to the product's server came about."""


class ReadTimedOut(Exception):
    """The product's server took the request and did not answer in time, or broke off."""


class Transport(Protocol):
    """How a request reaches the product: urllib3, or a test client in the same process."""

    def send(self, *, request: Outgoing, connect_seconds: float, read_seconds: float) -> Answer:
        """Send once.

        Raises:
            ConnectionFailed: nothing listens there in time.
            ReadTimedOut: it listens but does not answer in time.

        """
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outcome of a webhook after its retries: an answer with 2xx, or Twilio's error code."""

    url: str
    answer: Answer | None
    error_code: int | None


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Sends webhooks for one account."""

    account_token: str
    transport: Transport
    journal: Journal
    now: Callable[[], datetime]
    monotonic: Callable[[], float] = field(default=time.monotonic)

    def send(self, *, url: str, method: str, params: Mapping[str, str]) -> Delivery:
        """Deliver with as many retries as the fragment of `url` asks for, inside 15 seconds."""
        bare, overrides = parse_overrides(url=url)
        request = self._request(bare, method, params)
        deadline = self.monotonic() + min(overrides.total_seconds, CAP_SECONDS)
        delivery = Delivery(bare, None, 11205)
        for _ in range(overrides.retries + 1):
            left = deadline - self.monotonic()
            if left <= 0:
                break
            delivery, cause = self._attempt(request, overrides, left)
            if cause is None or not overrides.covers(cause=cause):
                break
        return delivery

    def _request(self, url: str, method: str, params: Mapping[str, str]) -> Outgoing:
        headers = {
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
        }
        if method == "GET":
            address = f"{url}{'&' if '?' in url else '?'}{urlencode(params)}"
            headers["X-Twilio-Signature"] = sign(token=self.account_token, url=address, params={})
            return Outgoing("GET", address, headers, "")
        headers["X-Twilio-Signature"] = sign(token=self.account_token, url=url, params=params)
        headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        return Outgoing("POST", url, headers, urlencode(params))

    def _attempt(
        self, request: Outgoing, overrides: Overrides, left: float
    ) -> tuple[Delivery, Cause | None]:
        try:
            answer = self.transport.send(
                request=request,
                connect_seconds=min(overrides.connect_seconds, left),
                read_seconds=min(overrides.read_seconds, left),
            )
        except ConnectionFailed as error:
            self._write(request, None, str(error))
            return Delivery(request.url, None, 11205), "ct"
        except ReadTimedOut as error:
            self._write(request, None, str(error))
            return Delivery(request.url, None, 11200), "rt"
        self._write(request, answer.status, answer.body.decode("utf-8", errors="replace"))
        if answer.status in _SUCCESS:
            return Delivery(request.url, answer, None), None
        return Delivery(request.url, None, 11200), _cause_of(answer.status)

    def _write(self, request: Outgoing, status: int | None, answer: str) -> None:
        self.journal.record(
            at=self.now(),
            direction="out",
            request=(request.method, request.url, request.headers, request.body),
            status=status,
            answer=answer,
        )


def _cause_of(status: int) -> Cause | None:
    if status in _CLIENT_ERROR:
        return "4xx"
    return "5xx" if status in _SERVER_ERROR else None


def parse_overrides(*, url: str) -> tuple[str, Overrides]:
    """Split `#ct=…&rt=…&tt=…&rc=…&rp=…` from a URL; values outside Twilio's ranges are clipped."""
    bare, _, fragment = url.partition("#")
    overrides = Overrides()
    for key, value in parse_qsl(fragment):
        reader = _READERS.get(key)
        if reader is not None:
            overrides = reader(overrides, value)
    return bare, overrides


def _seconds(value: str, most: int) -> float:
    return max(100, min(int(value), most)) / 1000


_READERS: dict[str, Callable[[Overrides, str], Overrides]] = {
    "ct": lambda o, v: replace(o, connect_seconds=_seconds(v, 10_000)),
    "rt": lambda o, v: replace(o, read_seconds=_seconds(v, 15_000)),
    "tt": lambda o, v: replace(o, total_seconds=_seconds(v, 15_000)),
    "rc": lambda o, v: replace(o, retries=max(0, min(int(v), 5))),
    "rp": lambda o, v: replace(o, causes=frozenset(v.split(","))),
}
