"""Lists equal items: what a list names opens for its reader, and names nothing of another branch.

Made from the map itself: every page without a record in its address is a list, with each view
that it links to; every link on it that names a record must open. A new list cannot be forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.doors.portal import conftest as portal
from tests.doors.portal.conftest import PEOPLE
from tests.house import samples
from tests.house.samples import Sample, Staff

city = portal.city
people = portal.people
clients = portal.clients
student = portal.student

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
"""Scope in SQL is proved on both databases by each room; here it is about doors."""

HOLDERS = {
    "north": ("district counselor", "sending school counselor", "north-school"),
    "south": ("other district counselor", "other school counselor", "south-school"),
}
"""Who holds the records of a branch, who of which unit below passed one on to them."""
BRANCHES = {"north": "north", "north-school": "north", "south": "south", "south-school": "south"}
READERS = [one for one in PEOPLE if one not in {"asking counselor", "sending district counselor"}]
LINK = re.compile(r'(?:href|data-url|hx-get)="(/[^"]*)"')
PATH = re.compile(r"[?#]")
FOUND_BY_HOLDER = {
    "cases.show", "contacts.show", "followups.attempt", "escalations.show", "duties.show",
}  # fmt: skip
"""Without these on somebody's own lists the test would look at nothing."""


def endpoint_of(app: Flask, url: str) -> tuple[str, Mapping[str, Any]] | None:
    """Tell which page a link leads to, and of which record; None if no page of ours."""
    try:
        return app.url_map.bind("localhost").match(PATH.split(url)[0], method="GET")
    except (HTTPException, RequestRedirect):
        return None


def links(text: str) -> Iterator[str]:
    for found in LINK.finditer(text):
        yield unescape(found[1]).split("#")[0]


def lists_of(app: Flask) -> list[str]:
    """Give every page of people that names no record in its address."""
    machines = {"carrier", "watcher"}
    return [
        one.rule.rule
        for one in samples.routes(app)
        if one.method == "GET"
        and not one.rule.arguments
        and samples.permission_of(app, one) not in machines
        and not one.endpoint.startswith("health.")
    ]


def looked_through(app: Flask, client: FlaskClient) -> tuple[dict[str, str], dict[str, str]]:
    """Read every list, and every view that a list links to; tell also where a record was named.

    Views of views are left out: a calendar turns its pages for ever.
    """
    pages: dict[str, str] = {}
    named: dict[str, str] = {}
    for url in lists_of(app):
        pages[url] = text_of(client, url)
    views = {link for text in pages.values() for link in links(text) if is_list(app, link)}
    for url in sorted(views - set(pages)):
        pages[url] = text_of(client, url)
    for url, text in pages.items():
        for link in links(text):
            found = endpoint_of(app, link)
            if found is not None and found[0] != "static" and found[1]:
                named.setdefault(link, url)
    return pages, named


def text_of(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code < 500, url
    return answer.text if answer.status_code == 200 else ""


def is_list(app: Flask, link: str) -> bool:
    found = endpoint_of(app, link)
    return found is not None and found[0] != "static" and not found[1]


@pytest.fixture
def held(app: Flask, people: Any, student: Any) -> dict[str, Sample]:
    """Give records of every kind in two branches."""
    return {
        branch: samples.make(
            app,
            Staff(reader=people(holder), below=people(below), unit=branch, unit_below=unit),
            student,
        )
        for branch, (holder, below, unit) in HOLDERS.items()
    }


def names_of(sample: Sample) -> set[str]:
    """Give what a page would call a record by: references and public ids."""
    rows = [sample.arguments, *sample.instead.values()]
    return {str(row[name]) for row in rows for name in ("reference", "public_id") if name in row}


@pytest.mark.parametrize("label", READERS)
def test_what_a_list_names_opens_and_nothing_of_another_branch_is_named(
    app: Flask, clients: Any, held: dict[str, Sample], label: str
):
    client = clients(label)

    pages, named = looked_through(app, client)

    answers = {link: client.get(link).status_code for link in named}
    shut = [f"{link} on {named[link]}: {code}" for link, code in answers.items() if code != 200]
    mine = BRANCHES.get(PEOPLE[label][1])
    others = [sample for branch, sample in held.items() if branch != mine]
    above_all = PEOPLE[label][1] == "city"
    told = [
        f"{name} on {url}"
        for sample in others
        for name in names_of(sample)
        for url, text in pages.items()
        if name in text and not above_all
    ]
    assert shut == []
    assert told == []


@pytest.mark.parametrize("branch", HOLDERS)
def test_the_lists_of_a_holder_name_every_kind_of_record(
    app: Flask, clients: Any, held: dict[str, Sample], branch: str
):
    """Else the test above would pass on empty lists."""
    pages, named = looked_through(app, clients(HOLDERS[branch][0]))

    kinds = {found[0] for link in named if (found := endpoint_of(app, link))}
    assert sorted(FOUND_BY_HOLDER - kinds) == []
    assert any(name in text for name in names_of(held[branch]) for text in pages.values())
