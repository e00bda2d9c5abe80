"""The care plan of a student (一生一策): goals, measures, who, until when, and the next review."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.operations import care as operations
from wellbeing.cases.queries import plans
from wellbeing.cases.rules.cases import LIVING, CaseRow
from wellbeing.cases.rules.plans import (
    CARE_FIELDS,
    CareWords,
    PlanKind,
    PlanRow,
    StalePlan,
    draft_field,
    opened_care,
)
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.policy import current as policy
from wellbeing.portal import filters, pages
from wellbeing.portal.cases import drafting, taking_over
from wellbeing.portal.cases.blueprint import blueprint, head, note_change, opened, subject_of
from wellbeing.portal.cases.naming import look_up
from wellbeing.portal.cases.posting import is_sent, status
from wellbeing.portal.forms.care import CarePlanForm

Page = str | AnyResponse | tuple[str, int]
KIND = PlanKind.CARE
PREFIX = draft_field(kind=KIND, name="")


@blueprint.get("/cases/<reference>/care-plan")
@pages.allowed(Permission.OPEN_CASE)
def care_plan(reference: str) -> str:
    """Show the newest version, and the way to every older one."""
    case = opened(reference)
    return _shown(case, plans.latest(case_id=case.case_id, kind=KIND))


@blueprint.get("/cases/<reference>/care-plan/versions/<int:number>")
@pages.allowed(Permission.OPEN_CASE)
def care_plan_version(reference: str, number: int) -> str:
    """Show a version as it was."""
    case = opened(reference)
    return _shown(case, plans.version(case_id=case.case_id, kind=KIND, number=number))


@blueprint.get("/cases/<reference>/care-plan/versions/<int:number>/print")
@pages.allowed(Permission.OPEN_CASE)
def print_care_plan(reference: str, number: int) -> str:
    """Give a version on paper for those who carry it out."""
    case = opened(reference)
    plan = plans.version(case_id=case.case_id, kind=KIND, number=number)
    details = {"what": "care_plan", "version": plan.version}
    pages.note_read(action=AuditAction.PRINTED, subject=subject_of(case), details=details)
    return render_template(
        "cases/care_print.html",
        reference=case.reference,
        plan=plan,
        care=opened_care(words=plan.words),
        printed_at=pages.now(),
        printed_by=filters.in_language(pages.reader(), "display_name"),
    )


@blueprint.route("/cases/<reference>/care-plan/edit", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def edit_care_plan(reference: str) -> Page:
    """Write the plan, or review it: either way a new version with a new day of review."""
    case = opened(reference)
    form = _form(case)
    if not is_sent(form=form):
        return _page(case, form), status()
    try:
        typed = _typed(form)
        with transaction():
            version = operations.save_care_plan(
                case_id=case.case_id,
                by=pages.reader().user_id,
                typed=typed,
                version=form.version.data or 0,
                now=pages.now(),
            )
            details = {"what": "care_plan", "version": version}
            note_change(case=case, action=AuditAction.PLAN_SAVED, details=details)
    except StalePlan as stale:
        return _conflict(case, form, stale), StalePlan.status
    except NotFound:
        raise
    except DomainError as error:
        return _page(case, form, refused=gettext(str(error))), error.status
    flash(gettext("The care plan is saved. Earlier versions stay readable."), "success")
    return redirect(url_for("cases.care_plan", reference=reference), 303)


def _typed(form: CarePlanForm) -> CareWords:
    return CareWords(
        goals=form.text("goals"),
        strengths=form.text("strengths"),
        measures=tuple(
            operations.measure(
                what=one.what.data or "", who=one.who.data or "", until=one.until.data or ""
            )
            for one in form.lines
        ),
        review_on=form.review_on.data or date.min,
    )


def _shown(case: CaseRow, plan: PlanRow | None) -> str:
    older = plans.versions(case_id=case.case_id, kind=KIND)
    may_edit = Permission.EDIT_CASE in pages.reader().permissions and case.status in LIVING
    names = look_up(
        users=[case.owner_id, *(one.by_user_id for one in older)],
        organizations_=[case.organization_id],
    )
    return render_template(
        "cases/care.html",
        case=head(case=case, names=names),
        plan=plan,
        care=opened_care(words=plan.words) if plan else None,
        by=names.user(plan.by_user_id) if plan else "",
        is_newest=plan is None or plan.version == older[0].version,
        today=_today(),
        versions=[
            {"number": one.version, "at": one.at, "by": names.user(one.by_user_id)} for one in older
        ],
        may_edit=may_edit,
        offer=taking_over.offer(case=case) if may_edit and not older else None,
        origin=taking_over.origin(plan=plan) if plan else None,
    )


def _form(case: CaseRow) -> CarePlanForm:
    if request.method == "POST":
        return CarePlanForm()
    saved = plans.latest(case_id=case.case_id, kind=KIND)
    known = drafting.kept(case=case, prefix=PREFIX)
    typed = {field.removeprefix(PREFIX): row.body for field, row in known.items()}
    newest = saved.version if saved else 0
    seen = min([row.base_version for row in known.values()], default=newest)
    return CarePlanForm(data={**_filled(saved), **typed, "version": seen})


def _filled(saved: PlanRow | None) -> dict[str, Any]:
    """Begin a review with what stands; its day is chosen anew."""
    if saved is None:
        return {}
    care = opened_care(words=saved.words)
    return {
        "goals": care.goals,
        "strengths": care.strengths,
        "measures": [
            {"what": one.what, "who": one.who, "until": one.until.isoformat() if one.until else ""}
            for one in care.measures
        ],
    }


def _page(case: CaseRow, form: CarePlanForm, *, refused: str = "") -> str:
    known = drafting.kept(case=case, prefix=PREFIX)
    drafts = drafting.places(
        case=case,
        fields=[draft_field(kind=KIND, name=one) for one in CARE_FIELDS],
        known=known,
        version=form.version.data or 0,
    )
    return render_template(
        "cases/care_edit.html",
        case=head(case=case),
        form=form,
        refused=refused,
        restored=bool(known) and request.method == "GET",
        drafts={field.removeprefix(PREFIX): place for field, place in drafts.items()},
        furthest=_today() + policy.current().cases.care_review_within,
    )


def _conflict(case: CaseRow, form: CarePlanForm, stale: StalePlan) -> str:
    saved = stale.saved
    by = saved.by_user_id if saved else None
    names = look_up(users=[case.owner_id, by], organizations_=[case.organization_id])
    form.follow(version=saved.version if saved else 0)
    return render_template(
        "cases/care_conflict.html",
        case=head(case=case, names=names),
        form=form,
        rows=[
            {
                "label": label,
                "saved": words(saved.words) if saved else "",
                "yours": words(stale.yours),
            }
            for label, words in _COMPARED
        ],
        saved={"by": names.user(by), "at": saved.at if saved else pages.now()},
    )


def _measures(words: Any) -> str:
    care = opened_care(words=words)
    lines = [f"{one.what} · {one.who} · {one.until or ''}".rstrip(" ·") for one in care.measures]
    return "\n".join(lines)


_COMPARED = (
    (_("Goals"), lambda words: words["goals"]),
    (_("What helps already"), lambda words: words["strengths"]),
    (_("Measures"), _measures),
    (_("Review on"), lambda words: words["review_on"]),
)
"""What two versions are compared by."""


def _today() -> date:
    zone = ZoneInfo(policy.current().followups.zone)
    moment: datetime = pages.now().astimezone(zone)
    return moment.date()
