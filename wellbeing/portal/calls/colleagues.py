"""Who may be brought into a call: people of the city's desks who are on duty and can be rung."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wellbeing.accounts.queries import people as accounts
from wellbeing.contacts.rules.calls import LegKind
from wellbeing.organizations import queries as organizations
from wellbeing.policy import current as policy
from wellbeing.policy.model import Tier
from wellbeing.portal import filters, pages
from wellbeing.roster import queries as roster

KINDS: Mapping[str, LegKind] = {"supervisor": LegKind.JOIN, "duty_lead": LegKind.JOIN}
"""Why the people of a desk come into a call: to take over, if nothing else is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody on duty who could be rung now."""

    user_id: int
    name: str
    desk: str
    kind: LegKind


def on_duty() -> tuple[Colleague, ...]:
    """List the people of the municipal desks by desk, in the order of ringing, without oneself."""
    city = organizations.municipality().id
    desks = [one for one in policy.current().line.desks if one.tier is Tier.MUNICIPAL]
    found: dict[int, tuple[str, LegKind]] = {}
    for desk in desks:
        for one in roster.available_at(organization_id=city, desk=desk.key, at=pages.now()):
            kind = KINDS.get(desk.key, LegKind.TRANSFER)
            found.setdefault(one.user_id, (desk.name(language=pages.language()), kind))
    found.pop(pages.reader().user_id, None)
    names = accounts.names_of(user_ids=found)
    return tuple(
        Colleague(
            user_id=user_id,
            name=filters.in_language(names[user_id], "display_name"),
            desk=desk,
            kind=kind,
        )
        for user_id, (desk, kind) in found.items()
    )


def chosen(*, user_id: str) -> Colleague | None:
    """Give the one of them who was chosen; None when they have gone off duty since."""
    return next((one for one in on_duty() if str(one.user_id) == user_id), None)
