"""Add, change and end rotations, and write what they mean down as shifts, some weeks ahead.

Everything that asks about the roster looks at shifts alone. What is over is never touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, update

from wellbeing.foundation.database import changed, session
from wellbeing.organizations.rules import Scope
from wellbeing.roster.models import (
    ROTATION,
    ROTATION_BLOCK,
    ROTATION_HOLIDAY,
    ROTATION_PERSON,
    SHIFT,
)
from wellbeing.roster.operations import shifts
from wellbeing.roster.queries import overrides
from wellbeing.roster.queries import rotations as queries
from wellbeing.roster.rules.overrides import changes, replaced
from wellbeing.roster.rules.rotations import (
    EndsBeforeItBegins,
    NewRotation,
    Pattern,
    RotationRow,
    Slot,
    check_pattern,
    minutes,
    slots,
)
from wellbeing.roster.rules.shifts import Interval


def add_rotation(*, new: NewRotation, scope: Scope, now: datetime) -> int:
    """Add a rotation at a desk and write its first weeks down; give its id.

    Raises:
        NoSuchOrganization, NoSuchDesk: there is no such desk in the reader's units.
        CannotBeOnCall: somebody in it cannot be on this desk.
        NoSuchZone, NobodyTakesTurns, NoTimes, TimesOverlap, EndsBeforeItBegins, NotAPosition:
            it cannot be, whoever takes part.

    """
    place = shifts.place_of(organization_id=new.organization_id, desk=new.desk, scope=scope)
    check_pattern(pattern=new.pattern)
    for user_id in new.pattern.people:
        shifts.check_fit(user_id=user_id, place=place)
    statement = insert(ROTATION).values(
        organization_id=new.organization_id,
        desk=new.desk,
        position=new.pattern.position,
        turn=new.pattern.turn.value,
        zone=new.pattern.zone,
        valid_from=new.pattern.valid_from,
        valid_until=new.pattern.valid_until,
        by_user_id=new.by_user_id,
        created_at=now,
        planned_until=now,
    )
    made = int(session().execute(statement.returning(ROTATION.c.id)).scalar_one())
    session().execute(insert(ROTATION_PERSON), _people(made, new.pattern))
    session().execute(insert(ROTATION_BLOCK), _blocks(made, new.pattern))
    advance(made, now=now)
    return made


def change_people(
    *, rotation_id: int, people: tuple[int, ...], scope: Scope, now: datetime
) -> None:
    """Let others take turns from now on.

    Raises:
        NoSuchRotation: there is none in the reader's units.
        NobodyTakesTurns, CannotBeOnCall: these people cannot.

    """
    found = queries.rotation(rotation_id=rotation_id, scope=scope)
    pattern = replace(found.pattern, people=people)
    check_pattern(pattern=pattern)
    place = shifts.place_of(organization_id=found.organization_id, desk=found.desk)
    for user_id in people:
        shifts.check_fit(user_id=user_id, place=place)
    session().execute(delete(ROTATION_PERSON).where(ROTATION_PERSON.c.rotation_id == rotation_id))
    session().execute(insert(ROTATION_PERSON), _people(rotation_id, pattern))
    advance(rotation_id, now=now)


def end_rotation(*, rotation_id: int, last_day: date, scope: Scope, now: datetime) -> None:
    """Let a rotation end with a day, which still counts; what was is kept.

    Raises:
        NoSuchRotation: there is none in the reader's units.
        EndsBeforeItBegins: the day lies before its first.

    """
    found = queries.rotation(rotation_id=rotation_id, scope=scope)
    if last_day < found.pattern.valid_from:
        raise EndsBeforeItBegins
    statement = update(ROTATION).where(ROTATION.c.id == rotation_id)
    changed(statement.values(valid_until=last_day))
    advance(rotation_id, now=now)


def set_holiday(
    *, rotation_id: int, day: date, user_id: int | None, scope: Scope, now: datetime
) -> None:
    """Let somebody else, or nobody (None), take what begins on a day.

    Raises:
        NoSuchRotation: there is none in the reader's units.
        CannotBeOnCall: this person cannot be on this desk.

    """
    found = queries.rotation(rotation_id=rotation_id, scope=scope)
    if user_id is not None:
        place = shifts.place_of(organization_id=found.organization_id, desk=found.desk)
        shifts.check_fit(user_id=user_id, place=place)
    _forget_holiday(rotation_id, day)
    values = {"rotation_id": rotation_id, "day": day, "user_id": user_id}
    session().execute(insert(ROTATION_HOLIDAY).values(values))
    advance(rotation_id, now=now)


def clear_holiday(*, rotation_id: int, day: date, scope: Scope, now: datetime) -> None:
    """Let a day be a day like others again.

    Raises:
        NoSuchRotation: there is none in the reader's units.

    """
    queries.rotation(rotation_id=rotation_id, scope=scope)
    _forget_holiday(rotation_id, day)
    advance(rotation_id, now=now)


def materialise(*, now: datetime, limit: int = 200) -> int:
    """Write every rotation that is due further ahead; tell how many shifts changed."""
    return sum(advance(one, now=now) for one in queries.due_ids(now=now, limit=limit))


def advance(rotation_id: int, *, now: datetime) -> int:
    """Make the shifts of one rotation from now on say what it means; tell how many changed.

    Doing it twice changes nothing. A running shift that is no longer wanted ends now.
    """
    found = queries.locked(rotation_id=rotation_id)
    horizon = now + queries.PLANNED_AHEAD
    wanted = replaced(
        slots=slots(pattern=found.pattern, within=Interval(starts_at=now, ends_at=horizon)),
        overrides=overrides.of_desk(
            organization_id=found.organization_id, desk=found.desk, after=now
        ),
    )
    plan = changes(
        written=queries.written(rotation_id=rotation_id, now=now), wanted=wanted, now=now
    )
    if plan.removed:
        session().execute(delete(SHIFT).where(SHIFT.c.id.in_(plan.removed)))
    if plan.ended:
        session().execute(update(SHIFT).where(SHIFT.c.id.in_(plan.ended)).values(ends_at=now))
    _write(found, plan.added, now)
    planned = update(ROTATION).where(ROTATION.c.id == rotation_id)
    session().execute(planned.values(planned_until=horizon))
    return len(plan.removed) + len(plan.ended) + len(plan.added)


def _write(found: RotationRow, added: Iterable[Slot], now: datetime) -> None:
    rows = [
        {
            "organization_id": found.organization_id,
            "desk": found.desk,
            "user_id": slot.user_id,
            "starts_at": slot.starts_at,
            "ends_at": slot.ends_at,
            "position": slot.position,
            "by_user_id": found.by_user_id,
            "created_at": now,
            "rotation_id": found.rotation_id,
            "override_id": slot.override_id,
        }
        for slot in added
    ]
    if rows:
        session().execute(insert(SHIFT), rows)


def _people(rotation_id: int, pattern: Pattern) -> list[dict[str, Any]]:
    return [
        {"rotation_id": rotation_id, "place": place, "user_id": user_id}
        for place, user_id in enumerate(pattern.people, 1)
    ]


def _blocks(rotation_id: int, pattern: Pattern) -> list[dict[str, Any]]:
    return [
        {
            "rotation_id": rotation_id,
            "weekday": block.weekday,
            "starts": minutes(wall=block.starts),
            "ends": minutes(wall=block.ends),
        }
        for block in pattern.blocks
    ]


def _forget_holiday(rotation_id: int, day: date) -> None:
    own = (ROTATION_HOLIDAY.c.rotation_id == rotation_id, ROTATION_HOLIDAY.c.day == day)
    session().execute(delete(ROTATION_HOLIDAY).where(*own))
