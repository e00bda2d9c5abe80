"""Who is rung next, how and when, until somebody acknowledges or the list is through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from wellbeing.escalation.rules.words import PageChannel
from wellbeing.policy.model import PageOrder, PagingPolicy, RiskLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePlan:
    """How a page goes on, as the policy stood when it began; later edits bend nothing."""

    order: Mapping[RiskLevel, PageOrder]
    text_first: bool
    call_after: Mapping[RiskLevel, timedelta]
    repeat_every: timedelta
    attempts_per_person: int
    next_person_after: timedelta


def plan_of(*, paging: PagingPolicy) -> PagePlan:
    """Take what concerns the ringing out of the policy."""
    return PagePlan(**{name: getattr(paging, name) for name in PagePlan.__dataclass_fields__})


def kept(*, plan: PagePlan) -> dict[str, Any]:
    """Write a plan as it is stored beside its page: seconds, and levels by number."""
    return {
        "order": {str(int(level)): order.value for level, order in plan.order.items()},
        "text_first": plan.text_first,
        "call_after": {
            str(int(level)): after.total_seconds() for level, after in plan.call_after.items()
        },
        "repeat_every": plan.repeat_every.total_seconds(),
        "attempts_per_person": plan.attempts_per_person,
        "next_person_after": plan.next_person_after.total_seconds(),
    }


def read(*, stored: Mapping[str, Any]) -> PagePlan:
    """Read a stored plan; the reverse of `kept`."""
    return PagePlan(
        order={RiskLevel(int(level)): PageOrder(order) for level, order in stored["order"].items()},
        text_first=stored["text_first"],
        call_after={
            RiskLevel(int(level)): timedelta(seconds=after)
            for level, after in stored["call_after"].items()
        },
        repeat_every=timedelta(seconds=stored["repeat_every"]),
        attempts_per_person=stored["attempts_per_person"],
        next_person_after=timedelta(seconds=stored["next_person_after"]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One ring that was made; `is_dead` if the carrier could not place the call at all."""

    user_id: int
    at: datetime
    is_dead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rings:
    """Whom to ring now and how, and when to look again; `is_over` when the list is through."""

    user_ids: tuple[int, ...]
    channels: tuple[PageChannel, ...]
    next_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Tell whether everybody was rung and had their time."""
        return self.next_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One ring of a person's plan, `after` the person's first one."""

    after: timedelta
    channel: PageChannel


def personal_plan(*, paging: PagePlan, urgency: RiskLevel) -> tuple[Item, ...]:
    """List the rings of one person: a text, then the calls, or the text beside the first call."""
    first_call = paging.call_after[urgency]
    text_after = timedelta() if paging.text_first else first_call
    calls = (
        Item(after=first_call + paging.repeat_every * number, channel=PageChannel.CALL)
        for number in range(paging.attempts_per_person)
    )
    return (Item(after=text_after, channel=PageChannel.TEXT), *calls)


def patience(*, paging: PagePlan, urgency: RiskLevel) -> timedelta:
    """Tell how long after a person's first ring the next person is rung.

    Never before the last call had as long as the pause between two.
    """
    last = personal_plan(paging=paging, urgency=urgency)[-1].after
    return max(paging.next_person_after, last + paging.repeat_every)


def next_rings(
    *,
    paging: PagePlan,
    urgency: RiskLevel,
    tried: Sequence[Tried],
    on_call: Sequence[int],
    now: datetime,
) -> Rings:
    """Decide the next rings from those made so far, oldest first.

    Pauses count from the last ring, so that a process that comes late does not ring twice at once.
    """
    plan = personal_plan(paging=paging, urgency=urgency)
    wait = patience(paging=paging, urgency=urgency)
    group, done = _standing(tried)
    is_finished = not group or done >= len(plan)
    if group:
        upcoming = wait if is_finished else plan[done].after
        ready_at = tried[-1].at + upcoming - plan[min(done, len(plan)) - 1].after
        if ready_at > now:
            return Rings(user_ids=(), channels=(), next_at=ready_at)
    if is_finished:
        rung = {one.user_id for one in tried}
        fresh = tuple(one for one in on_call if one not in rung)
        group, done = fresh if paging.order[urgency] is PageOrder.TOGETHER else fresh[:1], 0
    if not group:
        return Rings(user_ids=(), channels=(), next_at=None)
    start = plan[done].after
    channels = tuple(item.channel for item in plan[done:] if item.after == start)
    rest = plan[done + len(channels) :]
    return Rings(
        user_ids=group,
        channels=channels,
        next_at=now + (rest[0].after if rest else wait) - start,
    )


def _standing(tried: Sequence[Tried]) -> tuple[tuple[int, ...], int]:
    """Tell who is being rung and how often each was; nobody whose phone is dead."""
    if not tried:
        return (), 0
    latest = dict.fromkeys(one.user_id for one in tried if one.at == tried[-1].at)
    dead = {one.user_id for one in tried if one.is_dead}
    made = sum(one.user_id == tried[-1].user_id for one in tried)
    return tuple(one for one in latest if one not in dead), made
