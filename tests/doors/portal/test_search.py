"""Searching cases by its pages: by reference, number, name, unit and day; nothing typed leaks."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.factories import portal as made
from tests.house import page_gate
from wellbeing.audit import queries as audit
from wellbeing.audit.queries import EventFilter
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.operations import people as vault
from wellbeing.cases.operations import searches, work
from wellbeing.cases.rules.people import NewPerson, Relation
from wellbeing.cases.rules.search import CaseSearch
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction
from wellbeing.policy.model import RiskLevel

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
"""What is found is proved on both databases by the room; here it is about pages."""

NAME = "欧阳示例"


@pytest.fixture
def case(app: Flask, people: Any, claimed: Any) -> Any:
    """Give an orange case of the north district, whose student is called by an invented name."""
    reached, owner = claimed("district counselor"), people("district counselor")
    with app.app_context():
        row = made.open_case(owner, contact_id=reached.contact_id, level=RiskLevel.HIGH)
        new = NewPerson(relation=Relation.STUDENT, name=NAME)
        with transaction():
            vault.add_person(case_id=row.case_id, new=new, by=owner.user_id, now=clock.now())
    return row, reached.number


@pytest.fixture
def search(post: Any) -> Any:
    """Send the form as it stands, with some fields filled in; give the page that it leads to."""

    def sent(browser: Any, **typed: str) -> Any:
        answer = post(browser, "/cases/search", {"standing": "open", **typed})
        return browser.get(answer.location) if answer.status_code == 303 else answer

    return sent


def finds(answer: Any, reference: str) -> bool:
    assert answer.status_code == 200
    return f">{reference}</a>" in answer.text


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "欧阳示例"}, {"name": "欧阳"}, {"name": "ouyang"}, {"name": "歐陽示例"},
        {"level": "3"}, {"owner": "district.counselor"}, {"status": "open"},
        {"level": "3", "name": "欧阳"}, {},
    ],
)  # fmt: skip
def test_a_case_is_found_by_what_is_known_of_it(
    clients: Any, search: Any, case: Any, typed: dict[str, str]
):
    assert finds(search(clients("district counselor"), **typed), case[0].reference)


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "示例欧阳"}, {"level": "1"}, {"status": "closed"}, {"standing": "closed"},
        {"number": "+8613999999999"}, {"level": "3", "name": "甲乙"},
        {"opened_to": "2020-01-01"}, {"opened_from": "2999-01-01"},
    ],
)  # fmt: skip
def test_everything_that_is_asked_must_fit(
    clients: Any, search: Any, case: Any, typed: dict[str, str]
):
    assert not finds(search(clients("district counselor"), **typed), case[0].reference)


def test_a_case_is_found_by_the_number_however_it_is_typed(clients: Any, search: Any, case: Any):
    reference, number = case[0].reference, case[1]
    browser = clients("district counselor")
    spaced = f"{number[3:6]} {number[6:10]} {number[10:]}"

    assert finds(search(browser, number=number), reference)
    assert finds(search(browser, number=spaced), reference)


def test_a_case_is_found_by_its_reference_without_its_prefix(clients: Any, search: Any, case: Any):
    reference = case[0].reference

    assert finds(search(clients("district counselor"), reference=reference[3:].lower()), reference)


@pytest.mark.parametrize(
    "label", ["other district counselor", "other district supervisor", "municipal counselor"]
)
def test_nothing_is_found_that_could_not_be_opened(
    clients: Any, search: Any, case: Any, label: str
):
    row, number = case
    for typed in ({"name": NAME}, {"number": number}, {"reference": row.reference}, {}):
        answer = search(clients(label), **typed)

        assert not finds(answer, row.reference)


def test_a_case_is_found_by_its_tag_alone_and_with_all_else(
    app: Flask, clients: Any, search: Any, case: Any, people: Any
):
    row, browser = case[0], clients("district counselor")
    with app.app_context(), transaction():
        work.tag_case(
            case_id=row.case_id,
            tag="bullying",
            by=people("district counselor").user_id,
            now=clock.now(),
        )

    assert finds(search(browser, tag="bullying"), row.reference)
    assert finds(search(browser, tag="bullying", name="欧阳", level="3"), row.reference)
    assert not finds(search(browser, tag="absent"), row.reference)
    assert not finds(search(browser, tag="bullying", level="1"), row.reference)
    assert not finds(search(clients("other district supervisor"), tag="bullying"), row.reference)


def test_a_tag_that_nobody_offers_is_no_search(clients: Any, search: Any, case: Any):
    assert search(clients("district counselor"), tag="own:999").status_code == 422


def test_a_supervisor_narrows_to_a_unit(clients: Any, search: Any, case: Any, city: Any):
    supervisor, reference = clients("municipal supervisor"), case[0].reference

    assert finds(search(supervisor, unit=str(city.ids["north"])), reference)
    assert not finds(search(supervisor, unit=str(city.ids["south"])), reference)


def test_what_was_typed_stands_in_no_address_and_no_log(
    app: Flask, clients: Any, post: Any, case: Any, caplog: pytest.LogCaptureFixture
):
    browser, number = clients("district counselor"), case[1]
    with caplog.at_level(logging.DEBUG):
        answer = post(browser, "/cases/search", {"standing": "any", "name": NAME, "number": number})
        browser.get(answer.location)

    with app.app_context():
        (event,) = audit.events(wanted=EventFilter(action=AuditAction.SEARCHED), limit=5)
    leaked = f"{answer.location} {event.details} {caplog.text}"
    assert NAME not in leaked
    assert number[3:] not in leaked
    assert event.details["by"] == ["number", "name"]
    assert len(event.details["hash"]) == 64
    assert event.details["ids"] == [case[0].case_id]


def test_the_same_search_has_the_same_hash_and_another_one_another(
    app: Flask, clients: Any, search: Any, case: Any
):
    browser = clients("district counselor")
    for name in (NAME, NAME, "甲乙"):
        search(browser, name=name)

    with app.app_context():
        events = audit.events(wanted=EventFilter(action=AuditAction.SEARCHED), limit=5)
    hashes = [event.details["hash"] for event in events]
    assert len(set(hashes)) == 2


def test_a_search_is_its_persons_own(clients: Any, post: Any, case: Any):
    mine = post(clients("district counselor"), "/cases/search", {"standing": "open"}).location
    stranger = clients("district supervisor")

    assert stranger.get(mine).status_code == 404
    assert post(stranger, f"{mine}/save", {"label": "示例"}).status_code == 404
    assert post(stranger, f"{mine}/remove").status_code == 404


def test_a_saved_view_stays_and_a_search_is_forgotten_after_a_day(
    app: Flask, clients: Any, post: Any, case: Any
):

    browser = clients("district counselor")
    kept = post(browser, "/cases/search", {"standing": "open", "name": NAME}).location
    passing = post(browser, "/cases/search", {"standing": "open"}).location
    post(browser, f"{kept}/save", {"label": "示例：我的欧阳"})

    with app.app_context(), transaction():
        forgotten = searches.forget_old(now=clock.now() + timedelta(days=1))

    assert forgotten == 1
    assert browser.get(passing).status_code == 404
    assert finds(browser.get(kept), case[0].reference)
    assert "示例：我的欧阳" in browser.get("/cases/search").text
    post(browser, f"{kept}/remove")
    assert browser.get(kept).status_code == 404


def test_pages_are_turned_by_the_last_row(app: Flask, clients: Any, people: Any, student: Any):
    owner = people("district counselor")
    with app.app_context():
        references = []
        for number in range(30):
            reached = student("示例", number=f"+86137{number:08d}")
            references.append(made.open_case(owner, contact_id=reached.contact_id).reference)
        with transaction():
            address = searches.keep(search=CaseSearch(), by=owner.user_id, now=clock.now())
    browser = clients("district counselor", language="en")

    first = browser.get(f"/cases/search/{address}").text
    following = first.split('rel="next" href="', 1)[1].split('"')[0]
    second = browser.get(following.replace("&amp;", "&")).text

    shown = [[one for one in references if f">{one}</a>" in page] for page in (first, second)]
    assert [len(one) for one in shown] == [25, 5]
    assert sorted(shown[0] + shown[1]) == sorted(references)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "typed",
    [
        {"reference": "XX"}, {"number": "12"}, {"owner": "nobody.such"}, {"unit": "99999"},
        {"opened_from": "2026-02-02", "opened_to": "2026-02-01"}, {"opened_from": "yesterday"},
        {"level": "9"}, {"standing": "broken"}, {"name": "长" * 101},
    ],
)  # fmt: skip
def test_what_cannot_be_searched_for_is_told_by_its_field(
    clients: Any, search: Any, typed: dict[str, str], language: str
):
    answer = search(clients("district supervisor", language=language), **typed)

    assert answer.status_code == 422
    page_gate.check_html(answer.text, url="/cases/search")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_found_is_a_sound_page(clients: Any, search: Any, case: Any, language: str):
    browser = clients("municipal supervisor", language=language)

    for typed in ({"name": NAME, "level": "3"}, {"name": "甲乙"}):
        page_gate.check_html(search(browser, **typed).text, url="/cases/search/…")
    page_gate.check_html(browser.get("/cases/search").text, url="/cases/search")
