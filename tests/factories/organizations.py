"""Invented organizations, added by the real operations in a transaction of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.factories.moments import NOW
from wellbeing.foundation.database import transaction
from wellbeing.organizations import operations, queries
from wellbeing.organizations.queries import OrganizationRow
from wellbeing.organizations.rules import NewOrganization, OrganizationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A small city: two districts, a school in each, one university."""

    municipality: OrganizationRow
    district: OrganizationRow
    other_district: OrganizationRow
    school: OrganizationRow
    other_school: OrganizationRow
    university: OrganizationRow


def make_organization(**changes: Any) -> OrganizationRow:
    """Add one organization; without changes it is the municipality."""
    now = changes.pop("now", NOW)
    new = {
        "code": "900000",
        "kind": OrganizationKind.MUNICIPALITY,
        "parent_code": None,
        "name_zh": "虚构市",
        "name_en": "Invented City",
    } | changes
    with transaction():
        made = operations.add_organization(new=NewOrganization(**new), now=now)
    return queries.get(organization_id=made)


def make_city() -> City:
    """Add a whole small city."""
    return City(
        municipality=make_organization(),
        district=_under("900000", OrganizationKind.DISTRICT, "900101", "甲区", "District A"),
        other_district=_under("900000", OrganizationKind.DISTRICT, "900102", "乙区", "District B"),
        school=_under("900101", OrganizationKind.SCHOOL, "S1", "虚构一中", "School 1"),
        other_school=_under("900102", OrganizationKind.SCHOOL, "S2", "虚构二中", "School 2"),
        university=_under("900000", OrganizationKind.UNIVERSITY, "U1", "虚构大学", "Invented U"),
    )


def _under(
    parent: str, kind: OrganizationKind, code: str, name_zh: str, name_en: str
) -> OrganizationRow:
    return make_organization(
        code=code, kind=kind, parent_code=parent, name_zh=name_zh, name_en=name_en
    )
