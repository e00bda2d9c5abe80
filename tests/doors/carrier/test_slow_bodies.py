"""A client that sends its body a byte at a time, or not at all, holds no worker (fault 16)."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
HEAD = "POST / HTTP/1.1\r\nHost: line.example.test\r\n"
PATIENCE_S = 15


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Serve with one worker of one thread: a single slow client could hold all of it."""
    chosen = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "tests.doors.carrier.echoing:application",
        "--bind", f"127.0.0.1:{chosen}", "--workers", "1", "--threads", "1",
        "--worker-class", "gthread", "--no-control-socket",
    ]  # fmt: skip
    with subprocess.Popen(  # noqa: S603 - our own server
        command, cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stderr is not None
        while "Booting worker" not in server.stderr.readline():
            assert server.poll() is None
        yield chosen
        server.terminate()


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


def answer(line: socket.socket) -> str:
    return line.recv(4096).decode().split("\r\n", 1)[0]


def test_a_body_that_stops_half_way_is_answered_408(port: int):
    with connected(port) as line:
        line.sendall(f"{HEAD}Content-Length: 100\r\n\r\nhalf".encode())

        assert answer(line) == "HTTP/1.1 408 Request Timeout"


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: 100\r\n\r\nhalf",
        "Content-Length: 9000000\r\n\r\nhalf",
        "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ],
    ids=["small", "huge", "chunked"],
)
def test_whoever_comes_after_a_slow_client_is_served(port: int, head: str):
    """The one thread is free again, whatever the slow client does."""
    with connected(port) as slow, connected(port) as quick:
        slow.sendall(f"{HEAD}{head}".encode())
        quick.sendall(f"{HEAD}Content-Length: 5\r\n\r\nhello".encode())

        assert answer(quick) == "HTTP/1.1 200 OK"


def test_a_body_that_comes_in_pieces_but_in_time_is_read_whole(port: int):
    with connected(port) as line:
        line.sendall(f"{HEAD}Content-Length: 10\r\n\r\nhello".encode())
        line.sendall(b"world")

        said = b""
        while not said.endswith(b"helloworld"):
            said += line.recv(4096)
        assert said.startswith(b"HTTP/1.1 200 OK")
