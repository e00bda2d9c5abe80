"""Answering an escalation or a call: seen, accepted, declined, taken back."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.cases.queries import cases
from wellbeing.escalation import queries as escalation
from wellbeing.escalation.operations import answers, escalations, handing_over
from wellbeing.escalation.rules.rows import EscalationRow
from wellbeing.escalation.rules.words import AcknowledgedVia, AlreadyAccepted
from wellbeing.foundation.database import transaction
from wellbeing.portal import pages
from wellbeing.portal.cases.naming import look_up
from wellbeing.portal.cases.posting import is_sent
from wellbeing.portal.escalations.blueprint import blueprint
from wellbeing.portal.escalations.record import opened, page, subject_of
from wellbeing.portal.forms.escalations import DeclineForm

Page = str | AnyResponse | tuple[str, int]


@blueprint.post("/escalations/<int:escalation_id>/acknowledge")
@pages.allowed(Permission.RECEIVE_ESCALATION)
def acknowledge(escalation_id: int) -> Page:
    """Say that the desk has seen it; the calls stop and the words open."""
    row = _found(escalation_id)
    try:
        with transaction():
            escalations.acknowledge(
                escalation_id=escalation_id,
                by=pages.reader().user_id,
                via=AcknowledgedVia.PORTAL,
                now=pages.now(),
            )
            _note(row, AuditAction.ACKNOWLEDGED)
    except AlreadyAccepted:
        return _too_late(escalation_id)
    flash(gettext("Noted that you have seen it. The calls to your desk stop."), "success")
    return _back(escalation_id)


@blueprint.post("/escalations/<int:escalation_id>/accept")
@pages.allowed(Permission.RECEIVE_ESCALATION)
def accept(escalation_id: int) -> Page:
    """Take the case over; who comes second reads who was first."""
    row = _found(escalation_id)
    try:
        with transaction():
            escalations.accept(
                escalation_id=escalation_id, by=pages.reader().user_id, now=pages.now()
            )
            _note(row, AuditAction.ACCEPTED)
    except AlreadyAccepted:
        return _too_late(escalation_id)
    flash(gettext("The case is yours now. Please contact the student."), "success")
    reference = cases.case_by_id(case_id=row.case_id).reference
    return redirect(url_for("cases.show", reference=reference), 303)


@blueprint.post("/escalations/<int:escalation_id>/decline")
@pages.allowed(Permission.RECEIVE_ESCALATION)
def decline(escalation_id: int) -> Page:
    """Say that the desk cannot take it, and why."""
    row = _found(escalation_id)
    form = DeclineForm()
    if not is_sent(form=form):
        return page(row=opened(escalation_id), form=form), 422
    try:
        with transaction():
            escalations.decline(
                escalation_id=escalation_id,
                by=pages.reader().user_id,
                reason=form.text("reason"),
                now=pages.now(),
            )
            _note(row, AuditAction.DECLINED)
    except AlreadyAccepted:
        return _too_late(escalation_id)
    flash(gettext("Declined. The next desk is asked now."), "success")
    return redirect(url_for("escalations.inbox"), 303)


@blueprint.post("/escalations/<int:escalation_id>/release")
@pages.allowed(Permission.ESCALATE)
def release(escalation_id: int) -> Page:
    """Take an escalation back before anybody accepted it."""
    row = _found(escalation_id)
    try:
        with transaction():
            escalations.release(
                escalation_id=escalation_id, by=pages.reader().user_id, now=pages.now()
            )
            _note(row, AuditAction.CASE_CHANGED)
    except AlreadyAccepted:
        return _too_late(escalation_id)
    flash(gettext("Taken back. The desks are called no more."), "success")
    return _back(escalation_id)


@blueprint.post("/escalations/<int:escalation_id>/read-back")
@pages.allowed(Permission.ESCALATE)
def read_back(escalation_id: int) -> Page:
    """Note that the receiver read back name, level and plan: the hand-over was warm."""
    row = _found(escalation_id)
    with transaction():
        handing_over.confirm_read_back(
            escalation_id=escalation_id, by=pages.reader().user_id, now=pages.now()
        )
        _note(row, AuditAction.CASE_CHANGED)
    flash(gettext("Noted as a warm hand-over."), "success")
    return _back(escalation_id)


@blueprint.post("/pages/<int:page_id>/acknowledge")
@pages.allowed(Permission.RECEIVE_ESCALATION)
def page_acknowledge(page_id: int) -> AnyResponse:
    """Answer a call to the desk in the portal instead of by key or text."""
    with transaction():
        is_first = answers.acknowledge_page(
            page_id=page_id,
            user_id=pages.reader().user_id,
            via=AcknowledgedVia.PORTAL,
            now=pages.now(),
        )
        audit.record(
            action=AuditAction.ACKNOWLEDGED,
            subject=Subject(kind="page", id=page_id),
            actor=pages.actor(),
            details={"first": is_first},
            now=pages.now(),
        )
    done = gettext("Noted that you have seen it. The calls to your desk stop.")
    flash(done if is_first else gettext("A colleague answered this call already."), "success")
    return redirect(url_for("escalations.inbox"), 303)


def _found(escalation_id: int) -> EscalationRow:
    return escalation.get(escalation_id=escalation_id, scope=pages.reader().scope)


def _too_late(escalation_id: int) -> tuple[str, int]:
    row = escalation.by_id(escalation_id=escalation_id)
    names = look_up(users=[row.accepted_by], organizations_=[])
    shown: dict[str, Any] = {"winner": names.user(row.accepted_by), "accepted_at": row.accepted_at}
    late = render_template("escalations/late.html", escalation_id=escalation_id, **shown)
    return late, AlreadyAccepted.status


def _note(row: EscalationRow, action: AuditAction) -> None:
    audit.record(
        action=action,
        subject=subject_of(row),
        actor=pages.actor(),
        details={"escalation": row.escalation_id},
        now=pages.now(),
    )


def _back(escalation_id: int) -> AnyResponse:
    return redirect(url_for("escalations.show", escalation_id=escalation_id), 303)
