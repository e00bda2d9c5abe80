"""What waits on one person, and what a supervisor watches. Only questions, a fixed number each.

The live queue itself is asked in `contacts`, because lower rooms know it first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, literal, or_, select, tuple_

from wellbeing.accounts.models import USER
from wellbeing.cases.models.cases import CASE
from wellbeing.cases.queries import access, cases, visibility
from wellbeing.cases.queries import reporting as reports
from wellbeing.cases.queries import rescue as rescues
from wellbeing.cases.rules.cases import CaseRow, DutyRow
from wellbeing.cases.rules.reporting import ReportRow
from wellbeing.cases.rules.rescue import RescueRow
from wellbeing.contacts.models import CONTACT, QUEUE_VERSION
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.conversations import ContactState
from wellbeing.escalation import queries as escalation
from wellbeing.escalation.models import ATTEMPT, ESCALATION, PAGE
from wellbeing.escalation.rules.rows import (
    AttemptRow,
    EscalationRow,
    PageRow,
    attempt_row,
    escalation_row,
    page_row,
)
from wellbeing.escalation.rules.words import (
    EscalationState,
    PageState,
    PageSubjectKind,
)
from wellbeing.followups import queries as followups
from wellbeing.followups.queries import FollowUpRow
from wellbeing.foundation.database import UtcDateTime, session
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.models import ORGANIZATION
from wellbeing.organizations.rules import Scope
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel, Tier
from wellbeing.roster.models import SHIFT
from wellbeing.worklists.rules import (
    CaseCursor,
    Coverage,
    EmptyDesk,
    EscalationItem,
    FollowUpItem,
    MyWork,
    PageItem,
    ReportItem,
    RescueItem,
    WaitingGroup,
    Wall,
    empty_desks,
)

CASES_SHOWN = 25
WALL_SHOWN = 100
AHEAD = timedelta(hours=24)
"""A follow-up is work for today from a day before it is due."""
REMEMBERED = timedelta(hours=24)
"""A page that nobody answered stays on the wall for a day."""
SHIFTS_AROUND = timedelta(days=14)
REFRESHED_EVERY = 60
"""Seconds after which the wall is new in any case: promises fall due by time alone."""


def my_work(
    *, scope: Scope, user_id: int, now: datetime, after: CaseCursor | None = None
) -> MyWork:
    """List what waits on one person; `after` turns the pages of their open cases."""
    inbox = escalation.inbox(scope=scope)
    accepted = _accepted_by(user_id)
    promises = followups.due_for(scope=scope, until=now + AHEAD, now=now, owner_id=user_id)
    ids = _my_case_ids(scope, user_id, now, after)
    duties = cases.duties(scope=scope, holder_id=user_id)
    wanted = [*ids, *(one.case_id for one in accepted), *_case_ids([*promises, *duties])]
    known = _openable(wanted, scope, now)
    shown = tuple(known[one] for one in ids[:CASES_SHOWN])
    rings = _rings_of(escalation_ids=[row.escalation_id for row in inbox])
    return MyWork(
        conversations=contacts.conversations_of(user_id=user_id),
        escalations=tuple(_item(row, None, rings) for row in inbox),
        to_contact=tuple(_item(row, _reference(row.case_id, known), _Rings()) for row in accepted),
        follow_ups=_with_reference(promises, known),
        duties=_named(duties, known),
        requests=access.to_decide(scope=scope, now=now),
        reviews=access.to_review(scope=scope),
        opened=access.views_of_owner(user_id=user_id, now=now),
        rescues=_rescues(rescues.open_rescues(scope=scope, now=now, owner_id=user_id)),
        reports=_reports(reports.waiting(scope=scope, holder_id=user_id)),
        cases=shown,
        more_cases=_cursor(shown[-1]) if len(ids) > CASES_SHOWN else None,
    )


def wall(*, scope: Scope, now: datetime) -> Wall:
    """Show a supervisor what waits, moves and is late in their subtree."""
    # Asked first: a change in between is then shown at the next poll, never lost.
    version = wall_version(now=now)
    rows, references, count = _oldest_escalations(scope, now)
    pages = _pages(scope, now)
    rings = _rings_of(
        escalation_ids=[row.escalation_id for row in rows],
        page_ids=[page.page_id for page in pages],
    )
    promises = followups.due_for(scope=scope, until=now, now=now, limit=WALL_SHOWN)
    duties = cases.duties(scope=scope, limit=WALL_SHOWN)
    known = _openable(_case_ids([*promises, *duties]), scope, now)
    return Wall(
        version=version,
        waiting=_waiting(scope),
        escalations=tuple(_item(row, references[row.escalation_id], rings) for row in rows),
        escalation_count=count,
        pages=tuple(
            PageItem(row=page, rings=tuple(rings.by_page.get(page.page_id, ()))) for page in pages
        ),
        follow_ups=_with_reference(promises, known),
        duties=_named(duties, known),
        rescues=_rescues(rescues.open_rescues(scope=scope, now=now, limit=WALL_SHOWN)),
        reports=_reports(reports.waiting(scope=scope, limit=WALL_SHOWN)),
        empty_desks=_empty_desks(scope, now),
    )


def wall_version(*, now: datetime) -> str:
    """Tell a word that changes with the queue, escalations, pages and rings, and each minute."""
    open_escalations = select(func.count()).where(escalation.waits())
    moves = select(func.coalesce(func.sum(ESCALATION.c.version), 0)).where(escalation.waits())
    paging = select(func.count()).where(PAGE.c.state == PageState.PAGING.value)
    parts = (
        select(func.coalesce(func.sum(QUEUE_VERSION.c.value), 0)),
        open_escalations,
        moves,
        select(func.coalesce(func.max(ESCALATION.c.id), 0)),
        paging,
        select(func.coalesce(func.max(ATTEMPT.c.id), 0)),
        *rescues.moves(),
    )
    row = session().execute(select(*(part.scalar_subquery() for part in parts))).one()
    minute = int(now.timestamp()) // REFRESHED_EVERY
    return "-".join(str(int(part)) for part in (*row, minute))


@dataclass(slots=True)
class _Rings:
    by_escalation: dict[int, list[AttemptRow]] = field(default_factory=dict)
    by_page: dict[int, list[AttemptRow]] = field(default_factory=dict)


def _item(row: EscalationRow, reference: str | None, rings: _Rings) -> EscalationItem:
    found = rings.by_escalation.get(row.escalation_id, ())
    return EscalationItem(row=row, reference=reference, rings=tuple(found))


def _openable(ids: Iterable[int], scope: Scope, now: datetime) -> Mapping[int, CaseRow]:
    """Give the cases among these that the reader may open: only those are named to them."""
    wanted = set(ids)
    may = access.openable(case_ids=wanted, scope=scope, now=now) if wanted else frozenset()
    return cases.many(case_ids=may)


def _reference(case_id: int | None, known: Mapping[int, CaseRow]) -> str | None:
    found = known.get(case_id or 0)
    return found.reference if found else None


def _named(duties: Iterable[DutyRow], known: Mapping[int, CaseRow]) -> tuple[DutyRow, ...]:
    """Leave out the reference of a case that the holder of a duty may not open (any more)."""
    return tuple(one if one.case_id in known else replace(one, reference=None) for one in duties)


def _case_ids(rows: Iterable[FollowUpRow | DutyRow]) -> list[int]:
    return [row.case_id for row in rows if row.case_id is not None]


def _with_reference(
    rows: Collection[FollowUpRow], known: Mapping[int, CaseRow]
) -> tuple[FollowUpItem, ...]:
    callers = followups.callers_of(rows=rows)
    return tuple(
        FollowUpItem(
            row=row,
            reference=_reference(row.case_id, known),
            caller=callers.get(row.promised_contact_id or 0),
        )
        for row in rows
    )


def _reports(rows: tuple[ReportRow, ...]) -> tuple[ReportItem, ...]:
    known = reports.references(rows=rows)
    return tuple(ReportItem(row=row, reference=known.get(row.case_id or 0)) for row in rows)


def _rescues(rows: Collection[RescueRow]) -> tuple[RescueItem, ...]:
    known = cases.many(case_ids=[row.case_id for row in rows])
    return tuple(RescueItem(row=row, case=known[row.case_id]) for row in rows)


def _cursor(last: CaseRow) -> CaseCursor:
    return CaseCursor(level=last.level, opened_at=last.opened_at, case_id=last.case_id)


def _accepted_by(user_id: int) -> tuple[EscalationRow, ...]:
    statement = (
        select(ESCALATION)
        .where(
            ESCALATION.c.accepted_by == user_id,
            ESCALATION.c.state == EscalationState.ACCEPTED.value,
            ESCALATION.c.contacted_at.is_(None),
            # Whoever passed it on before owes nothing more.
            ESCALATION.c.next_step_at.is_not(None),
        )
        .order_by(ESCALATION.c.contact_by, ESCALATION.c.id)
    )
    return tuple(escalation_row(row) for row in session().execute(statement).mappings())


def _my_case_ids(
    scope: Scope, user_id: int, now: datetime, after: CaseCursor | None
) -> tuple[int, ...]:
    place = (-CASE.c.level, CASE.c.opened_at, CASE.c.id)
    statement = (
        select(CASE.c.id)
        .where(
            CASE.c.owner_id == user_id,
            CASE.c.closed_at.is_(None),
            visibility.scoped(scope=scope, now=now),
        )
        .order_by(*place)
        .limit(CASES_SHOWN + 1)
    )
    if after is not None:
        last = (-after.level.value, literal(after.opened_at, UtcDateTime()), after.case_id)
        statement = statement.where(tuple_(*place) > tuple_(*last))
    return tuple(session().execute(statement).scalars())


def _oldest_escalations(
    scope: Scope, now: datetime
) -> tuple[tuple[EscalationRow, ...], Mapping[int, str | None], int]:
    """Give the oldest open ones, the references that may be shown, and how many there are."""
    may_open = case((visibility.scoped(scope=scope, now=now), CASE.c.reference))
    statement = (
        select(ESCALATION, may_open.label("reference"), func.count().over().label("total"))
        .join(CASE, CASE.c.id == ESCALATION.c.case_id)
        .where(escalation.waits(), escalation.visible(scope))
        .order_by(ESCALATION.c.sent_at, ESCALATION.c.id)
        .limit(WALL_SHOWN)
    )
    found = session().execute(statement).mappings().all()
    references = {row["id"]: row["reference"] for row in found}
    total = found[0]["total"] if found else 0
    return tuple(escalation_row(row) for row in found), references, total


def _rings_of(*, escalation_ids: Collection[int], page_ids: Collection[int] = ()) -> _Rings:
    about = and_(
        PAGE.c.subject_kind == PageSubjectKind.ESCALATION.value,
        PAGE.c.subject_id.in_(escalation_ids),
    )
    columns = (PAGE.c.organization_id, PAGE.c.desk, PAGE.c.subject_kind, PAGE.c.subject_id)
    statement = (
        select(ATTEMPT, *columns)
        .join(PAGE, PAGE.c.id == ATTEMPT.c.page_id)
        .where(or_(about, PAGE.c.id.in_(page_ids)))
        .order_by(ATTEMPT.c.at, ATTEMPT.c.id)
    )
    rings = _Rings()
    for row in session().execute(statement).mappings():
        ring = attempt_row(row)
        rings.by_page.setdefault(ring.page_id, []).append(ring)
        if row["subject_kind"] == PageSubjectKind.ESCALATION.value:
            rings.by_escalation.setdefault(row["subject_id"], []).append(ring)
    return rings


def _pages(scope: Scope, now: datetime) -> tuple[PageRow, ...]:
    unanswered = PAGE.c.state == PageState.UNANSWERED.value
    lately = and_(unanswered, PAGE.c.started_at > now - REMEMBERED, escalation.is_latest())
    statement = (
        select(PAGE)
        .join(ORGANIZATION, ORGANIZATION.c.id == PAGE.c.organization_id)
        .where(
            or_(PAGE.c.state == PageState.PAGING.value, lately),
            organizations.within(path=ORGANIZATION.c.path, scope=scope),
        )
        .order_by(PAGE.c.started_at, PAGE.c.id)
        .limit(WALL_SHOWN)
    )
    return tuple(page_row(row) for row in session().execute(statement).mappings())


def _waiting(scope: Scope) -> tuple[WaitingGroup, ...]:
    statement = (
        select(
            CONTACT.c.organization_id,
            CONTACT.c.urgency,
            func.count().label("count"),
            func.min(func.coalesce(CONTACT.c.waiting_since, CONTACT.c.arrived_at)).label("since"),
            func.min(CONTACT.c.next_page_at).label("next_page_at"),
        )
        .where(
            CONTACT.c.state == ContactState.WAITING.value,
            organizations.within(path=CONTACT.c.organization_path, scope=scope),
        )
        .group_by(CONTACT.c.urgency, CONTACT.c.organization_id)
        .order_by(CONTACT.c.urgency.desc(), "since", CONTACT.c.organization_id)
    )
    return tuple(
        WaitingGroup(
            organization_id=row["organization_id"],
            urgency=RiskLevel(row["urgency"]),
            count=row["count"],
            oldest_since=row["since"],
            next_page_at=row["next_page_at"],
        )
        for row in session().execute(statement).mappings()
    )


def _empty_desks(scope: Scope, now: datetime) -> tuple[EmptyDesk, ...]:
    desks = policy.current().line.desks
    tiers = {desk.tier.value for desk in desks if desk.around_the_clock}
    places = (
        select(ORGANIZATION.c.id, ORGANIZATION.c.tier)
        .where(
            ORGANIZATION.c.tier.in_(tiers),
            organizations.within(path=ORGANIZATION.c.path, scope=scope),
        )
        .order_by(ORGANIZATION.c.id)
    )
    return empty_desks(
        places=[(row.id, Tier(row.tier)) for row in session().execute(places)],
        desks=desks,
        coverage=_coverage(scope, now),
    )


def _coverage(scope: Scope, now: datetime) -> Mapping[tuple[int, str], Coverage]:
    is_on = and_(SHIFT.c.starts_at <= now, SHIFT.c.ends_at > now)
    statement = (
        select(
            SHIFT.c.organization_id,
            SHIFT.c.desk,
            func.max(case((is_on, 1), else_=0)).label("on"),
            func.max(case((SHIFT.c.ends_at <= now, SHIFT.c.ends_at))).label("since"),
            func.min(case((SHIFT.c.starts_at > now, SHIFT.c.starts_at))).label("until"),
        )
        .join(USER, USER.c.id == SHIFT.c.user_id)
        .join(ORGANIZATION, ORGANIZATION.c.id == SHIFT.c.organization_id)
        .where(
            USER.c.is_active,
            SHIFT.c.ends_at > now - SHIFTS_AROUND,
            SHIFT.c.starts_at < now + SHIFTS_AROUND,
            organizations.within(path=ORGANIZATION.c.path, scope=scope),
        )
        .group_by(SHIFT.c.organization_id, SHIFT.c.desk)
    )
    return {
        (row.organization_id, row.desk): Coverage(
            is_covered=bool(row.on), since=row.since, until=row.until
        )
        for row in session().execute(statement)
    }
