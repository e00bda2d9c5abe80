"""The safety plan of a case: written with the student, in versions, printed for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import force_locale, gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.operations import plans as operations
from wellbeing.cases.queries import plans
from wellbeing.cases.rules.cases import LIVING, CaseRow
from wellbeing.cases.rules.plans import Heading, PlanKind, PlanRow, StalePlan, draft_field
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.policy import current as policy
from wellbeing.policy.model import Language
from wellbeing.portal import pages
from wellbeing.portal.cases import drafting, plan_words
from wellbeing.portal.cases.blueprint import blueprint, head, note_change, opened, subject_of
from wellbeing.portal.cases.naming import look_up
from wellbeing.portal.cases.posting import is_sent, status
from wellbeing.portal.forms.plans import SafetyPlanForm

Page = str | AnyResponse | tuple[str, int]
KIND = PlanKind.SAFETY
PREFIX = draft_field(kind=KIND, name="")


@blueprint.get("/cases/<reference>/safety-plan")
@pages.allowed(Permission.OPEN_CASE)
def safety_plan(reference: str) -> str:
    """Show the newest version, and the way to every older one."""
    case = opened(reference)
    return _shown(case, plans.latest(case_id=case.case_id, kind=KIND))


@blueprint.get("/cases/<reference>/safety-plan/versions/<int:number>")
@pages.allowed(Permission.OPEN_CASE)
def safety_plan_version(reference: str, number: int) -> str:
    """Show a version as it was."""
    case = opened(reference)
    return _shown(case, plans.version(case_id=case.case_id, kind=KIND, number=number))


@blueprint.get("/cases/<reference>/safety-plan/versions/<int:number>/print")
@pages.allowed(Permission.OPEN_CASE)
def print_safety_plan(reference: str, number: int) -> str:
    """Give a version on paper for the student: no reference, no organization, no level."""
    case = opened(reference)
    plan = plans.version(case_id=case.case_id, kind=KIND, number=number)
    details = {"what": "safety_plan", "version": plan.version}
    pages.note_read(action=AuditAction.PRINTED, subject=subject_of(case), details=details)
    language = _wanted_language()
    with force_locale(str(language)):
        return render_template(
            "cases/safety_print.html",
            language=str(language),
            parts=[(str(plan_words.HEADINGS[one]), plan.words[one.value]) for one in Heading],
            emergency=policy.current().line.emergency_numbers,
            lifeline=policy.current().line.lifeline.spoken,
            written_at=plan.at,
        )


@blueprint.route("/cases/<reference>/safety-plan/edit", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def edit_safety_plan(reference: str) -> Page:
    """Write the plan, or a new version of it; a save over another's shows both versions."""
    case = opened(reference)
    form = _form(case)
    if not is_sent(form=form):
        return _page(case, form), status()
    try:
        with transaction():
            version = operations.save_safety_plan(
                case_id=case.case_id,
                by=pages.reader().user_id,
                typed={one.value: form.text(one.value) for one in Heading},
                version=form.version.data or 0,
                now=pages.now(),
            )
            details = {"what": "safety_plan", "version": version}
            note_change(case=case, action=AuditAction.PLAN_SAVED, details=details)
    except StalePlan as stale:
        return _conflict(case, form, stale), StalePlan.status
    except NotFound:
        raise
    except DomainError as error:
        return _page(case, form, refused=gettext(str(error))), error.status
    flash(gettext("The safety plan is saved. Earlier versions stay readable."), "success")
    return redirect(url_for("cases.safety_plan", reference=reference), 303)


def _shown(case: CaseRow, plan: PlanRow | None) -> str:
    older = plans.versions(case_id=case.case_id, kind=KIND)
    names = look_up(
        users=[case.owner_id, *(one.by_user_id for one in older)],
        organizations_=[case.organization_id],
    )
    return render_template(
        "cases/safety.html",
        case=head(case=case, names=names),
        plan=plan,
        parts=_parts(plan),
        by=names.user(plan.by_user_id) if plan else "",
        is_newest=plan is None or plan.version == older[0].version,
        versions=[
            {"number": one.version, "at": one.at, "by": names.user(one.by_user_id)} for one in older
        ],
        may_edit=Permission.EDIT_CASE in pages.reader().permissions and case.status in LIVING,
        languages=[(one.value, label) for one, label in LANGUAGES.items()],
    )


LANGUAGES: Mapping[Language, str] = {Language.ZH: "中文", Language.EN: "English"}
"""Each language by its own name, for whoever reads the paper."""


def _parts(plan: PlanRow | None) -> list[tuple[Any, str]]:
    if plan is None:
        return []
    return [(plan_words.HEADINGS[one], plan.words[one.value]) for one in Heading]


def _wanted_language() -> Language:
    wanted = request.args.get("language", "")
    return Language(wanted) if wanted in set(Language) else pages.language()


def _form(case: CaseRow) -> SafetyPlanForm:
    """Begin with what is saved, or with what the reader was typing when something broke."""
    if request.method == "POST":
        return SafetyPlanForm()
    saved = plans.latest(case_id=case.case_id, kind=KIND)
    known = drafting.kept(case=case, prefix=PREFIX)
    typed = {field.removeprefix(PREFIX): row.body for field, row in known.items()}
    newest = saved.version if saved else 0
    # Words typed over an older version are saved against it: the 409 page then shows both.
    seen = min([row.base_version for row in known.values()], default=newest)
    return SafetyPlanForm(data={**(saved.words if saved else {}), **typed, "version": seen})


def _page(case: CaseRow, form: SafetyPlanForm, *, refused: str = "") -> str:
    known = drafting.kept(case=case, prefix=PREFIX)
    drafts = drafting.places(
        case=case,
        fields=[draft_field(kind=KIND, name=one.value) for one in Heading],
        known=known,
        version=form.version.data or 0,
    )
    return render_template(
        "cases/safety_edit.html",
        case=head(case=case),
        form=form,
        refused=refused,
        restored=bool(known) and request.method == "GET",
        drafts={field.removeprefix(PREFIX): place for field, place in drafts.items()},
    )


def _conflict(case: CaseRow, form: SafetyPlanForm, stale: StalePlan) -> str:
    saved = stale.saved
    by = saved.by_user_id if saved else None
    names = look_up(users=[case.owner_id, by], organizations_=[case.organization_id])
    form.follow(version=saved.version if saved else 0)
    return render_template(
        "cases/safety_conflict.html",
        case=head(case=case, names=names),
        form=form,
        rows=[
            {
                "label": plan_words.HEADINGS[one],
                "saved": saved.words[one.value] if saved else "",
                "yours": stale.yours[one.value],
            }
            for one in Heading
        ],
        saved={"by": names.user(by), "at": saved.at if saved else pages.now()},
    )
