"""The supervisor wall: what waits, moves and is late in a subtree; nobody's words, no ranking.

What belongs on it is decided in worklists.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.rules.cases import DutyRow
from wellbeing.escalation.rules.rows import AttemptRow
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel
from wellbeing.portal import pages
from wellbeing.portal.cases import happened, report_words, rescue_words
from wellbeing.portal.cases.holders import step_holder
from wellbeing.portal.cases.naming import Names, look_up
from wellbeing.portal.escalations import cards
from wellbeing.portal.escalations import words as escalation_words
from wellbeing.portal.followups import promises
from wellbeing.worklists import queries as worklists
from wellbeing.worklists.rules import (
    EmptyDesk,
    EscalationItem,
    PageItem,
    ReportItem,
    RescueItem,
    WaitingGroup,
    Wall,
)

blueprint = Blueprint("wall", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Students who wait at one unit, as the wall words them."""

    level: RiskLevel
    count: int
    place: str
    since: datetime
    next_page_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """An open escalation as the wall words it."""

    card: cards.Card
    reference: str | None
    is_overdue: bool
    rung: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """An overdue promise as the wall words it; held since it was planned."""

    card: promises.Card
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A desk that is being called as the wall words it."""

    id: int
    level: RiskLevel
    what: str
    desk: str
    state_words: str
    state_tone: str
    started_at: datetime
    next_step_at: datetime | None
    rung: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """An open duty as the wall words it."""

    id: int
    kind: str
    reference: str | None
    holder: str
    place: str
    opened_at: datetime
    by_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescue:
    """A rescue under way as the wall words it: the step that waits and who has it."""

    reference: str
    place: str
    is_reached: bool
    started_at: datetime
    step: str
    by_at: datetime
    holder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report required by law as the wall words it."""

    report_id: int
    reference: str | None
    state_words: str
    place: str
    holder: str
    opened_at: datetime
    by_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty:
    """A desk at which nobody is on call, as the wall words it."""

    desk: str
    since: datetime | None
    until: datetime | None


@blueprint.get("/wall")
@pages.allowed(Permission.SUPERVISE)
def show() -> str:
    """Show the wall of the reader's subtree."""
    return render_template("wall/show.html", missing_year=_missing_year(), **_wall())


@blueprint.get("/wall/fragment")
@pages.allowed(Permission.SUPERVISE, poll=True)
def fragment() -> Response | tuple[str, int]:
    """Give the wall again when something moved; 204 after one statement when nothing did."""
    if request.args.get("since") == worklists.wall_version(now=pages.now()):
        return "", 204
    shown = _wall()
    return Response(
        render_template("wall/_live.html", **shown), headers={"X-Version": shown["version"]}
    )


def _missing_year() -> int | None:
    followups = policy.current().followups
    today = pages.now().astimezone(ZoneInfo(followups.zone)).date()
    return followups.calendar.missing_year(today=today)


def _wall() -> dict[str, Any]:
    found = worklists.wall(scope=pages.reader().scope, now=pages.now())
    pages.note_read(
        action=AuditAction.LISTED,
        details={
            "list": "wall",
            "escalations": [one.row.escalation_id for one in found.escalations],
            "follow_ups": [one.row.follow_up_id for one in found.follow_ups],
            "duties": [one.duty_id for one in found.duties],
            "rescues": [one.row.rescue_id for one in found.rescues],
            "reports": [one.row.report_id for one in found.reports],
        },
    )
    names = _names(found)
    return {
        "version": found.version,
        "now": pages.now(),
        "waiting": [_waiting(one, names) for one in found.waiting],
        "waiting_count": sum(one.count for one in found.waiting),
        "escalations": [_escalation(one, names) for one in found.escalations],
        "escalation_count": found.escalation_count,
        "called": [_called(one, names) for one in found.pages],
        "follow_ups": [
            FollowUp(
                card=promises.card(
                    row=one.row, names=names, reference=one.reference, caller=one.caller
                ),
                since=one.row.planned_at,
            )
            for one in found.follow_ups
        ],
        "duties": [_duty(one, names) for one in found.duties],
        "rescues": [_rescue(one, names) for one in found.rescues],
        "reports": [_report(one, names) for one in found.reports],
        "empty": [_empty(one, names) for one in found.empty_desks],
    }


def _names(found: Wall) -> Names:
    rows = [one.row for one in found.escalations]
    rings = [ring for one in found.escalations for ring in one.rings]
    rings += [ring for one in found.pages for ring in one.rings]
    users = {
        *(ring.user_id for ring in rings),
        *(row.from_user_id for row in rows),
        *(one.row.owner_id for one in found.follow_ups),
        *(one.holder_id for one in found.duties),
        *(one.case.owner_id for one in found.rescues),
        *(one.row.holder_id for one in found.reports if one.row.holder_id),
    }
    places = {
        *(place.organization_id for row in rows for place in row.chain),
        *(row.from_organization_id for row in rows),
        *(one.row.organization_id for one in found.pages),
        *(one.organization_id for one in found.waiting),
        *(one.organization_id for one in found.duties),
        *(one.case.organization_id for one in found.rescues),
        *(one.row.organization_id for one in found.reports),
        *(one.organization_id for one in found.empty_desks),
    }
    return look_up(users=users, organizations_=places)


def _waiting(one: WaitingGroup, names: Names) -> Waiting:
    return Waiting(
        level=one.urgency,
        count=one.count,
        place=names.place(one.organization_id),
        since=one.oldest_since,
        next_page_at=one.next_page_at,
    )


def _escalation(one: EscalationItem, names: Names) -> Escalation:
    return Escalation(
        card=cards.card(row=one.row, names=names),
        reference=one.reference,
        is_overdue=one.is_overdue(now=pages.now()),
        rung=_rung(one.rings, names),
    )


def _called(one: PageItem, names: Names) -> Called:
    state_words, tone = escalation_words.PAGE_STATES[one.row.state]
    place, desk = one.row.organization_id, one.row.desk
    return Called(
        id=one.row.page_id,
        level=one.row.urgency,
        what=str(escalation_words.CALLED_FOR[one.row.subject.kind]),
        desk=f"{names.place(place)} · {names.desk(place, desk)}",
        state_words=str(state_words),
        state_tone=tone,
        started_at=one.row.started_at,
        next_step_at=one.row.next_step_at,
        rung=_rung(one.rings, names),
    )


def _duty(one: DutyRow, names: Names) -> Duty:
    return Duty(
        id=one.duty_id,
        kind=happened.duty(kind=one.kind),
        reference=one.reference,
        holder=names.user(one.holder_id),
        place=names.place(one.organization_id),
        opened_at=one.opened_at,
        by_at=one.by_at,
    )


def _report(one: ReportItem, names: Names) -> Report:
    return Report(
        report_id=one.row.report_id,
        reference=one.reference,
        state_words=str(report_words.STATES[one.row.state][0]),
        place=names.place(one.row.organization_id),
        holder=names.user(one.row.holder_id) if one.row.holder_id else "",
        opened_at=one.row.opened_at,
        by_at=one.row.by_at,
    )


def _rescue(one: RescueItem, names: Names) -> Rescue:
    step = one.row.current
    return Rescue(
        reference=one.case.reference,
        place=names.place(one.case.organization_id),
        is_reached=one.row.is_reached,
        started_at=one.row.started_at,
        step=str(rescue_words.STEPS[step.step]) if step else "",
        by_at=step.by_at if step else one.row.started_at,
        holder=step_holder(step=step, case=one.case, names=names) if step else "",
    )


def _empty(one: EmptyDesk, names: Names) -> Empty:
    desk = f"{names.place(one.organization_id)} · {names.desk(one.organization_id, one.desk)}"
    return Empty(desk=desk, since=one.since, until=one.until)


def _rung(rings: Iterable[AttemptRow], names: Names) -> str:
    """Name everyone who was rung, each once, with what became of the last ring."""
    last = {ring.user_id: ring for ring in rings}
    return gettext(", ").join(
        gettext(
            "%(name)s (%(outcome)s)",
            name=names.user(user_id),
            outcome=str(escalation_words.OUTCOMES[ring.outcome])
            if ring.outcome
            else gettext("Under way"),
        )
        for user_id, ring in last.items()
    )
