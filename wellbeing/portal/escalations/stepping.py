"""Returning a case to a unit below with a plan; that unit must accept it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.escalation.operations import senders
from wellbeing.escalation.rules.words import Agreement, NewEscalation
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.organizations import queries as organizations
from wellbeing.portal import pages
from wellbeing.portal.cases.blueprint import head, note_change, opened
from wellbeing.portal.cases.posting import is_sent, status
from wellbeing.portal.escalations import words
from wellbeing.portal.escalations.blueprint import blueprint
from wellbeing.portal.forms.base import choice
from wellbeing.portal.forms.escalations import StepDownForm

Page = str | AnyResponse | tuple[str, int]


@blueprint.route("/cases/<reference>/step-down", methods=["GET", "POST"])
@pages.allowed(Permission.ESCALATE)
def step_down(reference: str) -> Page:
    """Return a case to a unit below; it stays with its owner until that unit accepts."""
    case = opened(reference)
    form = _form(case)
    if not is_sent(form=form):
        return _page(case, form), status()
    new = NewEscalation(
        case_id=case.case_id,
        reason=form.text("reason"),
        safety_plan=form.text("safety_plan"),
        agreement=Agreement(form.agreed.data),
        may_be_told=form.text("may_be_told"),
    )
    try:
        with transaction():
            number = senders.step_down(
                new=new,
                to_organization_id=int(form.to.data),
                by=pages.reader().user_id,
                now=pages.now(),
            )
            note_change(case=case, action=AuditAction.ESCALATED, details={"step_down": number})
    except NotFound:
        raise
    except DomainError as error:
        return _page(case, form, refused=gettext(str(error))), error.status
    flash(gettext("Sent. The unit below is being called now; the case stays yours."), "success")
    return redirect(url_for("cases.show", reference=reference), 303)


def _form(case: CaseRow) -> StepDownForm:
    form = StepDownForm()
    below = organizations.children(organization_id=case.organization_id, on=pages.now().date())
    form.to.choices = [choice(str(one.id), one.name(language=pages.language())) for one in below]
    form.agreed.choices = [choice(one.value, str(said)) for one, said in words.AGREEMENTS.items()]
    return form


def _page(case: CaseRow, form: StepDownForm, *, refused: str = "") -> str:
    return render_template(
        "escalations/step_down.html", case=head(case=case), form=form, refused=refused
    )
