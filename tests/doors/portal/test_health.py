from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from wellbeing import jobs

TOKEN = "invented-for-the-watcher"


def test_a_process_that_serves_says_so(app: Flask):
    assert app.test_client().get("/health").get_json() == {"alive": True}


def test_it_is_ready_only_while_somebody_delivers(app: Flask):
    before = app.test_client().get("/ready")
    with app.app_context():
        jobs.run_due()

    after = app.test_client().get("/ready")

    assert before.status_code == 503
    assert before.get_json() == {"database": True, "delivery": False}
    assert after.status_code == 200


@pytest.fixture
def watched(app: Flask) -> Iterator[Flask]:
    app.config["METRICS_TOKEN"] = TOKEN
    yield app
    app.config["METRICS_TOKEN"] = None


def test_a_watcher_reads_what_was_refused_at_the_carriers_door(watched: Flask):
    client = watched.test_client()
    client.post("/twilio/text/in", data={"Body": "示例"})

    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    assert 'wellbeing_webhooks_refused_total{reason="unsigned"}' in answer.text
    assert "示例" not in answer.text


@pytest.mark.parametrize(
    "shown", ["", "Bearer", "Bearer ", "Bearer other", f"Basic {TOKEN}", TOKEN, "Bearer \xe9"]
)
def test_without_its_token_there_are_no_figures(watched: Flask, shown: str):
    answer = watched.test_client().get("/metrics", headers={"Authorization": shown})

    assert answer.status_code == 404
    assert "wellbeing_webhooks_refused" not in answer.text


@pytest.mark.parametrize("shown", ["", "Bearer ", "Bearer None"])
def test_a_service_without_a_token_has_no_figures_at_all(app: Flask, shown: str):
    answer = app.test_client().get("/metrics", headers={"Authorization": shown})

    assert answer.status_code == 404
