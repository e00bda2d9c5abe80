"""A long text costs what stands in it: the same words in the same surroundings are read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from wellbeing.policy import loader
from wellbeing.policy.model import Language, Lexicon, PhraseKind, PhraseRule, RiskLevel
from wellbeing.triage.rules import composition, overlaps, score
from wellbeing.triage.rules.lexicon import Found, compiled, search

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def shipped() -> Lexicon:
    return loader.load(directory=ROOT / "config").triage.lexicon


def rule(*, kind: PhraseKind = PhraseKind.PASSIVE, level: RiskLevel = RiskLevel.HIGH) -> PhraseRule:
    return PhraseRule(
        key=f"{kind}_{level}",
        level=level,
        kind=kind,
        language=Language.ZH,
        phrases=("死",),
        regex=False,
    )


def test_a_refrain_of_two_hundred_is_weighed_a_few_times(shipped: Lexicon):
    words = compiled(lexicon=shipped)
    text = "我想死了算了。" * 200

    found = list(search(text=text, lexicon=words))
    kept = overlaps.without_refrains(found=found, text=text)

    assert len(found) >= 200
    assert len(kept) <= len(found) / 8


@pytest.mark.parametrize("refrain", ["我想死了算了，", "我已经割腕了，", "不想活了，谢谢，"])
def test_a_refrain_says_what_its_line_says(shipped: Lexicon, refrain: str):
    once = score.scan(text=refrain * 3, lexicon=shipped)

    often = score.scan(text=refrain * 200, lexicon=shipped)

    assert {match.rule for match in once} <= {match.rule for match in often}
    assert max(match.level for match in often) == max(match.level for match in once)


def test_the_same_words_in_other_surroundings_are_kept():
    text = "一" * 80 + "死" + "二" * 80 + "死"
    first, second = Found(80, 81, rule()), Found(161, 162, rule())

    kept = overlaps.without_refrains(found=[first, second], text=text)

    assert kept == [first, second]


def test_what_lies_inside_a_longer_sign_is_left_out_and_hurt_is_not():
    longer = Found(0, 6, rule(level=RiskLevel.IMMINENT))
    inside = Found(2, 4, rule())
    hurt = Found(2, 4, rule(kind=PhraseKind.ABUSE))

    kept = overlaps.outermost(found=[inside, hurt, longer])

    assert kept == [hurt, longer]


def test_a_sign_is_found_beside_another_only_where_they_share_a_letter():
    placed = overlaps.Placed(found=[(Found(0, 3, rule()), "first"), (Found(3, 9, rule()), "next")])

    assert list(placed.beside(start=2, end=3)) == ["first"]
    assert list(placed.beside(start=8, end=12)) == ["next"]
    assert list(placed.beside(start=9, end=12)) == []


def test_parts_far_apart_do_not_make_each_other_dear(shipped: Lexicon):
    words = compiled(lexicon=shipped)
    text = "吃药。" + "花" * 1_500 + "。全部"

    hits = composition.hits_of(text=text, lexicon=words)

    assert [one.rule.key for one in composition.compose(text=text, hits=hits, lexicon=words)] == []
