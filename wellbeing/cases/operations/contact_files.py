"""Take contacts made elsewhere over from a file: all of it or nothing, and twice is as once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from wellbeing.cases.operations import walk_ins
from wellbeing.cases.rules.contact_cells import Answers
from wellbeing.cases.rules.contact_files import (
    ContactError,
    ContactLine,
    ContactProblem,
    ContactsRefused,
    doubles,
    read_contacts,
)
from wellbeing.cases.rules.walk_ins import NewWalkIn
from wellbeing.contacts.queries import walk_ins as known
from wellbeing.contacts.rules.walk_ins import WalkIn
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.queries import OrganizationRow
from wellbeing.organizations.rules import NoSuchOrganization, Scope
from wellbeing.policy import current as policy
from wellbeing.triage.rules.levels import Decider


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a file as it would be written down."""

    line: int
    new: NewWalkIn
    is_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a file would do, line by line, and every mistake; with one, nothing is done."""

    rows: tuple[Row, ...] = ()
    errors: tuple[ContactError, ...] = ()

    @property
    def fresh(self) -> tuple[Row, ...]:
        """List the lines that are not written down yet."""
        return tuple(row for row in self.rows if not row.is_known)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsImported:
    """What an import did."""

    contact_ids: tuple[int, ...]
    cases: tuple[str, ...]
    unchanged: int


def read(
    *, content: bytes, answers: Answers, scope: Scope, organization_id: int, now: datetime
) -> Plan:
    """Tell what a file would do, and everything that is wrong with it; nothing is written.

    A line without a unit belongs to `organization_id`; no line reaches beyond `scope`.
    """
    zone = ZoneInfo(policy.current().followups.zone)
    try:
        lines, errors = read_contacts(content=content, answers=answers, zone=zone, now=now)
    except ContactsRefused as refused:
        return Plan(errors=refused.errors)
    places = _Places(scope=scope, own=organizations.get(organization_id=organization_id))
    mistakes = [*errors, *doubles(lines=lines), *_unknown_units(lines, places)]
    rows = [_row(one, place) for one in lines if (place := places.of(one)) is not None]
    return Plan(
        rows=tuple(rows),
        errors=tuple(sorted(mistakes, key=lambda one: (one.line, one.column))),
    )


def import_contacts(
    *,
    content: bytes,
    answers: Answers,
    scope: Scope,
    organization_id: int,
    by: Decider,
    now: datetime,
) -> ContactsImported:
    """Write down the contacts of a file that are not written down yet.

    Raises:
        ContactsRefused: with every error by line and column; nothing was written.
        AlreadyRecorded: the same file is being taken over at this moment.

    """
    plan = read(
        content=content, answers=answers, scope=scope, organization_id=organization_id, now=now
    )
    if plan.errors:
        raise ContactsRefused(errors=plan.errors)
    done = [walk_ins.record(new=row.new, by=by, now=now) for row in plan.fresh]
    return ContactsImported(
        contact_ids=tuple(one.contact_id for one in done),
        cases=tuple(one.reference for one in done if one.reference),
        unchanged=len(plan.rows) - len(done),
    )


@dataclass(slots=True, kw_only=True)
class _Places:
    """Units that lines name, each asked for once."""

    scope: Scope
    own: OrganizationRow
    found: dict[str, OrganizationRow | None] = field(default_factory=dict)

    def of(self, line: ContactLine) -> OrganizationRow | None:
        code = line.cells.organization_code
        if code is None:
            return self.own
        if code not in self.found:
            self.found[code] = self._place(code)
        return self.found[code]

    def _place(self, code: str) -> OrganizationRow | None:
        try:
            place = organizations.by_code(code=code)
        except NoSuchOrganization:
            return None
        return place if self.scope.covers(place.path) else None


def _unknown_units(lines: Sequence[ContactLine], places: _Places) -> Iterator[ContactError]:
    for one in lines:
        if places.of(one) is None:
            problem = ContactProblem.UNKNOWN_UNIT
            yield ContactError(line=one.line, column="organization_code", problem=problem)


def _row(line: ContactLine, place: OrganizationRow) -> Row:
    cells = line.cells
    # The same words of another unit are another contact.
    origin = f"{place.id}:{line.origin}"
    walk_in = WalkIn(
        origin=origin,
        channel=cells.channel,
        happened_at=cells.happened_at,
        minutes=cells.minutes,
        number=cells.number,
        language=cells.language,
        organization_id=place.id,
        organization_path=place.path,
        facts=cells.facts,
    )
    new = NewWalkIn(
        walk_in=walk_in,
        level=cells.level,
        level_note=cells.level_note,
        opens_case=cells.opens_case,
        ending=cells.ending,
        wrap_up=cells.wrap_up,
    )
    return Row(line=line.line, new=new, is_known=known.recorded(origin=origin) is not None)
