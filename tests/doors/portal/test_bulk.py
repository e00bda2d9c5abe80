"""Several cases at once: each row by itself, by permission and version, each with its result."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from tests.factories import portal as made
from tests.house import page_gate
from wellbeing.audit import queries as audit
from wellbeing.audit.queries import EventFilter
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.operations import changes
from wellbeing.cases.queries import cases, work
from wellbeing.cases.rules.cases import CaseRow, CaseStatus
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
"""Each operation is proved on both databases by its room; here it is about pages."""

WHY = "示例：她休假两周。"


@pytest.fixture
def three(app: Flask, people: Any, claimed: Any) -> list[CaseRow]:
    """Give three cases of the district counselor."""
    found = []
    for _ in range(3):
        reached = claimed("district counselor")
        with app.app_context():
            found.append(
                made.open_case(people("district counselor"), contact_id=reached.contact_id)
            )
    return found


@pytest.fixture
def foreign(app: Flask, people: Any, claimed: Any) -> CaseRow:
    """Give a case of another district."""
    reached = claimed("other district counselor", unit="south")
    with app.app_context():
        return made.open_case(people("other district counselor"), contact_id=reached.contact_id)


def ticked(*rows: CaseRow) -> list[str]:
    return [f"{row.reference} {row.version}" for row in rows]


def results(answer: Any) -> dict[str, str]:
    assert answer.status_code == 200
    page_gate.check_html(answer.text, url="results")
    found = re.findall(
        r'<tr><th scope="row">(?:<a href="[^"]+">)?(WB-\w+)(?:</a>)?</th>'
        r'<td><span class="[^"]+">([^<]+)</span>',
        answer.text,
    )
    return dict(found)


def again(app: Flask, row: CaseRow) -> CaseRow:
    with app.app_context():
        return cases.case_by_id(case_id=row.case_id)


def tags(app: Flask, *rows: CaseRow) -> list[tuple[str, ...]]:
    with app.app_context():
        known = work.tags_of(case_ids=[row.case_id for row in rows])
    return [known.get(row.case_id, ()) for row in rows]


def move(app: Flask, row: CaseRow) -> None:
    """Let somebody else change a case meanwhile."""
    with app.app_context(), transaction():
        changes.change_status(
            case_id=row.case_id, status=CaseStatus.IN_CARE, by=row.owner_id, now=clock.now()
        )


def test_every_row_of_the_list_can_be_ticked_without_a_script(clients: Any, three: list[CaseRow]):
    browser = clients("district counselor", language="en")

    page = browser.get("/cases").text

    assert sorted(re.findall(r'name="case" value="([^"]+)"', page)) == sorted(ticked(*three))
    page_gate.check_html(page, url="/cases")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_chosen_cases_are_shown_with_what_may_be_done(
    clients: Any, post: Any, three: list[CaseRow], language: str
):
    browser = clients("district supervisor", language=language)

    answer = post(browser, "/cases/selected", {"case": ticked(*three[:2])})

    assert answer.status_code == 200
    assert three[0].reference in answer.text
    assert three[2].reference not in answer.text
    page_gate.check_html(answer.text, url="/cases/selected")


def test_a_counselor_may_tag_but_not_give_away(
    app: Flask, clients: Any, people: Any, post: Any, three: list[CaseRow]
):
    browser = clients("district counselor")
    page = post(browser, "/cases/selected", {"case": ticked(*three)}).text
    colleague = people("district colleague").user_id
    data = {"case": ticked(*three), "to": str(colleague), "reason": WHY}

    answer = post(browser, "/cases/selected/assign", data)

    assert "/cases/selected/assign" not in page
    assert "/cases/selected/tag" in page
    assert answer.status_code == 404
    assert {again(app, row).owner_id for row in three} == {three[0].owner_id}


def test_all_are_given_to_one_person_each_logged(
    app: Flask, clients: Any, people: Any, post: Any, three: list[CaseRow]
):
    colleague = people("district colleague").user_id
    data = {"case": ticked(*three), "to": str(colleague), "reason": WHY}

    answer = post(clients("district supervisor", language="en"), "/cases/selected/assign", data)

    assert results(answer) == {row.reference: "has a new owner" for row in three}
    assert {again(app, row).owner_id for row in three} == {colleague}
    with app.app_context():
        wanted = EventFilter(action=AuditAction.CASE_TRANSFERRED)
        events = audit.events(wanted=wanted, limit=9)
    assert len(events) == 3


def test_one_refused_row_keeps_no_other_back_and_none_is_lost(
    app: Flask,
    clients: Any,
    people: Any,
    post: Any,
    three: list[CaseRow],
    foreign: CaseRow,
):
    colleague = people("district colleague").user_id
    move(app, three[1])
    sent = [*ticked(*three), *ticked(foreign), "WB-7K3M9Q 1", three[0].reference, "nonsense"]
    data = {"case": sent, "to": str(colleague), "reason": WHY}

    answer = post(clients("district supervisor", language="en"), "/cases/selected/assign", data)

    assert results(answer) == {
        three[0].reference: "has a new owner",
        three[1].reference: "Somebody else changed this case in the meantime.",
        three[2].reference: "has a new owner",
        foreign.reference: "There is nothing here that you may open.",
        "WB-7K3M9Q": "There is nothing here that you may open.",
    }
    assert [again(app, row).owner_id for row in three] == [
        colleague, three[1].owner_id, colleague,
    ]  # fmt: skip
    assert again(app, foreign) == foreign


def test_what_is_not_ones_own_is_written_down_as_refused(
    app: Flask, clients: Any, post: Any, foreign: CaseRow
):
    data = {"case": ticked(foreign), "tag": "bullying"}

    post(clients("district counselor"), "/cases/selected/tag", data)

    with app.app_context():
        events = audit.events(wanted=EventFilter(action=AuditAction.REFUSED), limit=9)
    assert [one.details["arguments"] for one in events] == [{"reference": foreign.reference}]
    assert tags(app, foreign) == [()]


def test_a_tag_goes_on_each_case_once(app: Flask, clients: Any, post: Any, three: list[CaseRow]):
    browser = clients("district counselor", language="en")
    post(browser, "/cases/selected/tag", {"case": ticked(three[0]), "tag": "bullying"})

    answer = post(browser, "/cases/selected/tag", {"case": ticked(*three), "tag": "bullying"})

    assert results(answer) == {
        three[0].reference: "carried it already",
        three[1].reference: "carries it now",
        three[2].reference: "carries it now",
    }
    assert tags(app, *three) == [("bullying",)] * 3


@pytest.mark.parametrize(
    ("url", "data"),
    [
        ("/cases/selected/assign", {"to": "", "reason": WHY}),
        ("/cases/selected/assign", {"to": "999999", "reason": WHY}),
        ("/cases/selected/tag", {"tag": ""}),
        ("/cases/selected/tag", {"tag": "own:1"}),
    ],
    ids=["nobody", "somebody unknown", "no tag", "no such tag"],
)
def test_a_form_that_is_not_fit_keeps_the_choice_and_what_was_typed(
    app: Flask, clients: Any, post: Any, three: list[CaseRow], url: str, data: dict[str, str]
):
    browser = clients("district supervisor", language="en")

    answer = post(browser, url, {"case": ticked(*three), **data})

    assert answer.status_code == 422
    assert all(f'value="{one}"' in answer.text for one in ticked(*three))
    assert data.get("reason", "") in answer.text
    page_gate.check_html(answer.text, url=url)
    assert {again(app, row).owner_id for row in three} == {three[0].owner_id}


def test_nothing_chosen_says_so(clients: Any, post: Any):
    browser = clients("district supervisor", language="en")

    answer = post(browser, "/cases/selected")
    given = post(browser, "/cases/selected/tag", {"tag": "bullying"})

    assert (answer.status_code, given.status_code) == (200, 422)
    assert "No case is chosen." in answer.text
    assert "No case is chosen." in given.text


def test_nobody_without_cases_may_choose_any(clients: Any, post: Any):
    for label in ("principal", "auditor", "administrator"):
        assert post(clients(label), "/cases/selected").status_code == 404


def test_the_menu_of_a_supervisor_leads_to_the_caseloads(clients: Any):
    assert 'href="/caseloads"' in clients("district supervisor").get("/cases").text
    assert 'href="/caseloads"' not in clients("district counselor").get("/cases").text


def test_a_tag_of_the_unit_is_retired_and_cases_keep_it(
    app: Flask, clients: Any, post: Any, three: list[CaseRow]
):
    supervisor = clients("district supervisor", language="en")
    post(supervisor, "/tags", {"name": "示例班"})
    (key,) = re.findall(r'action="/tags/([^"]+)/retire"', supervisor.get("/tags").text)
    post(supervisor, "/cases/selected/tag", {"case": ticked(three[0]), "tag": key})

    answer = post(supervisor, f"/tags/{key}/retire")

    assert answer.status_code == 303
    assert "retire" not in supervisor.get("/tags").text
    refused = post(supervisor, "/cases/selected/tag", {"case": ticked(three[1]), "tag": key})
    assert refused.status_code == 422
    assert tags(app, *three[:2]) == [(key,), ()]
    assert "示例班" in supervisor.get(f"/cases/{three[0].reference}").text
    assert "示例班</option>" in supervisor.get("/cases/search").text


@pytest.mark.parametrize("label", ["other district supervisor", "district counselor"])
def test_nobody_else_retires_a_tag(app: Flask, clients: Any, post: Any, label: str):
    supervisor = clients("district supervisor")
    post(supervisor, "/tags", {"name": "示例班"})
    (key,) = re.findall(r'action="/tags/([^"]+)/retire"', supervisor.get("/tags").text)

    answers = [
        post(clients(label), f"/tags/{one}/retire") for one in (key, "own:999", "own:x", "x")
    ]

    assert {one.status_code for one in answers} <= {400, 404}
    assert key in supervisor.get("/tags").text
