"""Kinds of organizations, who may stand under whom, a reader's scope, how a file is read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from wellbeing.foundation.errors import Conflict, DomainError, NotFound
from wellbeing.policy.model import Tier


class OrganizationKind(StrEnum):
    """What an organization is; a functional zone counts as a district."""

    MUNICIPALITY = "municipality"
    DISTRICT = "district"
    SCHOOL = "school"
    UNIVERSITY = "university"


PARENT_KINDS: Mapping[OrganizationKind, OrganizationKind | None] = {
    OrganizationKind.MUNICIPALITY: None,
    OrganizationKind.DISTRICT: OrganizationKind.MUNICIPALITY,
    OrganizationKind.SCHOOL: OrganizationKind.DISTRICT,
    OrganizationKind.UNIVERSITY: OrganizationKind.MUNICIPALITY,
}
"""Under what each kind stands; a university has no district (facts.md 3.3)."""

TIERS: Mapping[OrganizationKind, Tier] = {
    OrganizationKind.MUNICIPALITY: Tier.MUNICIPAL,
    OrganizationKind.DISTRICT: Tier.DISTRICT,
    OrganizationKind.SCHOOL: Tier.SCHOOL,
    OrganizationKind.UNIVERSITY: Tier.SCHOOL,
}


class NoSuchOrganization(NotFound):
    """There is no such organization."""


class CodeTaken(Conflict):
    """An organization with this code exists already."""


class WrongParent(DomainError):
    """An organization of this kind cannot stand there."""


class SecondMunicipality(Conflict):
    """There is one municipality, and it exists already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrganization:
    """An organization to be added; both dates are its first and last day, None means open."""

    code: str
    kind: OrganizationKind
    parent_code: str | None
    name_zh: str
    name_en: str
    region_group: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


COLUMNS = (
    "code", "kind", "parent_code", "name_zh", "name_en", "region_group", "valid_from", "valid_to",
)  # fmt: skip
NEEDED = ("code", "kind", "name_zh", "name_en")
LONGEST = {"code": 38, "parent_code": 38, "name_zh": 120, "name_en": 160, "region_group": 40}


class RowProblem(StrEnum):
    """What is wrong with a cell, as a sentence for whoever edits the file."""

    NOT_UTF8 = "The file is not UTF-8; save it as CSV UTF-8."
    MISSING_COLUMN = "The file has no such column."
    UNKNOWN_COLUMN = "The file has a column that means nothing here."
    CELLS = "This line has more or fewer cells than the heading."
    MISSING = "This cell must not be empty."
    TOO_LONG = "This text is too long."
    UNPRINTABLE = "This text holds characters that cannot be shown."
    UNKNOWN_KIND = "This kind cannot stand in this file."
    NOT_A_DATE = "This is not a date like 2026-09-01."
    ENDS_EARLY = "The last day is before the first."
    TWICE = "This code stands in the file twice."
    UNKNOWN_PARENT = "There is no such parent, neither in the file nor before."
    WRONG_PARENT = "An organization of this kind cannot stand there."
    SECOND_MUNICIPALITY = "There is one municipality, and it has another code."
    OTHER_KIND = "This code belongs to an organization of another kind."
    OTHER_PARENT = "An import does not move an organization to another parent."


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    """One mistake of a file, by line (the heading is line 1) and column."""

    line: int
    column: str
    problem: RowProblem


class ImportRefused(DomainError):
    """The file has mistakes, so nothing of it was taken over."""

    def __init__(self, *, errors: tuple[RowError, ...]) -> None:
        super().__init__()
        self.errors = errors


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What an import did."""

    added: int
    updated: int
    unchanged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRow:
    """One line of a file: what it asks for, or what is wrong with its cells."""

    line: int
    new: NewOrganization | None
    errors: tuple[RowError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An organization that stands already, as an import compares it."""

    id: int
    path: str
    kind: OrganizationKind
    parent_code: str | None
    details: tuple[object, ...]

    def differs(self, new: NewOrganization) -> bool:
        """Tell whether the file says something else about it."""
        return self.details != details_of(new=new)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """How far a reader sees: whole subtrees by path, and what they may do there.

    `tier` is the highest of its subtrees' where it is known; None where it has to be asked for.
    """

    user_id: int
    paths: tuple[str, ...]
    permissions: frozenset[str]
    tier: Tier | None = None

    def covers(self, path: str) -> bool:
        """Tell whether an organization's path lies in one of the subtrees."""
        return any(path.startswith(root) for root in self.paths)

    def may(self, permission: str) -> bool:
        """Tell whether the reader has a permission at all."""
        return permission in self.permissions


def chain_kinds(*, kind: OrganizationKind) -> tuple[OrganizationKind, ...]:
    """List the kinds above an organization, lowest first."""
    above: list[OrganizationKind] = []
    parent = PARENT_KINDS[kind]
    while parent is not None:
        above.append(parent)
        parent = PARENT_KINDS[parent]
    return tuple(above)


def path_ids(*, path: str) -> tuple[int, ...]:
    """Read the ids of a path `/1/4/18/`, highest organization first."""
    return tuple(int(part) for part in path.split("/") if part)


def is_valid_on(*, day: date, valid_from: date | None, valid_to: date | None) -> bool:
    """Tell whether an organization exists on a day; its last day still counts."""
    return (valid_from is None or valid_from <= day) and (valid_to is None or day <= valid_to)


def details_of(*, new: NewOrganization) -> tuple[object, ...]:
    """List what an import may change about an organization that stands already."""
    return (new.name_zh, new.name_en, new.region_group, new.valid_from, new.valid_to)


def read_rows(*, content: bytes) -> tuple[ImportRow, ...]:
    """Read a CSV file (UTF-8, with or without a mark) into rows, each with its mistakes.

    Raises:
        ImportRefused: the file is not UTF-8, or its heading is not ours.

    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        mistake = RowError(line=1, column="", problem=RowProblem.NOT_UTF8)
        raise ImportRefused(errors=(mistake,)) from error
    lines = csv.reader(io.StringIO(text, newline=""))
    heading = [cell.strip() for cell in next(lines, [])]
    mistakes = tuple(_heading_errors(heading))
    if mistakes:
        raise ImportRefused(errors=mistakes)
    return tuple(_read_row(lines.line_num, heading, cells) for cells in lines if any(cells))


def check_rows(*, rows: Iterable[ImportRow], known: Mapping[str, Known]) -> list[RowError]:
    """List every mistake of a file, in its cells and against what stands already."""
    rows = tuple(rows)
    kinds = {code: one.kind for code, one in known.items()}
    kinds |= {row.new.code: row.new.kind for row in rows if row.new}
    root = next((c for c, one in known.items() if one.kind is OrganizationKind.MUNICIPALITY), None)
    seen: set[str] = set()
    errors: list[RowError] = []
    for row in rows:
        errors += row.errors
        if row.new is None:
            continue
        found = list(_place_errors(row.new, kinds, known))
        if row.new.code in seen:
            found.append(("code", RowProblem.TWICE))
        if row.new.kind is OrganizationKind.MUNICIPALITY:
            root = root or row.new.code
            if row.new.code != root:
                found.append(("kind", RowProblem.SECOND_MUNICIPALITY))
        seen.add(row.new.code)
        errors += [RowError(line=row.line, column=one, problem=what) for one, what in found]
    return errors


def _heading_errors(heading: list[str]) -> Iterator[RowError]:
    for column in COLUMNS:
        if column not in heading:
            yield RowError(line=1, column=column, problem=RowProblem.MISSING_COLUMN)
    for column in heading:
        if column not in COLUMNS:
            yield RowError(line=1, column=column, problem=RowProblem.UNKNOWN_COLUMN)


def _read_row(line: int, heading: list[str], cells: list[str]) -> ImportRow:
    if len(cells) != len(heading):
        mistake = RowError(line=line, column="", problem=RowProblem.CELLS)
        return ImportRow(line=line, new=None, errors=(mistake,))
    row = dict(zip(heading, (cell.strip() for cell in cells), strict=True))
    found = tuple(_cell_errors(row))
    if found:
        errors = tuple(RowError(line=line, column=one, problem=what) for one, what in found)
        return ImportRow(line=line, new=None, errors=errors)
    new = NewOrganization(
        code=row["code"],
        kind=OrganizationKind(row["kind"]),
        parent_code=row["parent_code"] or None,
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        region_group=row["region_group"],
        valid_from=_date(row["valid_from"]),
        valid_to=_date(row["valid_to"]),
    )
    return ImportRow(line=line, new=new)


def _cell_errors(row: Mapping[str, str]) -> Iterator[tuple[str, RowProblem]]:
    for column in NEEDED:
        if not row[column]:
            yield column, RowProblem.MISSING
    for column, longest in LONGEST.items():
        if len(row[column]) > longest:
            yield column, RowProblem.TOO_LONG
        if not row[column].isprintable():
            yield column, RowProblem.UNPRINTABLE
    if row["kind"] and row["kind"] not in set(OrganizationKind):
        yield "kind", RowProblem.UNKNOWN_KIND
    yield from _date_errors(row)


def _date_errors(row: Mapping[str, str]) -> Iterator[tuple[str, RowProblem]]:
    wrong = [column for column in ("valid_from", "valid_to") if not _is_date(row[column])]
    yield from ((column, RowProblem.NOT_A_DATE) for column in wrong)
    if not wrong:
        first, last = _date(row["valid_from"]), _date(row["valid_to"])
        if first and last and last < first:
            yield "valid_to", RowProblem.ENDS_EARLY


def _place_errors(
    new: NewOrganization, kinds: Mapping[str, OrganizationKind], known: Mapping[str, Known]
) -> Iterator[tuple[str, RowProblem]]:
    if new.parent_code is not None and new.parent_code not in kinds:
        yield "parent_code", RowProblem.UNKNOWN_PARENT
    elif kinds.get(new.parent_code or "") is not PARENT_KINDS[new.kind]:
        yield "parent_code", RowProblem.WRONG_PARENT
    before = known.get(new.code)
    if before is not None and before.kind is not new.kind:
        yield "kind", RowProblem.OTHER_KIND
    elif before is not None and before.parent_code != new.parent_code:
        yield "parent_code", RowProblem.OTHER_PARENT


def _is_date(text: str) -> bool:
    try:
        _date(text)
    except ValueError:
        return False
    return True


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
