"""Take shifts over from a file: all of it or nothing, and twice is as once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.queries.people import UserRow
from wellbeing.accounts.rules.people import normalised_username
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.queries import OrganizationRow
from wellbeing.organizations.rules import NoSuchOrganization, Scope
from wellbeing.roster.operations import shifts
from wellbeing.roster.queries import overrides
from wellbeing.roster.rules.imports import (
    ShiftError,
    ShiftLine,
    ShiftProblem,
    ShiftsImported,
    ShiftsRefused,
    doubles,
    read_shifts,
)
from wellbeing.roster.rules.shifts import CannotBeOnCall, Interval, NewShift, NoSuchDesk

Found = ShiftError | NewShift | None


@dataclass(slots=True)
class _Known:
    """Units and people that lines name, each asked for once."""

    scope: Scope
    places: dict[str, OrganizationRow | None] = field(default_factory=dict)
    people: dict[str, UserRow | None] = field(default_factory=dict)

    def place(self, code: str) -> OrganizationRow | None:
        if code not in self.places:
            self.places[code] = self._place(code)
        return self.places[code]

    def person(self, username: str) -> UserRow | None:
        if username not in self.people:
            self.people[username] = accounts.by_username(
                username=normalised_username(username=username)
            )
        return self.people[username]

    def _place(self, code: str) -> OrganizationRow | None:
        try:
            found = organizations.by_code(code=code)
        except NoSuchOrganization:
            return None
        return found if self.scope.covers(found.path) else None


def import_shifts(
    *, content: bytes, scope: Scope, by: int | None, is_dry: bool = False, now: datetime
) -> ShiftsImported:
    """Add the shifts of a file (CSV or .xlsx) to the reader's units; those that stand already stay.

    A dry run only tells what would be. Without `by` each person has entered their own shifts.

    Raises:
        ShiftsRefused: with every error by line and column; nothing was written.

    """
    lines, errors = read_shifts(content=content)
    known = _Known(scope)
    found = [_checked(one, known, by, now) for one in lines]
    mistakes = [*errors, *doubles(lines=lines), *_mistakes(found)]
    if mistakes:
        raise ShiftsRefused(errors=sorted(mistakes, key=lambda one: (one.line, one.column)))
    fresh = [one for one in found if isinstance(one, NewShift)]
    if not is_dry:
        for new in fresh:
            shifts.add_shift(new=new, now=now)
    return ShiftsImported(added=len(fresh), unchanged=len(found) - len(fresh))


def _mistakes(found: Iterable[Found]) -> Iterator[ShiftError]:
    return (one for one in found if isinstance(one, ShiftError))


def _checked(line: ShiftLine, known: _Known, by: int | None, now: datetime) -> Found:
    """Give the shift of a line, its mistake, or None if it stands already."""
    place, person = known.place(line.organization_code), known.person(line.username)
    if place is None:
        return _mistake(line, "organization_code", ShiftProblem.UNKNOWN_UNIT)
    if person is None:
        return _mistake(line, "username", ShiftProblem.UNKNOWN_PERSON)
    try:
        shifts.place_of(organization_id=place.id, desk=line.desk)
        shifts.check_fit(user_id=person.id, place=place)
    except NoSuchDesk:
        return _mistake(line, "desk", ShiftProblem.UNKNOWN_DESK)
    except CannotBeOnCall:
        return _mistake(line, "username", ShiftProblem.CANNOT)
    new = NewShift(
        organization_id=place.id,
        desk=line.desk,
        user_id=person.id,
        starts_at=line.starts_at,
        ends_at=line.ends_at,
        position=line.position,
        by_user_id=by if by is not None else person.id,
    )
    return _compared(line, new, now)


def _compared(line: ShiftLine, new: NewShift, now: datetime) -> Found:
    within = Interval(starts_at=new.starts_at, ends_at=new.ends_at)
    standing = overrides.shifts_of(
        organization_id=new.organization_id,
        desk=new.desk,
        user_id=new.user_id,
        within=within,
    )
    times = [(one.slot.starts_at, one.slot.ends_at, one.slot.position) for one in standing]
    if times == [(new.starts_at, new.ends_at, new.position)]:
        return None
    if times:
        return _mistake(line, "starts_at", ShiftProblem.OVERLAPS_SHIFT)
    if new.ends_at <= now:
        return _mistake(line, "ends_at", ShiftProblem.OVER)
    return new


def _mistake(line: ShiftLine, column: str, problem: ShiftProblem) -> ShiftError:
    return ShiftError(line=line.line, column=column, problem=problem)
