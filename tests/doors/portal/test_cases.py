"""Pages of cases: who may see which, what a page shows, what a refusal keeps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import cases as factory
from tests.factories import portal as made
from tests.house import page_gate
from wellbeing.audit.models import AUDIT_EVENT
from wellbeing.cases.operations import changes, notes, opening
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.foundation import clock
from wellbeing.foundation.database import session, transaction
from wellbeing.policy.model import RiskLevel
from wellbeing.triage.rules.levels import Decider


@pytest.fixture
def case(app: Flask, people: Any, claimed: Any) -> CaseRow:
    """Give an orange case of the district counselor in the north."""
    reached = claimed("district counselor")
    with app.app_context():
        return made.open_case(people("district counselor"), contact_id=reached.contact_id)


@pytest.fixture
def events(app: Flask) -> Callable[[str], list[Any]]:
    """List the audit events of one kind."""

    def found(action: str) -> list[Any]:
        with app.app_context():
            statement = select(AUDIT_EVENT).where(AUDIT_EVENT.c.action == action)
            return list(session().execute(statement.order_by(AUDIT_EVENT.c.id)).mappings())

    return found


def note_of(app: Flask, case: CaseRow, user_id: int, body: str = "示例：今晚有室友陪着。") -> int:
    with app.app_context(), transaction():
        by = Decider(user_id=user_id, is_supervisor=False)
        return notes.add_note(case_id=case.case_id, by=by, body=body, now=clock.now())


def standing(app: Flask, case: CaseRow) -> CaseRow:
    with app.app_context():
        return cases.case_by_id(case_id=case.case_id)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", ["", "/level", "/status", "/close", "/escalate"])
def test_every_page_of_a_case_passes_the_gate(
    clients: Any, case: CaseRow, page: str, language: str
):
    client = clients("district counselor", language=language)

    answer = client.get(f"/cases/{case.reference}{page}")

    assert answer.status_code == 200
    page_gate.check_html(answer.text, url=page)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("query", ["", "?status=closed", "?level=3&whose=mine", "?level=bent"])
def test_the_list_passes_the_gate(clients: Any, case: CaseRow, query: str, language: str):
    client = clients("district counselor", language=language)

    answer = client.get(f"/cases{query}")

    assert answer.status_code == 200
    page_gate.check_html(answer.text, url=query)


ROUTES = [
    ("get", ""),
    ("post", "/notes"),
    ("get", "/notes/1"),
    ("post", "/notes/1"),
    ("get", "/level"),
    ("post", "/level"),
    ("get", "/status"),
    ("post", "/status"),
    ("get", "/close"),
    ("post", "/close"),
    ("get", "/escalate"),
    ("post", "/escalate"),
]


@pytest.mark.parametrize(("method", "page"), ROUTES)
def test_another_unit_finds_nothing_and_it_is_written_down(
    clients: Any, post: Any, case: CaseRow, events: Any, method: str, page: str
):
    """A counselor of another school gets 404 for the case on every route, and an audit row."""
    client = clients("other school counselor")
    url = f"/cases/{case.reference}{page}"

    answer = client.get(url) if method == "get" else post(client, url, {"body": "x", "level": "1"})

    assert answer.status_code == 404
    assert case.reference not in answer.text.replace(url, "")
    assert events("refused")[-1]["details"]["arguments"]["reference"] == case.reference
    assert events("opened_case") == []


def test_a_colleague_of_the_same_unit_without_assignment_finds_nothing(clients: Any, case: CaseRow):
    client = clients("school counselor")

    answer = client.get(f"/cases/{case.reference}")

    assert answer.status_code == 404


def test_the_supervisor_of_the_unit_opens_a_case(clients: Any, case: CaseRow):
    client = clients("district supervisor")

    answer = client.get(f"/cases/{case.reference}")

    assert answer.status_code == 200


def test_opening_a_case_writes_one_event(clients: Any, people: Any, case: CaseRow, events: Any):
    client = clients("district counselor")

    client.get(f"/cases/{case.reference}")

    (event,) = events("opened_case")
    assert event["subject_id"] == case.case_id
    assert event["actor_id"] == people("district counselor").user_id


def test_a_list_writes_one_event_with_its_filter_and_ids(clients: Any, case: CaseRow, events: Any):
    client = clients("district counselor")

    client.get("/cases?level=3")

    (event,) = events("listed")
    assert event["details"]["ids"] == [case.case_id]
    assert event["details"]["level"] == 3


def test_another_units_reference_finds_nothing(clients: Any, case: CaseRow):
    client = clients("other district counselor", language="en")

    answer = client.get(f"/cases?reference={case.reference}")

    assert "No case matches." in answer.text


def test_a_case_is_found_by_its_reference_however_it_is_typed(clients: Any, case: CaseRow):
    client = clients("district counselor")
    typed = case.reference.removeprefix("WB-").lower()

    answer = client.get(f"/cases?reference={typed}")

    assert f"/cases/{case.reference}" in answer.text


def test_a_page_costs_the_same_with_one_case_and_with_five(
    app: Flask, clients: Any, people: Any, claimed: Any, case: CaseRow, statements: Any
):
    client = clients("district counselor")
    client.get("/cases")
    with statements() as few:
        client.get("/cases")

    with app.app_context():
        for _ in range(4):
            reached = claimed("district supervisor", body="你好")
            made.open_case(people("district counselor"), contact_id=reached.contact_id)
    with statements() as many:
        client.get("/cases")

    assert len(many) == len(few)


def test_a_note_is_saved_and_shown(clients: Any, post: Any, case: CaseRow, events: Any):
    client = clients("district counselor")

    answer = post(client, f"/cases/{case.reference}/notes", {"body": "示例：约好明天中午。"})

    assert answer.status_code == 303
    assert "示例：约好明天中午。" in client.get(f"/cases/{case.reference}").text
    assert len(events("note_written")) == 1


def test_an_empty_note_is_refused_by_its_field(clients: Any, post: Any, case: CaseRow):
    client = clients("district counselor", language="en")

    answer = post(client, f"/cases/{case.reference}/notes", {"body": "  "})

    assert answer.status_code == 422
    assert "Please write something here." in answer.text
    page_gate.check_html(answer.text, url="notes")


def test_a_stale_note_shows_both_versions_and_loses_neither(
    app: Flask, clients: Any, post: Any, people: Any, case: CaseRow
):
    note_id = note_of(app, case, people("district counselor").user_id, "示例：原来的话。")
    client = clients("district counselor")
    url = f"/cases/{case.reference}/notes/{note_id}"
    post(client, url, {"body": "示例：先存的话。", "version": "1"})

    answer = post(client, url, {"body": "示例：后写的话。", "version": "1"})

    assert answer.status_code == 409
    assert "示例：先存的话。" in answer.text
    assert "示例：后写的话。" in answer.text
    assert 'name="version" type="hidden" value="2"' in answer.text
    page_gate.check_html(answer.text, url=url)


def test_the_writer_of_a_stale_note_may_save_over_it_after_seeing_both(
    app: Flask, clients: Any, post: Any, people: Any, case: CaseRow
):
    note_id = note_of(app, case, people("district counselor").user_id)
    client = clients("district counselor")
    url = f"/cases/{case.reference}/notes/{note_id}"
    post(client, url, {"body": "示例：先存的话。", "version": "1"})

    answer = post(client, url, {"body": "示例：合在一起的话。", "version": "2"})

    assert answer.status_code == 303
    assert "示例：合在一起的话。" in client.get(f"/cases/{case.reference}").text


def test_a_colleagues_note_is_not_changed(app: Flask, clients: Any, people: Any, case: CaseRow):
    note_id = note_of(app, case, people("district counselor").user_id)
    client = clients("district supervisor")

    answer = client.get(f"/cases/{case.reference}/notes/{note_id}")

    assert answer.status_code == 409


def test_a_level_rises_at_once(app: Flask, clients: Any, post: Any, case: CaseRow, events: Any):
    client = clients("district counselor")

    answer = post(
        client, f"/cases/{case.reference}/level", {"level": "4", "note": "", "version": "1"}
    )

    assert answer.status_code == 303
    assert standing(app, case).level is RiskLevel.IMMINENT
    assert events("case_changed")[0]["details"]["level"] == 4


def test_a_level_does_not_fall_without_a_reason(app: Flask, clients: Any, post: Any, case: CaseRow):
    client = clients("district counselor", language="en")

    answer = post(
        client, f"/cases/{case.reference}/level", {"level": "1", "note": "", "version": "1"}
    )

    assert answer.status_code == 400
    assert "A level needs its reason in a note." in answer.text
    assert standing(app, case).level is RiskLevel.HIGH
    page_gate.check_html(answer.text, url="level")


def test_a_refused_level_keeps_what_was_typed(
    app: Flask, clients: Any, post: Any, people: Any, case: CaseRow
):
    with app.app_context(), transaction():
        changes.change_level(
            case_id=case.case_id,
            level=RiskLevel.IMMINENT,
            by=Decider(user_id=people("district counselor").user_id, is_supervisor=False),
            note="示例：有计划。",
            now=clock.now(),
        )
    client = clients("district counselor")

    answer = post(
        client,
        f"/cases/{case.reference}/level",
        {"level": "2", "note": "示例：已经平静下来。", "version": "1"},
    )

    assert answer.status_code == 409
    assert "示例：已经平静下来。" in answer.text


def test_a_stale_level_is_a_conflict_that_shows_how_it_stands_now(
    app: Flask, clients: Any, post: Any, people: Any, case: CaseRow
):
    client = clients("district counselor")
    post(client, f"/cases/{case.reference}/level", {"level": "4", "note": "", "version": "1"})

    answer = post(
        client,
        f"/cases/{case.reference}/level",
        {"level": "4", "note": "示例：我的理由。", "version": "1"},
    )

    assert answer.status_code == 409
    assert "示例：我的理由。" in answer.text
    assert 'name="version" type="hidden" value="2"' in answer.text


def test_the_status_changes_along_the_table(app: Flask, clients: Any, post: Any, case: CaseRow):
    client = clients("district counselor")

    answer = post(client, f"/cases/{case.reference}/status", {"status": "in_care", "version": "1"})

    assert answer.status_code == 303
    assert standing(app, case).status == "in_care"


def test_a_status_that_the_table_does_not_offer_is_refused(
    app: Flask, clients: Any, post: Any, case: CaseRow
):
    client = clients("district counselor")

    answer = post(client, f"/cases/{case.reference}/status", {"status": "erased", "version": "1"})

    assert answer.status_code == 422
    assert standing(app, case).status == "open"


def test_closing_lists_what_is_missing_and_keeps_what_was_typed(
    app: Flask, clients: Any, post: Any, case: CaseRow
):
    client = clients("district counselor", language="en")

    answer = post(
        client,
        f"/cases/{case.reference}/close",
        {"note": "示例：好多了。", "told": "y", "version": "1"},
    )

    assert answer.status_code == 409
    assert "The level is above blue." in answer.text
    assert "示例：好多了。" in answer.text
    assert standing(app, case).closed_at is None


def test_a_case_that_nothing_holds_is_closed(
    app: Flask, clients: Any, post: Any, people: Any, claimed: Any, events: Any
):
    reached = claimed("district counselor", body="你好")
    with app.app_context():
        case = made.open_case(
            people("district counselor"), contact_id=reached.contact_id, level=RiskLevel.LOW
        )
    with app.app_context():
        factory.decline(case=case, now=clock.now())
    client = clients("district counselor")

    answer = post(
        client,
        f"/cases/{case.reference}/close",
        {"note": "示例：好多了。", "told": "y", "version": str(standing(app, case).version)},
    )

    assert answer.status_code == 303
    assert standing(app, case).status == "closed"
    assert len(events("case_closed")) == 1


def test_an_escalation_is_sent_with_its_summary(
    app: Flask, clients: Any, post: Any, people: Any, case: CaseRow, events: Any
):
    with app.app_context():
        made.put_on_duty(people("municipal counselor"))
    client = clients("district counselor")
    form = client.get(f"/cases/{case.reference}/escalate")

    answer = post(
        client,
        f"/cases/{case.reference}/escalate",
        {"reason": made.REASON, "agreed": "agreed", "safety_plan": "示例：室友陪着。"},
    )

    assert made.NOTE in form.text
    assert answer.status_code == 303
    assert len(events("escalated")) == 1
    shown = client.get(f"/cases/{case.reference}")
    assert "市级值班台" in shown.text
    assert "示例00" in shown.text
    page_gate.check_html(shown.text, url="show")


def test_an_escalation_without_a_reason_keeps_the_rest(clients: Any, post: Any, case: CaseRow):
    client = clients("district counselor")

    answer = post(
        client,
        f"/cases/{case.reference}/escalate",
        {"reason": "", "agreed": "agreed", "safety_plan": "示例：室友陪着。"},
    )

    assert answer.status_code == 422
    assert "示例：室友陪着。" in answer.text


def test_a_second_escalation_is_refused_and_keeps_the_text(
    app: Flask, clients: Any, post: Any, people: Any, case: CaseRow
):
    with app.app_context():
        made.escalate(people("district counselor"), case_id=case.case_id)
    client = clients("district counselor", language="en")

    answer = post(
        client,
        f"/cases/{case.reference}/escalate",
        {"reason": "示例：再来一次。", "agreed": "not_asked"},
    )

    assert answer.status_code == 409
    assert "This case is being passed on already." in answer.text
    assert "示例：再来一次。" in answer.text


def test_only_a_supervisor_is_offered_to_leave_out_a_tier(
    app: Flask, clients: Any, people: Any, claimed: Any
):
    reached = claimed("school counselor", unit="north-school")
    with app.app_context():
        case = made.open_case(people("school counselor"), contact_id=reached.contact_id)

    counselor = clients("school counselor").get(f"/cases/{case.reference}/escalate")
    supervisor = clients("district supervisor").get(f"/cases/{case.reference}/escalate")

    assert 'name="to"' not in counselor.text
    assert 'name="to"' in supervisor.text
    assert 'name="skip_reason"' in supervisor.text


def test_the_timeline_is_filtered_by_kind(app: Flask, clients: Any, people: Any, case: CaseRow):
    note_of(app, case, people("district counselor").user_id)
    client = clients("district counselor", language="en")

    answer = client.get(f"/cases/{case.reference}?kind=levels")

    assert "Case opened at level" in answer.text
    assert "Written: Casework note" not in answer.text


def test_the_timeline_goes_back_page_by_page(app: Flask, clients: Any, people: Any, case: CaseRow):
    for number in range(21):
        note_of(app, case, people("district counselor").user_id, f"示例 {number}")
    client = clients("district counselor", language="en")

    first = client.get(f"/cases/{case.reference}")
    with app.app_context():
        newest = cases.timeline(case_id=case.case_id, limit=20)
    earlier = client.get(f"/cases/{case.reference}?before={newest[-1].entry_id}")

    assert "Earlier entries" in first.text
    assert "Case opened at level" not in first.text
    assert "Case opened at level" in earlier.text
    assert "Latest entries" in earlier.text


def test_a_principal_sees_that_cases_exist_and_nothing_else(
    app: Flask, clients: Any, people: Any, claimed: Any
):
    reached = claimed("school counselor", unit="north-school")
    with app.app_context():
        case = made.open_case(people("school counselor"), contact_id=reached.contact_id)
    client = clients("principal", language="en")

    answer = client.get("/cases")
    opened = client.get(f"/cases/{case.reference}")

    assert answer.status_code == 200
    assert case.reference not in answer.text
    assert "Cases that are not closed, by level" in answer.text
    assert opened.status_code == 404
    page_gate.check_html(answer.text, url="cases")


@pytest.mark.parametrize("label", ["auditor", "administrator"])
def test_whoever_opens_no_records_finds_no_list(clients: Any, label: str):
    client = clients(label)

    answer = client.get("/cases")

    assert answer.status_code == 404


def test_the_next_step_names_its_holder_and_time(
    app: Flask, clients: Any, people: Any, case: CaseRow
):
    with app.app_context():
        made.escalate(people("district counselor"), case_id=case.case_id)
    client = clients("district counselor", language="en")

    answer = client.get(f"/cases/{case.reference}")

    due = clock.now() + timedelta(hours=4)
    assert f'data-deadline="{due.isoformat()[:10]}' in answer.text
    assert "With District Counselor since" in answer.text


def test_a_case_costs_the_same_with_one_note_and_with_ten(
    app: Flask, clients: Any, people: Any, case: CaseRow, statements: Any
):
    client = clients("district counselor")
    client.get(f"/cases/{case.reference}")
    with statements() as few:
        client.get(f"/cases/{case.reference}")
    for number in range(9):
        note_of(app, case, people("district counselor").user_id, f"示例 {number}")

    with statements() as many:
        client.get(f"/cases/{case.reference}")

    assert len(many) == len(few)


def test_a_case_costs_the_same_with_one_contact_and_with_four(
    app: Flask, clients: Any, people: Any, claimed: Any, case: CaseRow, statements: Any
):
    client = clients("district counselor")
    client.get(f"/cases/{case.reference}")
    with statements() as few:
        client.get(f"/cases/{case.reference}")
    for number in range(3):
        reached = claimed("district counselor", body=f"示例 {number}")
        with app.app_context(), transaction():
            opening.attach_contact(
                case_id=case.case_id,
                contact_id=reached.contact_id,
                by=people("district counselor").user_id,
                now=clock.now(),
            )
    # The keys of the contacts are known from here on, as they are a moment after any page.
    client.get(f"/cases/{case.reference}")

    with statements() as many:
        client.get(f"/cases/{case.reference}")

    assert len(many) == len(few)
