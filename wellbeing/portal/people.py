"""Staff and their roles, for administrators: found, given another role or place, taken out."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.operations import roles as operations
from wellbeing.accounts.queries import staff
from wellbeing.accounts.queries.people import UserRow
from wellbeing.accounts.rules.people import RoleChange
from wellbeing.accounts.rules.roles import Permission, Role
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.queries import OrganizationRow
from wellbeing.organizations.rules import NoSuchOrganization
from wellbeing.portal import filters, pages, step_up
from wellbeing.portal.cases.naming import look_up
from wellbeing.portal.cases.posting import is_sent, status
from wellbeing.portal.forms.base import Form, choice
from wellbeing.portal.forms.staff import NO_SUCH_PLACE, FindStaffForm, RoleForm
from wellbeing.worklists import rules as worklists
from wellbeing.worklists.queries import holdings

blueprint = Blueprint("people", __name__)

PAGE = 50
Page = str | AnyResponse | tuple[str, int]


@blueprint.get("/people")
@pages.allowed(Permission.MANAGE_PEOPLE)
def index() -> str:
    """List the people of one's units by user name, page by page."""
    form = FindStaffForm(formdata=request.args)
    form.role.choices = [choice("", gettext("All roles")), *_roles()]
    if not form.is_valid():
        form.begins.data, form.role.data = "", ""
    wanted, begins = form.role.data or None, form.text("begins")
    rows = staff.staff_of(
        scope=pages.reader().scope,
        role=Role(wanted) if wanted else None,
        begins=begins,
        after=request.args.get("after", ""),
        limit=PAGE + 1,
    )
    shown = rows[:PAGE]
    details = {"list": "people", "role": wanted, "ids": [one.id for one in shown]}
    pages.note_read(action=AuditAction.LISTED, details=details)
    names = look_up(users=[], organizations_={one.organization_id for one in shown})
    return render_template(
        "people/index.html",
        form=form,
        rows=[{"row": one, "place": names.place(one.organization_id)} for one in shown],
        next_url=_next(shown[-1], begins, wanted) if len(rows) > PAGE else None,
    )


@blueprint.route("/people/<int:user_id>", methods=["GET", "POST"])
@pages.allowed(Permission.MANAGE_PEOPLE)
def person(user_id: int) -> Page:
    """Show somebody of one's units, and give them another role or place."""
    row = _member(user_id)
    step_up.demand()
    place = organizations.get(organization_id=row.organization_id)
    form = RoleForm(data={"role": row.role.value, "place": place.code, "version": row.version})
    form.role.choices = _roles()
    if not is_sent(form=form):
        return _page(row, place, form), status()
    try:
        with transaction():
            _give(row, form)
    except NoSuchOrganization:
        form.refuse("place", str(NO_SUCH_PLACE))
        return _page(row, place, form), 400
    except DomainError as error:
        form.refuse("role", str(error))
        return _page(_member(user_id), place, form), error.status
    flash(gettext("Changed. They sign in again with what it allows."), "success")
    return redirect(url_for("people.person", user_id=user_id), 303)


@blueprint.post("/people/<int:user_id>/leave")
@pages.allowed(Permission.MANAGE_PEOPLE)
def leave(user_id: int) -> Page:
    """Take somebody's access away at once."""
    row = _member(user_id)
    step_up.demand(back=url_for("people.person", user_id=user_id))
    with transaction():
        worklists.check_empty(held=holdings.of(user_id=user_id))
        operations.take_access_away(
            user_id=user_id, by=pages.reader().user_id, real_now=clock.real_now()
        )
        _note(AuditAction.USER_DISABLED, user_id, role=row.role.value)
    flash(gettext("Their access has ended."), "success")
    return redirect(url_for("people.person", user_id=user_id), 303)


def _next(last: UserRow, begins: str, role: str | None) -> str:
    return url_for("people.index", begins=begins or None, role=role, after=last.username)


def _member(user_id: int) -> UserRow:
    return staff.member(user_id=user_id, scope=pages.reader().scope)


def _give(row: UserRow, form: RoleForm) -> None:
    role, place = Role(form.role.data), _place(form.text("place"))
    worklists.check_hands(
        held=holdings.of(user_id=row.id),
        role=role,
        organization_id=place.id,
        stays_at=row.organization_id,
    )
    change = RoleChange(
        user_id=row.id, role=role, organization_id=place.id, version=form.version.data or 0
    )
    operations.give_role(change=change, by=pages.reader().user_id, real_now=clock.real_now())
    was = {"was": row.role.value, "was_at": row.organization_id}
    _note(AuditAction.USER_CHANGED, row.id, role=role.value, at=place.id, **was)


def _place(code: str) -> OrganizationRow:
    """Give the organization of a code, if it lies in the administrator's units.

    Raises:
        NoSuchOrganization: it does not, or there is none.

    """
    found = organizations.by_code(code=code)
    if not pages.reader().scope.covers(path=found.path):
        raise NoSuchOrganization
    return found


def _roles() -> list[Any]:
    return [choice(one.value, filters.words(one)) for one in Role]


def _note(action: AuditAction, user_id: int, **details: Any) -> None:
    audit.record(
        action=action,
        subject=Subject(kind="user", id=user_id),
        actor=pages.actor(),
        details=details,
        now=pages.now(),
    )


def _page(row: UserRow, place: OrganizationRow, form: Form) -> str:
    pages.note_read(
        action=AuditAction.LISTED,
        subject=Subject(kind="user", id=row.id),
        details={"list": "person"},
    )
    return render_template(
        "people/person.html",
        row=row,
        place=place.name(language=pages.language()),
        held=holdings.of(user_id=row.id),
        is_me=row.id == pages.reader().user_id,
        form=form,
    )
