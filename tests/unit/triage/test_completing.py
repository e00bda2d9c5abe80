"""A few words that say "it is done" mean an act under way after a wish to die, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest

from wellbeing.policy import loader
from wellbeing.policy.model import Lexicon
from wellbeing.triage.rules import conversation, score
from wellbeing.triage.rules.conversation import Turn

INTENT = "我真的不想活了"


@pytest.fixture(scope="module")
def shipped() -> Lexicon:
    return loader.load(directory=Path(__file__).resolve().parents[3] / "config").triage.lexicon


def read(shipped: Lexicon, *messages: str) -> Turn:
    return conversation.read_turns(messages=messages, lexicon=shipped)[-1]


@pytest.mark.parametrize(
    "done",
    [
        "我吃了", "吃完了", "都吃了", "药吃完了", "吞了", "喝下去了", "割了", "吃咯",
        "整完了", "我开始了",
        "吃了好多", "wo chi le", "its done", "it's done.", "ok done", "i did it", "took them all",
        "i swallowed them", "Too late now", "我上来了", "动手了", "全部吞下去了",
    ],
)  # fmt: skip
def test_after_a_wish_to_die_it_is_an_act_under_way(shipped: Lexicon, done: str):
    assert not read(shipped, INTENT).act_now

    turn = read(shipped, INTENT, done)

    assert turn.act_now
    assert turn.matches[0].phrase == done.strip()


@pytest.mark.parametrize("done", ["我吃了", "吃完了", "its done", "took them all", "做完了"])
def test_alone_it_means_nothing(shipped: Lexicon, done: str):
    turn = read(shipped, "今天作业好多", done)

    assert (turn.act_now, turn.level.name) == (False, "LOW")


@pytest.mark.parametrize(
    "said",
    ["吃饭了", "我吃了碗面，好多了", "作业做完了", "i finished my homework", "我到家了", "吃了吗"],
)
def test_what_names_another_thing_is_not_it(shipped: Lexicon, said: str):
    turn = conversation.read_turns(messages=[INTENT, said], lexicon=shipped)[-1]

    assert not score.is_act_now(matches=turn.matches)


def test_a_wish_of_long_ago_is_not_ended_by_it(shipped: Lexicon):
    between = ["我们聊聊别的吧"] * 9

    assert not read(shipped, INTENT, *between, "吃完了").act_now


def test_it_ends_what_was_said_of_somebody_else(shipped: Lexicon):
    turn = read(shipped, "我同桌说她想吃药自杀", "她吃了")

    assert (turn.act_now, turn.third_party) == (True, True)
    assert turn.matches[0].of_another


def test_a_denied_wish_is_not_ended_by_it(shipped: Lexicon):
    assert not read(shipped, "我不想死，就是烦", "吃完了").act_now
