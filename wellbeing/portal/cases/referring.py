"""Sending a student on, and noting what became of it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.operations import referrals as operations
from wellbeing.cases.queries import referrals
from wellbeing.cases.rules.cases import LIVING, CaseRow
from wellbeing.cases.rules.referrals import (
    STEPS,
    Agreed,
    NewReferral,
    ReferralRow,
    ReferralState,
    StaleReferral,
)
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.policy import current as policy
from wellbeing.portal import filters, pages
from wellbeing.portal.cases import referral_words as words
from wellbeing.portal.cases.blueprint import blueprint, head, note_change, opened
from wellbeing.portal.cases.naming import look_up
from wellbeing.portal.cases.posting import is_sent, is_stale, status
from wellbeing.portal.forms.base import choice
from wellbeing.portal.forms.referrals import ReferralForm, ReferralStepForm

Page = str | AnyResponse | tuple[str, int]


@blueprint.route("/cases/<reference>/referrals/new", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def refer(reference: str) -> Page:
    """Send a student on; the case stays open until the outcome is known."""
    case = opened(reference)
    form = ReferralForm()
    form.kind.choices = [
        choice(one.key, one.name(language=pages.language()))
        for one in policy.current().cases.referral_kinds.values()
    ]
    form.agreed.choices = [choice(one.value, str(said)) for one, said in words.AGREED.items()]
    if not is_sent(form=form):
        return _new_page(case, form), status()
    try:
        with transaction():
            made = operations.refer(
                new=_new(case, form), by=pages.reader().user_id, now=pages.now()
            )
            note_change(case=case, action=AuditAction.REFERRED, details={"referral": made})
    except NotFound:
        raise
    except DomainError as error:
        return _new_page(case, form, refused=gettext(str(error))), error.status
    flash(gettext("The referral is noted. Note here what became of it."), "success")
    return redirect(url_for("cases.referral", reference=reference, referral_id=made), 303)


@blueprint.route("/cases/<reference>/referrals/<int:referral_id>", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def referral(reference: str, referral_id: int) -> Page:
    """Show a referral, and note its next step."""
    case = opened(reference)
    row = referrals.get(referral_id=referral_id, case_id=case.case_id)
    form = _step_form(row)
    if is_stale(form=form, version=row.version):
        return _refused(case, row, form, StaleReferral())
    if not row.is_open or not is_sent(form=form):
        return _page(case, row, form), status() if row.is_open else 200
    try:
        with transaction():
            operations.settle(
                row=row,
                state=ReferralState(form.state.data),
                words=form.text("outcome"),
                by=pages.reader().user_id,
                version=form.version.data or 0,
                now=pages.now(),
            )
            details = {"referral": referral_id, "state": form.state.data}
            note_change(case=case, action=AuditAction.REFERRED, details=details)
    except NotFound:
        raise
    except DomainError as error:
        return _refused(case, row, form, error)
    flash(gettext("Noted."), "success")
    return redirect(url_for("cases.referral", reference=reference, referral_id=referral_id), 303)


def _new(case: CaseRow, form: ReferralForm) -> NewReferral:
    return NewReferral(
        case_id=case.case_id,
        kind=form.kind.data,
        to=form.text("to"),
        reason=form.text("reason"),
        agreed=Agreed(form.agreed.data),
    )


def _step_form(row: ReferralRow) -> ReferralStepForm:
    form = ReferralStepForm(data={"version": row.version})
    form.state.choices = [
        choice(one.value, str(said)) for one, said in words.STEPS.items() if one in STEPS[row.state]
    ]
    return form


def _refused(
    case: CaseRow, row: ReferralRow, form: ReferralStepForm, error: DomainError
) -> tuple[str, int]:
    standing = referrals.get(referral_id=row.referral_id, case_id=case.case_id)
    form.follow(version=standing.version)
    page = _page(case, standing, form, refused=gettext(str(error)), unsaved=form.text("outcome"))
    return page, error.status


def _new_page(case: CaseRow, form: ReferralForm, *, refused: str = "") -> str:
    return render_template("cases/refer.html", case=head(case=case), form=form, refused=refused)


def _page(
    case: CaseRow,
    row: ReferralRow,
    form: ReferralStepForm,
    *,
    refused: str = "",
    unsaved: str = "",
) -> str:
    names = look_up(users=[case.owner_id, row.by_user_id], organizations_=[case.organization_id])
    state_words, tone = words.STATES[row.state]
    facts = [
        (gettext("Where exactly"), row.to),
        (gettext("Who agreed"), str(words.AGREED[row.agreed])),
        (gettext("Sent"), filters.local_time(row.sent_at)),
        (gettext("By whom"), names.user(row.by_user_id)),
        *([(gettext("Answer by"), filters.local_time(row.due_at))] if row.due_at else []),
        *([(gettext("Over since"), filters.local_time(row.settled_at))] if row.settled_at else []),
    ]
    return render_template(
        "cases/referral.html",
        case=head(case=case, names=names),
        row=row,
        title=words.kind(key=row.kind),
        state_words=state_words,
        tone=tone,
        facts=facts,
        form=form,
        may_note=row.is_open and case.status in LIVING,
        refused=refused,
        unsaved=unsaved,
    )
