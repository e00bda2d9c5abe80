"""Questions about the tree of organizations. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, false, or_, select

from wellbeing.foundation.database import session
from wellbeing.organizations.models import ORGANIZATION
from wellbeing.organizations.rules import (
    NoSuchOrganization,
    OrganizationKind,
    Scope,
    is_valid_on,
    path_ids,
)
from wellbeing.policy.model import Language, Tier

_WHICH: BindParameter[int | str] = bindparam("which")
_FIRST = select(ORGANIZATION).order_by(ORGANIZATION.c.id).limit(1)
WITH_ID = _FIRST.where(ORGANIZATION.c.id == _WHICH)
WITH_CODE = _FIRST.where(ORGANIZATION.c.code == _WHICH)
_MANY = (
    select(ORGANIZATION)
    .where(ORGANIZATION.c.id.in_(bindparam("which", expanding=True)))
    .order_by(ORGANIZATION.c.id)
)
OF_KIND = _FIRST.where(ORGANIZATION.c.kind == _WHICH)
"""Built once: nearly every request asks one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationRow:
    """One organization as other rooms and doors see it."""

    id: int
    code: str
    kind: OrganizationKind
    tier: Tier
    parent_id: int | None
    path: str
    name_zh: str
    name_en: str
    region_group: str
    valid_from: date | None
    valid_to: date | None

    def name(self, *, language: Language) -> str:
        """Tell the name in the reader's language."""
        return self.name_zh if language is Language.ZH else self.name_en


def get(*, organization_id: int) -> OrganizationRow:
    """Give one organization.

    Raises:
        NoSuchOrganization: there is none with this id.

    """
    return _one(WITH_ID, organization_id)


def by_code(*, code: str) -> OrganizationRow:
    """Give the organization with this code.

    Raises:
        NoSuchOrganization: there is none.

    """
    return _one(WITH_CODE, code)


def municipality() -> OrganizationRow:
    """Give the root of the tree.

    Raises:
        NoSuchOrganization: nothing was imported yet.

    """
    return _one(OF_KIND, OrganizationKind.MUNICIPALITY.value)


def is_empty() -> bool:
    """Tell whether no organization was imported yet."""
    return session().execute(select(ORGANIZATION.c.id).limit(1)).first() is None


def many(*, organization_ids: Iterable[int]) -> Mapping[int, OrganizationRow]:
    """Give several organizations by id with one query; unknown ids are left out."""
    rows = session().execute(_MANY, {"which": list(set(organization_ids))}).mappings()
    return {row["id"]: _row(row) for row in rows}


def chain_above(*, organization_id: int) -> tuple[OrganizationRow, ...]:
    """List the organizations above this one, lowest first, so that a school meets its district.

    Raises:
        NoSuchOrganization: there is none with this id.

    """
    above = path_ids(path=get(organization_id=organization_id).path)[:-1]
    found = many(organization_ids=above)
    return tuple(found[one] for one in reversed(above))


def children(*, organization_id: int, on: date) -> tuple[OrganizationRow, ...]:
    """List what stands directly under an organization on a day, by code."""
    rows = _all(ORGANIZATION.c.parent_id == organization_id, order=ORGANIZATION.c.code)
    return tuple(
        row for row in rows if is_valid_on(day=on, valid_from=row.valid_from, valid_to=row.valid_to)
    )


def subtree_ids(*, path: str) -> tuple[int, ...]:
    """List the ids of an organization and everything under it, in order."""
    statement = select(ORGANIZATION.c.id).where(_below(ORGANIZATION.c.path, path))
    return tuple(session().execute(statement.order_by(ORGANIZATION.c.id)).scalars())


def list_within(*, scope: Scope, after_id: int = 0, limit: int) -> tuple[OrganizationRow, ...]:
    """List the organizations that a reader's scope covers, page by page, by id."""
    return _all(
        within(path=ORGANIZATION.c.path, scope=scope), ORGANIZATION.c.id > after_id, limit=limit
    )


def within(*, path: ColumnElement[str], scope: Scope) -> ColumnElement[bool]:
    """Limit any statement to the reader's subtrees, by its column of paths; no path, no rows."""
    return or_(false(), *(_below(path, root) for root in scope.paths))


def within_given(*, path: ColumnElement[str], many: int) -> ColumnElement[bool]:
    """Say the same for a statement that is built once, for readers of so many subtrees.

    It is asked with `given_paths`.
    """
    return or_(false(), *(path.like(bindparam(f"path_{place}")) for place in range(many)))


def given_paths(*, scope: Scope) -> dict[str, str]:
    """Name the values for a statement with `within_given`; a path is digits and slashes alone."""
    return {f"path_{place}": f"{root}%" for place, root in enumerate(scope.paths)}


def _below(path: ColumnElement[str], root: str) -> ColumnElement[bool]:
    return path.startswith(root, autoescape=True)


def _one(statement: Select[Any], which: int | str) -> OrganizationRow:
    found = session().execute(statement, {"which": which}).mappings().first()
    if found is None:
        raise NoSuchOrganization
    return _row(found)


def _all(
    *conditions: ColumnElement[bool],
    order: ColumnElement[Any] = ORGANIZATION.c.id,
    limit: int | None = None,
) -> tuple[OrganizationRow, ...]:
    statement = select(ORGANIZATION).where(*conditions).order_by(order).limit(limit)
    return tuple(_row(row) for row in session().execute(statement).mappings())


def _row(row: Any) -> OrganizationRow:
    return OrganizationRow(
        id=row["id"],
        code=row["code"],
        kind=OrganizationKind(row["kind"]),
        tier=Tier(row["tier"]),
        parent_id=row["parent_id"],
        path=row["path"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        region_group=row["region_group"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
    )
