"""Up at once, down only by a counselor with a note, from red only by a supervisor (product 4.3)."""

from __future__ import annotations

import pytest

from tests.factories.moments import NOW
from wellbeing.policy.model import RiskLevel
from wellbeing.triage.rules.levels import (
    AnotherSupervisorNeeded,
    Assessed,
    Decider,
    NoteMissing,
    OnlyCounselorLowers,
    Source,
    Standing,
    SupervisorNeeded,
    check_assessment,
    effective_level,
    raised_by_screener,
    standing_of,
)

BLUE, YELLOW, ORANGE, RED = RiskLevel
COUNSELOR = Decider(user_id=1, is_supervisor=False)
SUPERVISOR = Decider(user_id=2, is_supervisor=True)


def check(
    *,
    standing: RiskLevel | None,
    level: RiskLevel,
    set_by: int | None = 9,
    source: Source = Source.COUNSELOR,
    note: str = "说明",
    by: Decider = COUNSELOR,
) -> bool:
    known = None if standing is None else Standing(level=standing, set_by=set_by)
    check_assessment(standing=known, level=level, source=source, note=note, by=by)
    return True


@pytest.mark.parametrize("level", RiskLevel)
def test_the_first_person_may_set_any_level(level: RiskLevel):
    assert check(standing=None, level=level)


@pytest.mark.parametrize("source", Source)
def test_anything_raises_at_once(source: Source):
    assert check(standing=YELLOW, level=RED, source=source)


def test_a_counselor_lowers_with_a_note():
    assert check(standing=ORANGE, level=BLUE)


@pytest.mark.parametrize("note", ["", "  \n"])
def test_no_level_without_a_reason(note: str):
    with pytest.raises(NoteMissing):
        check(standing=None, level=RED, note=note)


@pytest.mark.parametrize("source", [Source.SCREENER, Source.THIRD_PARTY])
def test_a_screener_or_a_report_never_lowers(source: Source):
    with pytest.raises(OnlyCounselorLowers):
        check(standing=ORANGE, level=YELLOW, source=source, by=SUPERVISOR)


def test_a_red_that_a_person_set_is_lowered_by_a_supervisor_only():
    with pytest.raises(SupervisorNeeded):
        check(standing=RED, level=ORANGE)

    assert check(standing=RED, level=ORANGE, by=SUPERVISOR)


def test_a_supervisor_does_not_lower_a_red_that_they_set_themselves():
    with pytest.raises(AnotherSupervisorNeeded):
        check(standing=RED, set_by=SUPERVISOR.user_id, level=ORANGE, by=SUPERVISOR)


def test_a_red_that_only_a_screener_raised_is_lowered_by_a_counselor_with_a_note():
    assert check(standing=RED, set_by=None, level=YELLOW)


@pytest.mark.parametrize(
    ("standing", "suggested", "raised"),
    [
        (None, RED, None),
        (YELLOW, ORANGE, ORANGE),
        (ORANGE, ORANGE, None),
        (ORANGE, YELLOW, None),
        (ORANGE, None, None),
    ],
)
def test_a_screener_raises_only_once_a_person_has_judged(
    standing: RiskLevel | None, suggested: RiskLevel | None, raised: RiskLevel | None
):
    """Product.md 4.3: from the first human assessment on the highest stands, up at once."""
    assert raised_by_screener(standing=standing, suggested=suggested) is raised


def test_the_latest_assessment_stands_and_none_is_none():
    def assessed(level: RiskLevel) -> Assessed:
        return Assessed(level=level, source=Source.COUNSELOR, by_user_id=1, at=NOW)

    assert effective_level(assessments=()) is None
    assert effective_level(assessments=(assessed(RED), assessed(YELLOW))) is YELLOW


@pytest.mark.parametrize(
    ("source", "set_by"), [(Source.COUNSELOR, 7), (Source.THIRD_PARTY, 7), (Source.SCREENER, None)]
)
def test_what_a_screener_raised_was_set_by_no_person(source: Source, set_by: int | None):
    found = standing_of(assessments=[Assessed(level=RED, source=source, by_user_id=7, at=NOW)])

    assert found == Standing(level=RED, set_by=set_by)
