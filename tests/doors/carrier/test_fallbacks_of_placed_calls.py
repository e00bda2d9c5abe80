"""Every kind of call that we place has a document for the hours in which we are down.

The kinds are read out of the code: a new one without its document fails here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import wellbeing
from tests.doors.carrier.conftest import Post
from tests.twiml import fits
from wellbeing.carrier import gateway, twiml
from wellbeing.cli.fallbacks import documents
from wellbeing.messaging.rules import Purpose
from wellbeing.policy import current as policy


def placed() -> Iterator[str]:
    """Name the purpose of each call that is ordered anywhere in the code."""
    for path in Path(wellbeing.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_order = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "NewCall"
            if is_order:
                purpose = next(one.value for one in node.keywords if one.arg == "purpose")
                assert isinstance(purpose, ast.Attribute), (path, "the purpose is not to be read")
                yield purpose.attr


KINDS = sorted(set(placed()))


def test_the_kinds_of_calls_that_are_placed_are_found_in_the_code():
    assert KINDS == ["CODE_CALL", "PAGE_CALL", "RING"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_that_we_place_has_its_document_and_falls_back_to_it(
    app: Flask, post: Post, kind: str
):
    """Written for the proxy, and heard at the address itself while only the database is down."""
    address = gateway.FALLBACKS[Purpose[kind]]
    with app.app_context():
        written = documents(policy=policy.current())

    document = written[f"{address.rpartition('/')[2]}.xml"]

    fits(document)
    assert "/twilio/" not in document
    assert post(address, {"ErrorCode": "11200"}).text == document


def test_no_document_is_kept_for_a_kind_that_is_placed_no_more():
    assert set(twiml.PLACED_CALLS) == set(gateway.FALLBACKS.values())
    assert {kind.name for kind in gateway.FALLBACKS} == set(KINDS)
