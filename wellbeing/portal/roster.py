"""The duty roster of the supervisor's units: who is on now, what is planned, where nobody is."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from wellbeing.accounts import queries as accounts
from wellbeing.accounts.rules import ROLE_PERMISSIONS, Permission
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.queries import OrganizationRow
from wellbeing.policy import current as policy
from wellbeing.policy.model import DeskPolicy
from wellbeing.portal import pages
from wellbeing.portal.forms.roster import ShiftForm
from wellbeing.roster import operations
from wellbeing.roster import queries as roster
from wellbeing.roster.rules import Interval

blueprint = Blueprint("roster", __name__)

AHEAD = timedelta(days=14)
"""Gaps are shown before they happen (product.md 6)."""


@blueprint.get("/roster")
@pages.allowed(Permission.SUPERVISE)
def show() -> str:
    """Show the next fortnight of the reader's own unit: shifts, and where a desk is empty."""
    return _page(_form())


@blueprint.post("/roster/shifts")
@pages.allowed(Permission.SUPERVISE)
def add_shift() -> AnyResponse | tuple[str, int]:
    """Put a person on a desk."""
    form = _form()
    if not form.is_valid():
        return _page(form), 422
    try:
        with transaction():
            new = form.new_shift(by_user_id=pages.reader().user_id)
            _own_place(new.organization_id)
            shift_id = operations.add_shift(new=new, now=pages.now())
            _note(AuditAction.SHIFT_ADDED, shift_id)
    except NotFound:
        raise
    except DomainError as error:
        form.refuse("desk", str(error))
        return _page(form), error.status
    flash(gettext("The shift is on the roster."), "success")
    return redirect(url_for("roster.show"), 303)


@blueprint.post("/roster/shifts/<int:shift_id>/remove")
@pages.allowed(Permission.SUPERVISE)
def remove_shift(shift_id: int) -> AnyResponse:
    """Take a person off a desk; a running shift ends now."""
    with transaction():
        operations.remove_shift(shift_id=shift_id, scope=pages.reader().scope, now=pages.now())
        _note(AuditAction.SHIFT_REMOVED, shift_id)
    flash(gettext("The shift was taken off the roster."), "success")
    return redirect(url_for("roster.show"), 303)


def _note(action: AuditAction, shift_id: int) -> None:
    audit.record(
        action=action,
        subject=Subject(kind="shift", id=shift_id),
        actor=pages.actor(),
        details={},
        now=pages.now(),
    )


def _own_place(organization_id: int) -> OrganizationRow:
    place = organizations.get(organization_id=organization_id)
    if not pages.reader().scope.covers(place.path):
        raise NotFound
    return place


def _desks(place: OrganizationRow) -> list[DeskPolicy]:
    return [desk for desk in policy.current().line.desks if desk.tier == place.tier]


def _form() -> ShiftForm:
    form = ShiftForm()
    place = organizations.get(organization_id=pages.reader().organization_id)
    people = accounts.users_of(organization_id=place.id)
    language = pages.language()
    form.desk.choices = [
        SelectChoice(f"{place.id}:{desk.key}", desk.name(language=language))
        for desk in _desks(place)
    ]
    form.user_id.choices = [
        SelectChoice(person.id, str(getattr(person, f"display_name_{language}")))
        for person in people
        if Permission.RECEIVE_ESCALATION in ROLE_PERMISSIONS[person.role]
    ]
    return form


def _page(form: ShiftForm) -> str:
    place = organizations.get(organization_id=pages.reader().organization_id)
    ahead = Interval(starts_at=pages.now(), ends_at=pages.now() + AHEAD)
    shifts = roster.shifts_between(scope=pages.reader().scope, within=ahead)
    pages.note_read(action=AuditAction.LISTED, details={"list": "roster"})
    places = organizations.many(organization_ids={shift.organization_id for shift in shifts})
    return render_template(
        "roster/show.html",
        form=form,
        shifts=shifts,
        places=places,
        names=accounts.names_of(user_ids={shift.user_id for shift in shifts}),
        desk_names={
            (desk.key, desk.tier): desk.name(language=pages.language())
            for desk in policy.current().line.desks
        },
        gaps=[
            (desk.name(language=pages.language()), gap)
            for desk in _desks(place)
            for gap in roster.gaps(organization_id=place.id, desk=desk.key, within=ahead)
            if desk.around_the_clock
        ],
        now=pages.now(),
    )
