"""The escalation report: page, paper and file say the same, to supervisors only."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from flask import Flask

from tests.factories import portal as made
from tests.house import page_gate
from wellbeing.audit import queries as audit
from wellbeing.audit.queries import EventFilter
from wellbeing.audit.rules import AuditAction
from wellbeing.policy.model import RiskLevel

FEW = 6


@pytest.fixture
def passed_on(app: Flask, people: Any, student: Any) -> Any:
    """Let the north district pass on six cases."""
    sender = people("district counselor")
    for _ in range(FEW):
        reached = student("今晚就结束")
        with app.app_context():
            case = made.open_case(sender, contact_id=reached.contact_id, level=RiskLevel.IMMINENT)
            made.escalate(sender, case_id=case.case_id)


def lines_of(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def events(app: Flask, action: AuditAction) -> list[Any]:
    with app.app_context():
        return list(audit.events(wanted=EventFilter(action=action), limit=10))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("label", ["district supervisor", "municipal supervisor"])
def test_page_and_print_pass_the_gate(clients: Any, passed_on: Any, label: str, language: str):
    client = clients(label, language=language)

    for url in ("/reports/escalations", "/reports/escalations/print?period=seven_days"):
        answer = client.get(url)
        assert answer.status_code == 200
        page_gate.check_html(answer.text, url=url)


def test_an_empty_report_passes_the_gate(clients: Any):
    answer = clients("district supervisor", language="en").get("/reports/escalations")

    page_gate.check_html(answer.text, url="/reports/escalations")
    assert "Your units sent no escalation on these days." in answer.text


def test_the_file_says_what_the_page_says(clients: Any, passed_on: Any):
    client = clients("district supervisor", language="en")

    page = client.get("/reports/escalations?period=today").text
    lines = lines_of(client.get("/reports/escalations.csv?period=today"))

    (row,) = (line for line in lines if line[:2] == ["All levels", "Municipal center"])
    assert row[2:7] == ["6", "0", "0", "0", "0"]
    assert '<th scope="row">Sent</th><td class="numeric">6</td>' in page
    assert lines[1] == ["Unit", "North District"]
    assert ["Accepted", "Of those, a receiver has taken over the case."] in lines
    assert "Of those, a receiver has taken over the case." in page


def test_six_are_too_few_for_the_city_on_the_page_and_in_the_file(clients: Any, passed_on: Any):
    client = clients("municipal supervisor", language="en")

    page = client.get("/reports/escalations?period=today").text
    lines = lines_of(client.get("/reports/escalations.csv?period=today"))

    assert '<th scope="row">Sent</th><td class="numeric"><span class="quiet">hidden<' in page
    assert "Counts from 1 to below 10 are hidden" in page
    (row,) = (line for line in lines if line[:2] == ["All levels", "All tiers"])
    assert row[2] == "hidden"
    assert not any("6" in line[2:] for line in lines if line[:1] == ["All levels"])


def test_single_cases_are_on_the_page_and_leave_it_in_no_way(clients: Any, passed_on: Any):
    client = clients("district supervisor", language="en")

    page = client.get("/reports/escalations").text
    file = client.get("/reports/escalations.csv?period=today").data.decode()
    paper = client.get("/reports/escalations/print?period=today").text

    assert "Open right now, oldest first (6)" in page
    assert "WB-" in page
    assert "With District Counselor since" in page
    assert "WB-" not in paper
    assert "WB-" not in file


def test_another_district_counts_none_of_it(clients: Any, passed_on: Any):
    client = clients("other district supervisor", language="en")

    page = client.get("/reports/escalations?period=today").text

    assert "Your units sent no escalation on these days." in page
    assert "Open right now, oldest first (0)" in page
    assert "WB-" not in page


@pytest.mark.parametrize("label", ["municipal counselor", "principal", "auditor", "administrator"])
@pytest.mark.parametrize(
    "url", ["/reports/escalations", "/reports/escalations.csv", "/reports/escalations/print"]
)
def test_nobody_but_supervisors_finds_a_report(app: Flask, clients: Any, label: str, url: str):
    answer = clients(label).get(url)

    assert answer.status_code == 404
    assert len(events(app, AuditAction.REFUSED)) == 1


@pytest.mark.parametrize(
    ("url", "action"),
    [
        ("/reports/escalations?period=today", AuditAction.LISTED),
        ("/reports/escalations/print?period=today", AuditAction.PRINTED),
        ("/reports/escalations.csv?period=today", AuditAction.EXPORTED),
    ],
)
def test_each_way_to_take_a_report_is_one_event_of_its_own(
    app: Flask, clients: Any, url: str, action: AuditAction
):
    clients("district supervisor").get(url)

    (event,) = events(app, action)
    assert event.details["list"] == "escalation_report"
    assert event.details["first"] == event.details["last"]


def test_a_file_is_named_by_its_days_and_is_read_as_a_download(clients: Any):
    url = "/reports/escalations.csv?period=term&first=2026-09-01&last=2026-09-30"

    answer = clients("district supervisor").get(url)

    assert answer.content_type == "text/csv; charset=utf-8"
    assert (
        'filename="escalations-2026-09-01-2026-09-30.csv"' in answer.headers["Content-Disposition"]
    )
    assert answer.data.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    "query",
    [
        "period=term",
        "period=term&first=2026-09-30&last=2026-09-01",
        "period=term&first=nonsense&last=2026-09-01",
        "period=nonsense",
    ],
)
def test_days_that_make_no_period_are_told_and_give_no_file(clients: Any, query: str):
    client = clients("district supervisor", language="en")

    page = client.get(f"/reports/escalations?{query}")
    file = client.get(f"/reports/escalations.csv?{query}")

    assert page.status_code == 422
    page_gate.check_html(page.text, url="/reports/escalations")
    assert "Please look at these again" in page.text
    assert file.status_code == 400


def test_a_report_costs_as_many_statements_for_six_as_for_one(
    app: Flask, clients: Any, people: Any, student: Any, statements: Any
):
    client = clients("district supervisor")
    sender = people("district counselor")

    def one_more() -> None:
        reached = student("今晚就结束")
        with app.app_context():
            case = made.open_case(sender, contact_id=reached.contact_id)
            made.escalate(sender, case_id=case.case_id)

    one_more()
    client.get("/reports/escalations")
    with statements() as few:
        client.get("/reports/escalations")
    for _ in range(5):
        one_more()

    with statements() as many:
        client.get("/reports/escalations")

    assert len(many) == len(few)
