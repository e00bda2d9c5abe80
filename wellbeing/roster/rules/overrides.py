"""One person instead of another: how shifts are cut, and how a swap moves. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from wellbeing.foundation.errors import Conflict, DomainError, NotFound
from wellbeing.roster.rules.rotations import Slot


class NoSuchOverride(NotFound):
    """There is no such replacement in your units."""


class NotOnDesk(DomainError):
    """This person is not on this desk at that time, so nobody can take their place."""


class ReplacesItself(DomainError):
    """Nobody takes their own place."""


class OverrideOver(Conflict):
    """This replacement is over; it stays as it was."""


class OverrideBuiltOn(Conflict):
    """Somebody else has taken this place over in turn; take that replacement back first."""


class NoSuchSwap(NotFound):
    """There is no such request."""


class SwapMoved(Conflict):
    """Somebody has answered this request already."""


class SwapOver(Conflict):
    """The time of this request has passed."""


class OwnSwap(DomainError):
    """Nobody approves a change of their own shifts."""


class SwapState(StrEnum):
    """How far a request to take over a shift has come."""

    ASKED = "asked"
    AGREED = "agreed"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


OPEN_SWAPS = (SwapState.ASKED, SwapState.AGREED)
SWAP_MOVES: Mapping[SwapState, frozenset[SwapState]] = {
    SwapState.ASKED: frozenset({SwapState.AGREED, SwapState.DECLINED, SwapState.WITHDRAWN}),
    SwapState.AGREED: frozenset({SwapState.APPROVED, SwapState.DECLINED, SwapState.WITHDRAWN}),
    SwapState.APPROVED: frozenset(),
    SwapState.DECLINED: frozenset(),
    SwapState.WITHDRAWN: frozenset(),
}
"""From which state a request may go where; the last three are ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOverride:
    """Somebody to be put on a desk for a while, in the place of another or as one more."""

    organization_id: int
    desk: str
    starts_at: datetime
    ends_at: datetime
    user_id: int
    by_user_id: int
    replaced_id: int | None = None
    position: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRow:
    """One override as doors and rules see it; one that nobody is replaced by adds a person."""

    override_id: int
    organization_id: int
    desk: str
    starts_at: datetime
    ends_at: datetime
    user_id: int
    replaced_id: int | None
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapRow:
    """One request as doors see it."""

    swap_id: int
    organization_id: int
    desk: str
    starts_at: datetime
    ends_at: datetime
    asker_id: int
    asked_id: int
    state: SwapState
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A shift that stands in the table, as a plan is compared with it."""

    shift_id: int
    slot: Slot
    rotation_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What makes the table say what is planned, the past left as it was."""

    removed: tuple[int, ...]
    ended: tuple[int, ...]
    added: tuple[Slot, ...]


def built_on(*, override: OverrideRow, others: Iterable[OverrideRow]) -> bool:
    """Tell whether a later override takes the place of the person whom this one put in."""
    return any(
        other.override_id > override.override_id
        and other.replaced_id == override.user_id
        and other.starts_at < override.ends_at
        and other.ends_at > override.starts_at
        for other in others
    )


def put_in_by(*, slot: Slot, user_id: int, others: Iterable[OverrideRow]) -> int | None:
    """Name the override through which a person had this place; None if it was their own."""
    found = [
        other.override_id
        for other in others
        if other.user_id == user_id
        and other.starts_at < slot.ends_at
        and other.ends_at > slot.starts_at
    ]
    return max(found, default=None)


def replaced(*, slots: Iterable[Slot], overrides: Sequence[OverrideRow]) -> tuple[Slot, ...]:
    """Cut slots by the overrides of their desk, in the order in which those were made."""
    found = list(slots)
    for override in overrides:
        found = [piece for slot in found for piece in _cut(slot, override)]
    return tuple(found)


def changes(*, written: Iterable[Written], wanted: Iterable[Slot], now: datetime) -> Changes:
    """Compare what stands with what is wanted, from now on."""
    missing = [_from(slot, now) for slot in wanted if slot.ends_at > now]
    removed: list[int] = []
    ended: list[int] = []
    for one in written:
        rest = _from(one.slot, now)
        if rest in missing:
            missing.remove(rest)
        elif one.slot.starts_at >= now:
            removed.append(one.shift_id)
        else:
            ended.append(one.shift_id)
    return Changes(removed=tuple(removed), ended=tuple(ended), added=tuple(missing))


def touches(*, slot: Slot, override: OverrideRow) -> bool:
    """Tell whether an override takes the place of this slot's person for some of its time."""
    return (
        slot.user_id == override.replaced_id
        and slot.starts_at < override.ends_at
        and slot.ends_at > override.starts_at
    )


def _cut(slot: Slot, override: OverrideRow) -> Iterator[Slot]:
    if not touches(slot=slot, override=override):
        yield slot
        return
    starts_at = max(slot.starts_at, override.starts_at)
    ends_at = min(slot.ends_at, override.ends_at)
    if slot.starts_at < starts_at:
        yield replace(slot, ends_at=starts_at)
    yield replace(
        slot,
        starts_at=starts_at,
        ends_at=ends_at,
        user_id=override.user_id,
        override_id=override.override_id,
    )
    if ends_at < slot.ends_at:
        yield replace(slot, starts_at=ends_at)


def _from(slot: Slot, now: datetime) -> Slot:
    return replace(slot, starts_at=max(slot.starts_at, now))
