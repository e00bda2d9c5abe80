"""Promises by hand: a counselor promises, a student wants to hear again, a supervisor decides."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.followups import queries as followups
from wellbeing.followups.operations import by_hand, plans
from wellbeing.followups.queries import FollowUpRow
from wellbeing.followups.rules import Decision, InThePast
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.policy import current as policy
from wellbeing.policy.model import FollowUpKind
from wellbeing.portal import pages
from wellbeing.portal.cases.naming import look_up
from wellbeing.portal.cases.posting import is_sent, status
from wellbeing.portal.followups import promises, words
from wellbeing.portal.followups.blueprint import blueprint
from wellbeing.portal.forms.base import choice
from wellbeing.portal.forms.followups import PromiseForm, UnreachableForm

Page = str | AnyResponse | tuple[str, int]


@blueprint.route("/follow-ups/for/<reference>", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def promise(reference: str) -> Page:
    """Promise to get back to the student of a case at a time of one's own choice."""
    case = _case(reference)
    form = PromiseForm()
    form.kind.choices = [choice(one.value, str(said)) for one, said in words.KINDS.items()]
    if not is_sent(form=form):
        return _promise_page(case, form), status()
    try:
        with transaction():
            made = by_hand.promise(
                case_id=case.case_id,
                kind=FollowUpKind(form.kind.data),
                due_at=_moment(form.due_at.data),
                note=form.text("note"),
                by=pages.reader().user_id,
                now=pages.now(),
            )
            _note(Subject(kind="case", id=case.case_id), follow_up=made)
    except DomainError as error:
        return _promise_page(case, form, refused=_said(error)), error.status
    flash(gettext("The promise is written down."), "success")
    return redirect(url_for("cases.show", reference=reference), 303)


@blueprint.post("/follow-ups/for/<reference>/wanted")
@pages.allowed(Permission.EDIT_CASE)
def wanted(reference: str) -> AnyResponse:
    """Plan what is sent only to a student who said that they want to hear from us again."""
    case = _case(reference)
    try:
        with transaction():
            plans.add_wanted(case_id=case.case_id, by=pages.reader().user_id, now=pages.now())
            _note(Subject(kind="case", id=case.case_id), wanted=True)
    except DomainError as error:
        flash(_said(error), "warning")
    else:
        flash(gettext("The student will hear from us."), "success")
    return redirect(url_for("cases.show", reference=reference), 303)


@blueprint.route("/follow-ups/<int:follow_up_id>/unreachable", methods=["GET", "POST"])
@pages.allowed(Permission.SUPERVISE)
def unreachable(follow_up_id: int) -> Page:
    """Decide about a student whom nobody could reach: a supervisor's choice, with its reason."""
    row = _promised(follow_up_id)
    form = UnreachableForm()
    form.decision.choices = [choice(one.value, str(said)) for one, said in words.DECISIONS.items()]
    if not is_sent(form=form):
        return _unreachable_page(row, form), status()
    try:
        with transaction():
            by_hand.decide_unreachable(
                follow_up_id=follow_up_id,
                decision=Decision(form.decision.data),
                note=form.text("note"),
                by=pages.reader().user_id,
                now=pages.now(),
            )
            _note(_subject(row), follow_up=follow_up_id, decision=form.decision.data)
    except DomainError as error:
        return _unreachable_page(row, form, refused=_said(error)), error.status
    flash(gettext("The decision is recorded."), "success")
    return redirect(url_for("wall.show"), 303)


def _case(reference: str) -> CaseRow:
    case = cases.get(reference=reference, scope=pages.reader().scope, now=pages.now())
    pages.note_read(action=AuditAction.OPENED_CASE, subject=Subject(kind="case", id=case.case_id))
    return case


def _promised(follow_up_id: int) -> FollowUpRow:
    row = followups.get(follow_up_id=follow_up_id, scope=pages.reader().scope, now=pages.now())
    pages.note_read(
        action=AuditAction.OPENED_CASE if row.case_id else AuditAction.OPENED_CONTACT,
        subject=_subject(row),
        details={"follow_up": follow_up_id},
    )
    return row


def _subject(row: FollowUpRow) -> Subject:
    if row.case_id is None:
        return Subject(kind="contact", id=row.promised_contact_id)
    return Subject(kind="case", id=row.case_id)


def _promise_page(case: CaseRow, form: Any, *, refused: str = "") -> str:
    return render_template(
        "followups/promise.html", reference=case.reference, form=form, refused=refused
    )


def _unreachable_page(row: FollowUpRow, form: Any, *, refused: str = "") -> str:
    tried = followups.attempts_of(follow_up_id=row.follow_up_id)
    names = look_up(users=[one.by_user_id for one in tried], organizations_=[])
    (shown,) = promises.cards(rows=[row])
    return render_template(
        "followups/unreachable.html",
        promise=shown,
        attempts=[
            {"at": one.at, "by": names.user(one.by_user_id), "note": one.note} for one in tried
        ],
        form=form,
        refused=refused,
        now=pages.now(),
    )


def _said(error: DomainError) -> str:
    if isinstance(error, NotFound):
        raise error
    return gettext(str(error))


def _note(subject: Subject, **details: Any) -> None:
    audit.record(
        action=AuditAction.FOLLOW_UP_CHANGED,
        subject=subject,
        actor=pages.actor(),
        details=details,
        now=pages.now(),
    )


def _moment(typed: datetime | None) -> datetime:
    if typed is None:
        raise InThePast
    zone = ZoneInfo(policy.current().followups.zone)
    return typed.replace(tzinfo=zone).astimezone(UTC)
