"""Who is rung at which desk at one moment: each desk asked once, however many pages need it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from wellbeing.escalation.operations import desks
from wellbeing.escalation.operations.desks import Desk, Person
from wellbeing.escalation.queries import reach
from wellbeing.escalation.rules.reach import Quiet, in_order
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel

Asked = tuple[int, str, bool]


@dataclass(slots=True, kw_only=True)
class Staffing:
    """The people of desks as they stand at one moment of one transaction."""

    now: datetime
    _people: dict[Asked, dict[int, Person]] = field(default_factory=dict)
    _quiet: dict[Asked, dict[int, Quiet]] = field(default_factory=dict)

    def people(self, *, organization_id: int, desk: str, last_resort: bool) -> dict[int, Person]:
        """Give whoever is rung there, by id, first first."""
        asked = organization_id, desk, last_resort
        if asked not in self._people:
            at = Desk(organization_id=organization_id, desk=desk)
            found = desks.people_at(desk=at, last_resort=last_resort, now=self.now)
            self._people[asked] = {one.user_id: one for one in found}
        return self._people[asked]

    def awake_first(
        self, *, organization_id: int, desk: str, last_resort: bool, urgency: RiskLevel
    ) -> tuple[int, ...]:
        """Put whoever asked for quiet at this hour last; red lets nobody sleep."""
        asked = organization_id, desk, last_resort
        ids = tuple(self.people(organization_id=asked[0], desk=asked[1], last_resort=asked[2]))
        if urgency is RiskLevel.IMMINENT or len(ids) < 2:  # noqa: PLR2004 - one has no order
            return ids
        if asked not in self._quiet:
            self._quiet[asked] = dict(reach.quiet_of(user_ids=ids))
        resting = self._quiet[asked]
        zone = policy.current().tiers.paging.quiet_hours.zone

        def is_quiet(user_id: int) -> bool:
            return user_id in resting and resting[user_id].covers(moment=self.now, zone=zone)

        return in_order(people=ids, is_quiet=is_quiet, urgency=urgency)
