"""Forged fields: an attacker's own forms, each hidden or offered value replaced by a stranger's.

The forms are found by opening every page there is, so a new one is attacked without a line here;
a field that names something of others and is not in STRANGERS fails. Addresses with a stranger's
ids are attacked by the access matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.databases import keep
from tests.doors.portal import conftest as portal
from tests.house import samples
from tests.house.forms import Form
from tests.house.samples import Route, Sample, Staff
from tests.house.test_conflicts import is_page, shown
from wellbeing.cases.queries import cases
from wellbeing.foundation.database import db, session

city = portal.city
people = portal.people
clients = portal.clients
post = portal.post
student = portal.student

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
"""Scope in SQL is proved on both databases by each room; here it is about doors."""

SAYS_NO = {400, 403, 404, 409, 422}
NO_SUCH = "no-such-choice"
TOO_NEW = str(2**31 - 1)
EVIL = "https://evil.example/"

OWN_WORDS = frozenset({
    "age_band", "agreed", "assess-level", "assess-source", "basis", "call_me", "caller_type",
    "case-level", "channel", "check-situations", "close-disposition", "decide-decision",
    "decision", "facts-age_band", "facts-caller_type", "facts-reasons", "file-organ", "fifth",
    "first", "fourth", "second", "seventh", "sixth", "third", "given_by", "hours", "is_caller",
    "is_guardian", "is_shared", "is_sure", "kind", "languages", "level", "may_call",
    "may_leave_message", "may_text", "next_step", "outcome", "position", "purpose", "reasons",
    "relation", "role", "safety", "spoken", "standing", "state", "status", "tag", "tags", "told",
    "turn", "verdict", "weekdays", "why", "seen", "token",
})  # fmt: skip
"""Fields whose values are words of the policy or the reader's own: they name nobody's record."""
SCREENERS = ("cssrs-", "asq-", "beijing-", "phq9-", "phqa-", "gad7-")
SHOWS_ROWS = frozenset({"cases.selected", "cases.start_search"})
"""Answers with a result for each row, or with a list of the reader's own; it acts on nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """Somebody of another school, and what of them a forged field may name."""

    sample: Sample
    case_ids: tuple[int, ...]
    contact_ids: tuple[int, ...]
    user_id: int
    organization_id: int

    def argument(self, name: str) -> str:
        return str(self.sample.arguments[name])


STRANGERS: Mapping[str, Callable[[Victim], str]] = {
    "case": lambda victim: victim.argument("reference"),
    "reference": lambda victim: victim.argument("reference"),
    "source": lambda victim: victim.argument("reference"),
    "approver_id": lambda victim: str(victim.user_id),
    "user_id": lambda victim: str(victim.user_id),
    "replaced_id": lambda victim: str(victim.user_id),
    "to": lambda victim: str(victim.user_id),
    "colleague": lambda victim: str(victim.user_id),
    "shift_id": lambda victim: victim.argument("shift_id"),
    "asked_id": lambda victim: victim.argument("shift_id"),
    "case-organization_id": lambda victim: str(victim.organization_id),
    "organization_id": lambda victim: str(victim.organization_id),
    "unit": lambda victim: str(victim.organization_id),
    "desk": lambda victim: f"{victim.organization_id}:line",
    "canned-version": lambda victim: victim.argument("canned_id"),
    "next": lambda _victim: EVIL,
}
"""What a field is forged into, by its name; every field called version is forged too new."""

ATTACKERS = {
    "school counselor": ("sending district counselor", "north-school", "north"),
    "district supervisor": ("school counselor", "north", "north-school"),
}
"""Who attacks, who passes one case on to them, and where both work."""


@pytest.fixture
def victim(app: Flask, people: Any, student: Any) -> Victim:
    """Give somebody of a school in another district, with records of every kind."""
    reader = people("other school counselor")
    staff = Staff(
        reader=reader, below=people("other district counselor"),
        unit="south-school", unit_below="south",
    )  # fmt: skip
    sample = samples.make(app, staff, student)
    with app.app_context():
        reference, public_id = (sample.arguments[name] for name in ("reference", "public_id"))
        at_rest = sample.instead["cases.at_rest"]["reference"]
        found = [_id("student_case", "reference", one) for one in (reference, at_rest)]
        contact = _id("contact", "public_id", public_id)
        held = [one for case_id in found for one in cases.contacts_of(case_id=case_id)]
    return Victim(
        sample=sample,
        case_ids=tuple(found),
        contact_ids=(contact, *held),
        user_id=reader.user_id,
        organization_id=reader.organization_id,
    )


def _id(table_name: str, column: str, value: Any) -> int:
    table = db.metadata.tables[table_name]
    wanted = sa.select(table.c.id).where(table.c[column] == value)
    return int(session().execute(wanted).scalar_one())


def rows_of(app: Flask, victim: Victim) -> Mapping[str, tuple[Any, ...]]:
    """Read every row of every table that belongs to the victim's cases and conversations."""
    with app.app_context():
        try:
            return {name: rows for name, rows in _rows_of(victim) if rows}
        finally:
            session().rollback()


def _rows_of(victim: Victim) -> Iterator[tuple[str, tuple[Any, ...]]]:
    owned = {"student_case": victim.case_ids, "contact": victim.contact_ids}
    for table in db.metadata.sorted_tables:
        conditions = [
            column.in_(owned[key.column.table.name])
            for column in table.columns
            for key in column.foreign_keys
            if key.column.table.name in owned
        ]
        if table.name in owned:
            conditions.append(table.c.id.in_(owned[table.name]))
        if conditions:
            found = session().execute(sa.select(table).where(sa.or_(*conditions)))
            yield table.name, tuple(sorted(map(repr, found)))


def forged(name: str, victim: Victim) -> str | None:
    """Give what a field is replaced by; None for one that is nobody else's."""
    if name.endswith("version") and name not in STRANGERS:
        return TOO_NEW
    if name in STRANGERS:
        return STRANGERS[name](victim)
    if name in OWN_WORDS or name.startswith(SCREENERS):
        return NO_SUCH
    return None


@pytest.mark.parametrize("attacker", ATTACKERS)
def test_a_forged_field_is_refused_and_changes_nothing_of_anybody_else(
    app: Flask, clients: Any, post: Any, people: Any, student: Any, victim: Victim, attacker: str
):
    sender, unit, unit_below = ATTACKERS[attacker]

    staff = Staff(reader=people(attacker), below=people(sender), unit=unit, unit_below=unit_below)
    client, own = clients(attacker), samples.make(app, staff, student)
    as_it_was = keep(app)
    before, wrong, tried = rows_of(app, victim), [], 0
    for (endpoint, name), route in sorted(offered(app, client, post, own).items(), key=str):
        value = forged(name, victim)
        form = shown(app, client, post, own, route).get(endpoint)
        if value is None or form is None:
            wrong += [] if value else [f"{endpoint}: say what stands for {name} (STRANGERS)"]
            continue
        answer = post(client, form.action, form.typed("示例") | {name: value})
        tried += 1
        if not is_refused(endpoint, name, form, answer) or rows_of(app, victim) != before:
            wrong.append(f"{endpoint} with {name}={value}: {answer.status_code}")
            before = rows_of(app, victim)
        if answer.status_code == 303:
            as_it_was()

    assert wrong == [], "\n".join(wrong)
    assert tried >= 60


def offered(app: Flask, client: Any, post: Any, own: Sample) -> Mapping[tuple[str, str], Route]:
    """Name every field that the attacker's own pages hide or offer, with the page it is on."""
    return {
        (endpoint, name): route
        for route in samples.routes(app)
        if is_page(app, route)
        for endpoint, form in shown(app, client, post, own, route).items()
        for name in form.chosen
    }


def is_refused(endpoint: str, name: str, form: Form, answer: Any) -> bool:
    """Tell whether a forged field was refused; a tick is a tick whatever it says."""
    if EVIL in answer.headers.get("Location", ""):
        return False
    is_ticked = form.chosen[name] == "checkbox" and name not in STRANGERS
    if is_ticked or name in {"next", "seen", "token"} or endpoint in SHOWS_ROWS:
        return answer.status_code < 500
    return answer.status_code in SAYS_NO
