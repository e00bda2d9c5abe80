"""Pages while the database is frozen: they give way at once, and the line keeps its threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wellbeing.portal.pulse import Pulse

Clients = Callable[..., FlaskClient]


@pytest.fixture
def thawed(app: Flask) -> Iterator[Event]:
    """Freeze the database for pages until the event is set."""
    event = Event()
    before = app.extensions["pulse"]
    app.extensions["pulse"] = Pulse(probe=lambda: event.wait(10), patience=0.05, fresh=0.0)
    yield event
    event.set()
    app.extensions["pulse"] = before


def test_a_page_is_away_while_the_database_does_not_answer(clients: Clients, thawed: Event):
    client = clients("district counselor")

    frozen = client.get("/account")
    thawed.set()
    # The thread that waited needs a moment to say that it waits no more.
    is_back = any(client.get("/account").status_code == 200 for _ in range(1_000))

    assert frozen.status_code == 503
    assert is_back


def test_the_page_that_says_so_asks_the_database_nothing(
    clients: Clients, thawed: Event, statements: Callable[..., object]
):
    """Whoever it was that asked: a session's cookie would make it ask."""
    client = clients("district counselor")

    with statements() as seen:
        answers = [client.get(url) for url in ("/account", "/sign-in", "/queue/fragment")]

    assert [one.status_code for one in answers] == [503, 503, 503]
    assert seen == []


def test_a_worker_waits_for_one_answer_and_not_once_a_page(clients: Clients, app: Flask):
    asked: list[int] = []
    answer = Event()

    def probe() -> None:
        asked.append(1)
        answer.wait(10)

    before = app.extensions["pulse"]
    app.extensions["pulse"] = Pulse(probe=probe, patience=0.01, fresh=0.0)
    client = clients("district counselor")
    statuses = {client.get("/account").status_code for _ in range(20)}
    answer.set()
    app.extensions["pulse"] = before

    assert statuses == {503}
    assert asked == [1]


def test_a_database_that_refuses_is_a_page_as_well(clients: Clients, app: Flask):
    def probe() -> None:
        raise ConnectionRefusedError

    before = app.extensions["pulse"]
    app.extensions["pulse"] = Pulse(probe=probe)
    answer = clients("district counselor").get("/account")
    app.extensions["pulse"] = before

    assert answer.status_code == 503


def test_the_line_and_the_watcher_do_not_wait_for_it(app: Flask, thawed: Event):
    client = app.test_client()

    answers = [client.get("/health"), client.post("/twilio/text/in"), client.get("/static/x.css")]

    assert [one.status_code for one in answers] == [200, 403, 404]
    assert not thawed.is_set()
