"""The load: HTTP/1.1 requests over kept-alive connections from processes of their own.

Requests are written in full beforehand and answers are barely read: a client as costly as the
bare route would halve its figure on two cores, and so flatter every ratio to it.
"""

from __future__ import annotations

import multiprocessing
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import quantiles

Order = tuple[str, str, bytes, dict[str, str]]
"""Method, path, body, headers."""

_HOST = "127.0.0.1"
_TIMEOUT_SECONDS = 30
_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Result:
    """What one run measured."""

    requests: int
    seconds: float
    errors: int
    latencies: list[float]
    cpu_seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Give the requests that were answered as wished, per second."""
        return (self.requests - self.errors) / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Give the processor time of the web workers per request, in milliseconds."""
        return self.cpu_seconds / self.requests * 1000

    def percentile_ms(self, percent: int) -> float:
        """Give a percentile of the latency in milliseconds."""
        return quantiles(self.latencies, n=100)[percent - 1] * 1000


def run(
    *, port: int, orders: list[Order], connections: int, expected: int, holding: bytes = b""
) -> Result:
    """Send every order once, spread over `connections` processes, as fast as answers come.

    An answer is as wished if it has the status `expected` and holds the bytes `holding`: a caller
    hears a valid document also when something failed.
    """
    context = multiprocessing.get_context("fork")
    wire = [_written(order) for order in orders]
    shares = [wire[start::connections] for start in range(connections)]
    with context.Pool(connections) as pool:
        pool.map(time.sleep, [0.0] * connections)
        started = time.perf_counter()
        given = [(port, share, expected, holding) for share in shares]
        parts = pool.starmap(_send, given, chunksize=1)
        seconds = time.perf_counter() - started
    latencies = [latency for part in parts for latency, _ in part]
    errors = sum(not fine for part in parts for _, fine in part)
    return Result(requests=len(orders), seconds=seconds, errors=errors, latencies=latencies)


def joined(results: list[Result]) -> Result:
    """Make one result of several runs of the same work."""
    return Result(
        requests=sum(each.requests for each in results),
        seconds=sum(each.seconds for each in results),
        errors=sum(each.errors for each in results),
        latencies=[latency for each in results for latency in each.latencies],
        cpu_seconds=sum(each.cpu_seconds for each in results),
    )


def _written(order: Order) -> bytes:
    method, path, body, headers = order
    lines = [f"{method} {path} HTTP/1.1", f"Host: {_HOST}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body


def _send(
    port: int, requests: list[bytes], expected: int, holding: bytes
) -> list[tuple[float, bool]]:
    return list(_answers(port, requests, expected, holding))


def _answers(
    port: int, requests: list[bytes], expected: int, holding: bytes
) -> Iterator[tuple[float, bool]]:
    line = socket.create_connection((_HOST, port), timeout=_TIMEOUT_SECONDS)
    for request in requests:
        started = time.perf_counter()
        try:
            line.sendall(request)
            status, body = _answer(line)
            fine = status == expected and holding in body
        except OSError:
            line.close()
            line = socket.create_connection((_HOST, port), timeout=_TIMEOUT_SECONDS)
            fine = False
        yield time.perf_counter() - started, fine
    line.close()


def _answer(line: socket.socket) -> tuple[int, bytes]:
    """Read one answer to its end."""
    answer = _more(line)
    while b"\r\n\r\n" not in answer:
        answer += _more(line)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    missing = int(length or b"0") - len(body)
    while missing > 0:
        more = _more(line)
        missing -= len(more)
        body += more
    return int(head[9:12]), body


def _more(line: socket.socket) -> bytes:
    received = line.recv(_CHUNK)
    if not received:
        raise ConnectionResetError
    return received
