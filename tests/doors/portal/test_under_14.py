"""A student under 14 on the pages of consent: asked with a guardian, and told why it is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from tests.factories import people as made
from tests.factories import portal, records
from tests.house import page_gate
from wellbeing.cases.operations import people as people_operations
from wellbeing.cases.queries import consents
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.people import Details, NewPerson, Relation
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction

ASKED = {"purpose": "contact_by_text", "basis": "consent", "given_by": "student"}


@pytest.fixture
def case(app: Flask, people: Any, claimed: Any) -> CaseRow:
    return records.case_of(app, people, claimed)


def student(app: Flask, case: CaseRow, born: str) -> Any:
    with app.app_context():
        return made.make_person(
            case_id=case.case_id, by=case.owner_id, now=clock.now(), details={"born": born}
        )


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "未满14周岁"), ("en", "Under 14 a guardian must agree too")]
)
def test_the_student_alone_is_refused_and_the_words_say_what_to_do(
    app: Flask, clients: Any, post: Any, case: CaseRow, language: str, words: str
):
    student(app, case, "12岁")
    client, url = clients("district counselor", language=language), "consents/new"

    form = client.get(f"/cases/{case.reference}/{url}")
    refused = post(client, f"/cases/{case.reference}/{url}", ASKED)
    both = post(client, f"/cases/{case.reference}/{url}", {**ASKED, "given_by": "both"})

    page_gate.check_html(form.text, url=url)
    assert '<option selected value="both">' in form.text
    assert (refused.status_code, both.status_code) == (400, 303)
    assert words in refused.text
    with app.app_context():
        assert len(consents.consents_of(case_id=case.case_id)) == 1


def test_a_student_of_14_is_asked_alone(app: Flask, clients: Any, post: Any, case: CaseRow):
    student(app, case, "14岁")
    client, url = clients("district counselor"), f"/cases/{case.reference}/consents/new"

    assert '<option selected value="student">' in client.get(url).text
    assert post(client, url, ASKED).status_code == 303


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_consent_given_before_the_age_was_told_is_suspended_until_a_guardian_agrees(
    app: Flask, clients: Any, post: Any, case: CaseRow, language: str
):
    person = student(app, case, "")
    client, page = (
        clients("district counselor", language=language),
        f"/cases/{case.reference}/people",
    )
    post(client, f"/cases/{case.reference}/consents/new", ASKED)
    mark = {"zh": "学生未满14周岁，只有本人同意", "en": "is under 14 and agreed alone"}[language]
    before = client.get(page).text
    with app.app_context(), transaction():
        told = NewPerson(relation=Relation.STUDENT, name="示例甲", details=Details(born="13"))
        people_operations.edit_person(
            person=person, change=told, version=1, by=case.owner_id, now=clock.now()
        )

    after = client.get(page).text

    form = client.get(f"/cases/{case.reference}/consents/new?purpose=contact_by_text").text
    post(client, f"/cases/{case.reference}/consents/new", {**ASKED, "given_by": "both"})
    mended = client.get(page).text

    assert mark not in before
    assert mark in after
    assert "/consents/new?purpose=contact_by_text" in after
    assert re.search('<input checked [^>]*value="contact_by_text"', form)
    assert mark not in mended
    page_gate.check_html(after, url=page)


def test_the_case_says_what_waits_while_a_consent_is_suspended(
    app: Flask, clients: Any, post: Any, case: CaseRow
):
    client = clients("district counselor", language="en")
    post(client, f"/cases/{case.reference}/consents/new", ASKED)
    student(app, case, "12岁")

    page = client.get(f"/cases/{case.reference}").text

    assert "Texts rest on a child under 14 alone" in page
    assert "Consent suspended, under 14 and no guardian" in page


def test_an_age_recorded_in_the_conversation_suspends_what_the_child_agreed_to(
    app: Flask, clients: Any, people: Any, claimed: Any, post: Any
):
    """Told on the line, not in the vault: the reaction carries it to the case."""
    reached = claimed("district counselor")
    with app.app_context():
        case = portal.open_case(people("district counselor"), contact_id=reached.contact_id)
    client = clients("district counselor", language="en")
    post(client, f"/cases/{case.reference}/consents/new", ASKED)
    form = {"facts-caller_type": "self", "facts-age_band": "9-11"}
    with app.app_context():
        version = contacts.contact_by_id(contact_id=reached.contact_id).version

    saved = post(
        client, f"/contacts/{reached.public_id}/facts", form | {"facts-version": str(version)}
    )

    assert saved.status_code == 303
    assert "Suspended since" in client.get(f"/cases/{case.reference}/people").text
