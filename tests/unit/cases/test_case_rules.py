"""What a case may become, read as rules."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.moments import NOW
from wellbeing.cases.rules import cases as rules
from wellbeing.cases.rules.cases import CaseStatus, IllegalTransition, NoteKind
from wellbeing.policy.model import RiskLevel
from wellbeing.triage.rules.levels import Decider, NoteMissing, Standing, SupervisorNeeded

COUNSELOR = Decider(user_id=1, is_supervisor=False)
SUPERVISOR = Decider(user_id=2, is_supervisor=True)
LEVELS = st.sampled_from(RiskLevel)
STATUSES = st.sampled_from(CaseStatus)


def check(standing: RiskLevel, level: RiskLevel, **changes: object) -> None:
    said = {"note": "虚构：好些了。", "by": COUNSELOR} | changes
    known = Standing(level=standing, set_by=said.pop("set_by", 99))  # type: ignore[arg-type]
    rules.check_level(standing=known, level=level, **said)  # type: ignore[arg-type]


def test_a_reference_has_no_vowel_and_no_two_letters_that_look_alike():
    made = [rules.new_reference() for _ in range(500)]

    letters = {letter for reference in made for letter in reference.removeprefix("WB-")}
    assert {len(reference) for reference in made} == {9}
    assert letters.isdisjoint("AEIOUY01L8BSZ")
    assert len(set(made)) == 500


@pytest.mark.parametrize(
    "typed", ["WB-7K3M9Q", "wb-7k3m9q", " 7K3M9Q ", "WB 7K3 M9Q", "ＷＢ－７Ｋ３Ｍ９Ｑ", "wb7k3m9q"]
)
def test_a_reference_is_understood_however_it_was_typed(typed: str):
    assert rules.normalised_reference(typed=typed) == "WB-7K3M9Q"


@pytest.mark.parametrize("typed", ["", "WB-7K3M9", "WB-7K3M9QQ", "WB-7K3MAQ", "张三"])
def test_what_cannot_be_a_reference_is_none(typed: str):
    assert rules.normalised_reference(typed=typed) is None


@given(st.text())
def test_reading_a_reference_never_fails_and_is_stable(typed: str):
    found = rules.normalised_reference(typed=typed)

    assert found is None or rules.normalised_reference(typed=found) == found


@given(LEVELS, LEVELS)
def test_a_level_rises_at_once_and_without_a_word(standing: RiskLevel, level: RiskLevel):
    if level >= standing:
        check(standing, level, note="")


@given(LEVELS, LEVELS, st.sampled_from(["", "  ", "\n"]), st.sampled_from([COUNSELOR, SUPERVISOR]))
def test_a_level_never_falls_without_a_reason(
    standing: RiskLevel, level: RiskLevel, note: str, by: Decider
):
    if level < standing:
        with pytest.raises(NoteMissing):
            check(standing, level, note=note, by=by)


@pytest.mark.parametrize("level", [RiskLevel.LOW, RiskLevel.MODERATE, RiskLevel.HIGH])
def test_a_red_that_a_person_set_falls_only_by_a_supervisor(level: RiskLevel):
    with pytest.raises(SupervisorNeeded):
        check(RiskLevel.IMMINENT, level)

    check(RiskLevel.IMMINENT, level, by=SUPERVISOR)


def test_a_red_that_no_person_set_falls_by_a_counselor_with_a_note():
    check(RiskLevel.IMMINENT, RiskLevel.HIGH, set_by=None)


def test_an_orange_falls_by_a_counselor_with_a_note():
    check(RiskLevel.HIGH, RiskLevel.LOW)


@given(STATUSES, STATUSES)
def test_only_steps_in_the_table_are_taken(old: CaseStatus, new: CaseStatus):
    if new in rules.TRANSITIONS[old]:
        rules.check_transition(old=old, new=new)
    else:
        with pytest.raises(IllegalTransition):
            rules.check_transition(old=old, new=new)


def test_every_status_has_its_line_in_the_table_and_nothing_leads_out_of_erased():
    assert set(rules.TRANSITIONS) == set(CaseStatus)
    assert rules.TRANSITIONS[CaseStatus.ERASED] == frozenset()
    assert all(status not in steps for status, steps in rules.TRANSITIONS.items())


def test_a_person_chooses_among_living_statuses_only():
    assert rules.choices_from(status=CaseStatus.OPEN) == (CaseStatus.IN_CARE, CaseStatus.WAITING)
    assert rules.choices_from(status=CaseStatus.CLOSED) == (CaseStatus.OPEN,)
    assert rules.choices_from(status=CaseStatus.SEALED) == ()


def test_a_closed_case_is_joined_up_to_its_last_day():
    within = timedelta(days=30)

    assert rules.may_reopen(closed_at=NOW, within=within, now=NOW + within)
    assert not rules.may_reopen(closed_at=NOW, within=within, now=NOW + within * 1.01)


def test_a_supervisor_on_somebody_elses_case_writes_supervision():
    assert rules.note_kind(owner_id=1, by=SUPERVISOR) is NoteKind.SUPERVISION
    assert rules.note_kind(owner_id=2, by=SUPERVISOR) is NoteKind.NOTE
    assert rules.note_kind(owner_id=9, by=COUNSELOR) is NoteKind.NOTE
