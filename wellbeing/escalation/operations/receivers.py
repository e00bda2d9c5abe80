"""Desks joining an escalation: each in its turn, none replaces another, everybody is paged."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, update

from wellbeing.cases.operations import entries
from wellbeing.escalation import queries
from wellbeing.escalation.models import ESCALATION, RECEIVER
from wellbeing.escalation.operations import pages, starting, supervision
from wellbeing.escalation.operations.staffing import Staffing
from wellbeing.escalation.rules.chain import is_due, may_hurry, next_step_at
from wellbeing.escalation.rules.rows import EscalationRow
from wellbeing.escalation.rules.words import (
    Direction,
    DutyKind,
    Entry,
    EscalationState,
    NewPage,
    PageState,
    PageSubject,
    PageSubjectKind,
    Place,
)
from wellbeing.foundation.database import changed_many, session
from wellbeing.policy import current as policy

_MOVED = (
    update(ESCALATION)
    .where(
        ESCALATION.c.id == bindparam("this"),
        ESCALATION.c.version == bindparam("seen"),
        or_(
            ESCALATION.c.state == EscalationState.SENT.value,
            ESCALATION.c.state == EscalationState.ACKNOWLEDGED.value,
        ),
    )
    .values(version=ESCALATION.c.version + 1)
)
_JOINED = insert(RECEIVER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """A desk whose turn has come; nobody is there if it is not covered."""

    position: int
    place: Place
    is_covered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """Whom one escalation calls now: again, and for the first time; then the last resort."""

    row: EscalationRow
    again: tuple[Place, ...]
    joining: tuple[Joining, ...]
    joined: int

    @property
    def last_resort(self) -> bool:
        """Tell whether the chain ends at an empty desk: the city's supervisors are rung then."""
        return bool(self.joining) and not self.joining[-1].is_covered


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What several escalations are judged by: who is on call, declined, has heard; what rings."""

    staff: Staffing
    silent: Mapping[int, frozenset[int]]
    heard: frozenset[int]
    ringing: Collection[starting.Key]


def subject_of(*, escalation_id: int) -> PageSubject:
    """Name an escalation as what a desk is called for."""
    return PageSubject(kind=PageSubjectKind.ESCALATION, id=escalation_id)


def move(*, row: EscalationRow, now: datetime, at_least_one: bool = False) -> bool:
    """Let everybody join whose time has come, call again whoever did not answer, set the next step.

    Done once, whatever the number of processes: the version fences it. Tells whether it was here.
    """
    return bool(move_all(rows=[row], now=now, at_least_one=at_least_one))


def move_all(
    *, rows: Sequence[EscalationRow], now: datetime, at_least_one: bool = False
) -> frozenset[int]:
    """Move open escalations with as many statements as one; give the ids of those that moved.

    Raises:
        RowsMoved: another process moved one of several; nothing of this may be committed.

    """
    known = known_of(rows=rows, now=now)
    calls = [
        calls_of(
            row=row,
            since=row.step if at_least_one else 0,
            joins_from=row.step,
            at_once=at_least_one,
            known=known,
        )
        for row in rows
    ]
    if not calls or not changed_many(_MOVED, [_moved(one, known, now) for one in calls]):
        return frozenset()
    for row in rows:
        if _is_missed(row, now):
            _note_missed(row, now)
    make(calls=calls, staff=known.staff, now=now)
    return frozenset(row.escalation_id for row in rows)


def hurry(*, escalation_id: int, now: datetime) -> bool:
    """Let the next desk join a red escalation at once when everybody so far was rung in vain."""
    held = queries.held(escalation_ids=[escalation_id], unless_others_do=True)
    if not held:
        # Somebody decides about it at this moment, or its own clock moves it.
        return False
    row = held[0]
    is_ringing = any(
        page.state is PageState.PAGING
        for page in queries.pages_of(subject=subject_of(escalation_id=escalation_id))
    )
    if row.state is not EscalationState.SENT or is_ringing:
        return False
    if not may_hurry(chain=row.chain, joined=row.step, level=row.level, by=row.acknowledge_by):
        return False
    return move(row=row, now=now, at_least_one=True)


def patience(*, row: EscalationRow) -> timedelta:
    """Tell how long an acknowledgement may stay without acceptance, and rounds stay apart.

    As the policy stood when it was sent: an edit bends no escalation that runs.
    """
    if row.again_s is not None:
        return timedelta(seconds=row.again_s)
    return policy.current().tiers.clocks[row.level].acknowledge


def round_of(*, row: EscalationRow, has_heard: bool) -> timedelta:
    """Tell how far apart rounds are; further once the last desk of the chain `has_heard` of it."""
    if not has_heard:
        return patience(row=row)
    if row.slow_again_s is not None:
        return timedelta(seconds=row.slow_again_s)
    return policy.current().tiers.slow_round(level=row.level)


def known_of(*, rows: Sequence[EscalationRow], now: datetime) -> Known:
    """Read what these escalations are judged by, with a few queries and one for each desk."""
    declined = select(RECEIVER.c.escalation_id, RECEIVER.c.organization_id).where(
        RECEIVER.c.escalation_id.in_([row.escalation_id for row in rows]),
        RECEIVER.c.declined_at.is_not(None),
    )
    silent: dict[int, frozenset[int]] = {row.escalation_id: frozenset() for row in rows}
    for one in session().execute(declined):
        silent[one.escalation_id] |= {one.organization_id}
    places = {starting.key_of(new=_page(row, place)) for row in rows for place in row.chain}
    return Known(
        staff=Staffing(now=now),
        silent=silent,
        heard=queries.heard_by_the_last(rows=rows),
        ringing=starting.running(keys=places),
    )


def calls_of(
    *, row: EscalationRow, since: int, joins_from: int, at_once: bool, known: Known
) -> Calls:
    """Decide whom an escalation calls: places from `since` on again, later ones in their turn.

    Whoever follows an empty desk joins at once.
    """
    silent = known.silent[row.escalation_id]
    again = [one for one in row.chain[since : row.step] if one.organization_id not in silent]
    joining: list[Joining] = []
    joined = joins_from
    while is_due(chain=row.chain, joined=joined, now=known.staff.now, at_once=at_once):
        place = row.chain[joined]
        is_covered = _is_covered(row, place, known)
        joining.append(Joining(position=joined, place=place, is_covered=is_covered))
        joined += 1
        at_once = not is_covered
    return Calls(row=row, again=tuple(again), joining=tuple(joining), joined=joined)


def make(*, calls: Sequence[Calls], staff: Staffing, now: datetime) -> None:
    """Page everybody who is called, and write down who joined; the moves were claimed before."""
    pages.start_all(
        news=[
            _page(one.row, place)
            for one in calls
            for place in (*one.again, *(joining.place for joining in one.joining))
        ],
        staff=staff,
        now=now,
    )
    joined = [(one.row, joining) for one in calls for joining in one.joining]
    if joined:
        session().execute(_JOINED, [_receiver(row, joining, now) for row, joining in joined])
    entries.add_entries(
        rows=[_entry(row, joining, now) for row, joining in joined if joining.position > 0]
    )
    # The chain ends at an empty desk: the city's supervisors are rung, whatever the roster.
    last = [_page(one.row, one.row.chain[-1], last_resort=True) for one in calls if one.last_resort]
    if last:
        pages.start_all(news=last, staff=staff, now=now)


def _is_covered(row: EscalationRow, place: Place, known: Known) -> bool:
    people = known.staff.people(
        organization_id=place.organization_id, desk=place.desk, last_resort=False
    )
    return bool(people) or starting.key_of(new=_page(row, place)) in known.ringing


def _is_missed(row: EscalationRow, now: datetime) -> bool:
    return (
        row.state is EscalationState.SENT
        and row.acknowledge_by <= now
        and row.acknowledge_missed_at is None
    )


def _moved(calls: Calls, known: Known, now: datetime) -> dict[str, Any]:
    row = calls.row
    return {
        "this": row.escalation_id,
        "seen": row.version,
        "acknowledge_missed_at": now if _is_missed(row, now) else row.acknowledge_missed_at,
        "step": calls.joined,
        "next_step_at": next_step_at(
            chain=row.chain,
            joined=calls.joined,
            by=row.acknowledge_by,
            again=round_of(row=row, has_heard=row.escalation_id in known.heard),
            now=now,
        ),
    }


def _receiver(row: EscalationRow, joining: Joining, now: datetime) -> dict[str, Any]:
    return {
        "escalation_id": row.escalation_id,
        "organization_id": joining.place.organization_id,
        "desk": joining.place.desk,
        "position": joining.position,
        "planned_at": joining.place.planned_at,
        "joined_at": now,
        "is_covered": joining.is_covered,
    }


def _entry(row: EscalationRow, joining: Joining, now: datetime) -> dict[str, Any]:
    facts = {
        "escalation_id": row.escalation_id,
        "organization_id": joining.place.organization_id,
        "desk": joining.place.desk,
        "planned_at": joining.place.planned_at,
        "is_covered": joining.is_covered,
    }
    kind = Entry.JOINED if row.accepted_at is None else Entry.TOLD_LATE
    return entries.entry(case_id=row.case_id, kind=kind, actor_id=None, facts=facts, now=now)


def _page(row: EscalationRow, place: Place, *, last_resort: bool = False) -> NewPage:
    return NewPage(
        subject=subject_of(escalation_id=row.escalation_id),
        organization_id=place.organization_id,
        desk=place.desk,
        urgency=row.level,
        case_id=row.case_id,
        last_resort=last_resort,
    )


def _note_missed(row: EscalationRow, now: datetime) -> None:
    facts = {"escalation_id": row.escalation_id, "acknowledge_by": row.acknowledge_by}
    entries.add_entry(
        case_id=row.case_id,
        kind=Entry.ACKNOWLEDGEMENT_MISSED,
        actor_id=None,
        facts=facts,
        now=now,
    )
    if row.direction is Direction.DOWN:
        # The tier that sent it stands above: its own desks are no receivers, its supervisors hear.
        supervision.give_to_supervisor(
            row=row,
            organization_id=row.from_organization_id,
            kind=DutyKind.STEP_DOWN_UNANSWERED,
            now=now,
        )
