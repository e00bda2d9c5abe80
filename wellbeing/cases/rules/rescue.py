"""The steps of a rescue: their order, what each must say, who may leave one out. Pure.

Lifeline policy for callers at imminent risk, as encoded in facts.md 1.8; product.md 4.4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from wellbeing.foundation.errors import Conflict, DomainError, NotFound
from wellbeing.policy.model import RescuePolicy, RescueStep, Rung, StepHolder
from wellbeing.triage.rules.levels import Decider

HOLD = "rescue"
"""Kind of the hold that keeps a case from closing until the rescue is reviewed."""
STEPS = tuple(RescueStep)
NOBODY = "nobody"
CLOCKS_DIFFER = timedelta(minutes=5)
"""A time of the day that is told from another clock may lie so far ahead of ours."""


class StepState(StrEnum):
    """Whether a step is done."""

    WAITING = "waiting"
    DONE = "done"
    SKIPPED = "skipped"


class Entry(StrEnum):
    """What a rescue writes into the timeline; all carry rescue_id, words are sealed.

    started(); recorded(step; details: the words by field); skipped(step; details: reason);
    late(step, by_at, rung); ended().
    """

    STARTED = "rescue_started"
    RECORDED = "rescue_step_recorded"
    SKIPPED = "rescue_step_skipped"
    LATE = "rescue_step_late"
    ENDED = "rescue_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that a step writes down; with `choices` only one of these keys."""

    name: str
    required: bool = True
    choices: tuple[str, ...] = ()


FIELDS: Mapping[RescueStep, tuple[Field, ...]] = {
    RescueStep.CONSULTED: (Field(name="supervisor"), Field(name="advice", required=False)),
    RescueStep.LEAST_INVASIVE: (Field(name="tried"), Field(name="result")),
    RescueStep.CALLED: (
        Field(name="service", choices=("110", "120", "119")),
        Field(name="number"),
        Field(name="incident", required=False),
    ),
    RescueStep.LOCATED: (
        Field(name="source", choices=("student", "number", "third_party", "record", "other")),
        Field(name="place"),
    ),
    RescueStep.REACHED: (Field(name="confirmed_by"), Field(name="how")),
    RescueStep.TOLD: (
        Field(name="whom", choices=("guardian", "school", "both", NOBODY)),
        Field(name="decided_by"),
        Field(name="why_not", required=False),
    ),
    RescueStep.REVIEWED: (Field(name="went_well"), Field(name="to_change", required=False)),
}
"""What each step must say (facts.md 1.8, product state machine)."""


class NoSuchRescue(NotFound):
    """There is no rescue that you may open."""


class RescueRunning(Conflict):
    """A rescue of this case is under way already."""


class RescueOver(Conflict):
    """This rescue is over."""


class StepRecorded(Conflict):
    """Somebody recorded this step already."""


class StepsBefore(DomainError):
    """Record the steps before this one first, or say why they were left out."""

    status = 409

    def __init__(self, *, steps: tuple[RescueStep, ...]) -> None:
        super().__init__(steps=steps)
        self.steps = steps


class WordsMissing(DomainError):
    """Something that this step must say is missing."""

    def __init__(self, *, names: tuple[str, ...]) -> None:
        super().__init__(names=names)
        self.names = names


class SkipReasonMissing(DomainError):
    """Say why this step is left out."""


class NeverSkipped(DomainError):
    """The review cannot be left out."""


class SupervisorsStep(DomainError):
    """Only a supervisor may do this step of a rescue."""


class InTheFuture(DomainError):
    """This time has not come yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """A step with its clock, and what was written down; words opened."""

    step: RescueStep
    holder: StepHolder
    by_at: datetime
    state: StepState
    happened_at: datetime | None
    done_at: datetime | None
    done_by: int | None
    words: Mapping[str, str]
    missed_at: datetime | None
    next_step_at: datetime | None

    @property
    def is_waiting(self) -> bool:
        """Tell whether it is still to be done."""
        return self.state is StepState.WAITING


@dataclass(frozen=True, slots=True, kw_only=True)
class RescueRow:
    """A rescue and its seven steps in their order."""

    rescue_id: int
    case_id: int
    started_by: int
    started_at: datetime
    ended_at: datetime | None
    steps: tuple[StepRow, ...]

    @property
    def current(self) -> StepRow | None:
        """Tell the first step that waits; None when all are done."""
        return next((one for one in self.steps if one.is_waiting), None)

    @property
    def is_reached(self) -> bool:
        """Tell whether somebody confirmed that help reached the student."""
        return any(
            one.step is RescueStep.REACHED and one.state is StepState.DONE for one in self.steps
        )

    def step(self, *, key: RescueStep) -> StepRow:
        """Give one step."""
        return self.steps[STEPS.index(key)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What was done in a step, when it happened, or why it is left out."""

    step: RescueStep
    words: Mapping[str, str]
    happened_at: datetime
    skip_reason: str = ""
    is_skip: bool = False


def deadlines(*, policy: RescuePolicy, started_at: datetime) -> Mapping[RescueStep, datetime]:
    """Count every clock from the beginning; later edits of the policy bend nothing."""
    return {step: started_at + one.within for step, one in policy.steps.items()}


def check_record(*, rescue: RescueRow, done: Recorded, by: Decider, now: datetime) -> None:
    """Refuse to record a step that is done, jumped ahead, unsaid, or not this person's.

    A step that was left out may still be done later.

    Raises:
        RescueOver: the rescue is over.
        StepRecorded: it is recorded already.
        StepsBefore: a step before it waits; the error names which.
        SupervisorsStep: reviewing, and giving up on "reached", is a supervisor's.
        NeverSkipped: the review cannot be left out.
        SkipReasonMissing: it is left out without a reason.
        WordsMissing: something that it must say is missing; the error names the fields.
        InTheFuture: it is said to have happened later than now.

    """
    if rescue.ended_at is not None:
        raise RescueOver
    standing = rescue.step(key=done.step)
    if standing.state is StepState.DONE or (done.is_skip and not standing.is_waiting):
        raise StepRecorded
    _check_order(rescue, done.step)
    _check_person(done, by)
    if done.is_skip:
        if not done.skip_reason.strip():
            raise SkipReasonMissing
        return
    _check_words(done)
    if done.happened_at > now + CLOCKS_DIFFER:
        raise InTheFuture


def late_rungs(*, policy: RescuePolicy, holder: StepHolder) -> tuple[tuple[Rung, timedelta], ...]:
    """List who hears of a late step and when; what supervisors hold does not go to the owner."""
    return tuple(
        (one.to, one.after)
        for one in policy.climb
        if not (holder is StepHolder.SUPERVISOR and one.to is Rung.OWNER)
    )


def next_look(
    *, rungs: Sequence[tuple[Rung, timedelta]], told: int, by_at: datetime, again: timedelta,
    now: datetime,
) -> datetime:  # fmt: skip
    """Tell when a late step is looked at next: the next rung's time, or `again` from now."""
    return by_at + rungs[told][1] if told < len(rungs) else now + again


def _check_order(rescue: RescueRow, step: RescueStep) -> None:
    before = rescue.steps[: STEPS.index(step)]
    waiting = tuple(one.step for one in before if one.is_waiting)
    if waiting:
        raise StepsBefore(steps=waiting)


def _check_person(done: Recorded, by: Decider) -> None:
    gives_up = done.is_skip and done.step is RescueStep.REACHED
    if (gives_up or done.step is RescueStep.REVIEWED) and not by.is_supervisor:
        raise SupervisorsStep
    if done.is_skip and done.step is RescueStep.REVIEWED:
        raise NeverSkipped


def _check_words(done: Recorded) -> None:
    fields = FIELDS[done.step]
    said = {one.name: done.words.get(one.name, "").strip() for one in fields}
    missing = [one.name for one in fields if one.required and not said[one.name]]
    missing += [
        one.name for one in fields if one.choices and said[one.name] not in {"", *one.choices}
    ]
    if said.get("whom") == NOBODY and not said["why_not"]:
        missing.append("why_not")
    if missing:
        raise WordsMissing(names=tuple(missing))
