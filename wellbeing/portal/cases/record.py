"""One case: what happens next, what is open, everything that happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template
from flask_babel import gettext

from wellbeing.accounts.rules.roles import Permission
from wellbeing.cases.queries import reporting as report_queries
from wellbeing.cases.queries import rescue as rescue_queries
from wellbeing.cases.rules.cases import LIVING, CaseRow, NoteRow
from wellbeing.cases.rules.lowerings import About
from wellbeing.contacts.rules.conversations import ContactRow
from wellbeing.organizations.rules import PARENT_KINDS
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel
from wellbeing.portal import filters, pages
from wellbeing.portal.cases import (
    lowerings,
    noted,
    people_view,
    report_words,
    rescue_words,
    timeline,
    words,
    work,
)
from wellbeing.portal.cases.blueprint import blueprint, head, opened
from wellbeing.portal.cases.holders import step_holder
from wellbeing.portal.cases.naming import Names
from wellbeing.portal.cases.parts import Parts, names_of, parts_of
from wellbeing.portal.escalations import cards
from wellbeing.portal.followups import promises
from wellbeing.portal.forms.base import Form
from wellbeing.triage.rules.records import ScreeningRow

COMING_SHOWN = 3
"""Promises that stand open on the page; a year's worth is one click away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class May:
    """What the reader may do with a case as it stands."""

    edit: bool
    escalate: bool
    step_down: bool
    assign: bool
    rest: bool
    is_living: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What happens next by itself, when, and who holds it until then."""

    at: datetime
    holder: str
    since: datetime
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note as it is shown."""

    id: int
    kind_words: str
    by: str
    at: datetime
    edited_at: datetime | None
    body: str
    mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A linked conversation; its words are on its own page."""

    public_id: str
    channel_words: str
    arrived_at: datetime
    state_words: str
    masked_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """A screener that was filled in; its answers are with the conversation."""

    name: str
    level: RiskLevel | None
    complete: bool
    by: str
    at: datetime


@blueprint.get("/cases/<reference>")
@pages.allowed(Permission.OPEN_CASE)
def show(reference: str) -> str:
    """Show a case with everything that helps to follow it."""
    return page(opened(reference))


def page(case: CaseRow, *, decide: Form | None = None) -> str:
    """Render a case; `decide` is a decision about its red that was refused, with what was typed."""
    parts = parts_of(case=case)
    names = names_of(parts=parts)
    return render_template(
        "cases/show.html",
        case=head(case=parts.case, names=names),
        may=_may(parts, names),
        next=_next(parts, names),
        escalation=_escalation(parts, names),
        notes=[_note(one, names) for one in parts.notes],
        note_kinds=noted.kinds(case=parts.case),
        facts=_facts(parts, names),
        missing=[words.obstacle(kind=kind) for kind in parts.missing],
        follow_ups=_promises(parts, names),
        contacts=[_conversation(one) for one in parts.contacts],
        screenings=[_screened(one, names) for one in parts.screenings],
        people=people_view.summary(case=parts.case),
        lowering=lowerings.shown(about=About(case_id=case.case_id), form=decide),
        rescue=_rescue(case, names),
        reports=report_words.shown(rows=report_queries.of(case_id=case.case_id)),
        is_red=case.level is RiskLevel.IMMINENT,
        now=pages.now(),
        **work.worded(work=parts.work, names=names),
        **timeline.worded(case=parts.case, page=parts.timeline, names=names),
    )


def _rescue(case: CaseRow, names: Names) -> Mapping[str, Any] | None:
    """Word the step of a rescue that waits now; None where no rescue is under way."""
    running = rescue_queries.running(case_id=case.case_id)
    if running is None or running.current is None:
        return None
    step = running.current
    return {
        "step": str(rescue_words.STEPS[step.step]),
        "by_at": step.by_at,
        "holder": step_holder(step=step, case=case, names=names),
        "since": running.started_at,
        "is_reached": running.is_reached,
    }


def _may(parts: Parts, names: Names) -> May:
    reader, case = pages.reader(), parts.case
    is_living = case.status in LIVING
    decides = case.owner_id == reader.user_id or Permission.SUPERVISE in reader.permissions
    kind = names.organizations[case.organization_id].kind
    passes_on = is_living and decides and parts.escalation is None
    return May(
        edit=Permission.EDIT_CASE in reader.permissions,
        escalate=passes_on and PARENT_KINDS[kind] is not None,
        step_down=passes_on and kind in PARENT_KINDS.values(),
        assign=is_living and Permission.SUPERVISE in reader.permissions,
        rest=not is_living and Permission.SUPERVISE in reader.permissions,
        is_living=is_living,
    )


def _next(parts: Parts, names: Names) -> Next | None:
    owner, since = names.user(parts.case.owner_id), parts.case.owned_since
    if parts.escalation is not None:
        card = cards.card(row=parts.escalation, names=names)
        return Next(at=card.deadline, holder=owner, since=since, words=card.next_words)
    coming = parts.next_follow_up
    if coming is None:
        return None
    promise = promises.card(row=coming, names=names)
    return Next(at=promise.due_at, holder=promise.owner, since=since, words=promise.kind_words)


def _escalation(parts: Parts, names: Names) -> Mapping[str, Any] | None:
    if parts.escalation is None:
        return None
    return {
        "card": cards.card(row=parts.escalation, names=names),
        "receivers": cards.desks(receivers=parts.receivers, names=names),
        "called": cards.called(attempts=parts.attempts, names=names),
        "attempts": cards.rings(attempts=parts.attempts, names=names),
    }


def _promises(parts: Parts, names: Names) -> Mapping[str, Any]:
    coming = [row for row in parts.follow_ups if row.is_open][:COMING_SHOWN]
    rest = [row for row in parts.follow_ups if row not in coming]
    return {
        "coming": [promises.card(row=row, names=names) for row in coming],
        "rest": [promises.card(row=row, names=names) for row in rest],
    }


def _facts(parts: Parts, names: Names) -> list[tuple[str, str | None]]:
    case = parts.case
    return [
        (gettext("Opened"), filters.local_time(case.opened_at)),
        (gettext("Owner since"), filters.local_time(case.owned_since)),
        (gettext("Owner"), names.user(case.owner_id)),
        (gettext("Organization"), names.place(case.organization_id)),
        *([(gettext("Case closed"), filters.local_time(case.closed_at))] if case.closed_at else []),
    ]


def _note(note: NoteRow, names: Names) -> Note:
    return Note(
        id=note.note_id,
        kind_words=str(words.NOTE_KINDS[note.kind]),
        by=names.user(note.by_user_id),
        at=note.at,
        edited_at=note.edited_at,
        body=note.body,
        mine=note.by_user_id == pages.reader().user_id,
    )


def _conversation(contact: ContactRow) -> Conversation:
    return Conversation(
        public_id=contact.public_id,
        channel_words=filters.words(contact.channel),
        arrived_at=contact.arrived_at,
        state_words=filters.words(contact.state),
        masked_number=contact.masked_number,
    )


def _screened(one: ScreeningRow, names: Names) -> Screened:
    known = one.definition or policy.current().triage.screeners.get(one.screener)
    return Screened(
        name=known.title(language=pages.language()) if known else one.screener,
        level=one.suggested_level,
        complete=one.complete,
        by=names.user(one.by_user_id),
        at=one.at,
    )
