"""A wish to die said for the hours to come, and a farewell, are acts that are near."""

from __future__ import annotations

from pathlib import Path

import pytest

from wellbeing.policy import loader
from wellbeing.policy.model import Lexicon, RiskLevel
from wellbeing.triage.rules import score

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def shipped() -> Lexicon:
    return loader.load(directory=ROOT / "config").triage.lexicon


@pytest.mark.parametrize(
    "text",
    [
        "我想死，就今晚",
        "再过二十分钟我就去死",
        "等他们睡着了我就结束自己的生命",
        "i want to kill myself, in an hour",
        "tonight i will end my life",
    ],
)
def test_a_wish_to_die_with_a_time_near_is_an_act_now(text: str, shipped: Lexicon):
    matches = score.scan(text=text, lexicon=shipped)

    assert score.is_act_now(matches=matches)


@pytest.mark.parametrize("text", ["我想死", "毕业那年我想死", "今晚吃火锅", "今晚我们去看电影"])
def test_neither_the_wish_nor_the_time_alone_is_an_act_now(text: str, shipped: Lexicon):
    matches = score.scan(text=text, lexicon=shipped)

    assert not score.is_act_now(matches=matches)


def test_a_denied_wish_is_no_act_whatever_the_time(shipped: Lexicon):
    matches = score.scan(text="我今晚没有想过自杀", lexicon=shipped)

    assert not score.is_act_now(matches=matches)


def test_somebody_else_who_says_it_for_tonight_is_in_danger_tonight(shipped: Lexicon):
    matches = score.scan(text="我同桌说她今晚要自杀", lexicon=shipped)

    assert score.is_act_now(matches=matches)
    assert score.is_third_party(matches=matches)
    level = score.message_level(matches=matches, scoring=shipped.scoring)
    assert level is RiskLevel.IMMINENT


def test_the_words_shown_reach_from_the_wish_to_the_time(shipped: Lexicon):
    signs = {one.rule: one for one in score.scan(text="我想自杀，就今晚", lexicon=shipped)}

    assert signs["said_for_soon"].phrase == "想自杀，就今晚"


@pytest.mark.parametrize(
    "text",
    [
        "绳结打好了，凳子也摆好了",
        "浴缸放满了水，刀片在旁边",
        "车库门关死了，发动机开着",
        "塑料袋套好了，就差扎紧",
        "knife against my neck rn",
        "药片倒了一手",
        "我坐车去大桥，不回来了",
        "他拿菜刀说要砍死我们",
        "我爸要跳楼，警察还没到",
        "my friend texted me goodbye and now her phone is off",
    ],
)
def test_means_that_are_laid_ready_are_an_act_under_way(text: str, shipped: Lexicon):
    matches = score.scan(text=text, lexicon=shipped)

    assert score.is_act_now(matches=matches)


@pytest.mark.parametrize(
    "text",
    [
        "绳结打好了，明天拔河比赛加油",
        "浴缸洗干净了",
        "车里发动机坏了，在修",
        "把窗户打开，蚊子拜拜",
        "坐车去大桥那边吃火锅",
    ],
)
def test_the_same_things_for_another_use_are_not(text: str, shipped: Lexicon):
    matches = score.scan(text=text, lexicon=shipped)

    assert not score.is_act_now(matches=matches)
