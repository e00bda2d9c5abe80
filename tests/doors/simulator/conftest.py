"""The simulator as a running server, and a small product that checks what it is sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, Response, request
from requests import Session
from requests.adapters import HTTPAdapter
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from werkzeug.serving import make_server

from wellbeing.simulator.app import create_simulator
from wellbeing.simulator.core import Core
from wellbeing.simulator.settings import Settings
from wellbeing.simulator.web import EXTENSION

LINE = "+8602388880000"
ACCOUNT = "AC" + "1" * 32
TOKEN = "invented-token"


class TurnedClient(TwilioHttpClient):
    """Twilio's own HTTP client with scheme and host turned to the simulator."""

    def __init__(self, base_url: str, *, timeout: float = 5.0) -> None:
        super().__init__(timeout=timeout)
        self.session.close()
        self.session = Session()
        self.session.mount("http://", HTTPAdapter(max_retries=0))
        self._base_url = base_url

    def request(self, method: str, url: str, *args: object, **kwargs: object) -> object:
        turned = url.replace("https://api.twilio.com", self._base_url)
        return super().request(method, turned, *args, **kwargs)


@dataclass
class Product:
    """Answers every webhook with the document kept for its path; keeps whether it was signed."""

    base_url: str = ""
    documents: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[str, dict[str, str], bool]] = field(default_factory=list)

    def application(self) -> Flask:
        app = Flask("product")
        app.add_url_rule("/<path:path>", "any", self._answer, methods=["GET", "POST"])
        return app

    def _answer(self, path: str) -> Response:
        query = f"?{request.query_string.decode()}" if request.query_string else ""
        url = f"{self.base_url}/{path}{query}"
        signature = request.headers["X-Twilio-Signature"]
        signed = RequestValidator(TOKEN).validate(url, request.form, signature)
        self.seen.append((path, request.values.to_dict(), signed))
        body = self.documents.get(path, "<Response/>")
        return Response(body, content_type="text/xml")


@dataclass
class Carrier:
    """The running simulator with a client of Twilio's library and time moved by hand."""

    product: Product
    moment: datetime = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    base_url: str = ""

    def __post_init__(self) -> None:
        settings = Settings(
            account_sid=ACCOUNT,
            auth_token=TOKEN,
            public_base_url=self.product.base_url,
            numbers=(LINE,),
            hang_seconds=3.0,
        )
        self.app = create_simulator(settings, now=lambda: self.moment)
        self.core: Core = self.app.extensions[EXTENSION]

    def client(self, *, timeout: float = 5.0, token: str = TOKEN) -> Client:
        return Client(ACCOUNT, token, http_client=TurnedClient(self.base_url, timeout=timeout))

    def forward(self, seconds: float) -> None:
        end = self.moment + timedelta(seconds=seconds)
        self.core.process_due()
        while (due_at := self.core.next_due_at()) is not None and due_at <= end:
            self.moment = due_at
            self.core.process_due()
        self.moment = end


@contextmanager
def _served(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    product = Product()
    with _served(product.application()) as product_url:
        product.base_url = product_url
        made = Carrier(product)
        with _served(made.app) as base_url:
            made.base_url = base_url
            yield made
            made.core.reset()
