"""The branching and the results of the screeners: the highest item counts, never a sum. Pure.

C-SSRS screener: facts.md 1.1 and product.md 4.2; ASQ: facts.md 1.2 and 1.12; the Beijing rule:
facts.md 1.7. A result is a suggestion beside the counselor's judgement, never the level itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from wellbeing.policy.model import RiskLevel, ScreenerDefinition
from wellbeing.triage.rules import questionnaires
from wellbeing.triage.rules.results import (
    NO,
    REFUSED,
    YES,
    NotAnAnswer,
    OutsideBranch,
    Result,
    ScreenerResult,
    UnknownScreener,
)

TODAY, WITHIN_3_MONTHS, OLDER = "today", "within_3_months", "older"
Answers = Mapping[str, str]


def check_answers(*, definition: ScreenerDefinition, answers: Answers) -> None:
    """Refuse answers that the screener does not offer.

    Raises:
        NotAnAnswer: `fields` names the items.

    """
    offered = {item.key: item.answers for item in definition.items}
    wrong = tuple(key for key, value in answers.items() if value not in offered.get(key, ()))
    if wrong:
        raise NotAnAnswer(wrong=wrong)


def cssrs_required(*, answers: Answers) -> tuple[str, ...]:
    """Name the items that the branch asks for: 1 and 2 always, 3 to 5 after a yes to 2, then 6."""
    items = ["q1", "q2"]
    if answers.get("q2") == YES:
        items += ["q3", "q4", "q5"]
        if answers.get("q4") == YES and answers.get("q5") != YES:
            items.append("means_at_hand")
    items.append("q6")
    if answers.get("q6") == YES:
        items.append("q6_when")
    return tuple(items)


def cssrs(*, answers: Answers) -> ScreenerResult:
    """Read a C-SSRS screener; answers outside of the branch do not count."""
    required = cssrs_required(answers=answers)
    given = {key: answers[key] for key in required if key in answers}
    yes = [number for number in range(1, 7) if given.get(f"q{number}") == YES]
    return _summed_up(
        required=required,
        given=given,
        result=_first_true(_CSSRS_RESULTS, given) or Result.NEGATIVE,
        highest_item=max(yes, default=None),
        # Refused and nothing else said: the counselor sets the level by hand (facts.md 1.1).
        level=_first_true(_CSSRS_LEVELS, given) if yes or REFUSED not in given.values() else None,
    )


def asq_required(*, answers: Answers) -> tuple[str, ...]:
    """Name the items asked: 1 to 4 always, 5 after a yes or a refusal, safety after a yes to 5."""
    items = ["q1", "q2", "q3", "q4"]
    if any(answers.get(key) in {YES, REFUSED} for key in items):
        items.append("q5")
        if answers.get("q5") == YES:
            items.append("safety_agreed")
    return tuple(items)


def asq(*, answers: Answers) -> ScreenerResult:
    """Read an ASQ; a refusal counts as positive."""
    required = asq_required(answers=answers)
    given = {key: answers[key] for key in required if key in answers}
    yes = [number for number in range(1, 6) if given.get(f"q{number}") == YES]
    positive = any(given.get(f"q{number}") in {YES, REFUSED} for number in range(1, 5))
    result, level = Result.NEGATIVE, RiskLevel.LOW
    if given.get("q5") == YES:
        agreed = given.get("safety_agreed") == YES
        result = Result.ACUTE_POSITIVE
        level = RiskLevel.HIGH if agreed else RiskLevel.IMMINENT
    elif positive:
        result, level = Result.NON_ACUTE_POSITIVE, RiskLevel.MODERATE
    return _summed_up(
        required=required,
        given=given,
        result=result,
        highest_item=max(yes, default=None),
        level=None if set(given.values()) == {REFUSED} else level,
    )


BEIJING = ("plan_72h", "attempt_2_weeks", "act_now")


def beijing(*, answers: Answers) -> ScreenerResult:
    """Read the Beijing hotline's rule: any yes is high risk; all no says nothing about safety."""
    given = {key: answers[key] for key in BEIJING if key in answers}
    yes = [number for number, key in enumerate(BEIJING, start=1) if given.get(key) == YES]
    return _summed_up(
        required=BEIJING,
        given=given,
        result=Result.HIGH if yes else Result.NEGATIVE,
        highest_item=max(yes, default=None),
        level=_first_true(_BEIJING_LEVELS, given),
    )


def beijing_required(*, answers: Answers) -> tuple[str, ...]:  # noqa: ARG001 - one shape for all
    """Name the three questions of the rule; none depends on another."""
    return BEIJING


READERS: Mapping[str, Callable[..., ScreenerResult]] = {
    "cssrs": cssrs,
    "asq": asq,
    "beijing": beijing,
}
REQUIRED: Mapping[str, Callable[..., tuple[str, ...]]] = {
    "cssrs": cssrs_required,
    "asq": asq_required,
    "beijing": beijing_required,
}
OF_SUICIDE_RISK = frozenset({"cssrs", "asq"})
"""What a tripwire of a note leads to; the Beijing rule alone does not ask enough."""


def read(*, definition: ScreenerDefinition, answers: Answers) -> ScreenerResult:
    """Read the answers to a screener by its definition.

    Raises:
        UnknownScreener: no logic is written for it.
        NotAnAnswer: an answer is not offered; `fields` names the items.
        OutsideBranch: a question was answered that the branch does not lead to: it would not
            count, and a yes in it must not be lost silently.

    """
    check_answers(definition=definition, answers=answers)
    if definition.bands:
        return questionnaires.read_note(definition=definition, answers=answers)
    if definition.key not in READERS:
        raise UnknownScreener
    required = REQUIRED[definition.key](answers=answers)
    outside = tuple(key for key in answers if key not in required)
    if outside:
        raise OutsideBranch(keys=outside)
    return READERS[definition.key](answers=answers)


_Test = Callable[[Answers], bool]

_CSSRS_LEVELS: tuple[tuple[RiskLevel, _Test], ...] = (
    (RiskLevel.IMMINENT, lambda given: given.get("q5") == YES),
    (
        RiskLevel.IMMINENT,
        lambda given: given.get("q4") == YES and given.get("means_at_hand") == YES,
    ),
    (RiskLevel.IMMINENT, lambda given: given.get("q6_when") == TODAY),
    (RiskLevel.HIGH, lambda given: given.get("q4") == YES),
    (RiskLevel.HIGH, lambda given: given.get("q6_when") == WITHIN_3_MONTHS),
    # When it was is not known yet: the more careful reading until it is.
    (RiskLevel.HIGH, lambda given: given.get("q6") == YES and given.get("q6_when") != OLDER),
    (RiskLevel.MODERATE, lambda given: given.get("q3") == YES or given.get("q6") == YES),
    (RiskLevel.LOW, lambda given: given.get("q1") == YES or given.get("q2") == YES),
    (RiskLevel.LOW, lambda given: given.get("q1") == NO and given.get("q2") == NO),
)
"""Product.md 4.2, the first that holds."""

_CSSRS_RESULTS: tuple[tuple[Result, _Test], ...] = (
    (Result.HIGH, lambda given: YES in {given.get("q4"), given.get("q5")}),
    (Result.HIGH, lambda given: given.get("q6") == YES and given.get("q6_when") != OLDER),
    (Result.MODERATE, lambda given: YES in {given.get("q3"), given.get("q6")}),
    (Result.LOW, lambda given: YES in {given.get("q1"), given.get("q2")}),
)
"""The instrument's own triage (facts.md 1.1), the first that holds."""


_BEIJING_LEVELS: tuple[tuple[RiskLevel, _Test], ...] = (
    (RiskLevel.IMMINENT, lambda given: YES in {given.get("plan_72h"), given.get("act_now")}),
    (RiskLevel.HIGH, lambda given: given.get("attempt_2_weeks") == YES),
)
"""Facts.md 1.12: (1) or (3) is red, (2) is orange; nothing else of it sets a level."""

_T = TypeVar("_T")


def _first_true(table: Sequence[tuple[_T, _Test]], given: Answers) -> _T | None:
    return next((value for value, test in table if test(given)), None)


def _summed_up(
    *,
    required: tuple[str, ...],
    given: Answers,
    result: Result,
    highest_item: int | None,
    level: RiskLevel | None,
) -> ScreenerResult:
    missing = tuple(key for key in required if key not in given)
    refused = tuple(key for key in required if given.get(key) == REFUSED)
    return ScreenerResult(
        result=result,
        highest_item=highest_item,
        level=level,
        complete=not missing and not refused,
        missing=missing,
        refused=refused,
    )
