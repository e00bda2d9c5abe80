"""A conversation's level: the strongest sign counts, others help, old ones fade."""

from __future__ import annotations

from pathlib import Path

import pytest

from wellbeing.policy import loader
from wellbeing.policy.model import ContextKind, PhraseKind, RiskLevel, TriagePolicy
from wellbeing.triage.rules import score
from wellbeing.triage.rules.score import Earlier, Match

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def triage() -> TriagePolicy:
    return loader.load(directory=ROOT / "config").triage


def sign(rule: str, worth: float, *contexts: ContextKind) -> Match:
    return Match(
        rule=rule,
        kind=PhraseKind.PASSIVE,
        phrase="…",
        contexts=contexts,
        score=worth,
        level=RiskLevel.LOW,
    )


def test_nothing_found_is_the_lowest_level(triage: TriagePolicy):
    level = score.message_level(matches=(), scoring=triage.lexicon.scoring)

    assert level is RiskLevel.LOW


def test_two_yellow_signs_of_different_kinds_and_a_third_are_orange(triage: TriagePolicy):
    signs = (sign("a", 2.0), sign("b", 2.0), sign("c", 2.0))

    level = score.message_level(matches=signs, scoring=triage.lexicon.scoring)

    assert level is RiskLevel.HIGH


def test_the_same_sign_again_and_again_stays_what_it_is(triage: TriagePolicy):
    earlier = [Earlier(rule="a", score=2.0, messages_ago=ago) for ago in range(1, 30)]

    level = score.conversation_level(
        matches=[sign("a", 2.0)], history=earlier, scoring=triage.lexicon.scoring
    )

    assert level is RiskLevel.MODERATE


def test_signs_add_up_over_a_conversation(triage: TriagePolicy):
    earlier = [
        Earlier(rule="a", score=4.0, messages_ago=1),
        Earlier(rule="b", score=4.0, messages_ago=1),
        Earlier(rule="c", score=4.0, messages_ago=1),
    ]

    level = score.conversation_level(
        matches=[sign("d", 2.0)], history=earlier, scoring=triage.lexicon.scoring
    )

    assert level is RiskLevel.IMMINENT


def test_a_sign_counts_half_after_a_half_life(triage: TriagePolicy):
    fresh = [Earlier(rule="a", score=4.0, messages_ago=0)]
    faded = [Earlier(rule="a", score=4.0, messages_ago=12)]
    scoring = triage.lexicon.scoring

    before = score.conversation_level(matches=(), history=fresh, scoring=scoring)
    after = score.conversation_level(matches=(), history=faded, scoring=scoring)

    assert (before, after) == (RiskLevel.HIGH, RiskLevel.MODERATE)


def test_a_match_is_explained_by_rule_words_and_contexts(triage: TriagePolicy):
    matches = score.scan(text="我同学说她不 想 活了", lexicon=triage.lexicon)

    assert [(one.rule, one.phrase, one.contexts) for one in matches] == [
        ("intent_to_die", "不 想 活了", (ContextKind.THIRD_PERSON,))
    ]


def test_a_friend_in_danger_is_orange_and_one_on_a_roof_is_red(triage: TriagePolicy):
    texts = ("我同学想自杀", "我同学站在天台上")

    levels = [
        score.message_level(
            matches=score.scan(text=text, lexicon=triage.lexicon), scoring=triage.lexicon.scoring
        )
        for text in texts
    ]

    assert levels == [RiskLevel.HIGH, RiskLevel.IMMINENT]


def test_ten_thousand_characters_are_read(triage: TriagePolicy):
    matches = score.scan(text="好" + "啊吧" * 4_998 + "想自杀", lexicon=triage.lexicon)

    assert [one.rule for one in matches] == ["intent_to_die"]
