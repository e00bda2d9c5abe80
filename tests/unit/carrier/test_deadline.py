"""A webhook is answered in time whatever its work does."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest
from flask import Flask, current_app

from wellbeing.carrier.deadline import Desk, TooSlow


@pytest.fixture
def application() -> Iterator[Flask]:
    app = Flask("deadline")
    with app.app_context():
        yield app


def test_work_is_done_in_an_application_context(application: Flask):
    assert Desk().run(lambda: current_app.name) == "deadline"


def test_an_error_of_the_work_is_its_own(application: Flask):
    def fail() -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError):
        Desk().run(fail)


def hang(desk: Desk, release: Event, times: int) -> None:
    for _ in range(times):
        with pytest.raises(TooSlow):
            desk.run(release.wait)


def test_work_that_hangs_is_left_behind(application: Flask):
    release = Event()
    desk = Desk(seconds=0.01, rest_seconds=60)

    hang(desk, release, times=1)
    desk.seconds = 5
    answer = desk.run(lambda: "next")

    release.set()
    assert answer == "next"


def test_after_three_hung_in_a_row_nothing_is_begun_for_a_while(application: Flask):
    release, begun = Event(), []
    desk = Desk(seconds=0.01, rest_seconds=60)

    hang(desk, release, times=3)
    with pytest.raises(TooSlow):
        desk.run(lambda: begun.append("next"))

    release.set()
    assert begun == []


def test_after_its_rest_the_desk_works_again(application: Flask):
    release = Event()
    desk = Desk(seconds=0.01, rest_seconds=0)
    hang(desk, release, times=3)
    release.set()

    desk.seconds = 5

    assert desk.run(lambda: "done") == "done"


def test_no_more_work_is_begun_than_there_are_threads(application: Flask):
    release, begun = Event(), []
    desk = Desk(seconds=0.01, threads=2, rest_seconds=0)
    hang(desk, release, times=2)

    with pytest.raises(TooSlow):
        desk.run(lambda: begun.append("third"))

    release.set()
    assert begun == []
