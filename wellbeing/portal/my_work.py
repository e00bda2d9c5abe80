"""What waits on one person, worded for the page. What belongs to it is decided in worklists."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext

from wellbeing.cases.rules.access import RequestItem, ViewItem
from wellbeing.cases.rules.cases import CaseRow, DutyRow
from wellbeing.contacts.rules.conversations import QueueRow
from wellbeing.portal import pages
from wellbeing.portal.cases import happened, report_words, rescue_words
from wellbeing.portal.cases import words as case_words
from wellbeing.portal.escalations import words as escalation_words
from wellbeing.portal.followups import words as promise_words
from wellbeing.worklists import queries as worklists
from wellbeing.worklists.rules import EscalationItem, FollowUpItem, MyWork, ReportItem, RescueItem


def gathered() -> MyWork:
    """Ask what waits on the reader now."""
    reader = pages.reader()
    return worklists.my_work(scope=reader.scope, user_id=reader.user_id, now=pages.now())


def ids(work: MyWork) -> dict[str, Any]:
    """Name what a list showed, for its audit event."""
    return {
        "list": "my_work",
        "contacts": [one.contact_id for one in work.conversations],
        "escalations": [one.row.escalation_id for one in (*work.escalations, *work.to_contact)],
        "follow_ups": [one.row.follow_up_id for one in work.follow_ups],
        "duties": [one.duty_id for one in work.duties],
        "requests": [one.row.request_id for one in work.requests],
        "views": [one.row.view_id for one in (*work.reviews, *work.opened)],
        "rescues": [one.row.rescue_id for one in work.rescues],
        "reports": [one.row.report_id for one in work.reports],
        "cases": [one.case_id for one in work.cases],
    }


def parts(work: MyWork) -> list[dict[str, Any]]:
    """Lay out all that has a clock: what is to be answered, reached, kept and done."""
    titled = (
        ("rescues", gettext("Rescues under way"), map(_to_rescue, work.rescues)),
        ("reports", gettext("Reports required by law"), map(_to_report, work.reports)),
        ("escalations", gettext("Escalations to answer"), map(_to_answer, work.escalations)),
        ("to-contact", gettext("Students to reach"), map(_to_reach, work.to_contact)),
        ("follow-ups", gettext("Promises due"), map(_to_keep, work.follow_ups)),
        ("requests", gettext("Requests for access to decide"), map(_to_decide, work.requests)),
        ("reviews", gettext("Emergency views to look at"), map(_to_review, work.reviews)),
        ("duties", gettext("Duties"), map(_to_do, work.duties)),
        ("opened", gettext("Opened in an emergency lately"), map(_opened, work.opened)),
    )
    made = [{"key": key, "title": title, "rows": list(rows)} for key, title, rows in titled]
    return [part for part in made if part["rows"]]


def conversations(rows: tuple[QueueRow, ...]) -> list[dict[str, Any]]:
    """Lay out the conversations that the reader holds."""
    return [{"row": row, "url": url_for("contacts.show", public_id=row.public_id)} for row in rows]


def cases(rows: tuple[CaseRow, ...]) -> list[dict[str, Any]]:
    """Lay out the reader's open cases."""
    return [
        {
            "reference": row.reference,
            "level": row.level,
            "status": case_words.STATUSES[row.status],
            "opened_at": row.opened_at,
            "url": url_for("cases.show", reference=row.reference),
        }
        for row in rows
    ]


def _to_answer(item: EscalationItem) -> dict[str, Any]:
    row = item.row
    return _entry(
        words=escalation_words.STATES[row.state][0],
        level=row.level,
        deadline=row.contact_by if row.acknowledged_at else row.acknowledge_by,
        url=url_for("escalations.show", escalation_id=row.escalation_id),
        name=item.reference or gettext("Escalation of %(time)s", time=f"{row.sent_at:%m-%d}"),
    )


def _to_reach(item: EscalationItem) -> dict[str, Any]:
    row = item.row
    return _entry(
        words=gettext("You accepted; the student is not reached yet"),
        level=row.level,
        deadline=row.contact_by,
        url=url_for("escalations.show", escalation_id=row.escalation_id),
        name=item.reference or "",
    )


def _to_report(item: ReportItem) -> dict[str, Any]:
    return _entry(
        words=report_words.STATES[item.row.state][0],
        level=None,
        deadline=item.row.by_at,
        url=url_for("reporting.show", report_id=item.row.report_id),
        name=item.reference or gettext("without a case"),
    )


def _to_rescue(item: RescueItem) -> dict[str, Any]:
    step = item.row.current
    return _entry(
        words=rescue_words.STEPS[step.step] if step else gettext("Rescue"),
        level=item.case.level,
        deadline=step.by_at if step else item.row.started_at,
        url=url_for("cases.rescue", reference=item.case.reference),
        name=item.case.reference,
    )


def _to_keep(item: FollowUpItem) -> dict[str, Any]:
    row = item.row
    return _entry(
        words=promise_words.kind(row=row),
        level=row.level,
        deadline=row.due_at,
        url=url_for("followups.attempt", follow_up_id=row.follow_up_id),
        name=item.reference or (item.caller.masked_number if item.caller else ""),
    )


def _to_decide(item: RequestItem) -> dict[str, Any]:
    return _entry(
        words=gettext("somebody asks to open it; after this time the request has run out"),
        level=item.case.level,
        deadline=item.row.waits_until,
        url=url_for("grants.decide", request_id=item.row.request_id),
        name=item.case.reference,
    )


def _to_review(item: ViewItem) -> dict[str, Any]:
    return _entry(
        words=gettext("somebody opened it without asking; please look at why"),
        level=item.case.level,
        deadline=item.row.review_by,
        url=url_for("grants.review", view_id=item.row.view_id),
        name=item.case.reference,
    )


def _opened(item: ViewItem) -> dict[str, Any]:
    return _entry(
        words=gettext("the reason stands in the timeline; a supervisor looks at it by this time"),
        level=item.case.level,
        deadline=item.row.review_by,
        url=url_for("cases.show", reference=item.case.reference, kind="access"),
        name=item.case.reference,
    )


def _to_do(row: DutyRow) -> dict[str, Any]:
    return _entry(
        words=happened.duty(kind=row.kind),
        level=None,
        deadline=row.by_at,
        url=url_for("duties.show", duty_id=row.duty_id),
        name=row.reference or gettext("without a case"),
    )


def _entry(
    *, words: Any, level: Any, deadline: datetime, url: str | None, name: str
) -> dict[str, Any]:
    return {
        "words": str(words),
        "level": level,
        "deadline": deadline,
        "url": url,
        "name": name,
    }
