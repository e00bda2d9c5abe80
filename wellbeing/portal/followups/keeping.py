"""Keeping a promise: one attempt to reach the student, or another time with a reason."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit import operations as audit
from wellbeing.audit import queries as audit_queries
from wellbeing.audit.queries import EventFilter
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.followups import queries as followups
from wellbeing.followups.operations import attempts, by_hand, plans
from wellbeing.followups.queries import FollowUpAttemptRow, FollowUpRow
from wellbeing.followups.rules import Outcome, StaleFollowUp
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.policy import current as policy
from wellbeing.portal import filters, pages
from wellbeing.portal.cases import people_view
from wellbeing.portal.cases.naming import Names, look_up
from wellbeing.portal.cases.posting import is_sent, status
from wellbeing.portal.followups import promises, words
from wellbeing.portal.followups.blueprint import blueprint
from wellbeing.portal.forms.base import choice
from wellbeing.portal.forms.followups import AttemptForm, RescheduleForm

LOOKED_BACK = 50
"""Among how many changes of the case's promises the last one of this promise is looked for."""
Page = str | AnyResponse | tuple[str, int]


@blueprint.route("/follow-ups/<int:follow_up_id>/attempt", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def attempt(follow_up_id: int) -> Page:
    """Record how one attempt to reach the student went."""
    row = _opened(follow_up_id)
    form = AttemptForm()
    form.outcome.choices = [choice(one.value, str(said)) for one, said in words.OUTCOMES.items()]
    if not is_sent(form=form):
        return _page(row, form, "followups/attempt.html"), status()
    try:
        with transaction():
            attempts.record_attempt(
                follow_up_id=follow_up_id,
                by=pages.reader().user_id,
                outcome=Outcome(form.outcome.data),
                note=form.text("note"),
                now=pages.now(),
            )
            _note(row, outcome=form.outcome.data)
    except DomainError as error:
        return _refused(row, form, "followups/attempt.html", error)
    flash(gettext("The attempt is recorded."), "success")
    return _done(row)


@blueprint.route("/follow-ups/<int:follow_up_id>/reschedule", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def reschedule(follow_up_id: int) -> Page:
    """Move a promise to another time, with the reason."""
    row = _opened(follow_up_id)
    due_at = row.due_at.astimezone(_zone()).replace(tzinfo=None)
    form = RescheduleForm(data={"due_at": due_at, "version": row.version})
    if not is_sent(form=form):
        return _page(row, form, "followups/reschedule.html"), status()
    try:
        with transaction():
            plans.reschedule(
                follow_up_id=follow_up_id,
                due_at=_moment(form.due_at.data or due_at),
                reason=form.text("reason"),
                by=pages.reader().user_id,
                now=pages.now(),
                version=form.version.data or 0,
            )
            _note(row, moved=True)
    except StaleFollowUp as stale:
        return _conflict(_opened(follow_up_id), form), stale.status
    except DomainError as error:
        return _refused(row, form, "followups/reschedule.html", error)
    flash(gettext("The new time is saved."), "success")
    return _done(row)


def _opened(follow_up_id: int) -> FollowUpRow:
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


def _conflict(row: FollowUpRow, form: RescheduleForm) -> str:
    """Show the time that stands beside the one that was typed, and who changed the promise."""
    wanted = EventFilter(action=AuditAction.FOLLOW_UP_CHANGED, subject=_subject(row))
    of_it = (
        one
        for one in audit_queries.events(wanted=wanted, limit=LOOKED_BACK)
        if one.details.get("follow_up") == row.follow_up_id
    )
    last = next(of_it, None)
    names = look_up(users=[last.actor_id] if last else [], organizations_=[])
    form.follow(version=row.version)
    typed = _moment(form.due_at.data) if form.due_at.data else row.due_at
    saved = {
        "by": names.user(last.actor_id) if last else gettext("The line"),
        "at": last.at if last else pages.now(),
        "rows": [
            {
                "label": gettext("New time"),
                "saved": filters.local_time(row.due_at),
                "yours": filters.local_time(typed),
            },
            {
                "label": gettext("Reason"),
                "saved": followups.why_moved(follow_up_id=row.follow_up_id),
                "yours": form.text("reason"),
            },
        ],
        "words": gettext(str(StaleFollowUp())),
    }
    return _page(row, form, "followups/reschedule.html", saved=saved)


def _page(
    row: FollowUpRow,
    form: Any,
    template: str,
    *,
    refused: str = "",
    saved: dict[str, Any] | None = None,
) -> str:
    tried = followups.attempts_of(follow_up_id=row.follow_up_id)
    names = look_up(users=[one.by_user_id for one in tried], organizations_=[])
    (promise,) = promises.cards(rows=[row])
    return render_template(
        template,
        promise=promise,
        wording=promises.wording(row=row),
        attempts=[_attempt(one, names) for one in tried],
        facts=_facts(row),
        may_decide=by_hand.is_unreachable(row=row) and _supervises(),
        people=people_view.if_opened(case=_case_of(row)),
        form=form,
        refused=refused,
        saved=saved,
        now=pages.now(),
    )


def _case_of(row: FollowUpRow) -> CaseRow | None:
    return cases.case_by_id(case_id=row.case_id) if row.case_id is not None else None


def _supervises() -> bool:
    return Permission.SUPERVISE in pages.reader().permissions


def _facts(row: FollowUpRow) -> list[tuple[str, str]]:
    return [
        (gettext("Due"), filters.local_time(row.due_at)),
        (
            gettext("At any time between"),
            f"{filters.local_time(row.window_start)} – {filters.local_time(row.window_end)}",
        ),
        (gettext("State"), str(words.STATES[row.state][0])),
        *_moved(row),
    ]


def _moved(row: FollowUpRow) -> list[tuple[str, str]]:
    # Of a case it stands in the timeline; a call-back without one has only this page.
    why = "" if row.case_id else followups.why_moved(follow_up_id=row.follow_up_id)
    return [(gettext("Moved because"), why)] if why else []


def _attempt(one: FollowUpAttemptRow, names: Names) -> dict[str, Any]:
    outcome = str(words.OUTCOMES[one.outcome]) if one.outcome else gettext("Text sent")
    by = names.user(one.by_user_id)
    return {"at": one.at, "by": by, "outcome_words": outcome, "note": one.note}


def _refused(row: FollowUpRow, form: Any, template: str, error: DomainError) -> tuple[str, int]:
    if isinstance(error, NotFound):
        raise error
    return _page(row, form, template, refused=gettext(str(error))), error.status


def _note(row: FollowUpRow, **details: Any) -> None:
    audit.record(
        action=AuditAction.FOLLOW_UP_CHANGED,
        subject=_subject(row),
        actor=pages.actor(),
        details={"follow_up": row.follow_up_id, **details},
        now=pages.now(),
    )


def _done(row: FollowUpRow) -> AnyResponse:
    if row.case_id is None:
        return redirect(url_for("followups.due"), 303)
    reference = cases.case_by_id(case_id=row.case_id).reference
    return redirect(url_for("cases.show", reference=reference), 303)


def _moment(typed: datetime) -> datetime:
    return typed.replace(tzinfo=_zone()).astimezone(UTC)


def _zone() -> ZoneInfo:
    return ZoneInfo(policy.current().followups.zone)
