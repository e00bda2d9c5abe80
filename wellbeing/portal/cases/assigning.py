"""Giving a case to somebody else, how much everybody holds, and the tags of a case."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.roles import ROLE_PERMISSIONS, Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.operations import work as operations
from wellbeing.cases.queries import work
from wellbeing.cases.rules.cases import LIVING, CaseRow
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.organizations import queries as organizations
from wellbeing.policy import current as policy
from wellbeing.portal import filters, pages
from wellbeing.portal.cases import tag_words
from wellbeing.portal.cases.blueprint import blueprint, head, note_change, opened
from wellbeing.portal.cases.naming import look_up
from wellbeing.portal.cases.posting import is_sent, status
from wellbeing.portal.forms.base import choice
from wellbeing.portal.forms.work import AssignForm, NewTagForm, TagsForm

Page = str | AnyResponse | tuple[str, int]


@blueprint.route("/cases/<reference>/assign", methods=["GET", "POST"])
@pages.allowed(Permission.SUPERVISE)
def assign(reference: str) -> Page:
    """Give a case to a person of the supervisor's units."""
    case = opened(reference)
    form = AssignForm()
    form.to.choices = _people(case)
    if not is_sent(form=form):
        return _assign_page(case, form), status()
    try:
        with transaction():
            operations.assign_case(
                case_id=case.case_id,
                to_user_id=form.to.data,
                by=pages.reader().scope,
                reason=form.text("reason"),
                now=pages.now(),
            )
            details = {"to": form.to.data}
            note_change(case=case, action=AuditAction.CASE_TRANSFERRED, details=details)
    except NotFound:
        raise
    except DomainError as error:
        return _assign_page(case, form, refused=gettext(str(error))), error.status
    flash(gettext("The case has a new owner; duties and promises went along."), "success")
    return redirect(url_for("cases.show", reference=reference), 303)


@blueprint.get("/caseloads")
@pages.allowed(Permission.SUPERVISE)
def caseloads() -> str:
    """Show how many living cases each person and each unit holds."""
    scope = pages.reader().scope
    loads = work.loads(scope=scope, now=pages.now())
    units = work.loads_by_unit(scope=scope)
    details = {"what": "caseloads", "users": [one.user_id for one in loads]}
    pages.note_read(action=AuditAction.LISTED, details=details)
    names = look_up(users=[one.user_id for one in loads], organizations_=units)
    return render_template(
        "cases/caseloads.html",
        people=[{"name": names.user(one.user_id), "load": one} for one in loads],
        units=[{"name": names.place(unit), "cases": count} for unit, count in units.items()],
    )


@blueprint.route("/cases/<reference>/tags", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def tags(reference: str) -> Page:
    """Choose the tags of a case."""
    case = opened(reference)
    carried = work.tags_of(case_ids=[case.case_id]).get(case.case_id, ())
    form = TagsForm(data={"tags": list(carried)})
    form.tags.choices = _offered(case, carried)
    if not is_sent(form=form):
        return _tags_page(case, form), status()
    wanted = set(form.tags.data or ())
    try:
        with transaction():
            _change_tags(case, wanted=wanted, carried=set(carried))
    except NotFound:
        raise
    except DomainError as error:
        return _tags_page(case, form, refused=gettext(str(error))), error.status
    flash(gettext("The tags are saved."), "success")
    return redirect(url_for("cases.show", reference=reference), 303)


@blueprint.route("/tags", methods=["GET", "POST"])
@pages.allowed(Permission.SUPERVISE)
def site_tags() -> Page:
    """Show the tags of the supervisor's unit, and make one for it and all below it."""
    reader, form = pages.reader(), NewTagForm()
    pages.note_read(action=AuditAction.LISTED, details={"what": "tags"})
    if not is_sent(form=form):
        return _site_page(form), status()
    try:
        with transaction():
            operations.make_tag(
                name=form.text("name"),
                organization_id=reader.organization_id,
                by=reader.user_id,
                now=pages.now(),
            )
    except DomainError as error:
        return _site_page(form, refused=gettext(str(error))), error.status
    flash(gettext("The tag can be used now."), "success")
    return redirect(url_for("cases.site_tags"), 303)


def _people(case: CaseRow) -> list[Any]:
    """Offer whoever follows cases at the case's units and the supervisor's own."""
    scope, reader = pages.reader().scope, pages.reader()
    above = organizations.chain_above(organization_id=case.organization_id)
    units = [organizations.get(organization_id=case.organization_id), *above]
    ids = {one.id for one in units if scope.covers(one.path)} | {reader.organization_id}
    found = [
        person
        for unit in sorted(ids)
        for person in accounts.users_of(organization_id=unit)
        if Permission.EDIT_CASE in ROLE_PERMISSIONS[person.role] and person.id != case.owner_id
    ]
    return [
        choice(person.id, f"{filters.in_language(person, 'display_name')} ({person.username})")
        for person in found
    ]


def _assign_page(case: CaseRow, form: AssignForm, *, refused: str = "") -> str:
    return render_template("cases/assign.html", case=head(case=case), form=form, refused=refused)


def _offered(case: CaseRow, carried: tuple[str, ...]) -> list[Any]:
    language = pages.language()
    found = {key: one.name(language=language) for key, one in policy.current().cases.tags.items()}
    for one in work.site_tags(organization_path=case.organization_path):
        found[one.key] = one.name
    # What it carries stays on offer, though the policy or the site dropped it.
    found.update(tag_words.names(keys=carried))
    return [choice(key, label) for key, label in found.items()]


def _change_tags(case: CaseRow, *, wanted: set[str], carried: set[str]) -> None:
    case_id, by, now = case.case_id, pages.reader().user_id, pages.now()
    for tag in sorted(wanted - carried):
        operations.tag_case(case_id=case_id, tag=tag, by=by, now=now)
    for tag in sorted(carried - wanted):
        operations.untag_case(case_id=case_id, tag=tag, by=by, now=now)
    details = {"tags": sorted(wanted)}
    note_change(case=case, action=AuditAction.CASE_CHANGED, details=details)


def _tags_page(case: CaseRow, form: TagsForm, *, refused: str = "") -> str:
    may_edit = case.status in LIVING
    return render_template(
        "cases/tags.html", case=head(case=case), form=form, refused=refused, may_edit=may_edit
    )


def _site_page(form: NewTagForm, *, refused: str = "") -> str:
    path = pages.reader().organization_path
    return render_template(
        "cases/site_tags.html",
        form=form,
        refused=refused,
        own=work.site_tags(organization_path=path),
        shared=[
            one.name(language=pages.language()) for one in policy.current().cases.tags.values()
        ],
    )
