"""C-SSRS and ASQ: the branch, the highest item, what is missing; facts.md 1.1, 1.2 and 1.12."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from wellbeing.policy import loader
from wellbeing.policy.model import RiskLevel
from wellbeing.triage.rules import screeners
from wellbeing.triage.rules.screeners import NotAnAnswer, Result, UnknownScreener

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


def test_more_yes_answers_never_lower_the_cssrs_level():
    keys = ("q1", "q2", "q3", "q4", "q5", "q6")
    for chosen in product(("yes", "no"), repeat=6):
        answers = dict(zip(keys, chosen, strict=True)) | {"q6_when": "older"}
        level = screeners.cssrs(answers=answers).level
        for key in keys[2:]:
            raised = screeners.cssrs(answers=answers | {key: "yes"}).level
            assert level is not None
            assert raised is not None
            assert raised >= level


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


def test_an_answer_that_is_not_offered_is_named():
    definition = loader.load(directory=ROOT / "config").triage.screeners["cssrs"]

    with pytest.raises(NotAnAnswer) as refused:
        screeners.check_answers(definition=definition, answers={"q1": "maybe", "q9": "yes"})

    assert refused.value.fields == {"wrong": ("q1", "q9")}


def test_a_screener_without_logic_is_refused():
    with pytest.raises(UnknownScreener):
        screeners.read(screener="horoscope", answers={})
