"""Desks joining an escalation: each in its turn, none replaces another, everybody is paged."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from wellbeing.cases.operations import entries
from wellbeing.escalation import queries
from wellbeing.escalation.models import ESCALATION, RECEIVER
from wellbeing.escalation.operations import pages, supervision
from wellbeing.escalation.rules.chain import is_due, may_hurry, next_step_at
from wellbeing.escalation.rules.rows import EscalationRow
from wellbeing.escalation.rules.words import (
    OPEN_STATES,
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
from wellbeing.foundation.database import changed, session
from wellbeing.policy import current as policy


def subject_of(*, escalation_id: int) -> PageSubject:
    """Name an escalation as what a desk is called for."""
    return PageSubject(kind=PageSubjectKind.ESCALATION, id=escalation_id)


def move(*, row: EscalationRow, now: datetime, at_least_one: bool = False) -> bool:
    """Let everybody join whose time has come, call again whoever did not answer, set the next step.

    Done once, whatever the number of processes: the version fences it. Tells whether it was here.
    """
    claim = (
        update(ESCALATION)
        .where(
            ESCALATION.c.id == row.escalation_id,
            ESCALATION.c.version == row.version,
            ESCALATION.c.state.in_([state.value for state in OPEN_STATES]),
        )
        .values(version=ESCALATION.c.version + 1)
    )
    is_missed = (
        row.state is EscalationState.SENT
        and row.acknowledge_by <= now
        and row.acknowledge_missed_at is None
    )
    if changed(claim.values(acknowledge_missed_at=now) if is_missed else claim) != 1:
        return False
    if is_missed:
        _note_missed(row, now)
    if not at_least_one:
        call_again(row=row, since=0, now=now)
    joined = join_due(row=row, at_once=at_least_one, now=now)
    following = next_step_at(
        chain=row.chain,
        joined=joined,
        by=row.acknowledge_by,
        again=patience(row=row),
        now=now,
    )
    changed(
        update(ESCALATION)
        .where(ESCALATION.c.id == row.escalation_id)
        .values(step=joined, next_step_at=following)
    )
    return True


def hurry(*, escalation_id: int, now: datetime) -> bool:
    """Let the next desk join a red escalation at once when everybody so far was rung in vain."""
    row = queries.by_id(escalation_id=escalation_id)
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


def join_due(*, row: EscalationRow, at_once: bool, now: datetime) -> int:
    """Let everybody join whose time has come, and whoever follows an empty desk; tell how many."""
    joined = row.step
    is_covered = True
    while is_due(chain=row.chain, joined=joined, now=now, at_once=at_once):
        is_covered = _join(row, joined, now)
        joined += 1
        at_once = not is_covered
    if not is_covered:
        # The chain ends at an empty desk: the city's supervisors are rung, whatever the roster.
        _page(row, row.chain[-1], now, last_resort=True)
    return joined


def call_again(*, row: EscalationRow, since: int, now: datetime) -> None:
    """Ring once more everybody who joined from a place of the chain on and did not decline."""
    if row.step <= since:
        return
    declined = select(RECEIVER.c.organization_id).where(
        RECEIVER.c.escalation_id == row.escalation_id, RECEIVER.c.declined_at.is_not(None)
    )
    silent = set(session().execute(declined).scalars())
    for place in row.chain[since : row.step]:
        if place.organization_id not in silent:
            _page(row, place, now)


def _join(row: EscalationRow, position: int, now: datetime) -> bool:
    place = row.chain[position]
    is_covered = _page(row, place, now)
    values = {
        "escalation_id": row.escalation_id,
        "organization_id": place.organization_id,
        "desk": place.desk,
        "position": position,
        "planned_at": place.planned_at,
        "joined_at": now,
        "is_covered": is_covered,
    }
    session().execute(insert(RECEIVER), values)
    if position > 0:
        facts: dict[str, Any] = {
            "escalation_id": row.escalation_id,
            "organization_id": place.organization_id,
            "desk": place.desk,
            "planned_at": place.planned_at,
            "is_covered": is_covered,
        }
        kind = Entry.JOINED if row.accepted_at is None else Entry.TOLD_LATE
        entries.add_entry(case_id=row.case_id, kind=kind, actor_id=None, facts=facts, now=now)
    return is_covered


def _page(row: EscalationRow, place: Place, now: datetime, *, last_resort: bool = False) -> bool:
    new = NewPage(
        subject=subject_of(escalation_id=row.escalation_id),
        organization_id=place.organization_id,
        desk=place.desk,
        urgency=row.level,
        case_id=row.case_id,
        last_resort=last_resort,
    )
    return pages.start(new=new, now=now).is_covered


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
