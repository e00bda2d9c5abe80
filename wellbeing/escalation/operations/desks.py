"""Who is at a desk now, who supervises it, and the alarm when nobody is. Nobody is rung here."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.roles import Role
from wellbeing.cases.operations import duties, entries
from wellbeing.cases.rules.cases import NewDuty
from wellbeing.escalation.queries import reach
from wellbeing.escalation.rules.chain import Rung, desk_above, lowest_with_desk
from wellbeing.escalation.rules.rows import PageRow
from wellbeing.escalation.rules.words import (
    DIRECTOR_DESK,
    DUTY_LEAD_DESK,
    SUPERVISOR_DESK,
    DutyKind,
    Entry,
    PageChannel,
    PageSubjectKind,
)
from wellbeing.organizations import queries as organizations
from wellbeing.policy import current as policy
from wellbeing.policy.model import Language, Tier
from wellbeing.roster import queries as roster

logger = logging.getLogger(__name__)

LADDER = (SUPERVISOR_DESK, DUTY_LEAD_DESK, DIRECTOR_DESK)
"""Desks of the highest tier, in the order in which they follow an unanswered one."""
COVER_WITHIN = timedelta(hours=1)
"""By when a supervisor puts somebody on an empty desk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can be rung: number, language, and the key their texts are sealed under."""

    user_id: int
    phone: str
    language: Language
    data_key_id: uuid.UUID
    numbers: Mapping[PageChannel, str]
    """Numbers of their own for pages, where they proved one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A desk of one organization."""

    organization_id: int
    desk: str


def people_at(*, desk: Desk, last_resort: bool, now: datetime) -> tuple[Person, ...]:
    """List who is rung at a desk, first first; without a phone nobody can be rung.

    As a last resort every supervisor of the municipality, whatever the roster says.
    """
    on_call = roster.on_call_at(organization_id=desk.organization_id, desk=desk.desk, at=now)
    ids = [one.user_id for one in on_call]
    if not ids and last_resort:
        city = organizations.municipality().id
        ids = [one.id for one in accounts.users_of(organization_id=city, role=Role.SUPERVISOR)]
    found = people(user_ids=ids)
    return tuple(found[one] for one in ids if one in found)


def people(*, user_ids: Collection[int]) -> Mapping[int, Person]:
    """Give those who can be rung, with two queries; not those without a phone, or who left."""
    if not user_ids:
        return {}
    found = accounts.reachable(user_ids=user_ids)
    own = reach.numbers(user_ids=list(found))
    default = policy.current().line.default_language
    return {
        one.user_id: Person(
            user_id=one.user_id,
            phone=one.phone,
            language=one.languages[0] if one.languages else default,
            data_key_id=one.data_key_id,
            numbers=own.get(one.user_id, {}),
        )
        for one in found.values()
    }


def person(*, user_id: int) -> Person | None:
    """Give somebody as a person to be rung; None without a phone, or when they left."""
    return people(user_ids=[user_id]).get(user_id)


def rungs_above(*, organization_id: int) -> tuple[Rung, ...]:
    """List the organizations above one, lowest first, as the chain needs them."""
    above = organizations.chain_above(organization_id=organization_id)
    return tuple(Rung(organization_id=one.id, tier=one.tier) for one in above)


def above(*, desk: Desk) -> Desk | None:
    """Tell which desk follows one that does not answer; None after the last."""
    found = desk_above(
        desk=desk.desk,
        rung=_rung(desk.organization_id),
        above=rungs_above(organization_id=desk.organization_id),
        desks=policy.current().line.desks,
        ladder=LADDER,
    )
    return Desk(organization_id=found[0], desk=found[1]) if found else None


def supervising(*, organization_id: int) -> Desk:
    """Find the supervisors' desk of an organization: its own, or the nearest above it."""
    found = lowest_with_desk(
        desk=SUPERVISOR_DESK,
        rungs=(_rung(organization_id), *rungs_above(organization_id=organization_id)),
        desks=policy.current().line.desks,
    )
    city = organizations.municipality().id
    return Desk(organization_id=city if found is None else found, desk=SUPERVISOR_DESK)


def holder_at(*, desk: Desk, now: datetime) -> int | None:
    """Tell who holds a duty of a desk: whoever is on call, else a supervisor there or above."""
    on_call = roster.on_call_at(organization_id=desk.organization_id, desk=desk.desk, at=now)
    if on_call:
        return on_call[0].user_id
    above_it = rungs_above(organization_id=desk.organization_id)
    for organization_id in (desk.organization_id, *(rung.organization_id for rung in above_it)):
        found = accounts.users_of(organization_id=organization_id, role=Role.SUPERVISOR)
        if found:
            return found[0].id
    return None


def raise_coverage_alarm(*, page: PageRow, now: datetime) -> None:
    """Record that nobody was on call: in the timeline, and as a duty of the city's supervisor.

    A desk that the policy does not staff around the clock may be empty for a waiting contact; an
    escalation that finds it empty is always an alarm.
    """
    logger.warning("nobody on call", extra={"page_id": page.page_id, "desk": page.desk})
    if page.case_id is not None:
        entries.add_entry(
            case_id=page.case_id,
            kind=Entry.NOBODY_ON_CALL,
            actor_id=None,
            facts={"organization_id": page.organization_id, "desk": page.desk},
            now=now,
        )
    if page.case_id is not None or is_always_staffed(
        organization_id=page.organization_id, desk=page.desk
    ):
        _open_duty(page, now)


def is_always_staffed(*, organization_id: int, desk: str) -> bool:
    """Tell whether the policy wants somebody at this desk at any hour."""
    tier: Tier = organizations.get(organization_id=organization_id).tier
    return any(
        one.around_the_clock
        for one in policy.current().line.desks
        if (one.key, one.tier) == (desk, tier)
    )


def _open_duty(page: PageRow, now: datetime) -> None:
    city = Desk(organization_id=organizations.municipality().id, desk=SUPERVISOR_DESK)
    holder = holder_at(desk=city, now=now)
    contact_id = page.subject.id if page.subject.kind is PageSubjectKind.CONTACT else None
    if holder is None:
        logger.error("no supervisor of the municipality exists", extra={"page_id": page.page_id})
    elif page.case_id is not None or contact_id is not None:
        new = NewDuty(
            kind=DutyKind.COVERAGE_GAP,
            case_id=page.case_id,
            contact_id=contact_id if page.case_id is None else None,
            holder_id=holder,
            organization_id=city.organization_id,
            by_at=now + COVER_WITHIN,
        )
        duties.open_duty(new=new, now=now)


def _rung(organization_id: int) -> Rung:
    found = organizations.get(organization_id=organization_id)
    return Rung(organization_id=found.id, tier=found.tier)
