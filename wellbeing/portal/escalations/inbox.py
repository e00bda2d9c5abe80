"""What waits on the reader's desks, and what their unit passed on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import render_template

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.escalation import queries as escalation
from wellbeing.escalation.rules.rows import EscalationRow, PageRow
from wellbeing.escalation.rules.words import PageSubjectKind
from wellbeing.policy.model import RiskLevel
from wellbeing.portal import pages
from wellbeing.portal.cases.naming import Names
from wellbeing.portal.escalations import cards, words
from wellbeing.portal.escalations.blueprint import blueprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A page to the reader that nobody has acknowledged; it says nothing of a student."""

    id: int
    urgency: RiskLevel
    words: str
    place: str
    desk: str
    started_at: datetime


@blueprint.get("/escalations")
@pages.allowed(Permission.RECEIVE_ESCALATION)
def inbox() -> str:
    """List what waits for an answer of the reader's desks, the most urgent first."""
    scope = pages.reader().scope
    waiting = escalation.inbox(scope=scope)
    known = {row.escalation_id for row in waiting}
    others = [
        row for row in escalation.open_escalations(scope=scope) if row.escalation_id not in known
    ]
    calls = [
        one
        for one in escalation.ringing_for(user_id=scope.user_id)
        if one.subject.kind is not PageSubjectKind.ESCALATION
    ]
    _note([*waiting, *others])
    names = cards.names_for(
        escalations=[*waiting, *others], places=[one.organization_id for one in calls]
    )
    return render_template(
        "escalations/inbox.html",
        waiting=[cards.card(row=row, names=names) for row in waiting],
        sent=[cards.card(row=row, names=names) for row in others],
        calls=[_call(one, names) for one in calls],
        now=pages.now(),
    )


def _note(rows: list[EscalationRow]) -> None:
    pages.note_read(
        action=AuditAction.LISTED,
        details={"what": "escalations", "ids": [row.escalation_id for row in rows]},
    )


def _call(page: PageRow, names: Names) -> Call:
    return Call(
        id=page.page_id,
        urgency=page.urgency,
        words=str(words.CALLED_FOR[page.subject.kind]),
        place=names.place(page.organization_id),
        desk=names.desk(page.organization_id, page.desk),
        started_at=page.started_at,
    )
