"""The real way to the product: what sockets do becomes what Twilio would call it."""

from __future__ import annotations

import socket
import threading

import pytest

from wellbeing.simulator.transport import HttpTransport
from wellbeing.simulator.webhooks import ConnectionFailed, Outgoing, ReadTimedOut


def send(port: int) -> None:
    request = Outgoing("POST", f"http://127.0.0.1:{port}/in", {}, "From=x")
    HttpTransport().send(request=request, connect_seconds=1.0, read_seconds=0.2)


def test_a_closed_port_is_a_failed_connection():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    with pytest.raises(ConnectionFailed):
        send(port)


def test_a_server_that_never_answers_is_a_read_timeout():
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(ReadTimedOut):
        send(server.getsockname()[1])


def accept_and_close(server: socket.socket) -> None:
    connection, _ = server.accept()
    connection.close()


def test_a_server_that_hangs_up_is_no_answer():
    with socket.create_server(("127.0.0.1", 0)) as server:
        rude = threading.Thread(target=accept_and_close, args=(server,))
        rude.start()
        with pytest.raises(ReadTimedOut):
            send(server.getsockname()[1])
        rude.join()
