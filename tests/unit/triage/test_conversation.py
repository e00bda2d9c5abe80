"""A conversation keeps what was once said in it, and says when it grows worse."""

from __future__ import annotations

from pathlib import Path

import pytest

from wellbeing.policy import loader
from wellbeing.policy.model import Lexicon, RiskLevel
from wellbeing.triage.rules import conversation, score
from wellbeing.triage.rules.score import Earlier, Match
from wellbeing.triage.rules.tables import Text

ROOT = Path(__file__).resolve().parents[3]
BLUE, YELLOW, ORANGE, RED = RiskLevel


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return loader.load(directory=ROOT / "config").triage.lexicon


def sign(rule: str, worth: float) -> Match:
    return Match(
        rule=rule, kind="passive", phrase="…", contexts=(), score=worth, level=BLUE
    )  # fmt: skip


def test_a_joke_afterwards_lowers_nothing(lexicon: Lexicon):
    turns = conversation.read_turns(messages=["在吗", "我不想活了", "开玩笑的"], lexicon=lexicon)

    assert [turn.level for turn in turns] == [BLUE, RED, RED]


def test_marks_stay_until_a_person_has_looked(lexicon: Lexicon):
    turns = conversation.read_turns(
        messages=["我同学说她想自杀", "她刚吃了一整瓶安眠药", "", "谢谢"], lexicon=lexicon
    )

    assert [turn.act_now for turn in turns] == [False, True, True, True]
    assert all(turn.third_party for turn in turns)


def test_messages_of_two_conversations_do_not_mix_and_keep_their_order(lexicon: Lexicon):
    texts = [
        Text(id="b2", conversation="b", turn=2, text="谢谢"),
        Text(id="a1", conversation="a", turn=1, text="你好"),
        Text(id="b1", conversation="b", turn=1, text="我想死"),
        Text(id="x", conversation="", turn=1, text="你好"),
    ]

    turns = conversation.read_all(texts=texts, lexicon=lexicon)

    assert [turn.level for turn in turns] == [RED, BLUE, RED, BLUE]


def test_growing_signs_weigh_more_than_fading_ones(lexicon: Lexicon):
    growing = [
        Earlier(rule="a", score=1.0, messages_ago=2),
        Earlier(rule="b", score=2.0, messages_ago=1),
    ]
    fading = [
        Earlier(rule="a", score=2.0, messages_ago=2),
        Earlier(rule="b", score=1.0, messages_ago=1),
    ]

    levels = [
        score.conversation_level(matches=[sign("c", 2.0)], history=history, scoring=lexicon.scoring)
        for history in (growing, fading)
    ]

    assert levels == [ORANGE, YELLOW]


@pytest.mark.parametrize(
    "text",
    [
        "我同学说她不想活了",
        "my friend wants to kill herself",
        "我室友吃了一瓶安眠药",
        "我同学天天被他爸爸打",
    ],
)
def test_a_worry_about_another_is_marked(text: str, lexicon: Lexicon):
    assert score.is_third_party(matches=score.scan(text=text, lexicon=lexicon))


@pytest.mark.parametrize(
    "text",
    ["我不想活了", "我同学打我", "我同学说她不想活了,我也不想活了", "我同学想吃火锅"],
)
def test_an_own_wish_or_hurt_is_no_worry_about_another(text: str, lexicon: Lexicon):
    assert not score.is_third_party(matches=score.scan(text=text, lexicon=lexicon))


def test_turns_in_a_wrong_order_are_read_in_theirs_and_told_in_the_files(lexicon: Lexicon):
    texts = [
        Text(id="a3", conversation="a", turn=3, text="谢谢"),
        Text(id="b1", conversation="b", turn=1, text="你好"),
        Text(id="a1", conversation="a", turn=1, text="你好"),
        Text(id="a2", conversation="a", turn=2, text="我想死"),
        Text(id="b2", conversation="b", turn=2, text="我不想活了"),
    ]

    read = list(conversation.read_again(texts=lambda: iter(texts), lexicon=lexicon))

    assert [(text.id, turn.level) for text, turn in read] == [
        ("a3", RED), ("b1", BLUE), ("a1", BLUE), ("a2", RED), ("b2", RED),
    ]  # fmt: skip
