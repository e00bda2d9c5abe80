"""Reports required by law on the pages: nine situations, a supervisor's decision, the paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.doors.portal.conftest import Person, Reached
from tests.house import page_gate
from wellbeing.audit import queries as audit
from wellbeing.audit.queries import EventFilter
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.queries import reporting as queries
from wellbeing.cases.rules.reporting import ReportState

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)

Clients = Callable[..., Any]
Post = Callable[..., Any]
COUNSELOR, SUPERVISOR = "district counselor", "district supervisor"
YES = {"check-situations": ["injuries"], "check-account": "示例：身上多处伤。"}
RECEIPT = {"file-organ": "police", "file-receipt": "示例-0001"}
NONE = {"decide-decision": "none", "decide-reason": "示例：是小说情节。"}
DUE = {"decide-decision": "report", "decide-reason": "示例：符合第四种情形。"}


@pytest.fixture
def report(
    app: Flask, clients: Clients, post: Post, claimed: Callable[..., Reached]
) -> tuple[int, Reached]:
    """A report that a counselor opened about a conversation of theirs."""
    reached = claimed(COUNSELOR)
    answer = post(clients(COUNSELOR), f"/contacts/{reached.public_id}/report-check", YES)
    assert answer.status_code == 303
    return int(answer.location.rsplit("/", 1)[1]), reached


def state_of(app: Flask, report_id: int) -> ReportState:
    with app.app_context():
        return queries.by_id(report_id=report_id).state


def test_a_report_from_the_check_to_the_receipt(
    app: Flask, clients: Clients, post: Post, report: tuple[int, Reached]
):
    report_id, reached = report
    url = f"/reports-by-law/{report_id}"
    counselor, supervisor = clients(COUNSELOR, language="en"), clients(SUPERVISOR, language="en")

    pages = [supervisor.get("/wall").text, counselor.get(f"/contacts/{reached.public_id}").text]
    pages.append(supervisor.get(url).text)
    decided = post(supervisor, f"{url}/decide", DUE)
    filed = post(counselor, f"{url}/file", RECEIPT)
    closed = post(supervisor, f"{url}/close")
    paper = counselor.get(f"{url}/print").text

    assert [one.status_code for one in (decided, filed, closed)] == [303, 303, 303]
    assert "Reports required by law (1)" in pages[0]
    assert "示例：身上多处伤。" in pages[2]
    assert "Several injuries" in paper
    assert "示例-0001" in paper
    assert state_of(app, report_id) is ReportState.REPORTED
    for html in (*pages, paper, counselor.get(f"/contacts/{reached.public_id}/report-check").text):
        page_gate.check_html(html, url=url)
    with app.app_context():
        printed = audit.events(wanted=EventFilter(action=AuditAction.PRINTED), limit=5)
    assert len(printed) == 1


@pytest.mark.parametrize("path", ["decide", "close"])
def test_a_counselor_closes_no_report_however_they_try(
    app: Flask, clients: Clients, post: Post, report: tuple[int, Reached], path: str
):
    report_id, _ = report
    counselor = clients(COUNSELOR)
    post(counselor, f"/reports-by-law/{report_id}/file", RECEIPT)

    answer = post(counselor, f"/reports-by-law/{report_id}/{path}", NONE)

    assert answer.status_code == 404
    assert state_of(app, report_id) is ReportState.FILED


def test_a_supervisor_gives_a_reason_or_nothing_happens(
    app: Flask, clients: Clients, post: Post, report: tuple[int, Reached]
):
    report_id, _ = report
    supervisor = clients(SUPERVISOR, language="en")
    url = f"/reports-by-law/{report_id}/decide"

    empty = post(supervisor, url, NONE | {"decide-reason": "  "})
    done = post(supervisor, url, NONE)
    again = post(clients("municipal supervisor"), url, DUE)

    assert (empty.status_code, done.status_code, again.status_code) == (400, 303, 409)
    assert state_of(app, report_id) is ReportState.NOT_REPORTABLE
    page_gate.check_html(empty.text, url=url)
    page_gate.check_html(again.text, url=url)


@pytest.mark.parametrize(
    "who", ["other district counselor", "other district supervisor", "principal", "auditor"]
)
def test_nobody_of_another_unit_or_role_sees_or_moves_a_report(
    app: Flask, clients: Clients, post: Post, report: tuple[int, Reached], who: str
):
    report_id, reached = report
    stranger, url = clients(who), f"/reports-by-law/{report_id}"

    answers = {stranger.get(url).status_code, stranger.get(f"{url}/print").status_code}
    answers |= {
        post(stranger, f"{url}/{path}", data).status_code
        for path, data in (("decide", NONE), ("file", RECEIPT), ("close", {}))
    }
    answers.add(post(stranger, f"/contacts/{reached.public_id}/report-check", YES).status_code)

    assert answers == {404}
    assert state_of(app, report_id) is ReportState.OPEN


def test_nothing_ticked_opens_nothing_and_is_written_down(
    app: Flask, clients: Clients, post: Post, claimed: Callable[..., Reached]
):
    reached = claimed(COUNSELOR)

    post(clients(COUNSELOR), f"/contacts/{reached.public_id}/report-check", {})

    with app.app_context():
        assert queries.of(contact_id=reached.contact_id) == ()
        noted = audit.events(wanted=EventFilter(action=AuditAction.CASE_CHANGED), limit=5)
    assert [one.details for one in noted] == [{"report_check": []}]


@pytest.mark.parametrize("tick", ["tarot", "' OR 1=1", "是" * 3000])
def test_a_situation_that_is_none_opens_nothing(
    app: Flask, clients: Clients, post: Post, claimed: Callable[..., Reached], tick: str
):
    reached = claimed(COUNSELOR)
    data = {"check-situations": [tick]}

    answer = post(clients(COUNSELOR), f"/contacts/{reached.public_id}/report-check", data)

    with app.app_context():
        assert queries.of(contact_id=reached.contact_id) == ()
    assert answer.status_code == 422


def test_the_same_receipt_twice_is_kept_once(
    clients: Clients, post: Post, report: tuple[int, Reached], people: Callable[[str], Person]
):
    report_id, _ = report
    url = f"/reports-by-law/{report_id}/file"

    first = post(clients(COUNSELOR), url, RECEIPT)
    second = post(clients(COUNSELOR), url, RECEIPT | {"file-receipt": "示例-0002"})

    assert (first.status_code, second.status_code) == (303, 409)
