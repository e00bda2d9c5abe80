"""Tell about gaps before they happen, once each; hand a shift over. Who is paged is not here."""

from __future__ import annotations

from datetime import datetime

from wellbeing.contacts.operations import conversations as contacts
from wellbeing.foundation import events
from wellbeing.foundation.database import session
from wellbeing.policy import current as policy
from wellbeing.roster.events import CoverageGapAhead
from wellbeing.roster.models import COVERAGE_ALARM, HANDOVER
from wellbeing.roster.queries import coverage as queries
from wellbeing.roster.queries import shifts as shift_queries
from wellbeing.roster.rules.coverage import (
    DeskGap,
    HandedOver,
    NotYetEnding,
    can_hand_over,
    is_told,
)
from wellbeing.roster.rules.shifts import Interval


def due_coverage_alarms(*, now: datetime) -> tuple[CoverageGapAhead, ...]:
    """Raise an alarm for each gap of the next hours that nobody was told about; give the new ones.

    A desk that must never be empty and is empty now counts too. Any number of sweeps may run.
    """
    ahead = policy.current().line.voice.coverage_alarm_ahead
    gaps = queries.desk_gaps(within=Interval(starts_at=now, ends_at=now + ahead))
    units = {one.organization_id for one in gaps}
    since, told = queries.empty_since(units=units, now=now), queries.told(units=units)
    raised: list[CoverageGapAhead] = []
    for one in gaps:
        desk = (one.organization_id, one.desk)
        if is_told(gap=one.gap, now=now, empty_since=since.get(desk), told=told.get(desk, ())):
            continue
        if _raise(one, now):
            raised.append(_event(one, now))
    for event in raised:
        events.publish(event)
    return tuple(raised)


def hand_over(*, shift_id: int, user_id: int, open_contacts: int, now: datetime) -> None:
    """Note that somebody handed their shift over to whoever is on call after them.

    Raises:
        NoSuchShift: it is not theirs.
        NotYetEnding: it has not come to its end, or is long past it.
        HandedOver: it was done before.

    """
    found = shift_queries.own_shift(shift_id=shift_id, user_id=user_id)
    if not can_hand_over(ends_at=found.ends_at, now=now):
        raise NotYetEnding
    following = shift_queries.on_call_at(
        organization_id=found.organization_id, desk=found.desk, at=max(found.ends_at, now)
    )
    others = [one.user_id for one in following if one.user_id != user_id]
    statement = (
        contacts.meeting(HANDOVER)
        .values(
            shift_id=shift_id,
            by_user_id=user_id,
            to_user_id=next(iter(others), None),
            open_contacts=open_contacts,
            at=now,
        )
        .on_conflict_do_nothing()
        .returning(HANDOVER.c.id)
    )
    if session().execute(statement).scalar() is None:
        raise HandedOver


def _raise(one: DeskGap, now: datetime) -> bool:
    statement = (
        contacts.meeting(COVERAGE_ALARM)
        .values(
            organization_id=one.organization_id,
            desk=one.desk,
            starts_at=one.gap.starts_at,
            at=now,
        )
        .on_conflict_do_nothing()
        .returning(COVERAGE_ALARM.c.id)
    )
    return session().execute(statement).scalar() is not None


def _event(one: DeskGap, now: datetime) -> CoverageGapAhead:
    return CoverageGapAhead(
        organization_id=one.organization_id,
        desk=one.desk,
        starts_at=one.gap.starts_at,
        at=now,
    )
