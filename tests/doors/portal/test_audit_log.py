"""The auditor's page: who saw or changed what, and whether the chain is whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.house import page_gate
from wellbeing.audit import operations, queries
from wellbeing.audit.queries import EventFilter
from wellbeing.audit.rules import SYSTEM, AuditAction, Subject
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction


def happened(app: Flask, *, times: int = 1) -> None:
    with app.app_context(), transaction():
        for number in range(times):
            operations.record(
                action=AuditAction.OPENED_CASE,
                subject=Subject(kind="student_case", id=900 + number),
                actor=SYSTEM,
                details={"why": "<b>示例</b>"},
                now=clock.now(),
            )


def sealed(app: Flask) -> None:
    with app.app_context():
        with transaction():
            operations.seal_due(now=clock.now(), limit=500)
        anchor = Path(app.config["AUDIT_ANCHOR_FILE"])
        operations.anchor_head(path=anchor, now=clock.now())


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("url", ["/audit", "/audit?action=opened_case", "/audit/verify"])
def test_the_auditors_pages_pass_the_gate(app: Flask, clients: Any, url: str, language: str):
    happened(app)
    client = clients("auditor", language=language)

    answer = client.get(url)

    page_gate.check_html(answer.text, url=url)


def test_an_event_is_shown_with_its_record_and_runs_no_markup(app: Flask, clients: Any):
    happened(app)

    text = clients("auditor", language="en").get("/audit").text

    assert "student_case 900" in text
    assert "<b>示例</b>" not in text


def test_only_events_of_the_chosen_action_are_shown(app: Flask, clients: Any):
    happened(app)
    client = clients("auditor", language="en")

    others = client.get("/audit?action=claimed").text
    chosen = client.get("/audit?action=opened_case").text

    assert "No event matches." in others
    assert "student_case 900" in chosen


def test_an_unknown_action_shows_everything(app: Flask, clients: Any):
    happened(app)

    answer = clients("auditor").get("/audit?action=nonsense")

    assert answer.status_code == 200
    assert "student_case 900" in answer.text


def test_fifty_events_make_a_page_and_the_next_one_goes_on(app: Flask, clients: Any):
    happened(app, times=51)
    client = clients("auditor", language="en")

    first = client.get("/audit?action=opened_case").text
    before = first.split("before=")[1].split('"')[0]
    second = client.get(f"/audit?action=opened_case&before={before}").text

    assert "student_case 950<" in first
    assert "student_case 900<" not in first
    assert "student_case 900<" in second


def test_looking_at_the_log_is_written_into_it(app: Flask, clients: Any):
    clients("auditor").get("/audit?action=claimed")

    with app.app_context():
        (event,) = queries.events(wanted=EventFilter(action=AuditAction.LISTED), limit=10)
    assert event.details["list"] == "audit"
    assert event.details["action"] == "claimed"


def test_whoever_acted_is_named(clients: Any):
    client = clients("auditor", language="en")
    client.get("/audit")

    text = client.get("/audit?action=listed").text

    assert "<td>Auditor</td>" in text


def test_a_sealed_chain_is_found_whole(app: Flask, clients: Any):
    happened(app)
    sealed(app)

    text = clients("auditor", language="en").get("/audit/verify").text

    assert "The chain is whole." in text


def test_a_chain_whose_anchor_is_gone_is_said_to_be_broken(app: Flask, clients: Any):
    happened(app)
    sealed(app)
    Path(app.config["AUDIT_ANCHOR_FILE"]).unlink()

    text = clients("auditor", language="en").get("/audit/verify").text

    assert "The chain is broken." in text


@pytest.mark.parametrize("url", ["/audit", "/audit/verify"])
@pytest.mark.parametrize("label", ["municipal supervisor", "principal", "administrator"])
def test_nobody_but_auditors_finds_the_log(app: Flask, clients: Any, label: str, url: str):
    answer = clients(label).get(url)

    assert answer.status_code == 404
    with app.app_context():
        assert len(queries.events(wanted=EventFilter(action=AuditAction.REFUSED), limit=5)) == 1
