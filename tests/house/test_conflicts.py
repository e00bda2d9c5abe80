"""Every form that edits a row: two windows, one version; the second save is a 409 with both.

The forms are found on the pages themselves, by what they show: a form that arrives filled with what
stands already would overwrite it, so it must say which version it saw. A new one fails here until
it does (or stands in KEEPS with the reason).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.doors.portal import conftest as portal
from tests.factories import portal as made
from tests.house import page_gate, samples
from tests.house.forms import Form, forms
from tests.house.samples import Route, Sample, Staff
from wellbeing.policy.model import RiskLevel

city = portal.city
people = portal.people
clients = portal.clients
post = portal.post
student = portal.student

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
"""Stale saves are proved on both databases by each room; here it is about pages."""

MINE, YOURS = "示例：第一个窗口写的", "示例：第二个窗口写的"
EDITORS = ("district counselor", "district supervisor", "administrator")
"""Between them they see every form there is; of a sample's records the first is the holder."""
MACHINES = {"carrier", "watcher", "public"}

RAISES = "cases.level"
"""Whether it changes anything depends on the level that stands: it has a test of its own below."""


class Keeps(StrEnum):
    """Why a form needs no version: what stands is never overwritten unseen."""

    ADDS = "adds something new beside what stands"
    ONCE = "moves a state on: of two at once the second is refused"
    AGAIN = "says the same twice: the second changes nothing"
    OWN = "nobody but its owner can save it, and each save shows what stands then"
    ASKS = "changes no record: a search, a key, a look"
    MERGES = "brings both together, so that neither is lost"


KEEPS: Mapping[str, Keeps] = {
    **dict.fromkeys((
        "canned.propose", "queue.next", "cases.add_note", "cases.add_person",
        "cases.add_document", "cases.give_consent",
        "cases.note_declined", "cases.numbers", "cases.refer", "cases.record_step",
        "cases.check_code_word", "cases.site_tags", "cases.save_search", "cases.hold_record",
        "cases.tag_selected", "contacts.assess", "contacts.screening", "contacts.write_down",
        "contacts.reply", "contacts.use_canned", "contacts.import_file", "contacts.set_level",
        "followups.attempt", "followups.promise", "grants.ask", "grants.emergency",
        "reporting.check_case", "reporting.check_contact", "roster.add_override",
        "roster.add_rotation", "roster.add_shift", "roster.ask_swap", "roster.set_holiday",
        "calls.call_student", "calls.bring_in", "escalations.set_number",
    ), Keeps.ADDS),
    **dict.fromkeys((
        "cases.decide_erasure", "cases.withdraw_erasure", "cases.release_record", "cases.at_rest",
        "cases.decide_lowering", "cases.decide_match", "cases.take_back_match",
        "cases.remove_number", "cases.remove_person", "cases.sign_closing", "cases.skip_step",
        "cases.start_rescue", "cases.withdraw_consent", "cases.withdraw_document",
        "cases.approve_emergency", "cases.give_late_notice", "cases.escalate",
        "cases.take_over_care_plan", "cases.retire_tag", "cases.remove_search",
        "cases.assign_selected", "cases.close", "contacts.close_non_data",
        "contacts.close", "contacts.decide_lowering", "contacts.join_case", "contacts.open_case",
        "contacts.release", "contacts.hand_over",
        "canned.approve", "canned.decline", "canned.retire", "duties.show",
        "escalations.accept", "escalations.decline", "escalations.read_back", "escalations.release",
        "escalations.step_down", "followups.unreachable", "followups.wanted",
        "grants.decide", "grants.review", "grants.withdraw", "people.leave",
        "queue.accept", "queue.next", "calls.take", "calls.hang_up", "calls.hold",
        "reporting.close", "reporting.decide", "reporting.file",
        "roster.agree_to_swap", "roster.approve_swap", "roster.decline_swap", "roster.refuse_swap",
        "roster.withdraw_swap", "roster.withdraw_override", "roster.end_rotation",
        "roster.remove_shift", "roster.hand_over",
    ), Keeps.ONCE),
    **dict.fromkeys((
        "account.end_other_sessions",
        "account.renew_recovery_codes", "cases.draft", "contacts.draft",
        "escalations.forget", "escalations.set_quiet", "escalations.verify",
        "roster.go_away", "roster.come_back", "roster.set_languages", "roster.set_phone",
        "roster.remove_phone", "roster.end_calendar", "roster.renew_calendar",
    ), Keeps.OWN),
    **dict.fromkeys((
        "cases.reveal", "cases.selected", "cases.start_search", "contacts.look_at_file",
        "step_up.ask", "calls.token", "calls.beat",
    ), Keeps.ASKS),
    **dict.fromkeys(
        ("escalations.acknowledge", "escalations.page_acknowledge"), Keeps.AGAIN
    ),
    "cases.tags": Keeps.MERGES,
}  # fmt: skip
"""Every form without a version, and why; the rest show what stands and say which they saw."""


@pytest.fixture
def sample(app: Flask, people: Any, student: Any) -> Any:
    """Give new records of the district counselor whenever asked."""

    def fresh() -> Sample:
        staff = Staff(reader=people("district counselor"), below=people("school counselor"))
        return samples.make(app, staff, student)

    return fresh


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a form stands: on which page, in whose eyes."""

    label: str
    route: Route
    is_versioned: bool
    is_filled: bool


_ALSO_VERSIONED = frozenset({
    "cases.add_person", "cases.close", "contacts.close_non_data", "canned.propose",
})  # fmt: skip
"""Forms of KEEPS that carry a version beside it, of the case or of the reply that goes."""
_SHOWN_ON_CONFLICT = frozenset({"contacts.compare_drafts"})
"""Forms that stand only on the page of a conflict: tests/doors/portal/test_workspace_helps.py."""
_PLACES: dict[str, Place] = {}
"""Looked for once: where a form stands does not depend on the records of one test."""
REVEALED = {"why": "correct", "in_words": "示例"}


def people_posts(app: Flask) -> set[str]:
    """Name every address of the map that people post to."""
    return {
        one.endpoint
        for one in samples.routes(app)
        if one.method == "POST" and samples.permission_of(app, one) not in MACHINES
    }


def places(app: Flask, clients: Any, post: Any, records: Sample) -> Mapping[str, Place]:
    """Find every form of the portal by opening every page there is; one with a version first."""
    if _PLACES:
        return _PLACES
    for label in EDITORS:
        for route in samples.routes(app):
            if not is_page(app, route):
                continue
            for endpoint, form in shown(app, clients(label), post, records, route).items():
                place = Place(
                    label=label,
                    route=route,
                    is_versioned=form.version is not None,
                    is_filled=form.is_filled,
                )
                if endpoint not in _PLACES or place.is_versioned > _PLACES[endpoint].is_versioned:
                    _PLACES[endpoint] = place
    return _PLACES


def is_page(app: Flask, route: Route) -> bool:
    """Tell whether an address shows a page to people; a person's own only once it is revealed."""
    shows = route.method == "GET" or route.endpoint == "cases.reveal"
    return shows and samples.permission_of(app, route) not in MACHINES


def shown(
    app: Flask, client: FlaskClient, post: Any, records: Sample, route: Route
) -> dict[str, Form]:
    """Read the forms of one page, by the endpoint that each is sent to."""
    url = records.url(route)
    answer = client.get(url) if route.method == "GET" else post(client, url, REVEALED)
    if answer.status_code != 200 or answer.mimetype != "text/html":
        return {}
    adapter = app.url_map.bind("localhost")
    found: dict[str, Form] = {}
    for form in forms(answer.text):
        form.action = form.action or url.split("?")[0]
        found.setdefault(str(adapter.match(form.action, method="POST")[0]), form)
    return found


def test_every_form_says_which_version_it_saw_or_why_it_overwrites_nothing(
    app: Flask, clients: Any, post: Any, sample: Any
):
    """From the map itself: a new form fails here until it carries a version or a line in KEEPS."""
    found = places(app, clients, post, sample())

    versioned = {one for one, place in found.items() if place.is_versioned}
    declared = versioned | set(KEEPS) | _SHOWN_ON_CONFLICT
    assert sorted(people_posts(app) - declared) == []
    assert sorted(set(KEEPS) - people_posts(app)) == []
    assert sorted(versioned & set(KEEPS)) == sorted(_ALSO_VERSIONED)


def test_the_second_of_two_windows_meets_both_versions_and_loses_no_word(
    app: Flask, clients: Any, post: Any, sample: Any
):
    """Two windows hold the same page; whoever saves second sees what happened."""
    found = places(app, clients, post, sample())
    edits = {one for one, place in found.items() if place.is_versioned and one not in KEEPS}
    lost = {}
    for endpoint in sorted(edits - {RAISES}):
        trouble = _second_save(app, clients, post, sample(), endpoint)
        if trouble:
            lost[endpoint] = trouble

    assert lost == {}
    assert len(edits) >= 13


def _second_save(app: Flask, clients: Any, post: Any, records: Sample, endpoint: str) -> str:
    place = _PLACES[endpoint]
    client = clients(place.label)
    form = shown(app, client, post, records, place.route)[endpoint]
    first = post(client, form.action, form.typed(MINE))
    second = post(client, form.action, form.typed(YOURS))
    if first.status_code != 303:
        return f"the first save: {first.status_code} {re.findall(r'field-error.*', first.text)}"
    if second.status_code != 409:
        return f"the second save: {second.status_code}"
    page_gate.check_html(second.text, url=endpoint)
    if form.words and YOURS not in second.text:
        return "what the second window typed is gone"
    return ""


def test_of_two_windows_that_move_a_state_on_the_second_is_refused(
    app: Flask, clients: Any, post: Any, sample: Any
):
    """No decision, end or step is taken twice, whatever two pages still offer.

    What a sample is not ripe for is refused at the first already; its room has a test of it.
    """
    found = places(app, clients, post, sample())
    twice, driven = [], 0
    for endpoint in sorted(one for one in found if KEEPS.get(one) is Keeps.ONCE):
        records, client = sample(), clients(found[endpoint].label)
        form = shown(app, client, post, records, found[endpoint].route)[endpoint]
        if post(client, form.action, form.typed(MINE)).status_code != 303:
            continue
        driven += 1
        if not is_refused(client, post(client, form.action, form.typed(YOURS))):
            twice.append(endpoint)

    assert twice == []
    assert driven >= 25


def is_refused(client: FlaskClient, answer: Any) -> bool:
    """Tell whether an answer says no: by its status, or by a warning on the page it leads to."""
    if answer.status_code == 303:
        return "notice-warning" in client.get(answer.headers["Location"]).text
    return answer.status_code in {404, 409}


def test_two_levels_at_once_are_a_conflict(
    app: Flask, clients: Any, people: Any, student: Any, post: Any
):
    reached, person = student("你好"), people("district counselor")
    with app.app_context():
        case = made.open_case(person, contact_id=reached.contact_id, level=RiskLevel.LOW)
    url, client = f"/cases/{case.reference}/level", clients("district counselor", language="en")
    typed = {"version": str(case.version)}

    first = post(client, url, typed | {"level": "3", "note": MINE})
    second = post(client, url, typed | {"level": "2", "note": YOURS})

    assert (first.status_code, second.status_code) == (303, 409)
    assert YOURS in second.text
    assert "Somebody else changed this case in the meantime." in second.text
    page_gate.check_html(second.text, url=url)


def test_tags_of_two_windows_are_all_kept(app: Flask, clients: Any, post: Any, sample: Any):
    client = clients("district counselor")
    url = f"/cases/{sample().arguments['reference']}/tags"
    post(client, url, {"tags": ["absent"], "seen": ""})

    # Both opened the page when it carried one tag; each puts another on, one takes the old one off.
    post(client, url, {"tags": ["absent", "bullying"], "seen": "absent"})
    post(client, url, {"tags": ["bereavement"], "seen": "absent"})

    (form,) = [one for one in forms(client.get(url).text) if one.action == url]
    assert form.values["seen"].split() == ["bereavement", "bullying"]
