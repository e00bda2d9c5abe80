"""Rotations of the supervisor's units: see, add, end, and who comes on a holiday."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.portal import pages
from wellbeing.portal.forms.base import choice
from wellbeing.portal.forms.roster import ZONE
from wellbeing.portal.forms.roster_rotations import EndForm, HolidayForm, RotationForm
from wellbeing.portal.roster import planning
from wellbeing.portal.roster.planning import blueprint
from wellbeing.roster.operations import rotations as operations
from wellbeing.roster.queries import rotations as queries

Answer = AnyResponse | tuple[str, int]


@blueprint.get("/roster/rotations", endpoint="rotations")
@pages.allowed(Permission.SUPERVISE)
def show() -> str:
    """Show who takes turns where, and the forms to change that."""
    return _page()


@blueprint.post("/roster/rotations")
@pages.allowed(Permission.SUPERVISE)
def add_rotation() -> Answer:
    """Let people take turns at a desk."""
    form, reader = RotationForm(), pages.reader()
    _fill(form)
    if not form.is_valid():
        return _page(form=form), 422
    try:
        with transaction():
            new = form.new_rotation(by_user_id=reader.user_id)
            made = operations.add_rotation(new=new, scope=reader.scope, now=pages.now())
            planning.note(kind="rotation", row_id=made, change="added")
    except NotFound:
        raise
    except DomainError as error:
        form.refuse("desk", str(error))
        return _page(form=form), error.status
    flash(gettext("The rotation is on the roster."), "success")
    return redirect(url_for("roster.rotations"), 303)


@blueprint.post("/roster/rotations/end")
@pages.allowed(Permission.SUPERVISE)
def end_rotation() -> Answer:
    """Let a rotation end with a day; what was is kept."""
    form, reader = EndForm(prefix="end-"), pages.reader()
    form.rotation_id.choices = _rotation_choices()
    if not form.is_valid():
        return _page(end=form), 422
    try:
        with transaction():
            operations.end_rotation(
                rotation_id=form.rotation_id.data,
                last_day=form.last(),
                scope=reader.scope,
                now=pages.now(),
            )
            planning.note(kind="rotation", row_id=form.rotation_id.data, change="ended")
    except NotFound:
        raise
    except DomainError as error:
        form.refuse("last_day", str(error))
        return _page(end=form), error.status
    flash(gettext("The rotation ends on that day."), "success")
    return redirect(url_for("roster.rotations"), 303)


@blueprint.post("/roster/rotations/holiday")
@pages.allowed(Permission.SUPERVISE)
def set_holiday() -> Answer:
    """Let somebody else, or nobody, come on a day; or let it be a day like others again."""
    form = HolidayForm(prefix="holiday-")
    form.rotation_id.choices = _rotation_choices()
    form.fill_people(people=planning.people_choices(planning.own_place()))
    if not form.is_valid():
        return _page(holiday=form), 422
    try:
        with transaction():
            _set_holiday(form)
            planning.note(kind="rotation", row_id=form.rotation_id.data, change="holiday")
    except NotFound:
        raise
    except DomainError as error:
        form.refuse("who", str(error))
        return _page(holiday=form), error.status
    flash(gettext("The day is on the roster."), "success")
    return redirect(url_for("roster.rotations"), 303)


def _set_holiday(form: HolidayForm) -> None:
    rotation_id, day = form.rotation_id.data, form.on()
    scope, now = pages.reader().scope, pages.now()
    if form.is_ordinary:
        operations.clear_holiday(rotation_id=rotation_id, day=day, scope=scope, now=now)
        return
    operations.set_holiday(
        rotation_id=rotation_id, day=day, user_id=form.user_id, scope=scope, now=now
    )


def _fill(form: RotationForm) -> None:
    place = planning.own_place()
    form.desk.choices = planning.desk_choices(place)
    form.fill_people(people=planning.people_choices(place))


def _rotation_choices() -> list[Any]:
    names = planning.desk_names()
    found = queries.rotations(scope=pages.reader().scope, today=_today())
    places = planning.places_of(found)
    return [
        choice(
            one.rotation_id,
            gettext(
                "%(desk)s, %(place)s (no. %(number)s)",
                desk=names.get((one.desk, places[one.organization_id].tier), one.desk),
                place=places[one.organization_id].name(language=pages.language()),
                number=one.rotation_id,
            ),
        )
        for one in found
    ]


def _today() -> date:
    return pages.now().astimezone(ZONE).date()


def _page(
    *,
    form: RotationForm | None = None,
    end: EndForm | None = None,
    holiday: HolidayForm | None = None,
) -> str:
    place = planning.own_place()
    if form is None:
        form = RotationForm(formdata=None)
        _fill(form)
    if end is None:
        end = EndForm(prefix="end-", formdata=None)
        end.rotation_id.choices = _rotation_choices()
    if holiday is None:
        holiday = HolidayForm(prefix="holiday-", formdata=None)
        holiday.rotation_id.choices = _rotation_choices()
        holiday.fill_people(people=planning.people_choices(place))
    found = queries.rotations(scope=pages.reader().scope, today=_today())
    pages.note_read(action=AuditAction.LISTED, details={"list": "rotations"})
    people = [person for one in found for person in one.pattern.people]
    people += [person for one in found for person in one.pattern.holidays.values() if person]
    return render_template(
        "roster/rotations.html",
        tabs=planning.tabs(),
        form=form,
        end=end,
        holiday=holiday,
        rotations=found,
        places=planning.places_of(found),
        names=planning.names_of(*people),
        desk_names=planning.desk_names(),
        weekdays=RotationForm.WEEKDAYS,
        turns=RotationForm.TURNS,
    )
