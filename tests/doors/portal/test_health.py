from __future__ import annotations

from flask import Flask

from wellbeing import jobs


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
