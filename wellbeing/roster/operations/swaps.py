"""One person asks another to take a shift over; both want it, a supervisor lets it be."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, update

from wellbeing.foundation.database import changed, session
from wellbeing.organizations.rules import Scope
from wellbeing.roster.models import SWAP
from wellbeing.roster.operations import overrides, shifts
from wellbeing.roster.queries import overrides as queries
from wellbeing.roster.queries import shifts as shift_queries
from wellbeing.roster.rules.overrides import (
    SWAP_MOVES,
    NewOverride,
    OwnSwap,
    ReplacesItself,
    SwapMoved,
    SwapOver,
    SwapRow,
    SwapState,
)
from wellbeing.roster.rules.shifts import AlreadyOnCall, Interval, ShiftOver


def ask_swap(*, shift_id: int, asker_id: int, asked_id: int, now: datetime) -> int:
    """Ask a colleague to take the rest of one's own shift; give the request's id.

    Raises:
        NoSuchShift: it is not theirs.
        ShiftOver: it is past.
        ReplacesItself, CannotBeOnCall, AlreadyOnCall: this colleague cannot take it.

    """
    found = shift_queries.own_shift(shift_id=shift_id, user_id=asker_id)
    if found.ends_at <= now:
        raise ShiftOver
    if asked_id == asker_id:
        raise ReplacesItself
    place = shifts.place_of(organization_id=found.organization_id, desk=found.desk)
    shifts.check_fit(user_id=asked_id, place=place)
    within = Interval(starts_at=max(found.starts_at, now), ends_at=found.ends_at)
    if shift_queries.overlapping(
        user_id=asked_id,
        organization_id=found.organization_id,
        desk=found.desk,
        within=within,
    ):
        raise AlreadyOnCall
    statement = insert(SWAP).values(
        organization_id=found.organization_id,
        desk=found.desk,
        starts_at=within.starts_at,
        ends_at=within.ends_at,
        asker_id=asker_id,
        asked_id=asked_id,
        state=SwapState.ASKED.value,
        asked_at=now,
    )
    return int(session().execute(statement.returning(SWAP.c.id)).scalar_one())


def answer_swap(*, swap_id: int, user_id: int, agrees: bool, now: datetime) -> None:
    """Agree to take a shift over, or say that one cannot.

    Raises:
        NoSuchSwap: nobody asked this person.
        SwapMoved, SwapOver: it is too late to answer.

    """
    found = queries.swap_of(swap_id=swap_id, user_id=user_id)
    if user_id != found.asked_id:
        raise SwapMoved
    to = SwapState.AGREED if agrees else SwapState.DECLINED
    _move(found, to, now, answered_at=now)


def withdraw_swap(*, swap_id: int, user_id: int, now: datetime) -> None:
    """Take one's own request back.

    Raises:
        NoSuchSwap: it is none of theirs.
        SwapMoved, SwapOver: it is too late to take it back.

    """
    found = queries.swap_of(swap_id=swap_id, user_id=user_id)
    if user_id != found.asker_id:
        raise SwapMoved
    _move(found, SwapState.WITHDRAWN, now, settled_at=now, settled_by=user_id)


def settle_swap(*, swap_id: int, by: int, approves: bool, scope: Scope, now: datetime) -> None:
    """Let a request that both sides want take effect as an override, or refuse it.

    Raises:
        NoSuchSwap: there is none in the reader's units.
        OwnSwap: it is about their own shifts.
        SwapMoved, SwapOver: it is too late.
        NotOnDesk, AlreadyOnCall, CannotBeOnCall: the roster has changed since.

    """
    found = queries.swap_within(swap_id=swap_id, scope=scope)
    if found.state is not SwapState.AGREED:
        raise SwapMoved
    if by in {found.asker_id, found.asked_id}:
        raise OwnSwap
    if not approves:
        _move(found, SwapState.DECLINED, now, settled_at=now, settled_by=by)
        return
    _move(found, SwapState.APPROVED, now, settled_at=now, settled_by=by)
    override_id = overrides.add_override(
        new=NewOverride(
            organization_id=found.organization_id,
            desk=found.desk,
            starts_at=found.starts_at,
            ends_at=found.ends_at,
            user_id=found.asked_id,
            replaced_id=found.asker_id,
            by_user_id=by,
        ),
        scope=scope,
        now=now,
    )
    changed(update(SWAP).where(SWAP.c.id == swap_id).values(override_id=override_id))


def _move(found: SwapRow, to: SwapState, now: datetime, **values: Any) -> None:
    if found.ends_at <= now:
        raise SwapOver
    # Guarded again: two people may answer at once.
    sources = [state.value for state, targets in SWAP_MOVES.items() if to in targets]
    statement = update(SWAP).where(
        SWAP.c.id == found.swap_id, SWAP.c.state == found.state.value, SWAP.c.state.in_(sources)
    )
    if changed(statement.values(state=to.value, **values)) != 1:
        raise SwapMoved
