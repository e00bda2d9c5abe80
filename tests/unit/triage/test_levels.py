"""Up at once, down only by a counselor with a note, from red only by a supervisor (product 4.3)."""

from __future__ import annotations

import pytest

from tests.factories.moments import NOW
from wellbeing.policy.model import RiskLevel
from wellbeing.triage.rules.levels import (
    Assessed,
    Decider,
    NoteMissing,
    OnlyCounselorLowers,
    Source,
    SupervisorNeeded,
    check_assessment,
    effective_level,
)

BLUE, YELLOW, ORANGE, RED = RiskLevel
COUNSELOR = Decider(user_id=1, is_supervisor=False)
SUPERVISOR = Decider(user_id=2, is_supervisor=True)


def check(
    *,
    standing: RiskLevel | None,
    level: RiskLevel,
    source: Source = Source.COUNSELOR,
    note: str = "说明",
    by: Decider = COUNSELOR,
) -> bool:
    check_assessment(standing=standing, level=level, source=source, note=note, by=by)
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


def test_the_latest_assessment_stands_and_none_is_none():
    def assessed(level: RiskLevel) -> Assessed:
        return Assessed(level=level, source=Source.COUNSELOR, by_user_id=1, at=NOW)

    assert effective_level(assessments=()) is None
    assert effective_level(assessments=(assessed(RED), assessed(YELLOW))) is YELLOW
