"""What is stored with a sign can be read by whoever must decide at three in the morning."""

from __future__ import annotations

from pathlib import Path

import pytest

from wellbeing.policy import loader
from wellbeing.policy.model import Lexicon
from wellbeing.triage.rules import score, tables

ROOT = Path(__file__).resolve().parents[3]
INVENTED = [
    one
    for name in ("invented.tsv", "batches.tsv")
    for one in tables.read_labelled(
        content=(ROOT / "tests/triage_messages" / name).read_text(encoding="utf-8").splitlines()
    )
]


@pytest.fixture(scope="module")
def shipped() -> Lexicon:
    return loader.load(directory=ROOT / "config").triage.lexicon


@pytest.mark.parametrize(
    "text", ["不想活了，我在天台", "我不想活了，我在天台上", "不想活了。我已经在楼顶"]
)
def test_what_one_sign_says_is_not_explained_again_as_denied(shipped: Lexicon, text: str):
    matches = score.scan(text=text, lexicon=shipped)

    assert {match.rule for match in matches} >= {"intent_to_die", "act_under_way"}
    assert all(match.is_plain for match in matches)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "so tired. they are better off without me around",
            "they are better off without me around",
        ),
        ("今天下雨。没有一个人需要我", "没有一个人需要我"),
    ],
)
def test_what_clues_found_is_shown_in_its_clause(shipped: Lexicon, text: str, shown: str):
    phrases = [
        match.phrase
        for match in score.scan(text=text, lexicon=shipped)
        if match.rule.startswith("clues_of")
    ]

    assert all(shown in phrase or phrase in shown for phrase in phrases)
    assert not any(phrase.startswith(("ey ", "ff ")) for phrase in phrases)


def test_a_phrase_never_tears_a_word_of_latin_letters(shipped: Lexicon):
    """Read over every invented message: what is stored can be read."""
    torn = [
        (one.text.text, match.phrase)
        for one in INVENTED
        for match in score.scan(text=one.text.text, lexicon=shipped)
        if _is_torn(one.text.text, match.phrase)
    ]

    assert torn == []


def _is_torn(text: str, phrase: str) -> bool:
    at = text.find(phrase)
    before, after = text[at - 1 : at] if at else "", text[at + len(phrase) : at + len(phrase) + 1]
    edges = ((before, phrase[:1]), (phrase[-1:], after))
    return any(
        one + other != "" and (one + other).isascii() and one.isalnum() and other.isalnum()
        for one, other in edges
        if one and other
    )
