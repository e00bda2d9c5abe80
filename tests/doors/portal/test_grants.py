"""Access beyond one's own cases, by its pages: asked, decided, broken into, reviewed, attacked."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.factories import portal as made
from tests.house import page_gate
from wellbeing.accounts.operations import people as staff
from wellbeing.accounts.operations import sessions
from wellbeing.accounts.rules.roles import Role
from wellbeing.audit import queries as audit
from wellbeing.audit.queries import EventFilter
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
"""Who may do what is proved on both databases by the room; here it is about pages."""

Clients = Callable[..., Any]
WHY = "示例：学生今晚打给我了。"
VIEWER = "university counselor"


@pytest.fixture
def reference(app: Flask, people: Any, claimed: Any) -> str:
    """Give a case of the north district."""
    reached = claimed("district counselor")
    with app.app_context():
        case = made.open_case(people("district counselor"), contact_id=reached.contact_id)
    return str(case.reference)


@pytest.fixture
def ask(clients: Clients, post: Any) -> Any:
    return lambda browser, reference: post(
        browser, "/access/requests", {"reference": reference, "reason": WHY}
    )


@pytest.fixture
def break_in(post: Any) -> Any:
    return lambda browser, reference: post(
        browser, "/access/emergency", {"reference": reference, "reason": WHY}
    )


def events(app: Flask, action: AuditAction) -> list[Any]:
    with app.app_context():
        return list(audit.events(wanted=EventFilter(action=action), limit=50))


def test_a_request_is_decided_by_the_units_supervisor_and_then_opens_the_case(
    app: Flask, clients: Clients, post: Any, ask: Any, reference: str
):
    asker, supervisor = clients(VIEWER), clients("district supervisor")
    assert ask(asker, reference).location == "/access"
    assert asker.get(f"/cases/{reference}").status_code == 404
    assert f"{reference}</strong>" in supervisor.get("/my-work").text

    decision = {"decision": "approve", "hours": "24", "reason": "示例：同意"}
    answer = post(supervisor, "/access/requests/1", decision)

    assert answer.status_code == 303
    assert asker.get(f"/cases/{reference}").status_code == 200
    assert "示例：同意" in asker.get("/access").text
    (given,) = events(app, AuditAction.GRANT_GIVEN)
    assert given.subject == Subject(kind="access_request", id=1)


def test_asking_answers_the_same_whether_the_case_exists_or_not(
    clients: Clients, ask: Any, reference: str
):
    first, second = clients(VIEWER), clients("other school counselor")

    real, invented = ask(first, reference), ask(second, "WB-222222")

    assert (real.status_code, real.location) == (invented.status_code, invented.location)
    there = first.get("/access").text.replace(reference, "WB-222222")
    assert _shown(there) == _shown(second.get("/access").text)


def _shown(page: str) -> str:
    entry = page.split("WB-222222</strong>")[1].split("/withdraw", maxsplit=1)[0]
    return re.sub(r"<time.*?</time>|\d+$", "", entry)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_are_sound(
    clients: Clients, ask: Any, break_in: Any, post: Any, reference: str, language: str
):
    asker = clients(VIEWER, language=language)
    supervisor = clients("district supervisor", language=language)
    ask(asker, reference)
    break_in(clients("school counselor"), reference)
    empty = post(asker, "/access/requests", {"reference": "", "reason": ""})

    page_gate.check_html(empty.text, url="/access/requests")
    assert empty.status_code == 422
    for browser, url in (
        (asker, "/access"),
        (asker, "/access/emergency"),
        (supervisor, "/access"),
        (supervisor, "/access/requests/1"),
        (supervisor, "/access/emergencies/1"),
        (supervisor, f"/cases/{reference}?kind=access"),
    ):
        page_gate.check_html(browser.get(url).text, url=url)


def test_breaking_the_glass_opens_the_case_and_is_seen_by_its_owner(
    app: Flask, clients: Clients, break_in: Any, reference: str, people: Any
):
    viewer, owner = clients(VIEWER), clients("district counselor", language="en")

    answer = break_in(viewer, reference)

    assert answer.location == f"/cases/{reference}"
    assert viewer.get(f"/cases/{reference}").status_code == 200
    assert "Opened in an emergency lately" in owner.get("/my-work").text
    shown = owner.get(f"/cases/{reference}?kind=access").text
    assert "opened this case in an emergency" in shown
    assert WHY in shown
    (event,) = events(app, AuditAction.BROKE_GLASS)
    assert event.actor_id == people(VIEWER).user_id


def test_the_owner_is_texted_without_a_word_of_the_student(
    app: Flask, clients: Clients, break_in: Any, reference: str, people: Any
):
    from wellbeing.foundation.crypto import sealed
    from wellbeing.foundation.database import session
    from wellbeing.messaging.models import OUTBOUND

    break_in(clients(VIEWER), reference)

    with app.app_context():
        rows = session().execute(
            OUTBOUND.select().where(OUTBOUND.c.purpose == "staff").order_by(OUTBOUND.c.id.desc())
        )
        text = sealed.open_sealed(rows.mappings().first()["body_sealed"], place="outbound.body")
    assert text == "有人紧急查看了由你负责的记录，请登录平台查看原因。"


def test_the_glass_is_not_broken_without_a_fresh_proof(
    app: Flask, clients: Clients, break_in: Any, reference: str, people: Any
):
    browser, user_id = app.test_client(), people(VIEWER).user_id
    with app.app_context(), transaction():
        token = sessions.start_session(
            user_id=user_id,
            address="127.0.0.1",
            real_now=clock.real_now() - timedelta(minutes=11),
            second_factor_done=True,
        )
    browser.set_cookie(app.config["SIGN_IN_COOKIE_NAME"], token)

    answer = break_in(browser, reference)

    assert answer.location == "/step-up?next=/access/emergency"
    assert browser.get(f"/cases/{reference}").status_code == 404
    assert events(app, AuditAction.BROKE_GLASS) == []


def test_twice_leads_to_the_open_case_and_makes_no_second_view(
    app: Flask, clients: Clients, break_in: Any, reference: str
):
    viewer = clients(VIEWER)
    break_in(viewer, reference)

    again = break_in(viewer, reference)

    assert again.location == f"/cases/{reference}"
    assert len(events(app, AuditAction.BROKE_GLASS)) == 1


def test_a_mistyped_reference_is_told_by_its_field_and_written_down(
    app: Flask, clients: Clients, break_in: Any, people: Any
):
    answer = break_in(clients(VIEWER, language="en"), "WB-222222")

    assert answer.status_code == 404
    assert "No case has this reference" in answer.text
    page_gate.check_html(answer.text, url="/access/emergency")
    (event,) = events(app, AuditAction.REFUSED)
    assert event.actor_id == people(VIEWER).user_id


@pytest.mark.parametrize("label", ["principal", "administrator", "auditor"])
def test_who_reads_no_record_can_neither_ask_nor_break_in(
    app: Flask, clients: Clients, ask: Any, break_in: Any, reference: str, label: str
):
    browser = clients(label)

    assert ask(browser, reference).status_code == 404
    assert break_in(browser, reference).status_code == 404
    assert browser.get(f"/cases/{reference}").status_code == 404
    assert len(events(app, AuditAction.REFUSED)) == 3


@pytest.mark.parametrize(
    "label", ["district counselor", "other district supervisor", "university counselor"]
)
def test_nobody_else_decides_or_reviews(
    clients: Clients, post: Any, ask: Any, break_in: Any, reference: str, label: str
):
    ask(clients(VIEWER), reference)
    break_in(clients("school counselor"), reference)
    browser = clients(label)

    decision = {"decision": "approve", "hours": "24", "reason": "示例"}
    verdict = {"verdict": "justified", "finding": "示例"}

    assert post(browser, "/access/requests/1", decision).status_code == 404
    assert post(browser, "/access/emergencies/1", verdict).status_code == 404


def test_a_request_of_somebody_else_cannot_be_withdrawn(
    clients: Clients, post: Any, ask: Any, reference: str
):
    ask(clients(VIEWER), reference)

    stolen = post(clients("other school counselor"), "/access/requests/1/withdraw")
    mine = post(clients(VIEWER), "/access/requests/1/withdraw")

    assert (stolen.status_code, mine.status_code) == (404, 303)


def test_a_decision_asks_for_no_longer_than_is_offered(
    clients: Clients, post: Any, ask: Any, reference: str
):
    ask(clients(VIEWER), reference)
    forged = {"decision": "approve", "hours": "99999", "reason": "示例"}

    assert post(clients("district supervisor"), "/access/requests/1", forged).status_code == 422


def test_a_session_ends_at_once_with_the_role_it_was_opened_for(
    app: Flask, clients: Clients, break_in: Any, reference: str, people: Any
):
    viewer = clients(VIEWER)
    break_in(viewer, reference)
    with app.app_context(), transaction():
        staff.change_role(
            user_id=people(VIEWER).user_id,
            role=Role.SUPERVISOR,
            organization_id=people(VIEWER).organization_id,
            version=1,
            real_now=clock.real_now(),
        )

    assert viewer.get(f"/cases/{reference}").location.startswith("/sign-in")
    assert viewer.get("/queue/fragment").status_code == 401
    assert clients(VIEWER).get(f"/cases/{reference}").status_code == 404


def test_a_disabled_person_is_out_at_once(app: Flask, clients: Clients, people: Any):
    viewer = clients(VIEWER)
    with app.app_context(), transaction():
        staff.disable_user(user_id=people(VIEWER).user_id, real_now=clock.real_now())

    assert viewer.get("/my-work").location.startswith("/sign-in")
    assert viewer.get("/queue/fragment").status_code == 401
