"""A carrier on 127.0.0.1 that answers as it is told, and a hand that signs like the carrier."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

ACCOUNT = "AC00000000000000000000000000000000"
TOKEN = "token-of-the-tests"
BASE = "https://line.example.test"


@dataclass(slots=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    pairs: list[tuple[str, str]]
    authorization: str = ""


@dataclass(slots=True)
class StubCarrier:
    """What arrived, and what is answered next: status, body, headers; None hangs up."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    answers: list[tuple[int, object, dict[str, str]] | None] = field(default_factory=list)

    def answers_with(self, status: int, body: object, **headers: str) -> None:
        self.answers.append((status, body, {k.replace("_", "-"): v for k, v in headers.items()}))

    def hangs_up(self) -> None:
        self.answers.append(None)


def _written(document: object) -> bytes:
    return (document if isinstance(document, str) else json.dumps(document)).encode()


@pytest.fixture
def stub() -> Iterator[StubCarrier]:
    carrier = StubCarrier()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            where = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            carrier.asked.append(
                Asked(
                    self.command,
                    where.path,
                    parse_qsl(body or where.query, True),  # noqa: FBT003
                    self.headers.get("Authorization", ""),
                )
            )
            answer = carrier.answers.pop(0)
            if answer is None:
                self.close_connection = True
                return
            status, document, headers = answer
            written = document if isinstance(document, bytes) else _written(document)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815 - their names there

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    carrier.url = f"http://127.0.0.1:{server.server_port}"
    yield carrier
    server.shutdown()
    server.server_close()
    thread.join()


Post = Callable[..., TestResponse]


@pytest.fixture
def post(app: Flask) -> Post:
    """Post a form as the carrier does; each part of the request can be spoiled."""

    def send(path: str, form: dict[str, str] | None = None, **changes: object) -> TestResponse:
        fields = {"AccountSid": ACCOUNT} | (form or {})
        signed_url = str(changes.pop("signed_url", BASE + path))
        token = str(changes.pop("token", TOKEN))
        signature = RequestValidator(token).compute_signature(signed_url, fields)
        headers = {"X-Twilio-Signature": str(changes.pop("signature", signature))}
        return app.test_client().post(path, data=fields, headers=headers, **changes)

    return send
