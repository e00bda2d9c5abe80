"""Begin a rescue, record its steps, and let a late one be heard. Who is rung is decided above."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from wellbeing.cases.events import RescueEnded, RescueStarted, RescueStepLate, RescueStepRecorded
from wellbeing.cases.models.rescue import RESCUE, STEP
from wellbeing.cases.operations import entries, holds, keys
from wellbeing.cases.queries import cases
from wellbeing.cases.queries import rescue as queries
from wellbeing.cases.rules.rescue import (
    HOLD,
    Entry,
    Recorded,
    RescueRow,
    RescueRunning,
    StepRecorded,
    StepState,
    check_record,
    deadlines,
    late_rungs,
    next_look,
)
from wellbeing.contacts.operations import conversations as contacts
from wellbeing.foundation import events
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import changed, session
from wellbeing.policy import current as policy
from wellbeing.policy.model import RescueStep, StepHolder
from wellbeing.triage.rules.levels import Decider


def start(*, case_id: int, by: int, now: datetime) -> RescueRow:
    """Begin the rescue of a case's student: every step gets its clock and its holder.

    Raises:
        CaseIsClosed: the case is closed; open it again first.
        RescueRunning: one is under way already; of two who begin at once, one does.

    """
    statement = contacts.meeting(RESCUE).values(case_id=case_id, started_by=by, started_at=now)
    made = session().execute(statement.on_conflict_do_nothing().returning(RESCUE.c.id)).scalar()
    if made is None:
        raise RescueRunning
    holds.place_hold(case_id=case_id, kind=HOLD, source_id=made, now=now)
    rescue_policy = policy.current().safety.rescue
    due = deadlines(policy=rescue_policy, started_at=now)
    session().execute(
        insert(STEP),
        [
            {
                "rescue_id": made,
                "step": step.value,
                "holder": one.holder.value,
                "by_at": due[step],
                "state": StepState.WAITING.value,
                "rung": 0,
                "next_step_at": due[step]
                + late_rungs(policy=rescue_policy, holder=one.holder)[0][1],
            }
            for step, one in rescue_policy.steps.items()
        ],
    )
    _tell(case_id, Entry.STARTED, by, {"rescue_id": made}, now)
    events.publish(RescueStarted(rescue_id=made, case_id=case_id, by_user_id=by, at=now))
    return queries.by_id(rescue_id=made)


def record(*, rescue_id: int, done: Recorded, by: Decider, now: datetime) -> RescueRow:
    """Record a step as done, or as left out with its reason; the last one ends the rescue.

    Raises:
        NoSuchRescue: there is none.
        DomainError: whatever `rules.rescue.check_record` refuses; StepRecorded also for whoever
            comes second of two at the same moment.

    """
    rescue = queries.by_id(rescue_id=rescue_id)
    check_record(rescue=rescue, done=done, by=by, now=now)
    words = {"reason": done.skip_reason.strip()} if done.is_skip else _said(done.words)
    _write(rescue, done, words, by, now)
    entries.add_entry(
        case_id=rescue.case_id,
        kind=Entry.SKIPPED if done.is_skip else Entry.RECORDED,
        actor_id=by.user_id,
        facts={"rescue_id": rescue_id, "rescue_step": done.step.value},
        details=words,
        now=now,
    )
    if done.step is RescueStep.REVIEWED:
        _end(rescue, by.user_id, now)
    after = queries.by_id(rescue_id=rescue_id)
    events.publish(
        RescueStepRecorded(
            rescue_id=rescue_id,
            case_id=rescue.case_id,
            is_late_still=any(one.is_waiting and one.by_at <= now for one in after.steps),
            by_user_id=by.user_id,
            at=now,
        )
    )
    return after


def _write(
    rescue: RescueRow, done: Recorded, words: Mapping[str, str], by: Decider, now: datetime
) -> None:
    blob = sealed.seal(
        json.dumps(words, ensure_ascii=False),
        key_id=keys.key_of(case_id=rescue.case_id),
        place=queries.PLACE,
    )
    statement = (
        update(STEP)
        .where(
            STEP.c.rescue_id == rescue.rescue_id,
            STEP.c.step == done.step.value,
            STEP.c.state == rescue.step(key=done.step).state.value,
        )
        .values(
            state=(StepState.SKIPPED if done.is_skip else StepState.DONE).value,
            happened_at=done.happened_at,
            done_at=now,
            done_by=by.user_id,
            words_sealed=blob,
            next_step_at=None,
        )
    )
    if changed(statement) != 1:
        raise StepRecorded


def advance(step_id: int, *, now: datetime) -> bool:
    """Let the next one hear of a late step, once; False when another process did it."""
    row = session().execute(select(STEP).where(STEP.c.id == step_id)).mappings().one()
    if row["next_step_at"] is None or row["next_step_at"] > now:
        return False
    rescue_policy = policy.current().safety.rescue
    rungs = late_rungs(policy=rescue_policy, holder=StepHolder(row["holder"]))
    told = row["rung"]
    look = next_look(
        rungs=rungs, told=told + 1, by_at=row["by_at"], again=rescue_policy.again, now=now
    )
    claim = (
        update(STEP)
        .where(STEP.c.id == step_id, STEP.c.rung == told, STEP.c.state == StepState.WAITING.value)
        .values(rung=told + 1, missed_at=row["missed_at"] or now, next_step_at=look)
    )
    if changed(claim) != 1:
        return False
    rescue = queries.by_id(rescue_id=row["rescue_id"])
    rung = rungs[min(told, len(rungs) - 1)][0]
    _note_late(rescue, row, rung.value, now)
    return True


def _note_late(rescue: RescueRow, row: Mapping[Any, Any], rung: str, now: datetime) -> None:
    facts = {
        "rescue_id": rescue.rescue_id,
        "rescue_step": row["step"],
        "by_at": row["by_at"],
        "rung": rung,
    }
    _tell(rescue.case_id, Entry.LATE, None, facts, now)
    case = cases.case_by_id(case_id=rescue.case_id)
    events.publish(
        RescueStepLate(
            rescue_id=rescue.rescue_id,
            case_id=rescue.case_id,
            step=str(row["step"]),
            rung=rung,
            owner_id=case.owner_id,
            organization_id=case.organization_id,
            at=now,
        )
    )


def _end(rescue: RescueRow, by: int, now: datetime) -> None:
    changed(update(RESCUE).where(RESCUE.c.id == rescue.rescue_id).values(ended_at=now))
    holds.lift_hold(case_id=rescue.case_id, kind=HOLD, source_id=rescue.rescue_id, now=now)
    _tell(rescue.case_id, Entry.ENDED, by, {"rescue_id": rescue.rescue_id}, now)
    events.publish(
        RescueEnded(rescue_id=rescue.rescue_id, case_id=rescue.case_id, by_user_id=by, at=now)
    )


def _tell(
    case_id: int, kind: Entry, by: int | None, facts: Mapping[str, object], now: datetime
) -> None:
    entries.add_entry(case_id=case_id, kind=kind, actor_id=by, facts=facts, now=now)


def _said(words: Mapping[str, str]) -> dict[str, str]:
    return {name: text.strip() for name, text in words.items() if text.strip()}
