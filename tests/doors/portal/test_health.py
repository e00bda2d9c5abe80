from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from wellbeing import jobs
from wellbeing.foundation import clock
from wellbeing.foundation.database import session, transaction
from wellbeing.jobs import watching
from wellbeing.messaging.models import SWEEP
from wellbeing.messaging.operations import beats
from wellbeing.messaging.rules import SweepBeat

SECOND = timedelta(seconds=1)
TOKEN = "invented-for-the-watcher"


def test_a_process_that_serves_says_so(app: Flask):
    assert app.test_client().get("/health").get_json() == {"alive": True}


def test_it_is_ready_only_while_somebody_delivers(app: Flask):
    before = app.test_client().get("/ready")
    with app.app_context():
        jobs.run_due()

    after = app.test_client().get("/ready")

    assert before.status_code == 503
    assert before.get_json() == {"database": True, "delivery": False, "silent": [], "watch": True}
    assert after.status_code == 200


def test_a_sweep_that_stays_silent_is_named(app: Flask):
    with app.app_context():
        jobs.run_due()
        with transaction():
            old = SweepBeat(name="pages", at=clock.now() - timedelta(minutes=2), every=SECOND)
            session().execute(SWEEP.delete().where(SWEEP.c.name == "pages"))
            beats.note(beat=old, now=clock.now())

    answer = app.test_client().get("/ready")

    assert answer.status_code == 503
    assert answer.get_json()["silent"] == ["pages"]


def test_what_the_watch_found_is_told_without_taking_the_service_away(app: Flask):
    with app.app_context():
        jobs.run_due()
        with transaction():
            beats.note_watch(
                broken=2, leap=timedelta(), every=timedelta(seconds=30), now=clock.now()
            )

    answer = app.test_client().get("/ready")

    assert answer.status_code == 200
    assert answer.get_json()["watch"] is False


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


def test_a_watcher_reads_how_old_each_sweep_is_and_what_is_broken(watched: Flask):
    with watched.app_context():
        jobs.run_due()
        watching.watch()

    answer = watched.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

    assert 'wellbeing_sweep_age_seconds{sweep="escalations"}' in answer.text
    assert "wellbeing_promises_broken 0.0" in answer.text
    assert "wellbeing_clock_leap_seconds 0.0" in answer.text


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
