"""A counselor's text long after the student's last word is held to the rule of unasked ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from tests.doors.portal.conftest import Person, Reached
from tests.factories.cases import make_case
from tests.factories.people import make_person
from tests.house import page_gate
from wellbeing.contacts.models import CONTACT
from wellbeing.foundation import clock
from wellbeing.foundation.database import session, transaction

Clients = Callable[..., Any]
Post = Callable[..., Any]
Claimed = Callable[..., Reached]


@pytest.fixture
def long_silent(app: Flask, claimed: Claimed, people: Callable[[str], Person]) -> Reached:
    """A conversation with a known child who last wrote thirteen hours ago."""
    reached, owner = claimed("district counselor"), people("district counselor")
    with app.app_context():
        case = make_case(owner_id=owner.user_id, contact_id=reached.contact_id, now=clock.now())
        make_person(
            case_id=case.case_id,
            by=owner.user_id,
            name="例小树",
            details={"called": "木木", "school": "虚构三中"},
            now=clock.now(),
        )
        with transaction():
            before = clock.now() - timedelta(hours=13)
            values = {"last_inbound_at": before, "arrived_at": before}
            session().execute(
                update(CONTACT).where(CONTACT.c.id == reached.contact_id).values(**values)
            )
    return reached


@pytest.mark.parametrize("said", ["例小树", "小树", "木木", "虚构三中"])
def test_a_name_or_a_school_does_not_leave_and_the_page_says_which(
    clients: Clients, post: Post, long_silent: Reached, said: str
):
    browser = clients("district counselor", language="en")

    answer = post(
        browser, f"/contacts/{long_silent.public_id}/reply", {"reply-body": f"{said}，今天好吗"}
    )

    assert answer.status_code == 400
    assert f"Please leave out: {said}" in answer.text
    page_gate.check_html(answer.text, url="/reply")


def test_words_that_name_nobody_leave(clients: Clients, post: Post, long_silent: Reached):
    browser = clients("district counselor", language="en")

    answer = post(browser, f"/contacts/{long_silent.public_id}/reply", {"reply-body": "今天方便吗"})

    assert answer.status_code == 303
