"""The phone in the browser uses a handset from the product's own origin, no other page does."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from wellbeing.simulator.app import create_simulator
from wellbeing.simulator.settings import Settings

CLIENT = "client:counselor_12"


@pytest.fixture
def browser() -> FlaskClient:
    return create_simulator(Settings(public_base_url="http://127.0.0.1:5000/")).test_client()


def test_a_browser_is_a_phone_like_any_other(browser: FlaskClient):
    browser.post("/handsets", json={"number": CLIENT, "label": "示例 · 网页"})

    answer = browser.get("/handsets/client%3Acounselor_12/inbox")

    assert answer.json is not None
    assert (answer.json["number"], answer.json["state"]) == (CLIENT, "idle")


@pytest.mark.parametrize("path", ["/handsets", "/handsets/client%3Acounselor_99/inbox"])
def test_pages_of_the_product_alone_may_read_the_phones(browser: FlaskClient, path: str):
    answer = browser.get(path, headers={"Origin": "https://elsewhere.example.test"})

    assert answer.headers["Access-Control-Allow-Origin"] == "http://127.0.0.1:5000"


def test_a_browser_may_ask_before_it_posts(browser: FlaskClient):
    answer = browser.options(
        "/handsets/client%3Acounselor_12/press",
        headers={"Origin": "http://127.0.0.1:5000", "Access-Control-Request-Method": "POST"},
    )

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Headers"] == "Content-Type"


def test_the_page_of_phones_itself_is_for_nobody_else(browser: FlaskClient):
    assert "Access-Control-Allow-Origin" not in browser.get("/").headers
