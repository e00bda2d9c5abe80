"""The steps of a rescue: their order, their words, who may leave one out (facts.md 1.8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.moments import NOW
from wellbeing.cases.rules import rescue as rules
from wellbeing.cases.rules.rescue import (
    InTheFuture,
    NeverSkipped,
    Recorded,
    RescueOver,
    RescueRow,
    SkipReasonMissing,
    StepRecorded,
    StepRow,
    StepsBefore,
    StepState,
    SupervisorsStep,
    WordsMissing,
)
from wellbeing.foundation.errors import DomainError
from wellbeing.policy import loader
from wellbeing.policy.model import RescueStep, Rung, StepHolder
from wellbeing.triage.rules.levels import Decider

ROOT = Path(__file__).resolve().parents[3]
POLICY = loader.load(directory=ROOT / "config").safety.rescue
COUNSELOR = Decider(user_id=1, is_supervisor=False)
SUPERVISOR = Decider(user_id=2, is_supervisor=True)
WAITING, DONE, SKIPPED = StepState
FILLED = {
    "supervisor": "示例督导", "tried": "室友陪着", "result": "仍有危险", "service": "120",
    "number": "120", "source": "student", "place": "示例宿舍", "confirmed_by": "示例民警",
    "how": "已送医", "whom": "guardian", "decided_by": "示例督导", "went_well": "及时",
}  # fmt: skip


def rescue(states: tuple[StepState, ...], **changes: Any) -> RescueRow:
    steps = tuple(
        StepRow(
            step=step,
            holder=POLICY.steps[step].holder,
            by_at=NOW + POLICY.steps[step].within,
            state=state,
            happened_at=None,
            done_at=None,
            done_by=None,
            words={},
            missed_at=None,
            next_step_at=None,
        )
        for step, state in zip(RescueStep, states, strict=True)
    )
    known = {"ended_at": None} | changes
    return RescueRow(rescue_id=1, case_id=1, started_by=1, started_at=NOW, steps=steps, **known)


def done(step: RescueStep, **changes: Any) -> Recorded:
    known: dict[str, Any] = {"words": FILLED, "happened_at": NOW} | changes
    return Recorded(step=step, **known)


def left_out(step: RescueStep, reason: str = "示例：正在发生，先打120。") -> Recorded:
    return done(step, words={}, is_skip=True, skip_reason=reason)


def check(row: RescueRow, what: Recorded, by: Decider = COUNSELOR, now: datetime = NOW) -> bool:
    rules.check_record(rescue=row, done=what, by=by, now=now)
    return True


def reached_up_to(step: RescueStep, state: StepState = DONE) -> tuple[StepState, ...]:
    place = rules.STEPS.index(step)
    return (state,) * place + (WAITING,) * (len(rules.STEPS) - place)


@pytest.mark.parametrize("step", RescueStep)
def test_each_step_is_recorded_once_those_before_it_are(step: RescueStep):
    by = SUPERVISOR if step is RescueStep.REVIEWED else COUNSELOR

    assert check(rescue(reached_up_to(step)), done(step), by)


@pytest.mark.parametrize("step", list(RescueStep)[1:])
def test_no_step_is_jumped_over_in_silence(step: RescueStep):
    with pytest.raises(StepsBefore) as refused:
        check(rescue((WAITING,) * 7), done(step), SUPERVISOR)

    assert refused.value.steps == rules.STEPS[: rules.STEPS.index(step)]


def test_a_step_left_out_with_its_reason_lets_the_next_one_come():
    assert check(rescue((WAITING,) * 7), left_out(RescueStep.CONSULTED))
    assert check(rescue(reached_up_to(RescueStep.CALLED, SKIPPED)), done(RescueStep.CALLED))


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_nothing_is_left_out_without_a_reason(reason: str):
    with pytest.raises(SkipReasonMissing):
        check(rescue((WAITING,) * 7), left_out(RescueStep.CONSULTED, reason))


def test_what_was_left_out_may_still_be_done_and_what_is_done_stays():
    row = rescue((SKIPPED, DONE, WAITING, WAITING, WAITING, WAITING, WAITING))

    assert check(row, done(RescueStep.CONSULTED))
    for again in (done(RescueStep.LEAST_INVASIVE), left_out(RescueStep.LEAST_INVASIVE)):
        with pytest.raises(StepRecorded):
            check(row, again)
    with pytest.raises(StepRecorded):
        check(row, left_out(RescueStep.CONSULTED))


def test_only_a_supervisor_gives_up_on_reaching_the_student():
    row = rescue(reached_up_to(RescueStep.REACHED))

    with pytest.raises(SupervisorsStep):
        check(row, left_out(RescueStep.REACHED))

    assert check(row, left_out(RescueStep.REACHED), SUPERVISOR)


def test_only_a_supervisor_reviews_and_nobody_leaves_the_review_out():
    row = rescue(reached_up_to(RescueStep.REVIEWED))

    with pytest.raises(SupervisorsStep):
        check(row, done(RescueStep.REVIEWED))
    with pytest.raises(NeverSkipped):
        check(row, left_out(RescueStep.REVIEWED), SUPERVISOR)

    assert check(row, done(RescueStep.REVIEWED), SUPERVISOR)


@pytest.mark.parametrize("step", RescueStep)
def test_each_step_names_what_it_still_must_say(step: RescueStep):
    row = rescue(reached_up_to(step))

    with pytest.raises(WordsMissing) as refused:
        check(row, done(step, words={"tried": " "}), SUPERVISOR)

    needed = [one.name for one in rules.FIELDS[step] if one.required]
    assert list(refused.value.names) == needed


def test_who_tells_nobody_says_why():
    row, nobody = rescue(reached_up_to(RescueStep.TOLD)), FILLED | {"whom": "nobody"}

    with pytest.raises(WordsMissing) as refused:
        check(row, done(RescueStep.TOLD, words=nobody))

    assert refused.value.names == ("why_not",)
    assert check(row, done(RescueStep.TOLD, words=nobody | {"why_not": "监护人就是危险"}))


def test_a_choice_that_is_not_offered_is_refused():
    row = rescue(reached_up_to(RescueStep.CALLED))

    with pytest.raises(WordsMissing):
        check(row, done(RescueStep.CALLED, words=FILLED | {"service": "911"}))


def test_nothing_happened_later_than_now():
    row = rescue((WAITING,) * 7)

    with pytest.raises(InTheFuture):
        check(row, done(RescueStep.CONSULTED, happened_at=NOW + timedelta(minutes=6)))

    assert check(row, done(RescueStep.CONSULTED, happened_at=NOW - timedelta(hours=5)))


def test_a_rescue_that_is_over_is_not_written_on():
    row = replace(rescue((DONE,) * 7), ended_at=NOW)

    with pytest.raises(RescueOver):
        check(row, done(RescueStep.CONSULTED), SUPERVISOR)


@given(
    states=st.tuples(*[st.sampled_from(StepState)] * 7),
    step=st.sampled_from(RescueStep),
    is_skip=st.booleans(),
    by=st.sampled_from([COUNSELOR, SUPERVISOR]),
)
def test_whatever_stands_nothing_is_recorded_over_an_open_step(
    states: tuple[StepState, ...], step: RescueStep, by: Decider, *, is_skip: bool
):
    row = rescue(states)
    try:
        check(row, left_out(step) if is_skip else done(step), by)
    except DomainError:
        return
    place = rules.STEPS.index(step)
    assert WAITING not in states[:place]
    assert states[place] is not DONE
    assert by is SUPERVISOR or step is not RescueStep.REVIEWED
    assert not is_skip or (step, by) != (RescueStep.REACHED, COUNSELOR)


def test_clocks_count_from_the_beginning_and_the_review_comes_within_72_hours():
    due = rules.deadlines(policy=POLICY, started_at=NOW)

    assert due[RescueStep.CONSULTED] == NOW + timedelta(minutes=5)
    assert due[RescueStep.REACHED] == NOW + timedelta(hours=1)
    assert due[RescueStep.REVIEWED] == NOW + timedelta(hours=72)


def test_a_late_step_climbs_from_the_owner_to_the_municipal_duty_lead_and_never_ends():
    owner = rules.late_rungs(policy=POLICY, holder=StepHolder.OWNER)
    supervisor = rules.late_rungs(policy=POLICY, holder=StepHolder.SUPERVISOR)

    looks = [
        rules.next_look(rungs=owner, told=told, by_at=NOW, again=POLICY.again, now=NOW)
        for told in range(6)
    ]

    assert [rung for rung, _ in owner] == list(Rung)
    assert [rung for rung, _ in supervisor] == list(Rung)[1:]
    assert [int((look - NOW).total_seconds() // 60) for look in looks] == [0, 5, 10, 15, 15, 15]
