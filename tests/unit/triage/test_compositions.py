"""Words of several classes mean danger together, whatever the sentence; and not beside others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from wellbeing.policy import loader
from wellbeing.policy.model import CompositionRule, Lexicon, PhraseKind, RiskLevel
from wellbeing.triage.rules import score
from wellbeing.triage.rules.starts import Index, first_letters

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def shipped() -> Lexicon:
    return loader.load(directory=ROOT / "config").triage.lexicon


def with_one_rule(shipped: Lexicon, **changes: object) -> Lexicon:
    rule = CompositionRule(
        key="taken",
        level=RiskLevel.IMMINENT,
        kind=PhraseKind.ACT_NOW,
        parts=("drug", "taken"),
        within=8,
        without=("sweet",),
        ordered=False,
        of_another=False,
    )
    return replace(
        shipped,
        phrases=(),
        classes=MappingProxyType({"drug": ("药", r"\bpills\b"), "taken": ("吃了", r"\btook\b"),
                                  "sweet": ("糖",)}),
        compositions=(replace(rule, **changes),),
        clues=replace(shipped.clues, thresholds=dict.fromkeys(shipped.clues.thresholds, 2.0)),
    )  # fmt: skip


def found(text: str, lexicon: Lexicon) -> list[tuple[str, str]]:
    return [(one.rule, one.phrase) for one in score.scan(text=text, lexicon=lexicon)]


def test_the_parts_may_stand_in_any_order(shipped: Lexicon):
    lexicon = with_one_rule(shipped)

    assert found("我吃了好多药", lexicon) == [("taken", "吃了好多药")]
    assert found("药我吃了", lexicon) == [("taken", "药我吃了")]


def test_the_parts_keep_their_order_where_the_rule_says_so(shipped: Lexicon):
    lexicon = with_one_rule(shipped, ordered=True)

    assert found("我吃了药", lexicon) == []
    assert found("药我吃了", lexicon) == [("taken", "药我吃了")]


def test_parts_far_apart_mean_nothing_together(shipped: Lexicon):
    assert found("吃了饭,然后我们一起去街上的店里买药", with_one_rule(shipped)) == []


def test_a_latin_text_may_take_twice_the_letters(shipped: Lexicon):
    assert found("took my pills", with_one_rule(shipped)) == [("taken", "took my pills")]


def test_a_class_that_speaks_against_it_silences_the_rule(shipped: Lexicon):
    assert found("药味的糖吃了", with_one_rule(shipped)) == []


def test_a_denial_before_a_part_is_a_denial(shipped: Lexicon):
    (match,) = score.scan(text="药我没有吃了", lexicon=with_one_rule(shipped))

    assert not match.is_plain


@pytest.mark.parametrize(
    ("pattern", "letters"),
    [
        ("自杀", {"自"}),
        ("(?:药|片)都?", {"药", "片"}),
        ("(?<!不)想?死", {"想", "死"}),
        (r"\b(?:die|dead)\b", {"d"}),
        ("[吃喝]了", {"吃", "喝"}),
        ("[0-2]片", {"0", "1", "2"}),
        ("(?:一|两){1,2}瓶", {"一", "两"}),
        ("[^。]死", set()),
        (".死", set()),
        (r"\w死", set()),
        ("死?", set()),
    ],
)
def test_the_first_letters_of_a_pattern_are_known_or_said_to_be_any(
    pattern: str, letters: set[str]
):
    assert first_letters(pattern=pattern) == letters


def test_patterns_are_found_wherever_they_begin():
    index: Index[str] = Index()
    index.add(pattern="死了", meaning="a")
    index.add(pattern=r"\bend\b", meaning="b")
    index.add(pattern=".了", meaning="c")

    assert sorted(index.search(text="死了 end ending")) == [(0, 2, "a"), (0, 2, "c"), (3, 6, "b")]


def test_clues_add_a_sign_and_name_the_words_that_say_most(shipped: Lexicon):
    weights = MappingProxyType({"灯": (9.0, 0.0, 0.0, 0.0, 0.0)})
    clues = replace(shipped.clues, biases=(-1.0,) * 5, weights=weights)
    lexicon = replace(with_one_rule(shipped), clues=replace(
        clues, thresholds=dict.fromkeys(shipped.clues.thresholds, 0.5)
    ))  # fmt: skip

    (match,) = score.scan(text="把灯关了", lexicon=lexicon)

    assert (match.rule, match.phrase, match.level) == (
        "clues_of_danger",
        "把灯关了",
        RiskLevel.HIGH,
    )
    assert score.scan(text="关了", lexicon=lexicon) == ()
