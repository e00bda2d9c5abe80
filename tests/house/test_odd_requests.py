"""What no request may do: make a page fail. Whatever is typed into an address or a hidden field.

The application under test raises what it would answer with 500, so a failing page fails its test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import ImmutableMultiDict

from tests.doors.portal import conftest as portal
from tests.house import samples
from tests.house.samples import Route, Sample, Staff

city = portal.city
people = portal.people
clients = portal.clients
post = portal.post
student = portal.student

NAMES = (
    "action", "after", "before", "first", "kind", "last", "level", "next", "open", "opened", "page",
    "period", "reference", "since", "status", "view", "week", "whose",
)  # fmt: skip
"""Every name that an address of ours knows, and some that it does not."""
ODD = (
    "", " ", "x", "-1", "0", "9" * 18, "9" * 19, "9" * 30, "9" * 5_000, "1e9", "٣", "²", "\x00",
    "灯",
    "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-23:59", "2026-13-45", "2026-01-01",
    "' OR 1=1 --", "{{7*7}}", "%s", "../../etc/passwd", "<script>",
)  # fmt: skip
DIGITS = "9" * 19, "9" * 30, "9" * 5_000
LEADER = "municipal supervisor"
REFUSED = {400, 404, 409, 413, 422}

Send = Callable[..., Any]


class Asked(ImmutableMultiDict[str, str]):
    """The words of an address, which remember whether somebody asked for one."""

    names: ClassVar[set[object]] = set()

    def __getitem__(self, key: str) -> str:
        self.names.add(key)
        return super().__getitem__(key)

    def __iter__(self) -> Iterator[str]:
        self.names.add("all of them")
        return super().__iter__()

    def getlist(self, key: str, type: Any = None) -> list[Any]:  # noqa: A002 - werkzeug's name
        self.names.add(key)
        return super().getlist(key, type)

    def lists(self) -> Iterator[tuple[str, list[str]]]:
        self.names.add("all of them")
        return super().lists()


@pytest.fixture(autouse=True)
def _askers_are_heard(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.request_class, "parameter_storage_class", Asked)


@pytest.fixture
def sample(app: Flask, people: Any, student: Any) -> Sample:
    staff = Staff(reader=people("district supervisor"), below=people("school counselor"))
    return samples.make(app, staff, student)


def read_pages(app: Flask) -> Iterator[Route]:
    return (
        one
        for one in samples.routes(app)
        if one.method == "GET"
        and samples.permission_of(app, one) not in {"carrier", "watcher"}
        and one.endpoint != "health.ready"
    )


@pytest.mark.parametrize(("label", "at_least"), [("district supervisor", 12), ("auditor", 4)])
def test_no_query_makes_a_page_fail(
    app: Flask, clients: Any, sample: Sample, label: str, at_least: int
):
    client: FlaskClient = clients(label)
    odd: list[str] = []
    read: dict[str, int] = {}
    for route in read_pages(app):
        for value in ODD:
            # A page that asked for no word of its address says the same to each of them.
            if value != ODD[0] and not read[str(route)]:
                break
            Asked.names.clear()
            answer = client.get(sample.url(route, **dict.fromkeys(NAMES, value)))
            if answer.status_code >= 500:
                odd.append(f"{route} {value[:20]!r}: {answer.status_code}")
            read[str(route)] = read.get(str(route), 0) + len(Asked.names)

    assert odd == []
    assert len([names for names in read.values() if names]) >= at_least


@pytest.mark.parametrize("label", ["district supervisor", "school counselor"])
def test_a_head_request_answers_as_get_does_and_its_form_is_not_read(
    app: Flask, clients: Any, sample: Sample, label: str
):
    """Nobody checks the CSRF token of a HEAD, so what stands in its body must count for nothing."""
    client: FlaskClient = clients(label)
    typed = dict.fromkeys(("reason", "note", "answer", "code"), "示例") | {
        "reference": sample.arguments["reference"]
    }
    wrong: dict[str, tuple[int, int]] = {}
    for route in read_pages(app):
        url = sample.url(route)
        asked, read = client.head(url, data=typed).status_code, client.get(url).status_code
        if asked != read:
            wrong[str(route)] = (asked, read)

    assert wrong == {}


@pytest.mark.parametrize("digits", DIGITS)
def test_a_number_that_no_id_can_be_is_no_address(
    app: Flask, clients: Any, sample: Sample, digits: str
):
    """A database answers such a number with an error; a stranger must not see one."""
    client: FlaskClient = clients("district supervisor")
    found: dict[str, int] = {}
    for route in samples.routes(app):
        numbers = {"note_id", "escalation_id", "page_id", "follow_up_id", "shift_id", "outbound_id"}
        if route.rule.arguments & numbers:
            kept = {name: sample.arguments[name] for name in route.rule.arguments}
            url = _with(route, kept, numbers, digits)
            answer = client.get(url) if route.method == "GET" else _posted(app, client, url, {})
            found[str(route)] = answer.status_code

    assert len(found) >= 12
    assert set(found.values()) == {404}


def _with(route: Route, kept: dict[str, Any], numbers: set[str], digits: str) -> str:
    pieces = [digits if name in numbers else str(kept[name]) for name in _names_in_order(route)]
    text = route.rule.rule
    for name, piece in zip(_names_in_order(route), pieces, strict=True):
        text = text.replace(f"<int:{name}>", piece).replace(f"<{name}>", piece)
    return text


def _names_in_order(route: Route) -> list[str]:
    return sorted(route.rule.arguments)


def _posted(app: Flask, client: FlaskClient, url: str, data: dict[str, Any]) -> Any:
    body = urlencode({**data, "csrf_token": portal.csrf_token(app, client)})
    return client.post(url, data=body, content_type="application/x-www-form-urlencoded")


@pytest.mark.parametrize("version", ["", " \u3000", "x", "-1", "٣", "9" * 19, "9" * 30])
def test_no_hidden_version_makes_a_save_fail(
    app: Flask, clients: Any, sample: Sample, version: str
):
    """A bent version is a stale one at most: nothing is saved over what somebody else wrote."""
    client: FlaskClient = clients("district supervisor")
    reference, note = sample.arguments["reference"], sample.arguments["note_id"]
    contact = sample.arguments["public_id"]
    saves = {
        f"/cases/{reference}/level": {"level": "3", "note": "示例"},
        f"/cases/{reference}/status": {"status": "monitoring", "note": "示例"},
        f"/cases/{reference}/close": {"note": "示例"},
        f"/cases/{reference}/notes/{note}": {"body": "示例"},
        f"/contacts/{contact}/facts": {},
    }
    answers = {
        url: _posted(
            app, client, url, {**fields, "version": version, "facts-version": version}
        ).status_code
        for url, fields in saves.items()
    }

    assert set(answers.values()) <= REFUSED
