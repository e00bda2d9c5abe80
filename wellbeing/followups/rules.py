"""When a promise is kept, tried again or missed: windows, sensible hours, attempts. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from wellbeing.foundation.errors import Conflict, DomainError, NotFound
from wellbeing.messaging.rules import end_of_quiet
from wellbeing.policy.model import (
    CheckInAnswer,
    FollowUpKind,
    FollowUpPolicy,
    Hours,
    MissedStepHolder,
    Promise,
    RiskLevel,
)

DAY = timedelta(days=1)
GRID = timedelta(minutes=15)
"""Planned times fall on quarters of an hour: people read them."""
ANSWER_TIME = timedelta(hours=2)
"""A promise is due so long before its window ends, so that somebody can still act on it."""
APPOINTMENT_LASTS = timedelta(hours=1)
"""Before the time that a student chose: not earlier, since it is not safe before."""
GOOD_TIME_LASTS = timedelta(hours=1)
"""A student who says that now is a good time is called within this."""
WORDS_LAST = DAY
"""Within this the owner confirms that a student who answered in words was heard."""
ANSWERS_UNTIL = timedelta(days=7)
"""A digit that comes later is no longer taken for an answer to a check-in."""
REST_DAY_HOUR = time(10, 0)
"""On days without lessons: late enough to have slept in."""
AFTER_LESSONS = timedelta(minutes=30)
"""On school days: when the way home is behind them and the evening has not begun."""
SEARCHED = timedelta(days=8)
TEXTED = frozenset({FollowUpKind.CHECK_IN, FollowUpKind.CARING_CONTACT})
"""Kinds that go out by themselves; the others are done by a person."""
HOLDING = frozenset({RiskLevel.HIGH, RiskLevel.IMMINENT})
"""Levels at which an open promise keeps a case from being closed."""


class FollowUpState(StrEnum):
    """Where a promise stands; `answered` still waits for its owner."""

    PLANNED = "planned"
    SENT = "sent"
    ANSWERED = "answered"
    KEPT = "kept"
    MISSED = "missed"
    CANCELLED = "cancelled"


OPEN = (
    FollowUpState.PLANNED,
    FollowUpState.SENT,
    FollowUpState.ANSWERED,
    FollowUpState.MISSED,
)
"""A missed promise stays open: it can still be kept."""


class Answer(StrEnum):
    """What a student answered to a check-in."""

    GOOD_TIME = "good_time"
    NOT_NOW = "not_now"
    WORDS = "words"


ANSWERS: Mapping[CheckInAnswer, Answer] = {
    CheckInAnswer.GOOD_TIME: Answer.GOOD_TIME,
    CheckInAnswer.NOT_NOW: Answer.NOT_NOW,
}


class Outcome(StrEnum):
    """How one attempt ended."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"


class CallBackReason(StrEnum):
    """Why a caller whom nobody spoke with is called back; the strongest reason first."""

    VOICEMAIL = "voicemail"
    ASKED = "asked"
    APPOINTED = "appointed"
    """They said when it is safe: a call before that may be taken by who must not know of it."""
    ABANDONED = "abandoned"
    """They hung up before anybody answered: nobody asked for a call."""


class Entry(StrEnum):
    """What a promise writes into the timeline of its case; all but the first carry follow_up_id.

    planned(level, count, due_at of the first); sent(kind, outbound_id); answered(answer);
    tried(outcome; details: note); missed(holder); moved(due_at; details: reason);
    to_call(cause); promised(kind, due_at; details: note); decided(decision; details: note).
    """

    PLANNED = "follow_ups_planned"
    SENT = "follow_up_sent"
    ANSWERED = "follow_up_answered"
    TRIED = "follow_up_tried"
    MISSED = "follow_up_missed"
    MOVED = "follow_up_moved"
    TO_CALL = "follow_up_to_call"
    PROMISED = "follow_up_promised"
    DECIDED = "follow_up_decided"


class Decision(StrEnum):
    """What a supervisor decides about a student whom nobody could reach."""

    TRY_ON = "try_on"
    SCHOOL_VISIT = "school_visit"
    GUARDIAN = "guardian"
    POLICE = "police"
    CARING_TEXT = "caring_text"


BY_HAND = 0
"""Number of the plan that no level made: a person promised it, and no new plan cancels it."""
WELFARE_CHECK = "welfare_check"
"""Kind of the duty of whoever decided that somebody must look after an unreachable student."""
HOLD = "follow_up"
"""Kind of the hold that keeps a case from closing while a promise is open."""


class NoSuchFollowUp(NotFound):
    """There is no such promise that you may open."""


class StaleFollowUp(Conflict):
    """Somebody else changed this promise in the meantime; both versions are shown."""


class FollowUpOver(Conflict):
    """This promise is settled already."""


class ReasonNeeded(DomainError):
    """Say why the date moves, in a few words."""


class NothingSaid(DomainError):
    """Write down in a few words what was agreed or why."""


class NothingMoreOffered(Conflict):
    """At this level nothing more is offered, or a text is planned already."""


class NotUnreachable(Conflict):
    """There is nothing to decide here: the attempts are not used up, or somebody has decided."""


class NotAnHour(DomainError):
    """At this hour nobody is called or texted without having asked."""


class InThePast(DomainError):
    """Choose a time that is still to come."""


class NoHourLeft(DomainError):
    """Quiet hours and class hours leave no time for a promise; check followups.toml."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who keeps the promise, and for which organization."""

    user_id: int
    organization_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One promise with its times: due at a sensible hour inside its window."""

    kind: FollowUpKind
    window_start: datetime
    due_at: datetime
    window_end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack:
    """A promise to call somebody back: from when on, by when, how urgent, and why."""

    window_start: datetime
    due_at: datetime
    level: RiskLevel
    reason: CallBackReason

    def joined(self, other: CallBack) -> CallBack:
        """Make one promise of two to the same caller: the earlier, more urgent, stronger one."""
        reasons = list(CallBackReason)
        return CallBack(
            window_start=min(self.window_start, other.window_start),
            due_at=min(self.due_at, other.due_at),
            level=max(self.level, other.level),
            reason=min(self.reason, other.reason, key=reasons.index),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NextTell:
    """Who is told next that a promise was missed, and when."""

    holder: MissedStepHolder
    at: datetime


def plan(
    *, policy: FollowUpPolicy, level: RiskLevel, anchor: datetime, now: datetime, wanted: bool
) -> tuple[Planned, ...]:
    """Plan the promises of a level from the moment it was set; what is over by now is left out.

    Day n ends n times 24 hours after the anchor (followups.toml).
    """
    found = []
    for promise in policy.cadence[level]:
        end = anchor + promise.to_days * DAY
        if end > now and (wanted or not promise.only_if_wanted):
            found.append(_planned(policy, promise, anchor, now))
    return tuple(found)


def is_allowed(*, policy: FollowUpPolicy, moment: datetime) -> bool:
    """Tell whether somebody may be called or texted unasked: no quiet hours, no lessons."""
    if policy.quiet_hours.covers(moment=moment):
        return False
    return not (
        _is_school_day(policy, moment)
        and any(hours.covers(moment=moment) for hours in policy.class_hours)
    )


def sensible_moment(*, policy: FollowUpPolicy, earliest: datetime, latest: datetime) -> datetime:
    """Choose an allowed moment nearest to a good hour of its day, the first of equal ones.

    Where the window has none, the first allowed moment after it.

    Raises:
        NoHourLeft: quiet hours and class hours cover every day.

    """
    fitting = (one for one in _grid(earliest, latest) if is_allowed(policy=policy, moment=one))
    chosen = min(fitting, key=lambda one: (_distance(policy, one), one), default=None)
    return chosen or _first_allowed(policy, earliest, frozenset())


def next_try(
    *, policy: FollowUpPolicy, level: RiskLevel, tried: Sequence[datetime], now: datetime
) -> datetime | None:
    """Tell when to try again, at an hour of day not tried yet; None when the attempts are used up.

    Attempts are spread evenly over the time that the level gives (followups.toml, attempts).
    """
    if len(tried) >= policy.attempts[level].count:
        return None
    return next_moment(policy=policy, level=level, tried=tried, now=now)


def next_moment(
    *, policy: FollowUpPolicy, level: RiskLevel, tried: Sequence[datetime], now: datetime
) -> datetime:
    """Choose the next allowed moment for a try, at an hour of day not tried yet where there is one.

    Raises:
        NoHourLeft: quiet hours and class hours cover every day.

    """
    attempts = policy.attempts[level]
    hours = frozenset(_local(policy, moment).hour for moment in tried)
    return _first_allowed(policy, now + attempts.within / attempts.count, hours)


def next_tell(*, policy: FollowUpPolicy, window_end: datetime, told: int) -> NextTell:
    """Tell who hears next of a missed promise; once all were told, the last of them again."""
    rounds = max(0, told - len(policy.missed) + 1)
    step = policy.missed[min(told, len(policy.missed) - 1)]
    return NextTell(holder=step.holder, at=window_end + step.after + rounds * policy.missed_again)


def answer_of(*, policy: FollowUpPolicy, text: str) -> Answer:
    """Read an answer to a check-in: a digit alone, full-width too, else words."""
    digit = "".join(letter for letter in text if letter.isalnum())
    key = str(int(digit)) if digit.isdecimal() and len(digit) == 1 else ""
    meaning = policy.check_in_answers.get(key)
    return ANSWERS[meaning] if meaning else Answer.WORDS


def first_step_at(*, kind: FollowUpKind, due_at: datetime, window_end: datetime) -> datetime:
    """Tell when a planned promise moves by itself: it is sent when due, or missed at the end."""
    return due_at if kind in TEXTED else window_end


def call_back(
    *,
    quiet_hours: Hours,
    reason: CallBackReason,
    level: RiskLevel,
    due_at: datetime,
    now: datetime,
) -> CallBack:
    """Promise a call by a deadline, at any hour if it was asked for: the student has just called.

    Whoever hung up did not ask to be woken: at yellow and blue a deadline in the night becomes
    an hour of the morning. Above that nobody waits for the morning.
    """
    may_wait = reason is CallBackReason.ABANDONED and level not in HOLDING
    morning = end_of_quiet(hours=quiet_hours, now=due_at) if may_wait else None
    by = morning + GOOD_TIME_LASTS if morning else due_at
    is_night = may_wait and quiet_hours.covers(moment=now)
    start = end_of_quiet(hours=quiet_hours, now=now) if is_night else None
    if reason is CallBackReason.APPOINTED:
        start = max(now, by - APPOINTMENT_LASTS)
    return CallBack(window_start=min(start or now, by), due_at=by, level=level, reason=reason)


def _planned(policy: FollowUpPolicy, promise: Promise, anchor: datetime, now: datetime) -> Planned:
    start = anchor + (promise.from_days - 1) * DAY
    end = anchor + promise.to_days * DAY
    due = sensible_moment(policy=policy, earliest=max(start, now), latest=end - ANSWER_TIME)
    return Planned(
        kind=promise.kind,
        window_start=min(start, due),
        due_at=due,
        window_end=max(end, due + ANSWER_TIME),
    )


def _local(policy: FollowUpPolicy, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(policy.zone))


def _is_school_day(policy: FollowUpPolicy, moment: datetime) -> bool:
    return policy.calendar.is_school_day(day=_local(policy, moment).date())


def _distance(policy: FollowUpPolicy, moment: datetime) -> timedelta:
    local = _local(policy, moment)
    good = local.replace(hour=REST_DAY_HOUR.hour, minute=0, second=0, microsecond=0)
    if _is_school_day(policy, moment) and policy.class_hours:
        last = max(hours.ends for hours in policy.class_hours)
        good = local.replace(hour=last.hour, minute=last.minute, second=0, microsecond=0)
        good += AFTER_LESSONS
    return abs(local - good)


def _grid(earliest: datetime, latest: datetime) -> Iterator[datetime]:
    seconds = GRID.total_seconds()
    moment = earliest + timedelta(seconds=-earliest.timestamp() % seconds)
    while moment <= latest:
        yield moment
        moment += GRID


def _first_allowed(
    policy: FollowUpPolicy, earliest: datetime, avoided: Collection[int]
) -> datetime:
    allowed = [
        one for one in _grid(earliest, earliest + SEARCHED) if is_allowed(policy=policy, moment=one)
    ]
    if not allowed:
        raise NoHourLeft
    fresh = (one for one in allowed if _local(policy, one).hour not in avoided)
    return next(fresh, allowed[0])
