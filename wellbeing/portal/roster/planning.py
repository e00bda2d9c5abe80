"""The blueprint of the roster, and what its pages share: choices, names, the audit's note."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, abort, request, url_for
from flask_babel import gettext

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.queries.people import UserName
from wellbeing.accounts.rules.roles import ROLE_PERMISSIONS, Permission
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.queries import OrganizationRow
from wellbeing.policy import current as policy
from wellbeing.policy.model import DeskPolicy, Tier
from wellbeing.portal import pages
from wellbeing.portal.forms.base import choice
from wellbeing.portal.forms.roster import ChosenForm

blueprint = Blueprint("roster", __name__)


def own_place() -> OrganizationRow:
    """Give the reader's own unit, whose desks the forms are about."""
    return organizations.get(organization_id=pages.reader().organization_id)


def desks_of(place: OrganizationRow) -> list[DeskPolicy]:
    """List the desks that the policy knows at the tier of a unit."""
    return [desk for desk in policy.current().line.desks if desk.tier == place.tier]


def desk_choices(place: OrganizationRow) -> list[Any]:
    """Give the desks of a unit to choose from, written `organization:key`."""
    return [
        choice(f"{place.id}:{desk.key}", desk.name(language=pages.language()))
        for desk in desks_of(place)
    ]


def people_choices(place: OrganizationRow) -> list[Any]:
    """Give the people of a unit who can be on call."""
    return [
        choice(person.id, person.display_name(language=pages.language()))
        for person in accounts.users_of(organization_id=place.id)
        if Permission.RECEIVE_ESCALATION in ROLE_PERMISSIONS[person.role]
    ]


def desk_names() -> Mapping[tuple[str, Tier], str]:
    """Name every desk in the reader's language."""
    return {
        (desk.key, desk.tier): desk.name(language=pages.language())
        for desk in policy.current().line.desks
    }


def names_of(*user_ids: int | None) -> Mapping[int, UserName]:
    """Give the names of several people; None names nobody."""
    return accounts.names_of(user_ids={one for one in user_ids if one is not None})


def places_of(rows: Iterable[Any]) -> Mapping[int, OrganizationRow]:
    """Give the units of several rows."""
    return organizations.many(organization_ids={row.organization_id for row in rows})


def tabs() -> list[dict[str, Any]]:
    """List the pages of the roster that the reader may see."""
    entries = [("roster.mine", gettext("My duty"))]
    if Permission.SUPERVISE in pages.reader().permissions:
        entries = [
            ("roster.show", gettext("Desks")),
            ("roster.rotations", gettext("Rotations")),
            ("roster.overrides", gettext("Replacements")),
            *entries,
        ]
    return [
        {"url": url_for(endpoint), "label": label, "current": request.endpoint == endpoint}
        for endpoint, label in entries
    ]


def chosen() -> int:
    """Give the id of the row that a button was pressed for; without one, 400."""
    form = ChosenForm()
    if not form.is_valid():
        abort(400)
    return int(form.row_id.data or 0)


def note(
    *,
    kind: str,
    row_id: int | None,
    action: AuditAction = AuditAction.ROSTER_CHANGED,
    **details: Any,
) -> None:
    """Write down a change of the roster, in the transaction that makes it."""
    audit.record(
        action=action,
        subject=Subject(kind=kind, id=row_id),
        actor=pages.actor(),
        details=details,
        now=pages.now(),
    )
