"""When a record may be destroyed, by whom, and what stands in the way (PIPL 44–47). Pure.

The hotline's forms are kept for at least three years (hotline guide 2021): until then a wish to
erase ends at most in sealing, which stops all use but keeping (PIPL 47).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wellbeing.cases.rules.cases import CaseStatus
from wellbeing.cases.rules.resting import sealed_before
from wellbeing.foundation.errors import Conflict, DomainError, NotFound

AT_REST = frozenset({CaseStatus.CLOSED, CaseStatus.SEALED})


class Ground(StrEnum):
    """Why a record should be destroyed."""

    TIME_OVER = "time_over"
    STUDENT_ASKS = "student_asks"
    GUARDIAN_ASKS = "guardian_asks"


class ErasureState(StrEnum):
    """What became of it."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Obstacle(StrEnum):
    """What stops a record from being destroyed."""

    STILL_OPEN = "still_open"
    LAW_KEEPS = "law_keeps"
    LEGAL_HOLD = "legal_hold"
    SOMETHING_OPEN = "something_open"
    IN_CONVERSATION = "in_conversation"


class ErasureEntry(StrEnum):
    """What the timeline says of it; facts: erasure_id, ground."""

    ASKED = "erasure_asked"
    REFUSED = "erasure_refused"
    WITHDRAWN = "erasure_withdrawn"
    DONE = "erased"
    HELD = "legal_hold_placed"
    RELEASED = "legal_hold_lifted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How things are with a record that somebody wants destroyed."""

    status: CaseStatus
    closed_at: datetime | None
    is_held_by_law: bool
    open_things: int
    is_in_conversation: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRow:
    """An erasure asked for; its words are empty once the record's key is destroyed."""

    erasure_id: int
    case_id: int
    ground: Ground
    state: ErasureState
    reason: str
    asked_by: int
    asked_at: datetime
    decided_by: int | None
    decided_at: datetime | None
    decision: str

    @property
    def is_waiting(self) -> bool:
        """Tell whether it can still be decided."""
        return self.state is ErasureState.WAITING


class NoSuchErasure(NotFound):
    """There is no such erasure that you may see."""


class AskedAlready(Conflict):
    """Somebody has asked for this already; the decision is still to come."""


class ErasureSettled(Conflict):
    """This was decided or withdrawn in the meantime."""


class OwnErasure(Conflict):
    """Nobody decides alone that a record is destroyed: somebody else must."""


class NotTheReference(DomainError):
    """Please type the reference of this very case, and confirm."""


class HeldAlready(Conflict):
    """This record is held already."""


class NotHeld(Conflict):
    """This record is not held (any more)."""


class MustStay(Conflict):
    """This record cannot be destroyed now."""

    def __init__(self, *, obstacles: tuple[Obstacle, ...]) -> None:
        super().__init__(obstacles=[one.value for one in obstacles])
        self.obstacles = obstacles


def obstacles(*, standing: Standing, now: datetime, years: int) -> tuple[Obstacle, ...]:
    """List what stands in the way, the plainest first; nothing means that it may go."""
    kept_until = sealed_before(now=now, years=years)
    is_over = standing.closed_at is not None and standing.closed_at <= kept_until
    found = {
        Obstacle.STILL_OPEN: standing.status not in AT_REST,
        Obstacle.LAW_KEEPS: not is_over,
        Obstacle.LEGAL_HOLD: standing.is_held_by_law,
        Obstacle.SOMETHING_OPEN: standing.open_things > 0,
        Obstacle.IN_CONVERSATION: standing.is_in_conversation,
    }
    return tuple(one for one, stands in found.items() if stands)


def check_obstacles(*, found: Collection[Obstacle]) -> None:
    """Refuse to destroy what must stay.

    Raises:
        MustStay: something stands in the way; it says what.

    """
    if found:
        raise MustStay(obstacles=tuple(found))


def check_four_eyes(*, row: ErasureRow, by: int) -> None:
    """Refuse a decision by whoever asked.

    Raises:
        OwnErasure: they are the same person.
        ErasureSettled: there is nothing to decide.

    """
    if not row.is_waiting:
        raise ErasureSettled
    if row.asked_by == by:
        raise OwnErasure
