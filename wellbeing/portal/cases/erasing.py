"""A record at rest: held for the law, or destroyed by two. Not a word of it is read here."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.operations import erasures as operations
from wellbeing.cases.queries import erasures
from wellbeing.cases.queries.erasures import Item
from wellbeing.cases.rules.cases import CaseRow, normalised_reference
from wellbeing.cases.rules.erasures import Ground, NotTheReference, Obstacle
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.portal import pages, step_up
from wellbeing.portal.cases import erasure_words as words
from wellbeing.portal.cases.blueprint import blueprint, head, note_change, subject_of
from wellbeing.portal.cases.naming import Names, look_up
from wellbeing.portal.cases.posting import is_sent, status
from wellbeing.portal.forms.base import Form, choice
from wellbeing.portal.forms.erasures import AskErasureForm, DecideErasureForm, HoldForm

Page = str | AnyResponse | tuple[str, int]


@blueprint.route("/sealed-cases/<reference>", methods=["GET", "POST"])
@pages.allowed(Permission.SUPERVISE)
def at_rest(reference: str) -> Page:
    """Show what stands in the way of destroying a record, and take the wish to."""
    case, form = _looked_at(reference), _ask_form()
    if not is_sent(form=form):
        return _page(case, form, HoldForm(formdata=None, prefix="hold")), status()
    try:
        with transaction():
            made = operations.ask(
                case=case,
                ground=Ground(form.ground.data),
                reason=form.text("reason"),
                by=pages.reader().user_id,
                now=pages.now(),
            )
            details = {"erasure": made, "ground": form.ground.data}
            note_change(case=case, action=AuditAction.ERASURE_ASKED, details=details)
    except NotFound:
        raise
    except DomainError as error:
        form.refuse("reason", str(error))
        return _page(case, form, HoldForm(formdata=None, prefix="hold")), error.status
    flash(gettext("Asked. Another supervisor of this unit decides."), "success")
    return redirect(url_for("cases.at_rest", reference=reference), 303)


@blueprint.post("/sealed-cases/<reference>/hold")
@pages.allowed(Permission.SUPERVISE)
def hold_record(reference: str) -> Page:
    """Keep a record for the law, whatever its time."""
    case, form = _looked_at(reference), HoldForm(prefix="hold")
    if not is_sent(form=form):
        return _page(case, _ask_form(empty=True), form), status()
    try:
        with transaction():
            operations.hold(
                case=case, reason=form.text("reason"), by=pages.reader().user_id, now=pages.now()
            )
            note_change(case=case, action=AuditAction.LEGAL_HOLD_CHANGED, details={"held": True})
    except NotFound:
        raise
    except DomainError as error:
        form.refuse("reason", str(error))
        return _page(case, _ask_form(empty=True), form), error.status
    flash(gettext("The record is held."), "success")
    return redirect(url_for("cases.at_rest", reference=reference), 303)


@blueprint.post("/sealed-cases/<reference>/release")
@pages.allowed(Permission.SUPERVISE)
def release_record(reference: str) -> AnyResponse:
    """Let a held record go its way again."""
    case = _looked_at(reference)
    step_up.demand(back=url_for("cases.at_rest", reference=reference))
    with transaction():
        operations.release(case=case, by=pages.reader().user_id, now=pages.now())
        note_change(case=case, action=AuditAction.LEGAL_HOLD_CHANGED, details={"held": False})
    flash(gettext("The record is not held any more."), "success")
    return redirect(url_for("cases.at_rest", reference=reference), 303)


@blueprint.route("/erasures/<int:erasure_id>", methods=["GET", "POST"])
@pages.allowed(Permission.SUPERVISE)
def decide_erasure(erasure_id: int) -> Page:
    """Show what is asked and by whom, and take the decision of somebody else."""
    item, form = _item(erasure_id), DecideErasureForm()
    step_up.demand()
    details = {"what": "erasure", "erasure": erasure_id}
    pages.note_read(action=AuditAction.LISTED, subject=subject_of(item.case), details=details)
    if not is_sent(form=form):
        return _decision(item, form), status()
    try:
        with transaction():
            _decide(item, form)
    except NotFound:
        raise
    except DomainError as error:
        form.refuse("reference" if form.decision.data == "erase" else "reason", str(error))
        return _decision(_item(erasure_id), form), error.status
    flash(gettext("The decision is recorded."), "success")
    return redirect(url_for("cases.sealed_cases"), 303)


@blueprint.post("/erasures/<int:erasure_id>/withdraw")
@pages.allowed(Permission.SUPERVISE)
def withdraw_erasure(erasure_id: int) -> AnyResponse:
    """Take back what one asked for."""
    item = _item(erasure_id)
    with transaction():
        operations.withdraw(row=item.row, by=pages.reader().user_id, now=pages.now())
        details = {"erasure": erasure_id, "decision": "withdrawn"}
        note_change(case=item.case, action=AuditAction.ERASURE_DECIDED, details=details)
    flash(gettext("Taken back."), "success")
    return redirect(url_for("cases.at_rest", reference=item.case.reference), 303)


def _looked_at(reference: str) -> CaseRow:
    case = erasures.at_rest(reference=reference, scope=pages.reader().scope)
    details = {"what": "at_rest"}
    pages.note_read(action=AuditAction.LISTED, subject=subject_of(case), details=details)
    return case


def _item(erasure_id: int) -> Item:
    return erasures.get(erasure_id=erasure_id, scope=pages.reader().scope)


def _ask_form(*, empty: bool = False) -> AskErasureForm:
    form = AskErasureForm(formdata=None) if empty else AskErasureForm()
    form.ground.choices = [choice(one.value, str(said)) for one, said in words.GROUNDS.items()]
    return form


def _decide(item: Item, form: DecideErasureForm) -> None:
    by, now = pages.reader().user_id, pages.now()
    if form.decision.data == "erase":
        typed = normalised_reference(typed=form.text("reference"))
        if typed != item.case.reference or not form.is_sure.data:
            raise NotTheReference
        operations.carry_out(row=item.row, by=by, now=now)
    else:
        reason = form.text("reason")
        operations.refuse(row=item.row, case=item.case, reason=reason, by=by, now=now)
    details = {"erasure": item.row.erasure_id, "decision": form.decision.data}
    note_change(case=item.case, action=AuditAction.ERASURE_DECIDED, details=details)


def _obstacles(case: CaseRow) -> list[str]:
    found = erasures.obstacles_of(case=case, now=pages.now())
    return [str(words.OBSTACLES[Obstacle(one)]) for one in found]


def _page(case: CaseRow, form: Form, hold_form: Form) -> str:
    rows = erasures.of_case(case_id=case.case_id)
    held = erasures.legal_hold(case_id=case.case_id)
    users = {case.owner_id, *(one.asked_by for one in rows), *(one.decided_by for one in rows)}
    names = look_up(
        users=[*users, held.by_user_id if held else None], organizations_=[case.organization_id]
    )
    return render_template(
        "cases/at_rest.html",
        case=head(case=case, names=names),
        closed_at=case.closed_at,
        obstacles=_obstacles(case),
        asked=[_shown(Item(row=one, case=case), names) for one in rows],
        is_waiting=any(one.is_waiting for one in rows),
        held={"reason": held.reason, "by": names.user(held.by_user_id), "at": held.at}
        if held
        else None,
        form=form,
        hold_form=hold_form,
    )


def _shown(item: Item, names: Names) -> dict[str, Any]:
    state_words, tone = words.STATES[item.row.state]
    return {
        "row": item.row,
        "ground": str(words.GROUNDS[item.row.ground]),
        "state_words": str(state_words),
        "tone": tone,
        "by": names.user(item.row.asked_by),
        "decided_by": names.user(item.row.decided_by),
        "is_mine": item.row.asked_by == pages.reader().user_id,
    }


def _decision(item: Item, form: DecideErasureForm) -> str:
    users = [item.case.owner_id, item.row.asked_by, item.row.decided_by]
    names = look_up(users=users, organizations_=[item.case.organization_id])
    return render_template(
        "cases/erasure.html",
        case=head(case=item.case, names=names),
        closed_at=item.case.closed_at,
        one=_shown(item, names),
        obstacles=_obstacles(item.case),
        form=form,
    )
