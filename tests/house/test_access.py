"""Who may use what, for every address of the map: the table of permissions is the whole truth.

What a page does with its record is tested beside the page; here stands what no page may forget.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.databases import keep
from tests.doors.portal import conftest as portal
from tests.house import samples
from tests.house.samples import Route, Sample, Staff
from wellbeing.accounts.operations import sessions as accounts
from wellbeing.accounts.rules.roles import ROLE_PERMISSIONS, Permission, Role
from wellbeing.app import create_app
from wellbeing.audit import queries as audit
from wellbeing.audit.queries import EventFilter
from wellbeing.audit.rules import AuditAction

city = portal.city
people = portal.people
clients = portal.clients
post = portal.post
student = portal.student
statements = portal.statements

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
"""Scope in SQL is proved on both databases by each room; here it is about doors."""

OPEN_TO_ALL = {
    "access.sign_in", "access.check_password", "access.second_factor", "access.recovery",
    "access.enroll", "access.begin_enrollment", "access.confirm_enrollment", "access.sign_out",
    "access.preferences", "health.alive", "health.ready", "roster.calendar",
    "followups.feed",
}  # fmt: skip
"""A page is opened to strangers on purpose or not at all."""

NARROWER = {
    "cases.index": {Permission.OPEN_CASE, Permission.SEE_CASE_EXISTS},
    "cases.sealed_cases": {Permission.SUPERVISE, Permission.SEE_AUDIT},
}
"""Open to anybody signed in who has one of these."""

READERS = {
    Role.COUNSELOR: "district counselor",
    Role.SUPERVISOR: "district supervisor",
    Role.PRINCIPAL: "principal",
    Role.ADMINISTRATOR: "administrator",
    Role.AUDITOR: "auditor",
}
POLLS = {
    "queue.fragment", "contacts.messages", "wall.fragment", "calls.fragment", "calls.token",
    "calls.beat",
}  # fmt: skip
WRITTEN = re.compile(
    r"\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO)\s+\"?(\w+)", re.IGNORECASE
)
TOUCHES_NOTHING = {"health.alive"}
"""Answers without the database, so that a watcher learns whether the process lives."""
MAY_BE_WRITTEN_BY_GET = {"audit_event", "sign_in_session"}

Fresh = Callable[[str], Sample]
Send = Callable[..., TestResponse]


@pytest.fixture
def fresh(app: Flask, people: Any, student: Any) -> Fresh:
    """Give new records of a reader of the north district, whenever asked."""

    def sample(label: str) -> Sample:
        staff = Staff(reader=people(label), below=people("school counselor"))
        return samples.make(app, staff, student)

    return sample


@pytest.fixture
def send(clients: Any, post: Any) -> Send:
    """Send one method of one address, with the form token of its browser."""

    def sent(client: FlaskClient, route: Route, url: str) -> TestResponse:
        answer: TestResponse = client.get(url) if route.method == "GET" else post(client, url)
        return answer

    return sent


def portal_routes(app: Flask) -> list[Route]:
    """Give what is there for people: the carrier and the watcher show a secret instead."""
    machines = {"carrier", "watcher"}
    return [one for one in samples.routes(app) if samples.permission_of(app, one) not in machines]


def guarded_routes(app: Flask) -> list[Route]:
    return [one for one in portal_routes(app) if one.endpoint not in OPEN_TO_ALL]


def undeclared(app: Flask) -> list[str]:
    known = {*Permission, "signed in", "public", "carrier", "watcher"}
    return [str(one) for one in samples.routes(app) if samples.permission_of(app, one) not in known]


def may(app: Flask, route: Route, role: Role) -> bool:
    permissions, declared = ROLE_PERMISSIONS[role], samples.permission_of(app, route)
    if route.endpoint in NARROWER:
        return bool(permissions & NARROWER[route.endpoint])
    return declared in {"public", "signed in"} or declared in permissions


def test_every_endpoint_declares_who_may_use_it(app: Flask):
    assert undeclared(app) == []


def test_an_endpoint_that_declares_nothing_is_found(app: Flask):
    forgotten = create_app(environment="testing")
    forgotten.add_url_rule("/forgotten", "forgotten", lambda: "")

    found = undeclared(forgotten)

    assert found == ["GET /forgotten"]


def test_nothing_but_the_way_in_is_open_to_strangers(app: Flask):
    declared = {one.endpoint: samples.permission_of(app, one) for one in samples.routes(app)}

    open_to_all = {endpoint for endpoint, wanted in declared.items() if wanted == "public"}
    carriers = {endpoint for endpoint, wanted in declared.items() if wanted == "carrier"}

    assert open_to_all == OPEN_TO_ALL
    assert all(endpoint.startswith("carrier.") for endpoint in carriers)
    assert all(declared[one] == "carrier" for one in declared if one.startswith("carrier."))
    assert {one for one, wanted in declared.items() if wanted == "watcher"} == {"health.metrics"}


@pytest.mark.parametrize("role", READERS)
def test_every_door_opens_as_the_table_of_permissions_says(
    app: Flask, clients: Any, people: Any, fresh: Fresh, send: Send, role: Role
):
    """A door that is closed answers 404, as if there were nothing behind it."""
    label = READERS[role]
    holder = label if role in {Role.COUNSELOR, Role.SUPERVISOR} else "district counselor"
    wrong: list[str] = []
    sample = fresh(holder)
    people(label)
    as_it_was = keep(app)
    for route in portal_routes(app):
        answer = send(clients(label), route, sample.url(route))
        if may(app, route, role) != (answer.status_code != 404) or answer.status_code in {401, 403}:
            wrong.append(f"{route}: {answer.status_code}")
        if route.method == "POST" and answer.status_code < 400:
            as_it_was()

    assert wrong == []


def test_a_stranger_is_sent_to_the_sign_in_page_from_everywhere(
    app: Flask, fresh: Fresh, send: Send
):
    """A poll of a page whose session ended is told so with 401: its page must not be replaced."""
    sample = fresh("district counselor")
    wrong: list[str] = []
    for route in guarded_routes(app):
        answer = send(app.test_client(), route, sample.url(route))
        led = answer.status_code == 302 and answer.location.startswith("/sign-in?next=")
        if not (answer.status_code == 401 if route.endpoint in POLLS else led):
            wrong.append(f"{route}: {answer.status_code} {answer.location}")

    assert wrong == []


def test_a_password_alone_opens_nothing(app: Flask, fresh: Fresh, send: Send, people: Any):
    from wellbeing.foundation import clock
    from wellbeing.foundation.database import transaction

    sample = fresh("district counselor")
    with app.app_context(), transaction():
        token = accounts.start_session(
            user_id=people("district counselor").user_id,
            address="127.0.0.1",
            real_now=clock.real_now(),
        )
    wrong: list[str] = []
    for route in guarded_routes(app):
        client = app.test_client()
        client.set_cookie(app.config["SIGN_IN_COOKIE_NAME"], token)
        answer = send(client, route, sample.url(route))
        led = answer.status_code == 302 and answer.location == "/second-factor"
        if not (answer.status_code == 401 if route.endpoint in POLLS else led):
            wrong.append(f"{route}: {answer.status_code} {answer.location}")

    assert wrong == []


WORDS_OF_THE_SITE = {"cases.retire_tag"}
"""A tag is a word of its unit and says nothing of any student: nobody is refused a record there."""


def refusals(app: Flask, user_id: int) -> int:
    wanted = EventFilter(actor_id=user_id, action=AuditAction.REFUSED)
    with app.app_context():
        return len(audit.events(wanted=wanted, limit=500))


@pytest.mark.parametrize(
    "label", ["other district counselor", "other district supervisor", "other school counselor"]
)
def test_another_unit_finds_no_record_and_each_attempt_is_written_down(
    app: Flask, clients: Any, fresh: Fresh, send: Send, people: Any, label: str
):
    """No one sees a child's record without a reason that is written down."""
    sample, client = fresh("district counselor"), clients(label)
    records = [
        one
        for one in guarded_routes(app)
        if one.rule.arguments and one.endpoint not in WORDS_OF_THE_SITE
    ]
    wrong: list[str] = []
    for number, route in enumerate(records, 1):
        answer = send(client, route, sample.url(route))
        if answer.status_code != 404 or refusals(app, people(label).user_id) != number:
            wrong.append(f"{route}: {answer.status_code}")

    assert len(records) > 30
    assert wrong == []


def test_a_refusal_says_who_wanted_what(app: Flask, clients: Any, fresh: Fresh, people: Any):
    sample = fresh("district counselor")
    reference = sample.arguments["reference"]

    clients("other district counselor").get(f"/cases/{reference}")

    wanted = EventFilter(action=AuditAction.REFUSED)
    with app.app_context():
        (event,) = audit.events(wanted=wanted, limit=10)
    assert event.actor_id == people("other district counselor").user_id
    assert event.details == {"endpoint": "cases.show", "arguments": {"reference": reference}}


@pytest.mark.parametrize("role", READERS)
def test_reading_changes_nothing_but_the_log_and_the_session(
    app: Flask, clients: Any, fresh: Fresh, statements: Any, role: Role
):
    label = READERS[role]
    holder = label if role in {Role.COUNSELOR, Role.SUPERVISOR} else "district counselor"
    sample, client = fresh(holder), clients(label)
    wrong: dict[str, set[str]] = {}
    for route in portal_routes(app):
        reads = route.method == "GET" and route.endpoint not in TOUCHES_NOTHING
        if reads and may(app, route, role):
            tables = _written(statements, partial(client.get, sample.url(route)))
            if tables - MAY_BE_WRITTEN_BY_GET:
                wrong[str(route)] = tables

    assert wrong == {}


def _written(
    statements: Callable[[], AbstractContextManager[list[str]]], work: Callable[[], object]
) -> set[str]:
    with statements() as seen:
        work()
    assert seen != []
    return {found[1].lower() for one in seen if (found := WRITTEN.match(one))}


def test_a_write_by_a_page_is_noticed(app: Flask, fresh: Fresh, clients: Any, statements: Any):
    """The proof that the test above could fail: a form that writes is seen writing."""
    sample, client = fresh("district counselor"), clients("district counselor")
    url = f"/contacts/{sample.arguments['public_id']}/draft"

    def work() -> None:
        portal_post = {"body": "示例", "version": "0", "csrf_token": portal.csrf_token(app, client)}
        assert client.post(url, data=portal_post).status_code == 200

    assert "draft" in _written(statements, work)


def webhooks(app: Flask) -> Iterator[Route]:
    return (one for one in samples.routes(app) if one.endpoint.startswith("carrier."))


@pytest.mark.parametrize("signature", [None, "", "aW52ZW50ZWQgc2lnbmF0dXJlPQ=="])
def test_a_webhook_without_the_carriers_signature_is_refused(
    app: Flask, fresh: Fresh, signature: str | None, statements: Any
):
    """The line can be texted by the carrier alone; not one statement is spent on anybody else."""
    sample = fresh("district counselor")
    headers = {} if signature is None else {"X-Twilio-Signature": signature}
    body = {"AccountSid": app.config["TWILIO_ACCOUNT_SID"], "MessageSid": "SM1", "Body": "你好"}
    answers: dict[str, int] = {}
    with statements() as seen:
        for route in webhooks(app):
            answer = app.test_client().post(sample.url(route), data=body, headers=headers)
            answers[str(route)] = answer.status_code

    assert len(answers) >= 10
    assert set(answers.values()) == {403}
    assert seen == []
