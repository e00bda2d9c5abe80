"""Signature, segments, overrides, retries: what goes over the wire."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from twilio.request_validator import RequestValidator

from tests.unit.simulator.workbench import Product, document
from wellbeing.simulator.journal import Journal
from wellbeing.simulator.segments import count_segments
from wellbeing.simulator.signature import sign
from wellbeing.simulator.webhooks import (
    ConnectionFailed,
    ReadTimedOut,
    Webhooks,
    parse_overrides,
)

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def webhooks(product: Product, path: Path | None = None) -> Webhooks:
    return Webhooks(
        account_token="12345", transport=product, journal=Journal(path=path), now=lambda: NOW
    )


def test_the_signature_is_the_one_of_the_published_example():
    signature = sign(
        token="12345",
        url="https://mycompany.com/myapp.php?foo=1&bar=2",
        params={
            "CallSid": "CA1234567890ABCDE",
            "Caller": "+14158675309",
            "Digits": "1234",
            "From": "+14158675309",
            "To": "+18005551212",
        },
    )

    assert signature == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_a_chinese_body_is_signed_as_the_official_library_expects():
    params = {"Body": "我想找人说说话", "From": "+8613900000001"}

    signature = sign(token="12345", url="https://line.example/text", params=params)

    assert RequestValidator("12345").validate("https://line.example/text", params, signature)


def test_the_fragment_with_overrides_is_not_signed():
    with_fragment = sign(token="12345", url="https://line.example/a#rc=2", params={})

    assert with_fragment == sign(token="12345", url="https://line.example/a", params={})


def test_a_get_webhook_carries_its_fields_in_the_signed_url():
    product = Product()

    webhooks(product).send(url="https://line.example/a?x=1", method="GET", params={"To": "+86"})

    request = product.seen[0]
    assert request.url == "https://line.example/a?x=1&To=%2B86"
    assert request.body == ""
    signature = request.headers["X-Twilio-Signature"]
    assert RequestValidator("12345").validate(request.url, {}, signature)


@pytest.mark.parametrize(
    ("body", "segments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("我" * 70, 1),
        ("我" * 71, 2),
        ("我" * 134, 2),
        ("我" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_segments_are_counted_as_on_the_air(body: str, segments: int):
    assert count_segments(body=body) == segments


def test_overrides_are_read_from_the_fragment():
    bare, overrides = parse_overrides(
        url="http://a.example/x?y=1#rc=2&rp=ct,5xx,rt&ct=1000&rt=3500"
    )

    assert bare == "http://a.example/x?y=1"
    assert overrides.retries == 2
    assert overrides.causes == {"ct", "5xx", "rt"}
    assert overrides.connect_seconds == 1.0
    assert overrides.read_seconds == 3.5


def test_without_overrides_twilio_retries_one_failed_connection():
    _, overrides = parse_overrides(url="http://a.example/x")

    assert overrides.retries == 1
    assert overrides.causes == {"ct"}


def test_overrides_beyond_twilios_ranges_are_clipped():
    _, overrides = parse_overrides(url="http://a.example/#rc=9&ct=60000&rt=1")

    assert overrides.retries == 5
    assert overrides.connect_seconds == 10.0
    assert overrides.read_seconds == 0.1


def test_a_failed_connection_is_tried_once_more_by_default():
    product = Product()
    product.answers("/a", ConnectionFailed("refused"), "<Response/>")

    delivery = webhooks(product).send(url="http://a.example/a", method="POST", params={})

    assert delivery.error_code is None
    assert len(product.seen) == 2


def test_all_tries_of_one_webhook_carry_the_same_idempotency_token():
    product = Product()
    product.answers("/a", ConnectionFailed("refused"), "<Response/>")

    webhooks(product).send(url="http://a.example/a", method="POST", params={})
    webhooks(product).send(url="http://a.example/a", method="POST", params={})

    tokens = [request.headers["I-Twilio-Idempotency-Token"] for request in product.seen]
    assert tokens[0] == tokens[1]
    assert tokens[1] != tokens[2]


@pytest.mark.parametrize("failure", [document("", status=500), ReadTimedOut("slow")])
def test_a_bad_answer_is_not_retried_by_default(failure: Exception):
    product = Product()
    product.answers("/a", failure)

    delivery = webhooks(product).send(url="http://a.example/a", method="POST", params={})

    assert delivery.error_code == 11200
    assert len(product.seen) == 1


@pytest.mark.parametrize(
    ("causes", "failure"),
    [
        ("5xx", document("", status=503)),
        ("4xx", document("", status=404)),
        ("rt", ReadTimedOut("slow")),
        ("all", document("", status=500)),
    ],
)
def test_a_bad_answer_is_retried_when_the_overrides_ask_for_it(causes: str, failure: Exception):
    product = Product()
    product.answers("/a", failure)

    webhooks(product).send(url=f"http://a.example/a#rc=2&rp={causes}", method="POST", params={})

    assert len(product.seen) == 3


def test_retries_end_after_fifteen_seconds_in_all():
    product = Product()
    product.answers("/a", ReadTimedOut("slow"))
    ticks = iter([0.0, 0.1, 8.0, 15.5])
    sender = Webhooks(
        account_token="12345",
        transport=product,
        journal=Journal(path=None),
        now=lambda: NOW,
        monotonic=lambda: next(ticks),
    )

    delivery = sender.send(url="http://a.example/a#rc=5&rp=rt", method="POST", params={})

    assert delivery.error_code == 11200
    assert len(product.seen) == 2


def test_the_journal_file_holds_one_line_of_json_per_try(tmp_path: Path):
    product = Product()
    product.answers("/a", ConnectionFailed("refused"), "<Response/>")

    webhooks(product, tmp_path / "journal").send(
        url="http://a.example/a", method="POST", params={"Body": "你好"}
    )

    lines = (tmp_path / "journal").read_text(encoding="utf-8").splitlines()
    first, second = (json.loads(line) for line in lines)
    assert list(first) == [
        "time", "direction", "method", "url", "headers", "body", "status", "answer",
    ]  # fmt: skip
    assert (first["direction"], first["status"]) == ("out", None)
    assert (second["status"], second["answer"]) == (200, "<Response/>")
    assert second["body"] == "Body=%E4%BD%A0%E5%A5%BD"
