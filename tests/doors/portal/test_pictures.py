"""A student's picture is seen by whoever may open the contact, and each look is written down."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import text

from tests.doors.portal.conftest import Reached
from tests.factories import portal as made
from tests.factories.pictures import WHERE
from wellbeing.foundation.database import session

Clients = Callable[..., Any]
Claimed = Callable[..., Reached]


@pytest.fixture
def picture(app: Flask, claimed: Claimed) -> tuple[Reached, int]:
    """A conversation of the district counselor with a picture in it."""
    reached = claimed("district counselor")
    with app.app_context():
        return reached, made.picture(reached.contact_id)


def looks(app: Flask) -> list[int]:
    with app.app_context():
        statement = text("SELECT subject_id FROM audit_event WHERE action = 'saw_picture'")
        return [int(one) for one in session().execute(statement).scalars()]


def test_the_counselor_sees_the_picture_and_it_is_written_down(
    app: Flask, clients: Clients, picture: tuple[Reached, int]
):
    reached, medium_id = picture

    answer = clients("district counselor").get(
        f"/contacts/{reached.public_id}/pictures/{medium_id}"
    )

    assert answer.status_code == 200
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert Image.open(BytesIO(answer.data)).size == (64, 48)
    assert WHERE.encode() not in answer.data
    assert looks(app) == [reached.contact_id]


def test_the_page_shows_it_only_when_asked(clients: Clients, picture: tuple[Reached, int]):
    reached, medium_id = picture

    page = clients("district counselor").get(f"/contacts/{reached.public_id}").text

    assert f"/pictures/{medium_id}" in page
    assert 'loading="lazy"' in page
    assert "看图片" in page


@pytest.mark.parametrize("label", ["other district counselor", "school counselor", "auditor"])
def test_nobody_else_sees_it(
    app: Flask, clients: Clients, picture: tuple[Reached, int], label: str
):
    reached, medium_id = picture

    answer = clients(label).get(f"/contacts/{reached.public_id}/pictures/{medium_id}")

    assert answer.status_code == 404
    assert looks(app) == []


def test_a_picture_of_another_conversation_is_not_shown_under_ones_own(
    app: Flask, clients: Clients, claimed: Claimed, picture: tuple[Reached, int]
):
    _, medium_id = picture
    own = claimed("other district counselor", unit="south")

    answer = clients("other district counselor").get(
        f"/contacts/{own.public_id}/pictures/{medium_id}"
    )

    assert answer.status_code == 404
    assert looks(app) == []
