"""Who is rung next, how and when, until somebody acknowledges or the list is through."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wellbeing.escalation.rules.words import PageChannel
from wellbeing.policy.model import PagingPolicy, RiskLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One ring that was made; `is_dead` if the carrier could not place the call at all."""

    user_id: int
    at: datetime
    is_dead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rings:
    """Whom to ring now and how, and when to look again; `is_over` when the list is through."""

    user_id: int | None
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


def personal_plan(*, paging: PagingPolicy, urgency: RiskLevel) -> tuple[Item, ...]:
    """List the rings of one person: a text, then the calls, or the text beside the first call."""
    first_call = paging.call_after[urgency]
    text_after = timedelta() if paging.text_first else first_call
    calls = (
        Item(after=first_call + paging.repeat_every * number, channel=PageChannel.CALL)
        for number in range(paging.attempts_per_person)
    )
    return (Item(after=text_after, channel=PageChannel.TEXT), *calls)


def patience(*, paging: PagingPolicy, urgency: RiskLevel) -> timedelta:
    """Tell how long after a person's first ring the next person is rung.

    Never before the last call had as long as the pause between two.
    """
    last = personal_plan(paging=paging, urgency=urgency)[-1].after
    return max(paging.next_person_after, last + paging.repeat_every)


def next_rings(
    *,
    paging: PagingPolicy,
    urgency: RiskLevel,
    tried: Sequence[Tried],
    on_call: Collection[int],
    now: datetime,
) -> Rings:
    """Decide the next rings from those made so far, oldest first.

    Pauses count from the last ring, so that a process that comes late does not ring twice at once.
    """
    plan = personal_plan(paging=paging, urgency=urgency)
    wait = patience(paging=paging, urgency=urgency)
    current, done = _standing(tried)
    is_finished = current is None or done >= len(plan)
    if tried and current is not None:
        upcoming = wait if is_finished else plan[done].after
        ready_at = tried[-1].at + upcoming - plan[min(done, len(plan)) - 1].after
        if ready_at > now:
            return Rings(user_id=None, channels=(), next_at=ready_at)
    if is_finished:
        rung = {one.user_id for one in tried}
        current, done = next((one for one in on_call if one not in rung), None), 0
    if current is None:
        return Rings(user_id=None, channels=(), next_at=None)
    start = plan[done].after
    channels = tuple(item.channel for item in plan[done:] if item.after == start)
    rest = plan[done + len(channels) :]
    return Rings(
        user_id=current,
        channels=channels,
        next_at=now + (rest[0].after if rest else wait) - start,
    )


def _standing(tried: Sequence[Tried]) -> tuple[int | None, int]:
    """Tell who is being rung and how often they were; nobody, if their phone is dead."""
    if not tried:
        return None, 0
    current = tried[-1].user_id
    theirs = [one for one in tried if one.user_id == current]
    return (None if any(one.is_dead for one in theirs) else current), len(theirs)
