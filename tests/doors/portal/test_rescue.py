"""The rescue and leaving red on the pages: who may, what is refused, what stays on the wall."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.doors.portal.conftest import Person, Reached
from tests.factories import portal as made
from tests.house import page_gate
from wellbeing.cases.queries import cases, lowerings
from wellbeing.cases.queries import rescue as rescues
from wellbeing.cases.rules.lowerings import About
from wellbeing.cases.rules.rescue import STEPS
from wellbeing.policy.model import RescueStep, RiskLevel
from wellbeing.triage import queries as triage

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)

Clients = Callable[..., Any]
Post = Callable[..., Any]

COUNSELOR, SUPERVISOR = "district counselor", "district supervisor"
CONSULTED = {"consulted-supervisor": "示例督导"}
WHY = "示例：正在发生，先打120。"


@pytest.fixture
def red(
    app: Flask, people: Callable[[str], Person], claimed: Callable[..., Reached]
) -> tuple[str, Reached]:
    """A red case of the district's counselor, by its reference, and its conversation."""
    reached = claimed(COUNSELOR)
    with app.app_context():
        case = made.open_case(
            people(COUNSELOR), contact_id=reached.contact_id, level=RiskLevel.IMMINENT
        )
    return case.reference, reached


def case_of(app: Flask, people: Callable[[str], Person], reference: str) -> Any:
    with app.app_context():
        from_supervisor = people("municipal supervisor").scope
        return cases.get(reference=reference, scope=from_supervisor, now=made.clock.now())


def test_a_rescue_from_its_beginning_to_its_review(
    app: Flask, clients: Clients, post: Post, people: Any, red: tuple[str, Reached]
):
    reference, _ = red
    url = f"/cases/{reference}/rescue"
    counselor, supervisor = clients(COUNSELOR, language="en"), clients(SUPERVISOR, language="en")

    assert post(counselor, url).status_code == 303
    wall = supervisor.get("/wall").text
    assert post(counselor, f"{url}/consulted", CONSULTED).status_code == 303
    for step in ("least_invasive", "called", "located"):
        data = {f"{step}-skip-reason": WHY}
        assert post(counselor, f"{url}/{step}/skip", data).status_code == 303
    reached = {"reached-confirmed_by": "示例民警", "reached-how": "示例：已送医"}
    assert post(counselor, f"{url}/reached", reached).status_code == 303
    after = supervisor.get("/wall").text
    told = {
        "told-whom": "nobody",
        "told-decided_by": "示例督导",
        "told-why_not": "示例：监护人有危险",
    }
    assert post(counselor, f"{url}/told", told).status_code == 303
    refused = post(counselor, f"{url}/reviewed", {"reviewed-went_well": "示例"})
    done = post(supervisor, f"{url}/reviewed", {"reviewed-went_well": "示例：及时"})

    assert "not confirmed: reached" in wall
    assert reference in wall
    assert "not confirmed: reached" not in after
    assert refused.status_code == 400
    assert "Only a supervisor may do this step" in refused.text
    assert done.status_code == 303
    page = counselor.get(url).text
    assert "This rescue is over." in page
    for html in (wall, after, refused.text, page, counselor.get(f"/cases/{reference}").text):
        page_gate.check_html(html, url=url)


def test_no_step_is_jumped_over(clients: Clients, post: Post, red: tuple[str, Reached]):
    reference, _ = red
    browser = clients(COUNSELOR, language="en")
    post(browser, f"/cases/{reference}/rescue")

    answer = post(
        browser,
        f"/cases/{reference}/rescue/reached",
        {"reached-confirmed_by": "示例", "reached-how": "示例"},
    )

    assert answer.status_code == 409
    assert "Record the steps before this one first" in answer.text
    page_gate.check_html(answer.text, url="/rescue")


def test_a_step_left_out_without_a_reason_stays(
    app: Flask, clients: Clients, post: Post, people: Any, red: tuple[str, Reached]
):
    reference, _ = red
    browser = clients(COUNSELOR)
    post(browser, f"/cases/{reference}/rescue")

    answer = post(browser, f"/cases/{reference}/rescue/consulted/skip", {})

    case = case_of(app, people, reference)
    with app.app_context():
        running = rescues.running(case_id=case.case_id)
    assert answer.status_code == 422
    assert running is not None
    assert running.step(key=RescueStep.CONSULTED).is_waiting


def test_the_same_form_twice_is_kept_once(clients: Clients, post: Post, red: tuple[str, Reached]):
    reference, _ = red
    browser = clients(COUNSELOR)

    answers = [
        post(browser, f"/cases/{reference}/rescue{path}", data).status_code
        for path, data in (("", {}), ("", {}), ("/consulted", CONSULTED), ("/consulted", CONSULTED))
    ]

    assert answers == [303, 409, 303, 409]


@pytest.mark.parametrize(
    "who", ["other district counselor", "other district supervisor", "principal", "auditor"]
)
def test_nobody_else_begins_or_records_a_rescue(
    app: Flask, clients: Clients, post: Post, people: Any, red: tuple[str, Reached], who: str
):
    reference, _ = red
    post(clients(COUNSELOR), f"/cases/{reference}/rescue")
    stranger = clients(who)

    paths = ("", *(f"/{step}" for step in STEPS), "/consulted/skip")
    answers = {post(stranger, f"/cases/{reference}/rescue{one}").status_code for one in paths}

    case = case_of(app, people, reference)
    with app.app_context():
        running = rescues.running(case_id=case.case_id)
    assert answers == {404}
    assert running is not None
    assert running.current is not None
    assert running.current.step is RescueStep.CONSULTED


@pytest.mark.parametrize("step", ["tarot", "consulted%00", "REACHED"])
def test_a_step_that_is_none_is_404(
    clients: Clients, post: Post, red: tuple[str, Reached], step: str
):
    reference, _ = red
    browser = clients(COUNSELOR)
    post(browser, f"/cases/{reference}/rescue")

    assert post(browser, f"/cases/{reference}/rescue/{step}", {}).status_code == 404


LOWER = {"level": "3", "note": "示例：家人陪着。", "version": "1"}
YES = {"decide-decision": "lower", "decide-note": "示例：同意。"}


def waiting(app: Flask, **about: int) -> int:
    with app.app_context():
        found = lowerings.open_of(about=About(**about))
    assert found is not None
    return found.lowering_id


def test_a_counselor_lowers_no_red_alone_and_a_supervisor_decides(
    app: Flask, clients: Clients, post: Post, people: Any, red: tuple[str, Reached]
):
    reference, _ = red
    counselor, supervisor = clients(COUNSELOR, language="en"), clients(SUPERVISOR, language="en")
    case = case_of(app, people, reference)

    sent = post(counselor, f"/cases/{reference}/level", LOWER)
    still = case_of(app, people, reference).level
    url = f"/cases/{reference}/lowering/{waiting(app, case_id=case.case_id)}"
    own = post(counselor, url, YES)
    page = supervisor.get(f"/cases/{reference}").text
    empty = post(supervisor, url, {})
    done = post(supervisor, url, YES)
    again = post(clients("municipal supervisor"), url, YES)

    assert (sent.status_code, still) == (303, RiskLevel.IMMINENT)
    assert own.status_code == 404
    assert "Proposed: leave red" in page
    assert "示例：家人陪着。" in page
    page_gate.check_html(page, url="/cases")
    assert (empty.status_code, done.status_code, again.status_code) == (422, 303, 409)
    assert case_of(app, people, reference).level is RiskLevel.HIGH


def test_a_contacts_red_needs_two_as_well(
    app: Flask, clients: Clients, post: Post, claimed: Callable[..., Reached]
):
    reached = claimed(COUNSELOR)
    counselor, url = clients(COUNSELOR, language="en"), f"/contacts/{reached.public_id}"
    for level in ("4", "2"):
        data = {"assess-level": level, "assess-source": "counselor", "assess-note": "示例"}
        answer = post(counselor, f"{url}/assess", data)
        assert answer.status_code == 303

    page = counselor.get(url).text
    number = waiting(app, contact_id=reached.contact_id)
    refused = post(clients("other district supervisor"), f"{url}/lowering/{number}", YES)
    done = post(clients(SUPERVISOR), f"{url}/lowering/{number}", YES)

    with app.app_context():
        level = triage.current_level(contact_ids=[reached.contact_id])
    assert "It stays red until a supervisor has decided" in page
    assert (refused.status_code, done.status_code, level) == (404, 303, RiskLevel.MODERATE)
    page_gate.check_html(page, url="/contacts")


def test_an_id_of_another_record_is_unknown(
    app: Flask, clients: Clients, post: Post, people: Any, red: tuple[str, Reached]
):
    reference, reached = red
    case = case_of(app, people, reference)
    post(clients(COUNSELOR), f"/cases/{reference}/level", LOWER)
    number = waiting(app, case_id=case.case_id)

    answer = post(clients(SUPERVISOR), f"/contacts/{reached.public_id}/lowering/{number}", YES)

    assert answer.status_code == 404
    assert case_of(app, people, reference).level is RiskLevel.IMMINENT
