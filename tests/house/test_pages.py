"""Every page of the map, for whoever may see it, in both languages: sound, and of a fixed price.

What a page says is tested beside the page; here stands what no page may forget.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.doors.portal import conftest as portal
from tests.doors.portal.conftest import Person
from tests.house import page_gate, samples
from tests.house.samples import Route, Sample, Staff
from wellbeing.accounts.operations import people as accounts
from wellbeing.accounts.operations import sessions
from wellbeing.accounts.rules.people import NewUser
from wellbeing.accounts.rules.roles import Role
from wellbeing.cases.operations import notes
from wellbeing.cases.queries import cases
from wellbeing.contacts.operations import conversations as contacts
from wellbeing.contacts.queries import conversations as contacts_queries
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction
from wellbeing.triage.rules.levels import Decider

city = portal.city
people = portal.people
clients = portal.clients
student = portal.student
statements = portal.statements

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
"""A page is the same on both databases; what it asks them is proved on both by each room."""

INSIDE = (
    "district counselor", "district supervisor", "principal", "administrator", "auditor",
)  # fmt: skip
FRAGMENTS = {"queue.fragment", "contacts.messages", "wall.fragment", "calls.fragment"}
FILES = {
    "reports.escalations_csv": "text/csv",
    "contacts.example": "text/csv",
    "calls.recording": "audio/wav",
    "contacts.picture": "image/jpeg",
    "cases.document": "text/plain",
    "roster.calendar": "text/calendar",
    "followups.feed": "text/calendar",
}
FOR_WATCHERS = {"health.alive", "health.ready", "health.metrics"}
"""Read by machines, in tests/doors/portal/test_health.py."""
MANY = 12


@pytest.fixture
def sample(app: Flask, people: Any, student: Any) -> Callable[[], Sample]:
    """Give new records of the district counselor whenever asked."""

    def fresh() -> Sample:
        staff = Staff(reader=people("district counselor"), below=people("school counselor"))
        return samples.make(app, staff, student)

    return fresh


@pytest.fixture
def halfway(app: Flask, people: Any, city: Any) -> Callable[..., FlaskClient]:
    """Give a browser after the password and before the second factor, or before its set-up."""

    def browser(*, language: str, enrolled: bool) -> FlaskClient:
        with app.app_context(), transaction():
            user_id = (
                people("district counselor").user_id
                if enrolled
                else accounts.create_user(new=_newcomer(city, language), now=clock.now())
            )
            token = sessions.start_session(
                user_id=user_id, address="127.0.0.1", real_now=clock.real_now()
            )
        client = app.test_client()
        client.set_cookie(app.config["SIGN_IN_COOKIE_NAME"], token)
        client.set_cookie("language", language)
        return client

    return browser


def _newcomer(city: Any, language: str) -> NewUser:
    return NewUser(
        username=f"newcomer.{language}",
        display_name_zh="示例新人",
        display_name_en="Newcomer",
        role=Role.COUNSELOR,
        organization_id=city.ids["north"],
        password=portal.PASSWORD,
    )


def pages_of(app: Flask) -> list[Route]:
    return [
        one
        for one in samples.routes(app)
        if one.method == "GET" and one.endpoint not in FOR_WATCHERS
    ]


def check(answer: TestResponse, route: Route) -> bool:
    """Hold an answer to its gate, a refusal as well; tell whether it was the page itself."""
    if answer.status_code in {302, 401}:
        return False
    assert answer.status_code in {200, 404, 409}, f"{route}: {answer.status_code}"
    if answer.status_code != 200:
        page_gate.check_html(answer.text, url=f"{route}: {answer.status_code}")
    elif route.endpoint in FILES:
        assert answer.mimetype == FILES[route.endpoint]
    elif route.endpoint in FRAGMENTS:
        page_gate.check_fragment(answer.text, url=str(route))
    else:
        page_gate.check_html(answer.text, url=str(route))
    return answer.status_code == 200


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_passes_the_gate_for_everybody_who_may_see_it(
    app: Flask, clients: Any, halfway: Any, sample: Any, language: str
):
    """No page can be added without being looked at: what nobody saw here is named."""
    made, pages = sample(), pages_of(app)
    visitors = [clients(label, language=language) for label in INSIDE]
    visitors += [halfway(language=language, enrolled=enrolled) for enrolled in (True, False)]
    stranger = app.test_client()
    stranger.set_cookie("language", language)
    visitors.append(stranger)

    seen = {
        str(route)
        for client in visitors
        for route in pages
        if check(client.get(made.url(route)), route)
    }

    assert {str(route) for route in pages} - seen == set()


def _grow(app: Flask, person: Person, made: Sample) -> None:
    """Let the conversation and the notes of a sample grow by as much as its lists do."""
    with app.app_context():
        contact = contacts_queries.contact(
            public_id=made.arguments["public_id"], scope=person.scope, now=clock.now()
        )
        case = cases.get(reference=made.arguments["reference"], scope=person.scope, now=clock.now())
        by = Decider(user_id=person.user_id, is_supervisor=False)
        for number in range(MANY - 1):
            with transaction():
                contacts.write_reply(
                    contact_id=contact.contact_id,
                    by=person.user_id,
                    body=f"示例：我在。{number}",
                    now=clock.now(),
                )
                notes.add_note(case_id=case.case_id, by=by, body=f"示例：{number}", now=clock.now())


def _prices(app: Flask, clients: Any, statements: Any, made: Sample) -> dict[str, int]:
    found: dict[str, int] = {}
    for label in INSIDE:
        client = clients(label)
        for route in pages_of(app):
            with statements() as seen:
                client.get(made.url(route))
            found[f"{label}: {route}"] = len(seen)
    return found


def test_no_page_costs_more_when_its_lists_are_long(
    app: Flask, clients: Any, people: Any, sample: Any, statements: Any
):
    """Lists of one and of twelve, threads of one and of twelve: the same number of statements."""
    for label in INSIDE:
        people(label)  # who is not here yet holds no duty of the first sample
    made = sample()
    one = _prices(app, clients, statements, made)
    for _ in range(MANY - 1):
        sample()
    _grow(app, people("district counselor"), made)

    twelve = _prices(app, clients, statements, made)

    dearer = {page: (one[page], price) for page, price in twelve.items() if price > one[page]}
    assert dearer == {}
    assert max(one.values()) > 5
