"""Passing a case on: up to a higher tier, or down with a plan. What follows is in `escalations`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.roles import Permission
from wellbeing.cases.operations import entries, holds
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseIsClosed, CaseRow
from wellbeing.escalation import queries
from wellbeing.escalation.events import EscalationSent
from wellbeing.escalation.models import ESCALATION
from wellbeing.escalation.operations import desks, receivers
from wellbeing.escalation.rules.chain import Counting, Rung, build_chain, deadlines, receiver
from wellbeing.escalation.rules.rows import snapshot
from wellbeing.escalation.rules.school_time import SchoolTime
from wellbeing.escalation.rules.words import (
    HOLD,
    OPEN_STATES,
    AlreadyEscalated,
    Direction,
    Entry,
    EscalationState,
    NewEscalation,
    NotBelow,
    NotTheSender,
    Place,
    ReasonNeeded,
    SkipNotAllowed,
)
from wellbeing.foundation import events
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session
from wellbeing.organizations import queries as organizations
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel

SEALED = ("reason", "safety_plan", "may_be_told", "skip_reason")


def escalate(*, new: NewEscalation, by: int, now: datetime) -> int:
    """Pass a case up and page the receiving desk; the sender owns it until somebody accepts.

    Raises:
        NotTheSender: `by` neither owns the case nor supervises it.
        ReasonNeeded: no reason was given.
        SkipNotAllowed: a tier is left out without a supervisor's reason.
        NobodyAbove: there is no such tier above the case's organization.
        AlreadyEscalated: the case is being passed on already.
        CaseIsClosed: nobody works on it any more.

    """
    case = _sendable(new, by)
    above = desks.rungs_above(organization_id=case.organization_id)
    first = receiver(above=above, to_tier=new.to_tier)
    if first != above[0] and not _may_skip(new, by):
        raise SkipNotAllowed
    chain = build_chain(
        above=above,
        first=first,
        steps=policy.current().tiers.chain[case.level],
        counting=counting(level=case.level),
        sent_at=now,
    )
    return _send(new, case, chain, by=by, direction=Direction.UP, now=now)


def step_down(*, new: NewEscalation, to_organization_id: int, by: int, now: datetime) -> int:
    """Return a case to an organization below with a plan (the reason); that one must accept it.

    If it does not answer in time, the tiers between join, and the sender's supervisors are called.

    Raises:
        NotBelow: the organization does not lie under the case's own.
        NotTheSender, ReasonNeeded, AlreadyEscalated: as for `escalate`.

    """
    case = _sendable(new, by)
    target = organizations.get(organization_id=to_organization_id)
    if target.id == case.organization_id or not target.path.startswith(case.organization_path):
        raise NotBelow
    chain = build_chain(
        above=desks.rungs_above(organization_id=target.id),
        first=Rung(organization_id=target.id, tier=target.tier),
        steps=policy.current().tiers.chain[case.level],
        counting=counting(level=case.level),
        sent_at=now,
    )
    chain = tuple(one for one in chain if one.organization_id != case.organization_id)
    return _send(new, case, chain, by=by, direction=Direction.DOWN, now=now)


def counting(*, level: RiskLevel) -> Counting:
    """Give the clock of a level with the calendar it counts by, as the policy says now."""
    current = policy.current()
    school = SchoolTime(calendar=current.followups.calendar, hours=current.tiers.school_hours)
    return Counting(clock=current.tiers.clocks[level], school=school)


def _sendable(new: NewEscalation, by: int) -> CaseRow:
    case = cases.case_by_id(case_id=new.case_id)
    scope = accounts.scope_of(user_id=by)
    is_supervisor = scope.may(Permission.SUPERVISE) and scope.covers(case.organization_path)
    if not scope.may(Permission.ESCALATE) or not (case.owner_id == by or is_supervisor):
        raise NotTheSender
    if case.closed_at is not None:
        raise CaseIsClosed
    if not new.reason.strip():
        raise ReasonNeeded
    if any(row.is_open for row in queries.of_case(case_id=new.case_id)):
        raise AlreadyEscalated
    return case


def _may_skip(new: NewEscalation, by: int) -> bool:
    is_supervisor = accounts.scope_of(user_id=by).may(Permission.SUPERVISE)
    return is_supervisor and bool(new.skip_reason.strip())


def _send(
    new: NewEscalation,
    case: CaseRow,
    chain: Sequence[Place],
    *,
    by: int,
    direction: Direction,
    now: datetime,
) -> int:
    values = _values(new, case, chain, now) | {
        "direction": direction.value,
        "from_organization_id": case.organization_id,
        "from_user_id": by,
    }
    try:
        with session().begin_nested():
            made = session().execute(insert(ESCALATION).values(values).returning(ESCALATION.c.id))
            escalation_id = int(made.scalar_one())
    except IntegrityError as error:
        if _is_open(case.case_id):
            raise AlreadyEscalated from error
        raise
    holds.place_hold(case_id=case.case_id, kind=HOLD, source_id=escalation_id, now=now)
    _tell(new, case, chain[0], escalation_id, by, now)
    receivers.move(row=queries.by_id(escalation_id=escalation_id), now=now)
    return escalation_id


def _tell(
    new: NewEscalation, case: CaseRow, first: Place, escalation_id: int, by: int, now: datetime
) -> None:
    due = deadlines(counting=counting(level=case.level), sent_at=now)
    facts = {
        "escalation_id": escalation_id,
        "organization_id": first.organization_id,
        "desk": first.desk,
        "level": int(case.level),
        "acknowledge_by": due.acknowledge_by,
        "contact_by": due.contact_by,
    }
    entries.add_entry(
        case_id=case.case_id,
        kind=Entry.SENT,
        actor_id=by,
        facts=facts,
        details={"reason": new.reason},
        now=now,
    )
    events.publish(
        EscalationSent(
            escalation_id=escalation_id,
            case_id=case.case_id,
            level=case.level,
            from_organization_id=case.organization_id,
            organization_id=first.organization_id,
            at=now,
        )
    )


def _values(
    new: NewEscalation, case: CaseRow, chain: Sequence[Place], now: datetime
) -> dict[str, Any]:
    tiers = policy.current().tiers
    due = deadlines(counting=counting(level=case.level), sent_at=now)
    words = {f"{name}_sealed": _sealed(new, name, case.data_key_id) for name in SEALED}
    return words | {
        "case_id": case.case_id,
        "level": int(case.level),
        "agreement": new.agreement.value,
        "data_key_id": case.data_key_id,
        "state": EscalationState.SENT.value,
        "chain": [snapshot(one) for one in chain],
        "step": 0,
        "next_step_at": now,
        "sent_at": now,
        "acknowledge_by": due.acknowledge_by,
        "contact_by": due.contact_by,
        "again_s": int(tiers.clocks[case.level].acknowledge.total_seconds()),
        "slow_again_s": int(tiers.slow_round(level=case.level).total_seconds()),
        "version": 1,
    }


def _sealed(new: NewEscalation, name: str, key: uuid.UUID) -> bytes | None:
    text: str = getattr(new, name).strip()
    return sealed.seal(text, key_id=key, place=f"escalation.{name}") if text else None


def _is_open(case_id: int) -> bool:
    statement = select(ESCALATION.c.id).where(
        ESCALATION.c.case_id == case_id,
        ESCALATION.c.state.in_([state.value for state in OPEN_STATES]),
    )
    return session().execute(statement).first() is not None
