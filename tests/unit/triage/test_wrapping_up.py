"""What must be asked and judged before a contact is closed (facts.md 1.1 and 1.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.factories.moments import NOW
from wellbeing.policy.model import RiskLevel
from wellbeing.triage.rules.wrapping_up import Judged, LevelDue, Screened, ScreenerDue, check

BLUE, YELLOW, ORANGE, RED = RiskLevel


def screened(screener: str, level: RiskLevel | None, *, after: int = 0, **changes: Any) -> Screened:
    known = {"complete": True, "asks_further": False} | changes
    return Screened(screener=screener, level=level, at=NOW + timedelta(minutes=after), **known)


def judged(level: RiskLevel, *, after: int) -> Judged:
    return Judged(level=level, at=NOW + timedelta(minutes=after))


ITEM_9 = screened("phq9", YELLOW, asks_further=True)


@pytest.mark.parametrize(
    "screenings",
    [
        (ITEM_9,),
        (screened("cssrs", BLUE), ITEM_9),
        (ITEM_9, screened("beijing", None, after=1)),
        (ITEM_9, screened("gad7", None, after=1)),
        (
            ITEM_9,
            screened("asq", BLUE, after=1),
            screened("phqa", YELLOW, after=2, asks_further=True),
        ),
    ],
)
def test_an_answer_about_suicide_keeps_the_contact_open(screenings: tuple[Screened, ...]):
    with pytest.raises(ScreenerDue):
        check(screenings=screenings, judged=(judged(RED, after=9),))


@pytest.mark.parametrize("screener", ["cssrs", "asq"])
def test_a_screener_of_suicide_risk_and_a_level_let_it_go(screener: str):
    asked = (ITEM_9, screened(screener, BLUE, after=1))

    with pytest.raises(LevelDue):
        check(screenings=asked, judged=())

    check(screenings=asked, judged=(judged(BLUE, after=2),))


def test_who_refused_the_screener_gets_a_level_by_hand():
    asked = (screened("cssrs", None, complete=False),)

    for before in ((), (judged(RED, after=-1),)):
        with pytest.raises(LevelDue):
            check(screenings=asked, judged=before)

    check(screenings=asked, judged=(judged(YELLOW, after=0),))


def test_a_finding_above_the_judgement_waits_for_a_judgement():
    asked = (screened("cssrs", ORANGE),)

    with pytest.raises(LevelDue):
        check(screenings=asked, judged=(judged(YELLOW, after=-5),))

    check(screenings=asked, judged=(judged(ORANGE, after=-5),))
    check(screenings=asked, judged=(judged(BLUE, after=5),))


def test_nothing_asked_or_nothing_found_keeps_nobody():
    check(screenings=(), judged=())
    check(screenings=(screened("cssrs", BLUE), screened("gad7", None, complete=False)), judged=())
