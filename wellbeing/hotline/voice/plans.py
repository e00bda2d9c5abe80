"""The ring plan of one call: the policy's stages, resolved to desks of real organizations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from wellbeing.cases.queries import cases
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.calls import CallRow, Place, Stage
from wellbeing.hotline.rules.texts import LINE_DESK
from wellbeing.organizations import queries as organizations
from wellbeing.policy import current as policy
from wellbeing.policy.model import RingStage, Tier

SCHOOL_STAGE = "school"
SAME_PERSON = "same"


def ordinary(*, line_number: str, organization_id: int, now: datetime) -> tuple[Stage, ...]:
    """Give the stages for a call to this number now, as they will stay for this call."""
    return _resolved(line_number, organization_id, is_danger=False, now=now)


def of_call(*, call: CallRow, is_danger: bool, now: datetime) -> tuple[Stage, ...]:
    """Give the stages for a call whose caller we may know: an open case names their district."""
    home = home_of(caller_id=call.caller_id, contact_id=call.contact_id)
    place = home if home is not None else call.organization_id
    return _resolved(call.line_number, place, is_danger=is_danger, now=now)


def school_of(*, call: CallRow) -> int | None:
    """Name the school that the caller may ask for: the number's own, or their open case's."""
    home = home_of(caller_id=call.caller_id, contact_id=call.contact_id)
    for organization_id in (call.organization_id, home):
        if organization_id is None:
            continue
        if organizations.get(organization_id=organization_id).tier is Tier.SCHOOL:
            return organization_id
    return None


def with_school(*, plan: tuple[Stage, ...], school_id: int) -> tuple[Stage, ...]:
    """Put the caller's own school first; they asked for it."""
    lasts = policy.current().line.voice.ring
    place = Place(organization_id=school_id, desk=LINE_DESK)
    return (Stage(key=SCHOOL_STAGE, places=(place,), lasts=lasts), *plan)


def with_person(*, plan: tuple[Stage, ...], user_id: int) -> tuple[Stage, ...]:
    """Put the counselor first whose line broke a moment ago."""
    lasts = policy.current().line.voice.ring
    rest = tuple(stage for stage in plan if stage.key != SAME_PERSON)
    return (Stage(key=SAME_PERSON, places=(), lasts=lasts, user_id=user_id), *rest)


def home_of(*, caller_id: int, contact_id: int) -> int | None:
    """Name the organization of the caller's open case, if an earlier contact has one."""
    for earlier in contacts.previous_of(caller_id=caller_id, before=contact_id):
        case = cases.case_of_contact(contact_id=earlier.contact_id)
        if case is not None and case.closed_at is None:
            return case.organization_id
    return None


def _resolved(
    line_number: str, organization_id: int, *, is_danger: bool, now: datetime
) -> tuple[Stage, ...]:
    chosen = policy.current().line.voice.plan_for(
        number=line_number, is_danger=is_danger, moment=now
    )
    own = organizations.get(organization_id=organization_id)
    chain = (own, *organizations.chain_above(organization_id=organization_id))
    by_tier: dict[Tier, int] = {one.tier: one.id for one in chain if one.tier is not Tier.SCHOOL}
    return tuple(
        Stage(key=stage.key, places=tuple(_places(stage, by_tier)), lasts=stage.lasts)
        for stage in chosen.stages
    )


def _places(stage: RingStage, by_tier: Mapping[Tier, int]) -> Iterator[Place]:
    """Name the desks of a stage; a tier that this line does not have is left out."""
    for one in stage.places:
        if one.tier in by_tier:
            yield Place(organization_id=by_tier[one.tier], desk=one.desk)
