"""Deciding a request for access, and reviewing an emergency view: a supervisor's work."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.grants import Verdict
from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.cases.operations import access
from wellbeing.cases.queries import access as queries
from wellbeing.cases.rules.access import CHOICES, RequestItem, ViewItem
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.policy import current as policy
from wellbeing.portal import pages
from wellbeing.portal.cases.naming import Names, look_up
from wellbeing.portal.cases.posting import is_sent, status
from wellbeing.portal.forms.base import choice
from wellbeing.portal.forms.grants import DecideForm, ReviewForm
from wellbeing.portal.grants.blueprint import blueprint, note
from wellbeing.portal.grants.words import VERDICTS, state_of

Page = str | AnyResponse | tuple[str, int]
HOURS_A_DAY = 24


@blueprint.route("/access/requests/<int:request_id>", methods=["GET", "POST"])
@pages.allowed(Permission.SUPERVISE)
def decide(request_id: int) -> Page:
    """Show a request and take the decision with its reason."""
    item = queries.request(request_id=request_id, scope=pages.reader().scope)
    subject = Subject(kind="access_request", id=request_id)
    pages.note_read(action=AuditAction.LISTED, subject=subject, details={"list": "access_request"})
    form = DecideForm()
    form.offer(hours=[_lasting(one) for one in _offered()])
    if not is_sent(form=form):
        return _request_page(item, form), status()
    try:
        with transaction():
            _decided(request_id, form)
    except NotFound:
        raise
    except DomainError as error:
        form.refuse("reason", str(error))
        item = queries.request(request_id=request_id, scope=pages.reader().scope)
        return _request_page(item, form), error.status
    flash(gettext("The decision is recorded."), "success")
    return redirect(url_for("grants.index"), 303)


@blueprint.route("/access/emergencies/<int:view_id>", methods=["GET", "POST"])
@pages.allowed(Permission.SUPERVISE)
def review(view_id: int) -> Page:
    """Show an emergency view and take what the supervisor thinks of it."""
    item = queries.view(view_id=view_id, scope=pages.reader().scope)
    subject = Subject(kind="emergency_view", id=view_id)
    pages.note_read(action=AuditAction.LISTED, subject=subject, details={"list": "emergency_view"})
    form = ReviewForm()
    form.verdict.choices = [choice(one.value, str(words)) for one, words in VERDICTS.items()]
    if not is_sent(form=form):
        return _view_page(item, form), status()
    try:
        with transaction():
            access.review(
                view_id=view_id,
                scope=pages.reader().scope,
                verdict=Verdict(form.verdict.data),
                words=form.text("finding"),
                now=pages.now(),
            )
            note(action=AuditAction.EMERGENCY_REVIEWED, subject=subject, verdict=form.verdict.data)
    except NotFound:
        raise
    except DomainError as error:
        form.refuse("finding", str(error))
        item = queries.view(view_id=view_id, scope=pages.reader().scope)
        return _view_page(item, form), error.status
    flash(gettext("Your review is recorded."), "success")
    return redirect(url_for("grants.index"), 303)


def listed(
    *, waiting: Collection[RequestItem], views: Collection[ViewItem]
) -> dict[str, list[dict[str, Any]]]:
    """Word what waits for a supervisor, with two queries for all names."""
    names = _names([*waiting, *views])
    return {
        "requests": [_request(item, names) for item in waiting],
        "views": [_view(item, names) for item in views],
    }


def _decided(request_id: int, form: DecideForm) -> None:
    subject = Subject(kind="access_request", id=request_id)
    scope, now = pages.reader().scope, pages.now()
    if form.decision.data == "approve":
        ends_at = now + timedelta(hours=form.hours.data or 0)
        access.approve(
            request_id=request_id, scope=scope, reason=form.text("reason"), ends_at=ends_at, now=now
        )
        note(action=AuditAction.GRANT_GIVEN, subject=subject, until=ends_at.isoformat())
        return
    access.refuse(request_id=request_id, scope=scope, reason=form.text("reason"), now=now)
    note(action=AuditAction.ACCESS_REFUSED, subject=subject)


def _offered() -> list[timedelta]:
    longest = policy.current().privacy.access_request.lasts
    return [one for one in CHOICES if one < longest] + [longest]


def _lasting(span: timedelta) -> Any:
    hours = int(span.total_seconds() // 3600)
    if hours % HOURS_A_DAY:
        return choice(hours, gettext("%(count)s hours", count=hours))
    return choice(hours, gettext("%(count)s day(s)", count=hours // HOURS_A_DAY))


def _request_page(item: RequestItem, form: DecideForm) -> str:
    names = _names([item])
    return render_template(
        "grants/decide.html", form=form, one=_request(item, names), now=pages.now()
    )


def _view_page(item: ViewItem, form: ReviewForm) -> str:
    names = _names([item])
    return render_template("grants/review.html", form=form, one=_view(item, names), now=pages.now())


def _names(items: Collection[RequestItem | ViewItem]) -> Names:
    users: set[int | None] = {item.row.user_id for item in items}
    users |= {item.case.owner_id for item in items}
    users |= {item.row.reviewed_by for item in items if isinstance(item, ViewItem)}
    return look_up(users=users, organizations_=[item.case.organization_id for item in items])


def _request(item: RequestItem, names: Names) -> dict[str, Any]:
    words, tone = state_of(item.row)
    return {
        "id": item.row.request_id,
        "by": names.user(item.row.user_id),
        "reference": item.case.reference,
        "level": item.case.level,
        "owner": names.user(item.case.owner_id),
        "place": names.place(item.case.organization_id),
        "asked_at": item.row.asked_at,
        "waits_until": item.row.waits_until,
        "reason": item.row.reason,
        "decision": item.row.decision,
        "state_words": words,
        "state_tone": tone,
        "is_open": item.row.is_waiting(now=pages.now()),
        "is_mine": item.row.user_id == pages.reader().user_id,
    }


def _view(item: ViewItem, names: Names) -> dict[str, Any]:
    row = item.row
    return {
        "id": row.view_id,
        "by": names.user(row.user_id),
        "reference": item.case.reference,
        "level": item.case.level,
        "owner": names.user(item.case.owner_id),
        "place": names.place(item.case.organization_id),
        "opened_at": row.opened_at,
        "ends_at": row.ends_at,
        "review_by": row.review_by,
        "reason": row.reason,
        "review": row.review,
        "verdict_words": str(VERDICTS[row.verdict]) if row.verdict else "",
        "reviewed_by": names.user(row.reviewed_by) if row.reviewed_by else "",
        "is_open": not row.is_reviewed,
        "is_mine": row.user_id == pages.reader().user_id,
    }
