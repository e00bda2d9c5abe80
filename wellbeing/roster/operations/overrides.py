"""One person takes the place of another for a while, or comes besides; and that is taken back.

Shifts of rotations are written anew by their rotation; those entered by hand are cut here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update

from wellbeing.foundation.database import changed, session
from wellbeing.organizations.rules import Scope
from wellbeing.roster.models import OVERRIDE, SHIFT
from wellbeing.roster.operations import rotations, shifts
from wellbeing.roster.queries import overrides as queries
from wellbeing.roster.queries import rotations as rotation_queries
from wellbeing.roster.queries import shifts as shift_queries
from wellbeing.roster.rules.overrides import (
    NewOverride,
    NotOnDesk,
    OverrideBuiltOn,
    OverrideOver,
    OverrideRow,
    ReplacesItself,
    Written,
    built_on,
    put_in_by,
    replaced,
)
from wellbeing.roster.rules.rotations import Slot
from wellbeing.roster.rules.shifts import (
    LAST_POSITION,
    AlreadyOnCall,
    Interval,
    NotAPosition,
    check_interval,
)


def add_override(*, new: NewOverride, scope: Scope, now: datetime) -> int:
    """Put somebody on a desk for a while, from now on at the earliest; give the override's id.

    Raises:
        NoSuchOrganization, NoSuchDesk: there is no such desk in the reader's units.
        NotAnInterval, NotAPosition, ReplacesItself: it cannot be.
        OverrideOver: that time has passed.
        CannotBeOnCall: this person cannot be on this desk.
        AlreadyOnCall: they are on it at that time already.
        NotOnDesk: whom they should replace is not.

    """
    new = _checked(new, now)
    place = shifts.place_of(organization_id=new.organization_id, desk=new.desk, scope=scope)
    shifts.check_fit(user_id=new.user_id, place=place)
    within = Interval(starts_at=new.starts_at, ends_at=new.ends_at)
    if shift_queries.overlapping(
        user_id=new.user_id,
        organization_id=new.organization_id,
        desk=new.desk,
        within=within,
    ):
        raise AlreadyOnCall
    row = _insert(new, now)
    if row.replaced_id is None:
        _add_person(row, by=new.by_user_id, now=now)
        return row.override_id
    standing = queries.shifts_of(
        organization_id=row.organization_id,
        desk=row.desk,
        user_id=row.replaced_id,
        within=within,
    )
    if not standing:
        raise NotOnDesk
    _replace_by_hand(row, standing, by=new.by_user_id, now=now)
    _replan(row, now)
    return row.override_id


def withdraw_override(*, override_id: int, by: int, scope: Scope, now: datetime) -> None:
    """Take an override back: from now on the place is again whose it was.

    Raises:
        NoSuchOverride: there is none in the reader's units.
        OverrideOver: it is past; who was on call then must stay known.
        OverrideBuiltOn: somebody has taken the place over in turn.

    """
    row = queries.override(override_id=override_id, scope=scope)
    if row.ends_at <= now:
        raise OverrideOver
    others = queries.of_desk(organization_id=row.organization_id, desk=row.desk, after=now)
    if built_on(override=row, others=others):
        raise OverrideBuiltOn
    statement = update(OVERRIDE).where(OVERRIDE.c.id == override_id)
    changed(statement.values(withdrawn_at=now))
    rest = [one for one in others if one.override_id != override_id]
    for written in queries.put_in_by_hand(override_id=override_id, now=now):
        _give_back(written, row, rest, by, now)
    _replan(row, now)


def _checked(new: NewOverride, now: datetime) -> NewOverride:
    check_interval(starts_at=new.starts_at, ends_at=new.ends_at)
    if not 1 <= new.position <= LAST_POSITION:
        raise NotAPosition
    if new.user_id == new.replaced_id:
        raise ReplacesItself
    if new.ends_at <= now:
        raise OverrideOver
    # Who was on call until now must stay known.
    return replace(new, starts_at=max(new.starts_at, now))


def _insert(new: NewOverride, now: datetime) -> OverrideRow:
    values: dict[str, Any] = {
        "organization_id": new.organization_id,
        "desk": new.desk,
        "starts_at": new.starts_at,
        "ends_at": new.ends_at,
        "user_id": new.user_id,
        "replaced_id": new.replaced_id,
        "position": new.position,
    }
    statement = insert(OVERRIDE).values(by_user_id=new.by_user_id, created_at=now, **values)
    made = session().execute(statement.returning(OVERRIDE.c.id)).scalar_one()
    return OverrideRow(override_id=int(made), **values)


def _replan(row: OverrideRow, now: datetime) -> None:
    for rotation_id in rotation_queries.ids_of_desk(
        organization_id=row.organization_id, desk=row.desk
    ):
        rotations.advance(rotation_id, now=now)


def _add_person(row: OverrideRow, *, by: int, now: datetime) -> None:
    slot = Slot(
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        user_id=row.user_id,
        position=row.position,
        override_id=row.override_id,
    )
    _write(row, [slot], by=by, now=now)


def _replace_by_hand(
    row: OverrideRow, standing: Iterable[Written], *, by: int, now: datetime
) -> None:
    for written in standing:
        if written.rotation_id is None:
            first, *others = replaced(slots=[written.slot], overrides=[row])
            _rewrite(written.shift_id, first)
            _write(row, others, by=by, now=now)


def _give_back(
    written: Written, row: OverrideRow, others: Iterable[OverrideRow], by: int, now: datetime
) -> None:
    is_running = written.slot.starts_at < now
    own = SHIFT.c.id == written.shift_id
    if is_running:
        changed(update(SHIFT).where(own).values(ends_at=now))
    if row.replaced_id is None:
        if not is_running:
            changed(delete(SHIFT).where(own))
        return
    rest = replace(
        written.slot, starts_at=max(written.slot.starts_at, now), user_id=row.replaced_id
    )
    before = put_in_by(slot=rest, user_id=row.replaced_id, others=others)
    rest = replace(rest, override_id=before)
    if is_running:
        _write(row, [rest], by=by, now=now)
    else:
        _rewrite(written.shift_id, rest)


def _rewrite(shift_id: int, slot: Slot) -> None:
    statement = update(SHIFT).where(SHIFT.c.id == shift_id)
    changed(
        statement.values(
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            user_id=slot.user_id,
            override_id=slot.override_id,
        )
    )


def _write(row: OverrideRow, added: Iterable[Slot], *, by: int, now: datetime) -> None:
    rows = [
        {
            "organization_id": row.organization_id,
            "desk": row.desk,
            "user_id": slot.user_id,
            "starts_at": slot.starts_at,
            "ends_at": slot.ends_at,
            "position": slot.position,
            "by_user_id": by,
            "created_at": now,
            "override_id": slot.override_id,
        }
        for slot in added
    ]
    if rows:
        session().execute(insert(SHIFT), rows)
