"""Names of people, places and desks for a page: two queries, however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.queries.people import UserName
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.queries import OrganizationRow
from wellbeing.policy import current as policy
from wellbeing.portal import filters, pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Who and where, in the reader's language."""

    users: Mapping[int, UserName]
    organizations: Mapping[int, OrganizationRow]

    def user(self, user_id: int | None) -> str:
        """Name a person; nobody means that the service did it by itself."""
        if user_id is None or user_id not in self.users:
            return gettext("The service")
        return filters.in_language(self.users[user_id], "display_name")

    def place(self, organization_id: int) -> str:
        """Name an organization."""
        return self.organizations[organization_id].name(language=pages.language())

    def desk(self, organization_id: int, key: str) -> str:
        """Name a desk by its organization's tier; one that the policy dropped keeps its key."""
        tier = self.organizations[organization_id].tier
        found = [one for one in policy.current().line.desks if (one.key, one.tier) == (key, tier)]
        return found[0].name(language=pages.language()) if found else key


def look_up(*, users: Iterable[int | None], organizations_: Iterable[int]) -> Names:
    """Find all names that a page needs."""
    return Names(
        users=accounts.names_of(user_ids={one for one in users if one is not None}),
        organizations=organizations.many(organization_ids=organizations_),
    )
