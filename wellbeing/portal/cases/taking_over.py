"""One care plan per student (一生一策): a case without one may take that of the other case over."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.cases.operations import care as operations
from wellbeing.cases.queries import plans, taken_plans
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.plans import OfferedPlan, OfferGone, PlanRow, opened_care
from wellbeing.foundation.database import transaction
from wellbeing.portal import pages
from wellbeing.portal.cases.blueprint import blueprint, found, note_change
from wellbeing.portal.cases.naming import look_up
from wellbeing.portal.forms.care import TakeOverForm


@blueprint.post("/cases/<reference>/care-plan/take-over")
@pages.allowed(Permission.EDIT_CASE)
def take_over_care_plan(reference: str) -> AnyResponse:
    """Begin this case's plan with the one that its reader saw; both cases' audit tells it."""
    case, form = found(reference), TakeOverForm()
    source = form.text("source")
    other = found(source) if source else None
    offered = _offered(case)
    if offered is None or other is None:
        raise OfferGone
    if (offered.plan.case_id, offered.plan.version) != (other.case_id, form.version.data):
        raise OfferGone
    with transaction():
        by, now = pages.reader().user_id, pages.now()
        version = operations.take_over(case_id=case.case_id, plan=offered.plan, by=by, now=now)
        details = {"what": "care_plan", "version": version, "taken_from": other.case_id}
        note_change(case=case, action=AuditAction.PLAN_SAVED, details=details)
        read = {"what": "care_plan", "version": offered.plan.version, "taken_to": case.case_id}
        note_change(case=other, action=AuditAction.OPENED_CASE, details=read)
    flash(gettext("The plan is taken over. Review it with the student."), "success")
    return redirect(url_for("cases.care_plan", reference=reference), 303)


def offer(*, case: CaseRow) -> dict[str, Any] | None:
    """Word the plan that a case may take over, and write down that the other case was read."""
    offered = _offered(case)
    if offered is None:
        return None
    plan = offered.plan
    pages.note_read(
        action=AuditAction.OPENED_CASE,
        subject=Subject(kind="case", id=plan.case_id),
        details={"what": "care_plan", "version": plan.version},
    )
    names = look_up(users=[plan.by_user_id], organizations_=[])
    form = TakeOverForm(data={"source": offered.reference, "version": plan.version})
    return {
        "reference": offered.reference,
        "number": plan.version,
        "by": names.user(plan.by_user_id),
        "at": plan.at,
        "care": opened_care(words=plan.words),
        "form": form,
    }


def origin(*, plan: PlanRow) -> dict[str, Any] | None:
    """Word where a plan that was taken over came from, and what became of its source."""
    found = taken_plans.origin_of(plan=plan, scope=pages.reader().scope, now=pages.now())
    if found is None:
        return None
    changed = found.changed
    names = look_up(users=[changed.by_user_id] if changed else [], organizations_=[])
    return {
        "reference": found.reference,
        "number": found.version,
        "is_same_student": found.is_same_student,
        "changed": changed,
        "by": names.user(changed.by_user_id) if changed else "",
    }


def _offered(case: CaseRow) -> OfferedPlan | None:
    reader = pages.reader()
    return plans.care_elsewhere(case_id=case.case_id, scope=reader.scope, now=pages.now())
