"""The word list against invented messages: nothing red is missed, nothing harmless alarms."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.triage.labelled import ABUSE, ACT_NOW, BETWEEN, HARMLESS, RED_WORDS
from wellbeing.policy import loader
from wellbeing.policy.model import Lexicon, RiskLevel
from wellbeing.triage.rules import score

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return loader.load(directory=ROOT / "config").triage.lexicon


def level(text: str, lexicon: Lexicon) -> RiskLevel:
    matches = score.scan(text=text, lexicon=lexicon)
    return score.message_level(matches=matches, scoring=lexicon.scoring)


@pytest.mark.parametrize("text", RED_WORDS)
def test_no_word_of_dying_is_missed(text: str, lexicon: Lexicon):
    assert level(text, lexicon) is RiskLevel.IMMINENT


@pytest.mark.parametrize("text", ACT_NOW)
def test_an_act_under_way_is_red_and_known_as_one(text: str, lexicon: Lexicon):
    matches = score.scan(text=text, lexicon=lexicon)

    assert score.is_act_now(matches=matches)
    assert score.message_level(matches=matches, scoring=lexicon.scoring) is RiskLevel.IMMINENT


@pytest.mark.parametrize("text", ABUSE)
def test_a_child_that_is_hurt_is_at_least_orange_and_checked(text: str, lexicon: Lexicon):
    matches = score.scan(text=text, lexicon=lexicon)

    assert score.is_abuse(matches=matches)
    assert score.message_level(matches=matches, scoring=lexicon.scoring) >= RiskLevel.HIGH


@pytest.mark.parametrize("text", HARMLESS)
def test_exaggeration_games_homework_and_idioms_alarm_nobody(text: str, lexicon: Lexicon):
    matches = score.scan(text=text, lexicon=lexicon)

    assert score.message_level(matches=matches, scoring=lexicon.scoring) <= RiskLevel.MODERATE
    assert not score.is_abuse(matches=matches)
    assert not score.is_act_now(matches=matches)


@pytest.mark.parametrize(("text", "least", "most"), BETWEEN)
def test_others_the_past_and_tiredness_of_life_lie_between(
    text: str, least: RiskLevel, most: RiskLevel, lexicon: Lexicon
):
    assert least <= level(text, lexicon) <= most
