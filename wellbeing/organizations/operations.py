"""Add organizations, one by one or from a file. Moving one is not an import's work."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from wellbeing.foundation.database import session
from wellbeing.organizations.models import ORGANIZATION
from wellbeing.organizations.rules import (
    PARENT_KINDS,
    TIERS,
    CodeTaken,
    ImportRefused,
    ImportResult,
    Known,
    NewOrganization,
    OrganizationKind,
    RowError,
    RowProblem,
    SecondMunicipality,
    WrongParent,
    check_rows,
    details_of,
    read_rows,
)

Progress = Callable[[int, int], object]
"""Told how many rows are done, of how many."""
BATCH = 1_000
DETAILS = ("name_zh", "name_en", "region_group", "valid_from", "valid_to")
_BY_ID = update(ORGANIZATION).where(ORGANIZATION.c.id == bindparam("row"))


def add_organization(*, new: NewOrganization, now: datetime) -> int:
    """Add one organization under its parent; give its id.

    Raises:
        CodeTaken: there is one with this code.
        WrongParent: its kind cannot stand there, or there is no such parent.
        SecondMunicipality: there is one already.

    """
    known = _known()
    if new.code in known:
        raise CodeTaken
    if new.kind is OrganizationKind.MUNICIPALITY and known:
        raise SecondMunicipality
    parent = known.get(new.parent_code or "")
    if (parent.kind if parent else None) is not PARENT_KINDS[new.kind]:
        raise WrongParent
    return _insert([new], known, now)[new.code].id


def import_districts(
    *, path: Path, now: datetime, progress: Progress = lambda done, total: (done, total)
) -> ImportResult:
    """Import the municipality and its dated districts; a school in that file is an error."""
    kinds = (OrganizationKind.MUNICIPALITY, OrganizationKind.DISTRICT)
    return _import(path, now, progress, kinds)


def import_organizations(
    *, path: Path, now: datetime, progress: Progress = lambda done, total: (done, total)
) -> ImportResult:
    """Import organizations of any kind from a CSV file; all or nothing, and twice is as once.

    Names, region and dates of known codes are brought up to date; kind and parent never change.

    Raises:
        ImportRefused: with every error by line and column; nothing was written.

    """
    return _import(path, now, progress, tuple(OrganizationKind))


def _import(
    path: Path, now: datetime, progress: Progress, kinds: Collection[OrganizationKind]
) -> ImportResult:
    known = _known()
    wanted = _wanted(path, known, kinds)
    fresh = [new for new in wanted if new.code not in known]
    stale = [new for new in wanted if new.code in known and known[new.code].differs(new)]
    _update(known, stale)
    done = len(wanted) - len(fresh)
    progress(done, len(wanted))
    for batch in _batches(fresh):
        known |= _insert(batch, known, now)
        done += len(batch)
        progress(done, len(wanted))
    return ImportResult(
        added=len(fresh), updated=len(stale), unchanged=len(wanted) - len(fresh) - len(stale)
    )


def _wanted(
    path: Path, known: Mapping[str, Known], kinds: Collection[OrganizationKind]
) -> list[NewOrganization]:
    rows = read_rows(content=path.read_bytes())
    errors = check_rows(rows=rows, known=known)
    errors += [
        RowError(line=row.line, column="kind", problem=RowProblem.UNKNOWN_KIND)
        for row in rows
        if row.new is not None and row.new.kind not in kinds
    ]
    if errors:
        raise ImportRefused(errors=tuple(sorted(errors, key=lambda one: one.line)))
    return [row.new for row in rows if row.new is not None]


def _batches(fresh: Collection[NewOrganization]) -> Iterator[Collection[NewOrganization]]:
    """Cut into batches of one kind, parents before what stands under them."""
    for kind in OrganizationKind:
        level = [new for new in fresh if new.kind is kind]
        for start in range(0, len(level), BATCH):
            yield level[start : start + BATCH]


def _known() -> dict[str, Known]:
    above = ORGANIZATION.alias("above")
    joined = ORGANIZATION.outerjoin(above, above.c.id == ORGANIZATION.c.parent_id)
    statement = select(ORGANIZATION, above.c.code.label("parent_code")).select_from(joined)
    return {
        row["code"]: Known(
            id=row["id"],
            path=row["path"],
            kind=OrganizationKind(row["kind"]),
            parent_code=row["parent_code"],
            details=tuple(row[name] for name in DETAILS),
        )
        for row in session().execute(statement).mappings()
    }


def _insert(
    batch: Collection[NewOrganization], known: Mapping[str, Known], now: datetime
) -> dict[str, Known]:
    """Insert organizations of one kind; a path holds ids, so it is written once they are known."""
    by_code = {new.code: new for new in batch}
    values = [_values(new, known, now) for new in batch]
    statement = insert(ORGANIZATION).returning(ORGANIZATION.c.id, ORGANIZATION.c.code)
    made = {code: row_id for row_id, code in session().execute(statement, values)}
    fresh = {
        code: Known(
            id=made[code],
            path=f"{_path_above(new, known)}{made[code]}/",
            kind=new.kind,
            parent_code=new.parent_code,
            details=details_of(new=new),
        )
        for code, new in by_code.items()
    }
    paths = [{"row": one.id, "whole": one.path} for one in fresh.values()]
    statement_of_paths = _BY_ID.values(path=bindparam("whole"))
    session().connection().execute(statement_of_paths, paths)
    return fresh


def _values(new: NewOrganization, known: Mapping[str, Known], now: datetime) -> dict[str, Any]:
    parent = known.get(new.parent_code or "")
    return {
        "code": new.code,
        "kind": new.kind.value,
        "parent_id": parent.id if parent else None,
        "path": f"?{new.code}",
        "tier": TIERS[new.kind].value,
        "created_at": now,
        **dict(zip(DETAILS, details_of(new=new), strict=True)),
    }


def _path_above(new: NewOrganization, known: Mapping[str, Known]) -> str:
    parent = known.get(new.parent_code or "")
    return parent.path if parent else "/"


def _update(known: Mapping[str, Known], stale: Collection[NewOrganization]) -> None:
    if not stale:
        return
    values = [
        {"row": known[new.code].id}
        | {f"new_{name}": value for name, value in zip(DETAILS, details_of(new=new), strict=True)}
        for new in stale
    ]
    statement = _BY_ID.values({name: bindparam(f"new_{name}") for name in DETAILS})
    session().connection().execute(statement, values)
