"""A small invented city, its people, and browsers that are signed in as them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import event
from werkzeug.test import TestResponse

from tests.factories.statements import BEGINNING
from wellbeing.accounts.operations import people as accounts
from wellbeing.accounts.operations import sessions
from wellbeing.accounts.queries import people as accounts_queries
from wellbeing.accounts.rules.people import NewUser
from wellbeing.accounts.rules.roles import Role
from wellbeing.contacts import text as contacts_text
from wellbeing.contacts.operations import conversations as contacts_operations
from wellbeing.contacts.queries import conversations as contacts_queries
from wellbeing.contacts.rules.conversations import IncomingText
from wellbeing.foundation import clock
from wellbeing.foundation.database import db, transaction
from wellbeing.organizations import operations as organizations
from wellbeing.organizations import queries as organizations_queries
from wellbeing.organizations.rules import COLUMNS, OrganizationKind, Scope
from wellbeing.policy.model import Language
from wellbeing.triage import operations as triage
from wellbeing.triage.rules.records import Reading

PASSWORD = "a long invented sentence"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LINE = "+862300000000"

UNITS: tuple[tuple[str, OrganizationKind, str | None, str, str], ...] = (
    ("city", OrganizationKind.MUNICIPALITY, None, "示例市", "Example City"),
    ("north", OrganizationKind.DISTRICT, "city", "示例北区", "North District"),
    ("south", OrganizationKind.DISTRICT, "city", "示例南区", "South District"),
    ("north-school", OrganizationKind.SCHOOL, "north", "北区示例中学", "North School"),
    ("south-school", OrganizationKind.SCHOOL, "south", "南区示例中学", "South School"),
    ("university", OrganizationKind.UNIVERSITY, "city", "示例大学", "Example University"),
)
PEOPLE: dict[str, tuple[Role, str]] = {
    "municipal counselor": (Role.COUNSELOR, "city"),
    "second municipal counselor": (Role.COUNSELOR, "city"),
    "municipal supervisor": (Role.SUPERVISOR, "city"),
    "district counselor": (Role.COUNSELOR, "north"),
    "district supervisor": (Role.SUPERVISOR, "north"),
    "other district counselor": (Role.COUNSELOR, "south"),
    "other district supervisor": (Role.SUPERVISOR, "south"),
    "school counselor": (Role.COUNSELOR, "north-school"),
    "other school counselor": (Role.COUNSELOR, "south-school"),
    "university counselor": (Role.COUNSELOR, "university"),
    "principal": (Role.PRINCIPAL, "north-school"),
    "auditor": (Role.AUDITOR, "city"),
    "administrator": (Role.ADMINISTRATOR, "city"),
    "district colleague": (Role.COUNSELOR, "north"),
    "sending school counselor": (Role.COUNSELOR, "north-school"),
    "sending district counselor": (Role.COUNSELOR, "north"),
    "asking counselor": (Role.COUNSELOR, "university"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the staff, as a test needs them."""

    user_id: int
    username: str
    role: Role
    organization_id: int
    organization_path: str
    scope: Scope


@dataclass(slots=True, kw_only=True)
class City:
    """The units by their code."""

    ids: dict[str, int] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A contact that a student made."""

    contact_id: int
    public_id: str
    number: str


@pytest.fixture
def city(app: Flask, tmp_path: Path) -> City:
    """Give a municipality, two districts, two schools and a university."""
    sheet = tmp_path / "units.csv"
    rows = [
        ",".join((code, kind, parent or "", name_zh, name_en, "", "", ""))
        for code, kind, parent, name_zh, name_en in UNITS
    ]
    sheet.write_text("\n".join((",".join(COLUMNS), *rows)), encoding="utf-8")
    made = City()
    with app.app_context():
        with transaction():
            organizations.import_organizations(path=sheet, now=clock.now())
        top = organizations_queries.municipality().path
        everywhere = Scope(user_id=0, paths=(top,), permissions=frozenset())
        for row in organizations_queries.list_within(scope=everywhere, limit=len(UNITS)):
            made.ids[row.code], made.paths[row.code] = row.id, row.path
    return made


@pytest.fixture
def people(app: Flask, city: City) -> Callable[[str], Person]:
    """Give people of the staff by what they are; each is made when first asked for."""
    made: dict[str, Person] = {}

    def person(label: str) -> Person:
        if label not in made:
            made[label] = _made(app, city, label)
        return made[label]

    return person


def _made(app: Flask, city: City, label: str) -> Person:
    role, unit = PEOPLE[label]
    number = list(PEOPLE).index(label)
    new = NewUser(
        username=label.replace(" ", "."),
        display_name_zh=f"示例{number:02d}",
        display_name_en=label.title(),
        role=role,
        organization_id=city.ids[unit],
        password=PASSWORD,
        phone=f"+86138000010{number:02d}",
        totp_secret=TOTP_SECRET,
    )
    with app.app_context():
        with transaction():
            user_id = accounts.create_user(new=new, now=clock.now())
        scope = accounts_queries.scope_of(user_id=user_id)
    return Person(
        user_id=user_id,
        username=new.username,
        role=role,
        organization_id=city.ids[unit],
        organization_path=city.paths[unit],
        scope=scope,
    )


@pytest.fixture
def clients(app: Flask, people: Callable[[str], Person]) -> Callable[..., FlaskClient]:
    """Give browsers, each with a real session of its person; pages are in English if asked."""

    def client(label: str, *, language: str = "zh") -> FlaskClient:
        person = people(label)
        with app.app_context(), transaction():
            token = sessions.start_session(
                user_id=person.user_id,
                address="127.0.0.1",
                real_now=clock.real_now(),
                second_factor_done=True,
            )
        browser = app.test_client()
        browser.set_cookie(app.config["SIGN_IN_COOKIE_NAME"], token)
        browser.set_cookie("language", language)
        return browser

    return client


@pytest.fixture
def post(app: Flask) -> Callable[..., TestResponse]:
    """Post a form as a browser would, with the token of its page."""

    def send(client: FlaskClient, url: str, data: dict[str, Any] | None = None) -> TestResponse:
        return client.post(url, data={**(data or {}), "csrf_token": csrf_token(app, client)})

    return send


def csrf_token(app: Flask, client: FlaskClient) -> str:
    """Give the form token of a browser's session, making one as its first page would."""
    with client.session_transaction() as kept:
        raw = kept.setdefault("csrf_token", secrets.token_hex(20))
    return str(URLSafeTimedSerializer(app.secret_key or "", salt="wtf-csrf-token").dumps(raw))


@pytest.fixture
def student(app: Flask, city: City) -> Callable[..., Reached]:
    """Let a student text the line of a unit, with signals read as the line does."""
    count = iter(range(1, 1000))

    def texts(body: str, *, unit: str = "north", number: str | None = None) -> Reached:
        position = next(count)
        sender = number or f"+86139{position:08d}"
        with app.app_context():
            with transaction():
                contact_id = _received(city, unit, sender, body, f"SM{position:032x}")
            contact = contacts_queries.contact_by_id(contact_id=contact_id)
        return Reached(contact_id=contact_id, public_id=contact.public_id, number=sender)

    return texts


def _received(city: City, unit: str, sender: str, body: str, sid: str) -> int:
    text = IncomingText(
        sid=sid,
        sender=sender,
        line_number=LINE,
        body=body,
        organization_id=city.ids[unit],
        organization_path=city.paths[unit],
        language=Language.ZH,
    )
    now = clock.now()
    received = contacts_text.receive_text(text=text, now=now)
    reading = Reading(
        contact_id=received.contact_id,
        message_id=received.message_id,
        text=body,
        is_first=received.is_new_contact,
    )
    level = triage.read_signals(reading=reading, data_key_id=received.data_key_id, now=now).level
    contacts_operations.raise_urgency(contact_id=received.contact_id, level=level, now=now)
    return received.contact_id


@pytest.fixture
def claimed(
    app: Flask, people: Callable[[str], Person], student: Callable[..., Reached]
) -> Callable[..., Reached]:
    """Give a conversation that a counselor has taken."""

    def conversation(label: str, *, body: str = "我不想活了", unit: str = "north") -> Reached:
        reached = student(body, unit=unit)
        person = people(label)
        with app.app_context(), transaction():
            contacts_operations.claim(
                contact_id=reached.contact_id,
                scope=person.scope,
                user_id=person.user_id,
                now=clock.now(),
            )
        return reached

    return conversation


@pytest.fixture
def statements(app: Flask) -> Callable[[], Any]:
    """Count the statements that a page costs."""

    @contextmanager
    def counted() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not statement.startswith(BEGINNING):
                seen.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return counted
