"""Replacements at the supervisor's desks: see, add, take back."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.portal import pages
from wellbeing.portal.forms.roster import OverrideForm
from wellbeing.portal.roster import planning
from wellbeing.portal.roster.planning import blueprint
from wellbeing.roster.operations import overrides as operations
from wellbeing.roster.queries import overrides as queries

Answer = AnyResponse | tuple[str, int]


@blueprint.get("/roster/replacements", endpoint="overrides")
@pages.allowed(Permission.SUPERVISE)
def show() -> str:
    """Show who stands in for whom, and the form to add one."""
    return _page(_form(OverrideForm(formdata=None)))


@blueprint.post("/roster/replacements")
@pages.allowed(Permission.SUPERVISE)
def add_override() -> Answer:
    """Put somebody in another's place for a while, or besides."""
    form, reader = _form(OverrideForm()), pages.reader()
    if not form.is_valid():
        return _page(form), 422
    try:
        with transaction():
            new = form.new_override(by_user_id=reader.user_id)
            made = operations.add_override(new=new, scope=reader.scope, now=pages.now())
            planning.note(kind="roster_override", row_id=made, change="added")
    except NotFound:
        raise
    except DomainError as error:
        form.refuse("desk", str(error))
        return _page(form), error.status
    flash(gettext("The replacement is on the roster."), "success")
    return redirect(url_for("roster.overrides"), 303)


@blueprint.post("/roster/replacements/withdraw")
@pages.allowed(Permission.SUPERVISE)
def withdraw_override() -> AnyResponse:
    """Give the place back to the person whose it was."""
    override_id, reader = planning.chosen(), pages.reader()
    with transaction():
        operations.withdraw_override(
            override_id=override_id, by=reader.user_id, scope=reader.scope, now=pages.now()
        )
        planning.note(kind="roster_override", row_id=override_id, change="withdrawn")
    flash(gettext("The replacement was taken back."), "success")
    return redirect(url_for("roster.overrides"), 303)


def _form(form: OverrideForm) -> OverrideForm:
    place = planning.own_place()
    form.desk.choices = planning.desk_choices(place)
    form.fill_people(people=planning.people_choices(place))
    return form


def _page(form: OverrideForm) -> str:
    found = queries.overrides(scope=pages.reader().scope, now=pages.now())
    pages.note_read(action=AuditAction.LISTED, details={"list": "replacements"})
    people = [person for one in found for person in (one.user_id, one.replaced_id)]
    return render_template(
        "roster/overrides.html",
        tabs=planning.tabs(),
        form=form,
        overrides=found,
        places=planning.places_of(found),
        names=planning.names_of(*people),
        desk_names=planning.desk_names(),
    )
