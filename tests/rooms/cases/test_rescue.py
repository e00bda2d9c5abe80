"""A rescue is kept step by step, once each, sealed; it holds its case and climbs when late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.factories import cases as factory
from tests.factories.cases import counselor_decides, supervisor_decides
from tests.factories.moments import NOW
from tests.rooms.cases.conftest import People
from wellbeing.cases.events import RescueStepLate, RescueStepRecorded
from wellbeing.cases.models.cases import ENTRY
from wellbeing.cases.models.rescue import STEP
from wellbeing.cases.operations import rescue as operations
from wellbeing.cases.queries import cases
from wellbeing.cases.queries import rescue as queries
from wellbeing.cases.rules.cases import CaseIsClosed, CaseRow, HoldsRemain
from wellbeing.cases.rules.rescue import (
    FIELDS,
    STEPS,
    Recorded,
    RescueRow,
    RescueRunning,
    StepRecorded,
    StepState,
)
from wellbeing.foundation.database import session, transaction
from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import RescueStep
from wellbeing.triage.rules.levels import Decider

ScopeOf = Callable[[int], Scope]
SAID = "示例：在示例路的宿舍楼下"


def begin(case: CaseRow, *, by: int, now: datetime = NOW) -> RescueRow:
    with transaction():
        return operations.start(case_id=case.case_id, by=by, now=now)


def record(rescue: RescueRow, step: RescueStep, by: Decider, **changes: Any) -> RescueRow:
    now = changes.pop("now", NOW)
    words = {one.name: (one.choices or (SAID,))[0] for one in FIELDS[step]}
    done = {"words": words, "happened_at": now} | changes
    with transaction():
        return operations.record(
            rescue_id=rescue.rescue_id, done=Recorded(step=step, **done), by=by, now=now
        )


def run_to_the_end(rescue: RescueRow, people: People) -> None:
    for step in STEPS:
        record(rescue, step, supervisor_decides(people.supervisor))


def late(told: list[object]) -> list[tuple[str, str]]:
    return [(one.step, one.rung) for one in told if isinstance(one, RescueStepLate)]


def sweep(now: datetime) -> int:
    moved = 0
    for step_id in queries.due_ids(now=now, limit=50):
        with transaction():
            moved += operations.advance(step_id, now=now)
    return moved


def compared() -> tuple[int, ...]:
    numbers = (one.scalar_subquery() for one in queries.moves())
    return tuple(session().execute(select(*numbers)).one())


def test_a_rescue_holds_its_case_until_it_is_reviewed(people: People):
    made = factory.make_case(owner_id=people.counselor)
    rescue = begin(made, by=people.counselor)

    with pytest.raises(HoldsRemain) as refused:
        factory.close(case=made)
    run_to_the_end(rescue, people)

    assert refused.value.kinds == ("rescue",)
    assert queries.by_id(rescue_id=rescue.rescue_id).ended_at == NOW
    factory.close(case=cases.case_by_id(case_id=made.case_id))


def test_what_a_wall_compares_changes_with_every_step_of_a_rescue(people: People):
    before = begin(factory.make_case(owner_id=people.counselor), by=people.counselor)
    run_to_the_end(before, people)
    seen = [compared()]

    rescue = begin(factory.make_case(owner_id=people.counselor), by=people.counselor)
    seen.append(compared())
    sweep(NOW + timedelta(days=1))
    seen.append(compared())
    for step in STEPS:
        record(rescue, step, supervisor_decides(people.supervisor))
        seen.append(compared())

    assert len(set(seen)) == len(seen) == 3 + len(STEPS)


def test_two_who_begin_at_once_begin_one(people: People):
    made = factory.make_case(owner_id=people.counselor)
    begin(made, by=people.counselor)

    with pytest.raises(RescueRunning):
        begin(made, by=people.colleague)

    assert len(queries.of_case(case_id=made.case_id)) == 1


def test_a_closed_case_has_no_rescue(people: People):
    made = factory.make_case(owner_id=people.counselor)
    factory.close(case=made)

    with pytest.raises(CaseIsClosed):
        begin(made, by=people.counselor)

    assert queries.of_case(case_id=made.case_id) == ()


def test_after_a_review_another_rescue_may_begin(people: People):
    made = factory.make_case(owner_id=people.counselor)
    run_to_the_end(begin(made, by=people.counselor), people)

    begin(made, by=people.counselor, now=NOW + timedelta(days=1))

    assert [one.ended_at for one in queries.of_case(case_id=made.case_id)] == [None, NOW]


def test_a_step_recorded_twice_is_kept_once(people: People):
    rescue = begin(factory.make_case(owner_id=people.counselor), by=people.counselor)
    by = counselor_decides(people.counselor)
    record(rescue, RescueStep.CONSULTED, by)

    with pytest.raises(StepRecorded):
        record(rescue, RescueStep.CONSULTED, supervisor_decides(people.supervisor))

    step = queries.by_id(rescue_id=rescue.rescue_id).step(key=RescueStep.CONSULTED)
    assert (step.done_by, step.state, step.words["supervisor"]) == (
        people.counselor, StepState.DONE, SAID,
    )  # fmt: skip


def test_no_word_of_a_rescue_lies_readable(people: People):
    rescue = begin(factory.make_case(owner_id=people.counselor), by=people.counselor)
    record(rescue, RescueStep.CONSULTED, counselor_decides(people.counselor))

    stored = [
        value
        for table in (STEP, ENTRY)
        for row in session().execute(select(table))
        for value in row
        if isinstance(value, bytes | str | dict)
    ]
    assert stored
    assert not any(
        SAID.encode() in value if isinstance(value, bytes) else SAID in str(value)
        for value in stored
    )


def test_what_is_late_climbs_once_each_and_stops_when_it_is_done(
    people: People, told: list[object]
):
    """Owner, supervisors, next tier, municipal duty lead; then again until it is done."""
    rescue = begin(factory.make_case(owner_id=people.counselor), by=people.counselor)

    for minutes in (4, 5, 9, 10):
        sweep(NOW + timedelta(minutes=minutes))
    sweep(NOW + timedelta(minutes=10))
    for step in STEPS[:-1]:
        record(rescue, step, counselor_decides(people.counselor), now=NOW + timedelta(minutes=11))
    sweep(NOW + timedelta(hours=20))

    assert late(told) == [
        ("consulted", "owner"), ("consulted", "supervisor"), ("least_invasive", "owner"),
    ]  # fmt: skip
    recorded = [one for one in told if isinstance(one, RescueStepRecorded)]
    assert [one.is_late_still for one in recorded] == [True, False, False, False, False, False]


def test_reached_that_nobody_confirms_climbs_to_the_duty_lead_and_goes_on(
    people: People, told: list[object]
):
    rescue = begin(factory.make_case(owner_id=people.counselor), by=people.counselor)
    for step in STEPS[:4]:
        record(rescue, step, counselor_decides(people.counselor))

    for minutes in range(116):
        sweep(NOW + timedelta(minutes=minutes))

    assert late(told) == [
        ("reached", "owner"), ("reached", "supervisor"), ("reached", "next_tier"),
        ("reached", "duty_lead"), ("reached", "duty_lead"), ("reached", "duty_lead"),
    ]  # fmt: skip
    step = queries.by_id(rescue_id=rescue.rescue_id).step(key=RescueStep.REACHED)
    assert step.missed_at == NOW + timedelta(hours=1)
    assert step.next_step_at is not None


def test_a_process_that_was_dead_catches_up_and_two_processes_tell_once(
    people: People, told: list[object]
):
    begin(factory.make_case(owner_id=people.counselor), by=people.counselor)
    hour = NOW + timedelta(minutes=7)
    (step_id,) = queries.due_ids(now=hour, limit=50)

    with transaction():
        first = operations.advance(step_id, now=hour)
    with transaction():
        second = operations.advance(step_id, now=hour)

    assert (first, second) == (True, False)
    assert late(told) == [("consulted", "owner")]


def test_the_wall_shows_open_rescues_to_those_who_may_open_the_case(
    people: People, scope_of: ScopeOf
):
    rescue = begin(factory.make_case(owner_id=people.counselor), by=people.counselor)

    seen = {
        name: [one.rescue_id for one in queries.open_rescues(scope=scope_of(user_id), now=NOW)]
        for name, user_id in (
            ("owner", people.counselor),
            ("supervisor", people.supervisor),
            ("colleague", people.colleague),
        )
    }
    run_to_the_end(rescue, people)

    assert seen == {
        "owner": [rescue.rescue_id], "supervisor": [rescue.rescue_id], "colleague": [],
    }  # fmt: skip
    assert queries.open_rescues(scope=scope_of(people.supervisor), now=NOW) == ()
