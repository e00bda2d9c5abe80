"""C-SSRS and ASQ: the branch, the highest item, what is missing; facts.md 1.1, 1.2 and 1.12."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.policy import loader
from wellbeing.policy.model import RiskLevel, ScreenerDefinition
from wellbeing.triage.rules import screeners
from wellbeing.triage.rules.results import (
    NotAnAnswer,
    OutsideBranch,
    Result,
    ScreenerResult,
    UnknownScreener,
)

ROOT = Path(__file__).resolve().parents[3]
BLUE, YELLOW, ORANGE, RED = RiskLevel

LOW_END = {"q1": "no", "q2": "no", "q6": "no"}
THOUGHTS = {"q1": "yes", "q2": "yes", "q3": "no", "q4": "no", "q5": "no", "q6": "no"}

CSSRS = [
    ("nothing", LOW_END, Result.NEGATIVE, BLUE),
    ("1", LOW_END | {"q1": "yes"}, Result.LOW, BLUE),
    ("2", THOUGHTS, Result.LOW, BLUE),
    ("3", THOUGHTS | {"q3": "yes"}, Result.MODERATE, YELLOW),
    ("4", THOUGHTS | {"q4": "yes", "means_at_hand": "no"}, Result.HIGH, ORANGE),
    ("4 with means", THOUGHTS | {"q4": "yes", "means_at_hand": "yes"}, Result.HIGH, RED),
    ("5", THOUGHTS | {"q5": "yes"}, Result.HIGH, RED),
    ("6 today", LOW_END | {"q6": "yes", "q6_when": "today"}, Result.HIGH, RED),
    ("6 lately", LOW_END | {"q6": "yes", "q6_when": "within_3_months"}, Result.HIGH, ORANGE),
    ("6 older", LOW_END | {"q6": "yes", "q6_when": "older"}, Result.MODERATE, YELLOW),
]


@pytest.mark.parametrize(("name", "answers", "result", "level"), CSSRS)
def test_a_complete_cssrs_gives_the_levels_of_the_product(
    name: str, answers: dict[str, str], result: Result, level: RiskLevel
):
    read = screeners.cssrs(answers=answers)

    assert (read.result, read.level, read.complete) == (result, level, True)


def test_after_a_no_to_two_the_branch_goes_to_six():
    required = screeners.cssrs_required(answers={"q1": "yes", "q2": "no"})

    assert required == ("q1", "q2", "q6")


def test_answers_outside_of_the_branch_do_not_count():
    read = screeners.cssrs(answers=LOW_END | {"q5": "yes"})

    assert read.level is BLUE


def test_an_incomplete_cssrs_is_at_least_the_level_so_far():
    read = screeners.cssrs(answers={"q1": "yes", "q2": "yes", "q3": "yes"})

    assert read.level is YELLOW
    assert not read.complete
    assert read.missing == ("q4", "q5", "q6")


def test_an_act_of_unknown_time_is_read_with_care_until_it_is_known():
    read = screeners.cssrs(answers=LOW_END | {"q6": "yes"})

    assert (read.level, read.missing) == (ORANGE, ("q6_when",))


def test_a_refused_cssrs_leaves_the_level_to_the_counselor():
    read = screeners.cssrs(answers=dict.fromkeys(("q1", "q2", "q6"), "refused"))

    assert read.level is None
    assert read.refused == ("q1", "q2", "q6")


ASQ_NO = dict.fromkeys(("q1", "q2", "q3", "q4"), "no")


@pytest.mark.parametrize(
    ("answers", "result", "level", "missing"),
    [
        (ASQ_NO, Result.NEGATIVE, BLUE, ()),
        (ASQ_NO | {"q3": "yes", "q5": "no"}, Result.NON_ACUTE_POSITIVE, YELLOW, ()),
        (ASQ_NO | {"q4": "refused", "q5": "no"}, Result.NON_ACUTE_POSITIVE, YELLOW, ()),
        (ASQ_NO | {"q1": "yes", "q5": "yes"}, Result.ACUTE_POSITIVE, RED, ("safety_agreed",)),
        (
            ASQ_NO | {"q1": "yes", "q5": "yes", "safety_agreed": "no"},
            Result.ACUTE_POSITIVE, RED, (),
        ),
        (
            ASQ_NO | {"q1": "yes", "q5": "yes", "safety_agreed": "yes"},
            Result.ACUTE_POSITIVE, ORANGE, (),
        ),
    ],
)  # fmt: skip
def test_asq_is_acute_only_by_its_fifth_question(
    answers: dict[str, str], result: Result, level: RiskLevel, missing: tuple[str, ...]
):
    read = screeners.asq(answers=answers)

    assert (read.result, read.level, read.missing) == (result, level, missing)


BEIJING_NO = dict.fromkeys(("plan_72h", "attempt_2_weeks", "act_now"), "no")


@pytest.mark.parametrize(
    ("answers", "result", "level", "highest"),
    [
        (BEIJING_NO, Result.NEGATIVE, None, None),
        (BEIJING_NO | {"plan_72h": "yes"}, Result.HIGH, RED, 1),
        (BEIJING_NO | {"attempt_2_weeks": "yes"}, Result.HIGH, ORANGE, 2),
        (BEIJING_NO | {"act_now": "yes"}, Result.HIGH, RED, 3),
        (BEIJING_NO | {"attempt_2_weeks": "yes", "act_now": "yes"}, Result.HIGH, RED, 3),
    ],
)
def test_the_beijing_rule_is_red_for_a_plan_or_an_act_and_orange_for_an_attempt(
    answers: dict[str, str], result: Result, level: RiskLevel | None, highest: int | None
):
    """Three times no says nothing about safety, so it suggests no level at all."""
    read = screeners.beijing(answers=answers)

    assert (read.result, read.level, read.highest_item) == (result, level, highest)
    assert read.complete


SHIPPED = loader.load(directory=ROOT / "config").triage.screeners
QUESTIONS = {"cssrs": "C-SSRS", "asq": "ASQ", "beijing": "Beijing"}


def walks(key: str) -> st.SearchStrategy[dict[str, str]]:
    """Give answers as a counselor fills them in: along the branch, and perhaps left off."""
    definition = SHIPPED[key]
    choices = {item.key: item.answers for item in definition.items}

    @st.composite
    def walk(draw: st.DrawFn) -> dict[str, str]:
        answers: dict[str, str] = {}
        limit = draw(st.integers(0, len(choices)))
        while len(answers) < limit:
            asked = screeners.REQUIRED[key](answers=answers)
            ahead = [one for one in asked if one not in answers]
            if not ahead:
                break
            answers[ahead[0]] = draw(st.sampled_from(choices[ahead[0]]))
        return answers

    return walk()


def read(key: str, answers: dict[str, str]) -> ScreenerResult:
    return screeners.read(definition=SHIPPED[key], answers=answers)


@pytest.mark.parametrize("key", QUESTIONS)
def test_any_way_along_the_branch_is_read_and_its_next_question_named(key: str):
    @given(answers=walks(key))
    def holds(answers: dict[str, str]) -> None:
        found = read(key, answers)

        required = screeners.REQUIRED[key](answers=answers)
        assert found.missing == tuple(one for one in required if one not in answers)
        assert found.refused == tuple(one for one in required if answers.get(one) == "refused")
        assert found.complete == (not found.missing and not found.refused)

    holds()


@pytest.mark.parametrize("key", QUESTIONS)
def test_a_further_answer_never_lowers_what_was_said_before(key: str):
    """Left off in the middle, a screener counts as at least the level so far (facts.md 1.1).

    What was read with care because its time or safety was unknown may be settled by the answer.
    """

    @given(answers=walks(key))
    def holds(answers: dict[str, str]) -> None:
        so_far = RiskLevel.LOW
        settled: dict[str, str] = {}
        for one, answer in answers.items():
            before = read(key, settled)
            settled[one] = answer
            level = read(key, settled).level or RiskLevel.LOW
            was_open = {"q6_when", "safety_agreed"} & set(before.missing)
            assert was_open or level >= so_far
            so_far = level

    holds()


CARE = (*(f"q{n}" for n in range(1, 7)), "means_at_hand", *screeners.BEIJING)


@pytest.mark.parametrize("key", QUESTIONS)
def test_a_yes_instead_of_a_no_never_lowers_the_level(key: str):
    @given(answers=walks(key), place=st.sampled_from(CARE))
    def holds(answers: dict[str, str], place: str) -> None:
        if answers.get(place) != "no":
            return
        reader = screeners.READERS[key]
        # What no longer follows from the answers does not count, so the reader itself is asked.
        level = reader(answers=answers).level or RiskLevel.LOW
        raised = reader(answers=answers | {place: "yes"}).level or RiskLevel.LOW
        assert raised >= level

    holds()


def test_the_highest_item_counts_and_never_a_sum():
    """Two people with the same number of yes answers are not equally endangered."""
    keys = ("q1", "q2", "q3", "q4", "q5", "q6")
    levels: dict[int, set[RiskLevel | None]] = {}
    for chosen in product(("yes", "no"), repeat=6):
        answers = dict(zip(keys, chosen, strict=True)) | {"q6_when": "older"}
        found = screeners.cssrs(answers=answers)
        levels.setdefault(chosen.count("yes"), set()).add(found.level)
        counted = [n for n in (1, 2, 6) if answers[f"q{n}"] == "yes"]
        if answers["q2"] == "yes":
            counted += [n for n in (3, 4, 5) if answers[f"q{n}"] == "yes"]
        assert found.highest_item == max(counted, default=None)

    assert levels[3] == {BLUE, YELLOW, ORANGE, RED}


def test_what_was_asked_outside_of_the_branch_is_named_and_not_lost():
    with pytest.raises(OutsideBranch) as refused:
        read("cssrs", LOW_END | {"q4": "no", "q5": "yes"})

    assert refused.value.keys == ("q4", "q5")


def test_an_answer_that_is_not_offered_is_named():
    with pytest.raises(NotAnAnswer) as refused:
        read("cssrs", {"q1": "maybe", "q9": "yes"})

    assert refused.value.fields == {"wrong": ("q1", "q9")}


def test_a_screener_without_logic_is_refused():
    horoscope: ScreenerDefinition = replace(SHIPPED["cssrs"], key="horoscope")

    with pytest.raises(UnknownScreener):
        screeners.read(definition=horoscope, answers={})
