"""Every form that edits a row: two windows, one version; the second save is a 409 with both.

The forms are found on the pages themselves, by what they show: a form that arrives filled with what
stands already would overwrite it, so it must say which version it saw. A new one fails here until
it does (or stands in KEEPS with the reason).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import html5lib  # type: ignore[import-untyped]
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.doors.portal import conftest as portal
from tests.factories import portal as made
from tests.house import page_gate, samples
from tests.house.samples import Route, Sample, Staff
from wellbeing.foundation import clock
from wellbeing.policy.model import RiskLevel

city = portal.city
people = portal.people
clients = portal.clients
post = portal.post
student = portal.student

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
"""Stale saves are proved on both databases by each room; here it is about pages."""

CASE, CONTACT = "/cases/<reference>", "/contacts/<public_id>"
SKIPPED = {"hidden", "submit", "button", "file"}
MINE, YOURS = "示例：第一个窗口写的", "示例：第二个窗口写的"

RAISES = "cases.level"
"""Whether it changes anything depends on the level that stands: it has a test of its own below."""
KEEPS: Mapping[str, str] = {
    "cases.close": "ends the case: refused as a whole until every rule is met, words kept",
    "cases.note_declined": "adds a moment; what it shows is today's date",
    "cases.tags": "merges: only one's own ticks count (test below)",
    "cases.show": "a filter of the timeline",
    "cases.add_person": "adds somebody new; what it shows is the first choice",
    "cases.give_consent": "adds a consent; what it shows is the first choice",
    "cases.add_number": "adds a number",
    "contacts.assess": "adds a judgement; earlier ones stay",
    "contacts.open_case": "opens one case per contact, once (AlreadyACase)",
    "contacts.close": "ends a conversation, once, by its holder alone",
    "contacts.close_non_data": "ends a conversation, once, by its holder alone",
    "contacts.screening": "adds a screening; earlier ones stay",
    "cases.escalate": "sends one escalation; a second one is refused while it is open",
    "contacts.reply": "sends a text; its draft has versions of its own",
}
"""Forms that show something and yet overwrite nothing, each with the reason."""


@dataclass
class Form:
    """A form as a browser would send it untouched, and what of it somebody can fill in."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    is_filled: bool = False

    @property
    def version(self) -> str | None:
        """Name the field that says which version was seen."""
        return next((name for name in self.values if name.endswith("version")), None)

    def typed(self, words: str) -> dict[str, str]:
        """Give what a window sends that writes these words into every text area."""
        return self.values | dict.fromkeys(self.words, words)


def forms(page: str) -> Iterator[Form]:
    """Read the POST forms of a page."""
    root = html5lib.parse(page, namespaceHTMLElements=False)
    for element in root.iter("form"):
        if element.get("method", "get").lower() == "post":
            yield _form(element)


def _form(element: ET.Element) -> Form:
    found = Form(action=element.get("action", "").split("#")[0].split("?")[0])
    for one in element.iter():
        name = one.get("name")
        if not name or name == "csrf_token":
            continue
        if one.tag == "textarea":
            found.words.append(name)
            found.values[name] = one.text or ""
            found.is_filled |= bool((one.text or "").strip())
        elif one.tag == "select":
            _choose(found, name, one)
        elif one.tag == "input":
            _input(found, name, one)
    return found


def _choose(found: Form, name: str, element: ET.Element) -> None:
    options = list(element.iter("option"))
    chosen = [one for one in options if one.get("selected") is not None]
    usable = [one for one in options if one.get("value")]
    # Of what was never chosen, the first real choice.
    wanted = (chosen or usable or options)[:1]
    if wanted:
        found.values[name] = wanted[0].get("value", "") or (usable or wanted)[0].get("value", "")
    found.is_filled |= bool(chosen and chosen[0] is not options[0])


def _input(found: Form, name: str, element: ET.Element) -> None:
    kind, value = element.get("type", "text"), element.get("value", "")
    is_checked = element.get("checked") is not None
    if kind in {"radio", "checkbox"}:
        found.is_filled |= is_checked
        # Of radios the first that is not chosen yet, so that the save changes something.
        if is_checked and kind == "checkbox":
            found.values[name] = value
        elif kind == "radio" and not is_checked:
            found.values.setdefault(name, value)
    elif kind == "date":
        # A day that must be chosen anew at each save, such as the next review.
        found.values[name] = value or (clock.now() + timedelta(days=30)).date().isoformat()
    else:
        found.values[name] = value
        found.is_filled |= kind not in SKIPPED and bool(value)


@pytest.fixture
def sample(app: Flask, people: Any, student: Any) -> Any:
    """Give new records of the district counselor whenever asked."""

    def fresh() -> Sample:
        staff = Staff(reader=people("district counselor"), below=people("school counselor"))
        return samples.make(app, staff, student)

    return fresh


def pages_of(app: Flask) -> list[Route]:
    return [
        one
        for one in samples.routes(app)
        if one.method == "GET"
        and one.rule.rule.startswith((CASE, CONTACT))
        and one.endpoint not in {"contacts.messages", "contacts.picture", "cases.document"}
    ]


def editing(app: Flask, client: FlaskClient, sample_: Sample) -> dict[str, tuple[str, Form]]:
    """Find the forms of casework that arrive filled, by endpoint, with their page's address."""
    found: dict[str, tuple[str, Form]] = {}
    adapter = app.url_map.bind("localhost")
    for route in pages_of(app):
        url = sample_.url(route)
        answer = client.get(url)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        for form in forms(answer.text):
            form.action = form.action or url.split("?")[0]
            endpoint = adapter.match(form.action, method="POST")[0]
            if form.is_filled or form.version is not None:
                found.setdefault(str(endpoint), (url, form))
    return found


def test_a_form_that_shows_what_stands_says_which_version_it_saw(
    app: Flask, clients: Any, sample: Any
):
    records = sample()
    found: dict[str, tuple[str, Form]] = {}
    for label in ("district counselor", "district supervisor"):
        found |= editing(app, clients(label), records)

    blind = {one for one, (_url, form) in found.items() if form.version is None}
    assert blind - set(KEEPS) == set()


def test_the_second_of_two_windows_meets_both_versions_and_loses_no_word(
    app: Flask, clients: Any, post: Any, sample: Any
):
    """Counselor and supervisor hold the same page; whoever saves second sees what happened."""
    wanted = {
        endpoint
        for endpoint, (_url, form) in editing(app, clients("district supervisor"), sample()).items()
        if form.version is not None
    }
    wanted |= {
        endpoint
        for endpoint, (_url, form) in editing(app, clients("district counselor"), sample()).items()
        if form.version is not None
    }
    lost = {}
    for endpoint in sorted(wanted - set(KEEPS) - {RAISES}):
        trouble = _second_save(app, clients, post, sample(), endpoint)
        if trouble:
            lost[endpoint] = trouble

    assert lost == {}
    assert len(wanted) >= 8


def _second_save(app: Flask, clients: Any, post: Any, records: Sample, endpoint: str) -> str:
    for label in ("district counselor", "district supervisor"):
        client = clients(label)
        found = editing(app, client, records).get(endpoint)
        if found is None:
            continue
        _url, form = found
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
    return "the form is nowhere"


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
