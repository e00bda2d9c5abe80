"""The access matrix: every address with a record × every role × tier × own or other unit.

It is made from the map itself and from what each address declares: its permission and, here in
REACH, which relation to the record opens it. An address with a record that is not in REACH fails,
one whose placeholder has no sample fails (tests/house/samples.py). CONTRIBUTING.md says how to add.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pytest
from flask import Flask

from tests.databases import keep
from tests.doors.portal import conftest as portal
from tests.doors.portal.conftest import PEOPLE, Person
from tests.house import samples
from tests.house.samples import Route, Sample, Staff
from wellbeing.accounts.rules.roles import ROLE_PERMISSIONS, Role
from wellbeing.audit import queries as audit
from wellbeing.audit.queries import EventFilter
from wellbeing.audit.rules import AuditAction
from wellbeing.escalation import queries as escalation

city = portal.city
people = portal.people
clients = portal.clients
post = portal.post
student = portal.student

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
"""Scope in SQL is proved on both databases by each room; here it is about doors."""


class Reach(StrEnum):
    """Which relation to a record opens an address, for somebody with its permission."""

    HELD = "its holder, and whoever supervises its unit"
    SHOWN = "whoever the live queue of its unit, or of one above it, shows it to"
    RECEIVED = "whoever works at the desk that received it, both supervisors"
    CALLED = "whoever works at the desk that is called"
    SENT = "its sender, whoever works at the desk that received it, both supervisors"
    SUPERVISED = "whoever supervises its unit"
    LOST = "its holder; whoever its queue shows it to, but its readers, is told who has it"
    OWN = "nobody but its owner"
    MANAGED = "whoever manages people of its unit or of one above"


REACH: Mapping[str, Reach] = {
    **dict.fromkeys(
        (
            "contacts.show", "contacts.assess", "contacts.open_case", "contacts.join_case",
            "contacts.close", "contacts.close_non_data", "contacts.facts",
            "contacts.release", "contacts.screening",
            "calls.fragment", "calls.recording", "calls.bring_in", "calls.call_student",
            "calls.hang_up", "calls.hold",
            "followups.attempt", "followups.reschedule", "followups.promise", "followups.wanted",
            "followups.unreachable", "contacts.set_level", "reporting.check_contact",
            "contacts.decide_lowering",
            "contacts.choose_colleague", "contacts.hand_over", "contacts.picture",
            "contacts.agree_on_word",
            "reporting.show", "reporting.paper", "reporting.decide", "reporting.file",
            "reporting.close", "duties.show",
        ),
        Reach.HELD,
    ),
    # Whoever lost a conversation is told who has it now, and not a word of it.
    **dict.fromkeys(
        ("queue.accept", "calls.take", "contacts.messages", "contacts.reply"), Reach.SHOWN
    ),
    **dict.fromkeys(("contacts.compare_drafts", "contacts.use_canned"), Reach.LOST),
    "escalations.show": Reach.RECEIVED,
    "escalations.decline": Reach.RECEIVED,
    "escalations.read_back": Reach.SENT,
    **dict.fromkeys(
        ("escalations.acknowledge", "escalations.accept", "escalations.page_acknowledge"),
        Reach.CALLED,
    ),
    "escalations.release": Reach.SENT,
    **dict.fromkeys(
        (
            "grants.decide", "grants.review", "roster.remove_shift", "cases.at_rest",
            "cases.hold_record", "cases.release_record", "cases.decide_erasure",
            "cases.withdraw_erasure",
        ), Reach.SUPERVISED
    ),
    **dict.fromkeys(("people.person", "people.leave"), Reach.MANAGED),
    **dict.fromkeys((
            "contacts.draft", "grants.withdraw",
            "cases.found_by", "cases.save_search", "cases.remove_search",
        ), Reach.OWN),
}  # fmt: skip
"""One line for each address with a record; what stands under a case is HELD without one."""

NOT_RECORDS = frozenset({
    "roster.calendar", "followups.feed",
    "canned.change", "canned.approve", "canned.decline", "canned.retire", "cases.retire_tag",
})  # fmt: skip
"""Named by a secret of their own, or without a word of any student: ready-made replies and tags."""

HOLDERS = {
    "district counselor": "sending school counselor",
    "municipal counselor": "sending district counselor",
    "school counselor": "sending district counselor",
}
"""Who holds the records of a sample, and who passed one on to them: from the unit below, to a
school from the district above."""
ASKER = "asking counselor"
READERS = [one for one in PEOPLE if one not in {*HOLDERS.values(), ASKER}]
"""Everybody who takes no part in making a sample but as its holder."""
NEAR_A_SCHOOL = (
    "school counselor", "other school counselor", "principal", "district counselor",
    "district supervisor", "other district supervisor", "municipal supervisor",
)  # fmt: skip
"""Of all others it is proved already that tier and unit open nothing; this is about the school."""
AT_NO_SCHOOL = frozenset({"escalations.page_acknowledge"})
"""No desk of a school is rung."""
WHO_READS_WHOM = [
    (holder, label)
    for holder in HOLDERS
    for label in (NEAR_A_SCHOOL if holder == "school counselor" else READERS)
]
FILLED = {"body": "示例", "version": "1"}
"""So that a form is fit, and only whose record it is decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody beside the holder of the records."""

    person: Person
    holder: Person
    receives: bool
    supervises_sender: bool

    @property
    def is_holder(self) -> bool:
        return self.person.user_id == self.holder.user_id

    @property
    def is_above(self) -> bool:
        return self.holder.organization_path.startswith(self.person.organization_path)

    @property
    def supervises(self) -> bool:
        return self.is_above and self.person.role is Role.SUPERVISOR

    @property
    def is_colleague(self) -> bool:
        return self.person.organization_id == self.holder.organization_id


def reach_of(route: Route) -> Reach:
    """Tell which relation opens an address; all that stands under a case opens with the case."""
    under_a_case = route.rule.rule.startswith("/cases/<reference>")
    return REACH.get(route.endpoint, Reach.HELD) if under_a_case else REACH[route.endpoint]


OPENS: Mapping[Reach, Callable[[Reader], bool]] = {
    Reach.HELD: lambda reader: reader.is_holder or reader.supervises,
    Reach.SHOWN: lambda reader: reader.is_above,
    Reach.RECEIVED: lambda reader: (
        reader.is_colleague or reader.supervises or reader.supervises_sender
    ),
    Reach.CALLED: lambda reader: reader.is_colleague,
    Reach.SENT: lambda reader: reader.is_holder or reader.supervises or reader.receives,
    Reach.LOST: lambda reader: reader.is_holder or (reader.is_above and not reader.supervises),
    Reach.SUPERVISED: lambda reader: reader.supervises,
    Reach.OWN: lambda reader: reader.is_holder,
    Reach.MANAGED: lambda reader: reader.is_above,
}


def opens(route: Route, app: Flask, reader: Reader) -> bool:
    """Derive from the declared permission and reach whether an address opens."""
    permission = samples.permission_of(app, route)
    has_permission = permission in ROLE_PERMISSIONS[reader.person.role]
    return has_permission and OPENS[reach_of(route)](reader)


def says_too_much(route: Route, reader: Reader, body: bytes) -> bool:
    """Tell whether somebody who is only shown that a conversation exists reads of it."""
    reads = reader.is_holder or reader.supervises
    return reach_of(route) is Reach.SHOWN and not reads and samples.SAID.encode() in body


def records(app: Flask) -> list[Route]:
    """Give every address of people that names a record."""
    machines = {"carrier", "watcher"}
    return [
        one
        for one in samples.routes(app)
        if one.rule.arguments
        and samples.permission_of(app, one) not in machines
        and one.endpoint not in NOT_RECORDS
    ]


def test_every_address_with_a_record_says_which_relation_opens_it(app: Flask):
    """A new page cannot be forgotten: it fails here until its line in REACH is written."""
    named = {one.endpoint for one in records(app)}
    under_a_case = {
        one.endpoint for one in records(app) if one.rule.rule.startswith("/cases/<reference>")
    }

    assert sorted(named - under_a_case - set(REACH)) == []
    assert sorted(set(REACH) - named) == []


@pytest.fixture
def fresh(app: Flask, people: Any, student: Any) -> Callable[[str], Sample]:
    """Give new records of a holder whenever asked, at the holder's own unit."""

    def sample(holder: str) -> Sample:
        unit = PEOPLE[holder][1]
        staff = Staff(
            reader=people(holder),
            below=people(HOLDERS[holder]),
            unit=unit,
            unit_below=PEOPLE[HOLDERS[holder]][1],
            asker=people(ASKER),
        )
        return samples.make(app, staff, student)

    return sample


@pytest.mark.parametrize(("holder", "label"), WHO_READS_WHOM)
def test_an_address_opens_to_whom_its_reach_names_and_is_not_there_for_anybody_else(
    app: Flask, clients: Any, post: Any, people: Any, fresh: Any, holder: str, label: str
):
    """Every refusal is 404 and an event of the log; no role, tier or unit makes an exception."""
    sample, client = fresh(holder), clients(label)
    sender = people(HOLDERS[holder])
    reader = Reader(
        person=people(label),
        holder=people(holder),
        receives=received_by(app, sample, people(label)),
        supervises_sender=people(label).role is Role.SUPERVISOR
        and sender.organization_path.startswith(people(label).organization_path),
    )
    wrong: list[str] = []
    refused, as_it_was = 0, keep(app)
    for route in records(app):
        if holder == "school counselor" and route.endpoint in AT_NO_SCHOOL:
            continue
        url = sample.url(route)
        answer = client.get(url) if route.method == "GET" else post(client, url)
        wanted = opens(route, app, reader)
        refused += not wanted
        is_open = answer.status_code not in {401, 403, 404} and answer.status_code < 500
        is_noted = refusals(app, reader.person.user_id) == refused
        if is_open != wanted or not is_noted or says_too_much(route, reader, answer.data):
            wrong.append(f"{route}: {answer.status_code}, noted: {is_noted}, to open: {wanted}")
            refused = refusals(app, reader.person.user_id)
        if route.method == "POST" and answer.status_code == 303:
            as_it_was()
            refused = 0

    assert wrong == [], "\n".join(wrong)


def received_by(app: Flask, sample: Sample, person: Person) -> bool:
    """Tell whether somebody works at a desk that received what the holder passed on.

    Where nobody is on duty, the municipal desks join at once.
    """
    sent = sample.instead["escalations.release"]["escalation_id"]
    with app.app_context():
        row = escalation.by_id(escalation_id=sent)
        desks = escalation.receivers(row=row)
    return person.organization_id in {one.organization_id for one in desks}


def refusals(app: Flask, user_id: int) -> int:
    wanted = EventFilter(actor_id=user_id, action=AuditAction.REFUSED)
    with app.app_context():
        return len(audit.events(wanted=wanted, limit=500))


def test_ids_of_somebody_else_in_ones_own_address_find_nothing(
    app: Flask, clients: Any, post: Any, people: Any, student: Any, fresh: Any
):
    """Swapped ids: of two placeholders one is the reader's own, the other a stranger's."""
    holder = "district counselor"
    theirs = samples.make(
        app,
        Staff(
            reader=people("municipal counselor"),
            below=people("other district counselor"),
            unit="city",
            unit_below="south",
        ),
        student,
    )
    mine, client = fresh(holder), clients(holder)
    wrong: list[str] = []
    tried = 0
    for route in records(app):
        swapped = [name for name in route.rule.arguments if name in samples.RECORDS]
        if len(swapped) < len(("own", "stranger's")):
            continue
        for name in swapped:
            url = mine.url(route, swap={name: theirs.value(route, name)})
            answer = client.get(url) if route.method == "GET" else post(client, url, FILLED)
            tried += 1
            if answer.status_code != 404:
                wrong.append(f"{route} with {name}: {answer.status_code}")

    assert tried >= 4
    assert wrong == []
