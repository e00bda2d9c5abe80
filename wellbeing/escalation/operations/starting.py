"""How a page begins: who is there, what is rung first, the row that meets the one that rings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from wellbeing.contacts.operations import rows as contacts
from wellbeing.escalation.models import PAGE
from wellbeing.escalation.operations.desks import Person
from wellbeing.escalation.operations.staffing import Staffing
from wellbeing.escalation.rules.paging import PagePlan, Rings, kept, next_rings, plan_of
from wellbeing.escalation.rules.rows import PageRow, page_row
from wellbeing.escalation.rules.words import NewPage, PageState
from wellbeing.foundation.database import session
from wellbeing.messaging.rules import end_of_quiet
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel

Key = tuple[str, int, int, str]
"""What makes two pages one: kind and id of the subject, organization, desk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A page about to begin: whom it rings first, or until when it waits for the morning."""

    new: NewPage
    plan: PagePlan
    people: Mapping[int, Person]
    due: Rings | None
    quiet_until: datetime | None


def key_of(*, new: NewPage) -> Key:
    """Name what a page is the only running one of."""
    return new.subject.kind.value, new.subject.id, new.organization_id, new.desk


def begin(*, new: NewPage, staff: Staffing) -> Begun:
    """Decide how a page begins, by today's policy; nothing is written."""
    at: dict[str, Any] = {
        "organization_id": new.organization_id,
        "desk": new.desk,
        "last_resort": new.last_resort,
    }
    people = staff.people(**at)
    plan = plan_of(paging=policy.current().tiers.paging)
    quiet = quiet_until(urgency=new.urgency, now=staff.now) if people else None
    due = None if quiet else next_rings(
        paging=plan,
        urgency=new.urgency,
        tried=(),
        on_call=staff.awake_first(urgency=new.urgency, **at),
        now=staff.now,
    )  # fmt: skip
    return Begun(new=new, plan=plan, people=people, due=due, quiet_until=quiet)


def insert_all(*, begun: Mapping[Key, Begun], now: datetime) -> Mapping[Key, int]:
    """Write the pages with one statement; give the ids of those that do not ring already."""
    if not begun:
        return {}
    statement = contacts.meeting(PAGE).on_conflict_do_nothing().returning(
        PAGE.c.id, PAGE.c.subject_kind, PAGE.c.subject_id, PAGE.c.organization_id, PAGE.c.desk
    )  # fmt: skip
    made = session().execute(statement, [_row(one, now) for one in begun.values()])
    return {(row[1], row[2], row[3], row[4]): row[0] for row in made}


def running(*, keys: Collection[Key]) -> Mapping[Key, PageRow]:
    """Give the pages that ring for the same already, with a query for each kind of subject."""
    subjects: dict[str, list[int]] = defaultdict(list)
    for key in keys:
        subjects[key[0]].append(key[1])
    found: dict[Key, PageRow] = {}
    for kind, ids in subjects.items():
        statement = select(PAGE).where(
            PAGE.c.subject_kind == kind,
            PAGE.c.subject_id.in_(ids),
            PAGE.c.state == PageState.PAGING.value,
        )
        for row in session().execute(statement).mappings():
            key = kind, row["subject_id"], row["organization_id"], row["desk"]
            if key in keys:
                found[key] = page_row(row)
    return found


def quiet_until(*, urgency: RiskLevel, now: datetime) -> datetime | None:
    """Tell until when a page of this level waits for the morning; None when it rings at once."""
    paging = policy.current().tiers.paging
    if urgency in paging.ignores_quiet_hours:
        return None
    return end_of_quiet(hours=paging.quiet_hours, now=now)


def _row(one: Begun, now: datetime) -> dict[str, Any]:
    new = one.new
    return {
        "subject_kind": new.subject.kind.value,
        "subject_id": new.subject.id,
        "organization_id": new.organization_id,
        "desk": new.desk,
        "urgency": int(new.urgency),
        "case_id": new.case_id,
        "last_resort": new.last_resort,
        "state": PageState.PAGING.value,
        # The first rings are made with it, unless it waits.
        "step": 0 if one.due is None else 1,
        "next_step_at": one.quiet_until if one.due is None else one.due.next_at,
        "started_at": now,
        "plan": kept(plan=one.plan),
    }
