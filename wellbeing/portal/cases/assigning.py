"""Giving a case to somebody else, how much everybody holds, and the tags of a case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.roles import ROLE_PERMISSIONS, Permission
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.operations import work as operations
from wellbeing.cases.queries import cases, work
from wellbeing.cases.rules.cases import LIVING, CaseRow, StaleCase
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.organizations import queries as organizations
from wellbeing.policy import current as policy
from wellbeing.portal import filters, pages
from wellbeing.portal.cases import tag_words
from wellbeing.portal.cases.blueprint import blueprint, head, note_change, opened
from wellbeing.portal.cases.naming import look_up
from wellbeing.portal.cases.posting import is_sent, is_stale, status
from wellbeing.portal.forms.base import choice
from wellbeing.portal.forms.work import AssignForm, NewTagForm, TagsForm

Page = str | AnyResponse | tuple[str, int]


@blueprint.route("/cases/<reference>/assign", methods=["GET", "POST"])
@pages.allowed(Permission.SUPERVISE)
def assign(reference: str) -> Page:
    """Give a case to a person of the supervisor's units."""
    case = opened(reference)
    form = AssignForm(data={"version": case.version})
    form.to.choices = people(cases=[case])
    if is_stale(form=form, version=case.version):
        return _assign_refused(case, form, StaleCase())
    if not is_sent(form=form):
        return _assign_page(case, form), status()
    try:
        with transaction():
            operations.assign_case(
                case_id=case.case_id,
                to_user_id=form.to.data,
                by=pages.reader().scope,
                reason=form.text("reason"),
                version=form.version.data or 0,
                now=pages.now(),
            )
            details = {"to": form.to.data}
            note_change(case=case, action=AuditAction.CASE_TRANSFERRED, details=details)
    except NotFound:
        raise
    except DomainError as error:
        return _assign_refused(case, form, error)
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
    form = TagsForm(data={"tags": list(carried), "seen": " ".join(carried)})
    form.tags.choices = _offered(case, carried)
    if not is_sent(form=form):
        return _tags_page(case, form), status()
    try:
        with transaction():
            # What a colleague put on or took off meanwhile stays so: only one's own ticks count.
            _change_tags(
                case, wanted=set(form.tags.data or ()), seen=set(form.text("seen").split())
            )
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
            made = operations.make_tag(
                name=form.text("name"),
                organization_id=reader.organization_id,
                by=reader.user_id,
                now=pages.now(),
            )
            audit.record(
                action=AuditAction.TAGS_CHANGED,
                subject=None,
                actor=pages.actor(),
                details={"made": made},
                now=pages.now(),
            )
    except DomainError as error:
        return _site_page(form, refused=gettext(str(error))), error.status
    flash(gettext("The tag can be used now."), "success")
    return redirect(url_for("cases.site_tags"), 303)


@blueprint.post("/tags/<key>/retire")
@pages.allowed(Permission.SUPERVISE)
def retire_tag(key: str) -> AnyResponse:
    """Offer a tag no more; cases keep it and are still found by it."""
    with transaction():
        operations.retire_tag(key=key, by=pages.reader().scope, now=pages.now())
        audit.record(
            action=AuditAction.TAGS_CHANGED,
            subject=None,
            actor=pages.actor(),
            details={"retired": key},
            now=pages.now(),
        )
    flash(gettext("The tag is offered no more; cases keep it."), "success")
    return redirect(url_for("cases.site_tags"), 303)


def people(*, cases: Sequence[CaseRow]) -> list[Any]:
    """Offer whoever follows cases at the cases' units, above them, and the supervisor's own."""
    scope, reader = pages.reader().scope, pages.reader()
    units = {one.organization_id for one in cases}
    known = [organizations.get(organization_id=one) for one in sorted(units)]
    above = [up for one in sorted(units) for up in organizations.chain_above(organization_id=one)]
    ids = {one.id for one in [*known, *above] if scope.covers(one.path)} | {reader.organization_id}
    owners = {one.owner_id for one in cases}
    # Somebody who owns all of them already is no choice.
    without = owners if len(owners) == 1 else set()
    found = [
        person
        for unit in sorted(ids)
        for person in accounts.users_of(organization_id=unit)
        if Permission.EDIT_CASE in ROLE_PERMISSIONS[person.role] and person.id not in without
    ]
    return [
        choice(person.id, f"{filters.in_language(person, 'display_name')} ({person.username})")
        for person in found
    ]


def _assign_refused(case: CaseRow, form: AssignForm, error: DomainError) -> tuple[str, int]:
    standing = cases.case_by_id(case_id=case.case_id)
    # Sending again is meant for the owner who is now on the screen.
    form.follow(version=standing.version)
    return _assign_page(standing, form, refused=gettext(str(error))), error.status


def _assign_page(case: CaseRow, form: AssignForm, *, refused: str = "") -> str:
    return render_template("cases/assign.html", case=head(case=case), form=form, refused=refused)


def _offered(case: CaseRow, carried: tuple[str, ...]) -> list[Any]:
    found = tag_words.offered(path=case.organization_path)
    # What it carries stays on offer, though the policy or the site dropped it.
    found.update(tag_words.names(keys=carried))
    return [choice(key, label) for key, label in found.items()]


def _change_tags(case: CaseRow, *, wanted: set[str], seen: set[str]) -> None:
    case_id, by, now = case.case_id, pages.reader().user_id, pages.now()
    for tag in sorted(wanted - seen):
        operations.tag_case(case_id=case_id, tag=tag, by=by, now=now)
    for tag in sorted(seen - wanted):
        operations.untag_case(case_id=case_id, tag=tag, by=by, now=now)
    details = {"on": sorted(wanted - seen), "off": sorted(seen - wanted)}
    note_change(case=case, action=AuditAction.CASE_CHANGED, details=details)


def _tags_page(case: CaseRow, form: TagsForm, *, refused: str = "") -> str:
    may_edit = case.status in LIVING
    return render_template(
        "cases/tags.html", case=head(case=case), form=form, refused=refused, may_edit=may_edit
    )


def _site_page(form: NewTagForm, *, refused: str = "") -> str:
    reader = pages.reader()
    path = reader.organization_path
    below = organizations.many(
        organization_ids={one.organization_id for one in work.site_tags(organization_path=path)}
    )
    return render_template(
        "cases/site_tags.html",
        form=form,
        refused=refused,
        own=[
            {"tag": one, "may_retire": reader.scope.covers(below[one.organization_id].path)}
            for one in work.site_tags(organization_path=path)
        ],
        shared=[
            one.name(language=pages.language()) for one in policy.current().cases.tags.values()
        ],
    )
