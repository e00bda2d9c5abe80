"""Attacks on the vault: old ids of whoever is gone, and questions whose answer would betray a case.

Forged addresses and fields are attacked by tests/house (access matrix, forged fields), odd files
by tests/unit/foundation/test_documents.py.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from tests.factories import documents, records
from tests.factories import people as made
from wellbeing.cases.operations import people as vault
from wellbeing.cases.rules.cases import CaseRow, new_reference
from wellbeing.cases.rules.people import PersonRow
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
"""What is found is proved on both databases by the rooms; here it is about doors."""

NAME, NUMBER = "欧阳示例", "13987654321"
STRANGERS = ["other district counselor", "other district supervisor", "school counselor"]


@pytest.fixture
def case(app: Flask, people: Any, claimed: Any) -> CaseRow:
    return records.case_of(app, people, claimed)


@pytest.fixture
def person(app: Flask, case: CaseRow) -> PersonRow:
    with app.app_context():
        by, now = case.owner_id, clock.now()
        row = made.make_person(case_id=case.case_id, by=by, now=now, name=NAME)
        made.make_number(person=row, typed=NUMBER, by=by)
    return row


def answer_to(client: Any, post: Any, url: str, typed: dict[str, str]) -> tuple[int, str]:
    """Give what a stranger reads, without what differs each time: tokens, keys and moments."""
    answer = post(client, url, typed)
    if answer.status_code == 303:
        answer = client.get(answer.headers["Location"])
    text = answer.text
    for word in typed.values():
        text = text.replace(word, "…")
    text = re.sub(r"/cases/search/[\w-]+", "/cases/search/…", text)
    text = re.sub(r"/access/requests/\d+", "/access/requests/…", text)
    # A form's token is signed with the second in which it was written.
    text = re.sub(r"[\w-]{40,}\.[\w-]{6}\.[\w-]{27}", "", text)
    return answer.status_code, re.sub(r"\d{4}-\d{2}-\d{2}T?[\d:. +]*", "", text)


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize(
    ("field", "real", "invented"),
    [("name", NAME, "司马虚构"), ("number", NUMBER, "13955554321"), ("reference", "", "")],
)
def test_a_search_answers_a_stranger_as_if_there_were_nothing(
    clients: Any, post: Any, case: CaseRow, person: PersonRow,
    stranger: str, field: str, real: str, invented: str,
):  # fmt: skip
    """Neither a row nor a count, a hint, a length or a redirect tells whether somebody is known."""
    del person
    client = clients(stranger)
    there, not_there = real or case.reference, invented or new_reference()

    known = answer_to(client, post, "/cases/search", {field: there, "standing": "open"})
    unknown = answer_to(client, post, "/cases/search", {field: not_there, "standing": "open"})

    assert known == unknown
    assert known[0] == 200


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_request_for_a_case_does_not_tell_whether_there_is_one(
    clients: Any, post: Any, case: CaseRow, stranger: str
):
    client, why = clients(stranger), "示例：学生今晚打给我了。"

    known = post(client, "/access/requests", {"reference": case.reference, "reason": why})
    unknown = post(client, "/access/requests", {"reference": new_reference(), "reason": why})

    assert (known.status_code, unknown.status_code) == (303, 303)
    assert known.headers["Location"] == unknown.headers["Location"]


@pytest.mark.parametrize("label", ["district counselor", "district supervisor"])
def test_the_old_ids_of_somebody_who_was_removed_open_nothing(
    app: Flask, clients: Any, post: Any, case: CaseRow, person: PersonRow, label: str
):
    """Bookmarks, back buttons and a second window all hold them still."""
    with app.app_context(), transaction():
        vault.remove_person(person=person, reason="示例", by=case.owner_id, now=clock.now())
    client = clients(label)
    base = f"/cases/{case.reference}/people/{person.person_id}"

    read = [client.get(f"{base}/{page}") for page in ("reveal", "reaching", "numbers", "remove")]
    written = [
        post(client, f"{base}/{page}", {"why": "correct", "reason": "示例", "version": "1"})
        for page in ("reveal", "reaching", "numbers", "remove", "edit")
    ]

    assert {one.status_code for one in (*read, *written)} == {404}
    assert NAME not in "".join(one.text for one in (*read, *written))


def test_the_ids_of_the_same_person_in_another_case_open_nothing_here(
    app: Flask, clients: Any, case: CaseRow, person: PersonRow, people: Any, claimed: Any
):
    """Two records were found to be one person: each stays under its own case and key."""
    other = records.case_of(app, people, claimed)
    with app.app_context():
        by, now = case.owner_id, clock.now()
        same = made.make_person(case_id=other.case_id, by=by, now=now, name=NAME)
        made.make_link(one=person, other=same, by=by, now=now)

    pages = [
        clients("district counselor").get(f"/cases/{case.reference}/people/{same.person_id}/{page}")
        for page in ("reveal", "reaching", "numbers", "remove")
    ]

    assert {one.status_code for one in pages} == {404}


def test_the_link_of_a_withdrawn_document_is_dead_for_whoever_had_it(
    app: Flask, clients: Any, post: Any, case: CaseRow
):
    with app.app_context():
        kept = documents.make_document(case_id=case.case_id, by=case.owner_id, raw="示例".encode())
    client = clients("district counselor")
    url = f"/cases/{case.reference}/documents/{kept.document_id}"
    before = client.get(url)
    post(client, f"{url}/withdraw", {"reason": "示例：放错了个案。"})

    after = client.get(url)

    assert (before.status_code, after.status_code) == (200, 404)
    assert "示例".encode() not in after.data
