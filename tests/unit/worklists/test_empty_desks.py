"""Which desks stand empty that never should."""

from __future__ import annotations

from datetime import UTC, datetime

from wellbeing.policy.model import DeskPolicy, Tier
from wellbeing.worklists.rules import Coverage, EmptyDesk, empty_desks

LEFT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
COMES = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


def desk(key: str, tier: Tier, *, always: bool = True) -> DeskPolicy:
    return DeskPolicy(key=key, tier=tier, around_the_clock=always, name_zh="示例", name_en="Desk")


CITY = [(1, Tier.MUNICIPAL)]


def test_a_desk_without_any_shift_is_empty():
    found = empty_desks(places=CITY, desks=[desk("line", Tier.MUNICIPAL)], coverage={})

    assert found == (EmptyDesk(organization_id=1, desk="line", since=None, until=None),)


def test_an_empty_desk_says_when_it_was_left_and_when_somebody_comes():
    known = {(1, "line"): Coverage(is_covered=False, since=LEFT, until=COMES)}

    (found,) = empty_desks(places=CITY, desks=[desk("line", Tier.MUNICIPAL)], coverage=known)

    assert (found.since, found.until) == (LEFT, COMES)


def test_a_covered_desk_is_not_empty():
    known = {(1, "line"): Coverage(is_covered=True, since=LEFT, until=None)}

    assert empty_desks(places=CITY, desks=[desk("line", Tier.MUNICIPAL)], coverage=known) == ()


def test_desks_with_hours_and_desks_of_other_tiers_are_left_out():
    desks = [desk("line", Tier.MUNICIPAL, always=False), desk("line", Tier.DISTRICT)]

    assert empty_desks(places=CITY, desks=desks, coverage={}) == ()
