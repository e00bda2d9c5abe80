"""The desks of the supervisor's units: who is on now, the week, where nobody is; single shifts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import flash, redirect, render_template, url_for
from flask_babel import format_date, gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.queries import OrganizationRow
from wellbeing.policy import current as policy
from wellbeing.policy.model import Language
from wellbeing.portal import pages
from wellbeing.portal.forms.roster import ZONE, ShiftForm
from wellbeing.portal.roster import planning
from wellbeing.portal.roster.planning import blueprint
from wellbeing.roster import operations
from wellbeing.roster import queries as roster
from wellbeing.roster.operations import swaps
from wellbeing.roster.queries import coverage, phones
from wellbeing.roster.queries import overrides as override_queries
from wellbeing.roster.rules import Interval, ShiftRow
from wellbeing.roster.rules.phones import Presence, has_client, is_away

Answer = AnyResponse | tuple[str, int]
DAYS_SHOWN = 7
MOMENT = timedelta(seconds=1)
MIDNIGHT = "24:00"
"""A day ends at its own 24:00, not at the next one's 00:00."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnNow:
    """Somebody on call now, and whether they can be rung."""

    shift: ShiftRow
    is_away: bool
    has_client: bool
    languages: tuple[Language, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The part of a shift that lies in one day, by the clocks of Chongqing."""

    user_id: int
    starts: str
    ends: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskWeek:
    """The next days of one desk; each day lists what of its shifts lies in it."""

    name: str
    days: tuple[tuple[Stretch, ...], ...]


@blueprint.get("/roster")
@pages.allowed(Permission.SUPERVISE)
def show() -> str:
    """Show who is on now, the week of the own desks, what is planned and where nobody is."""
    return _page(_form())


@blueprint.post("/roster/shifts")
@pages.allowed(Permission.SUPERVISE)
def add_shift() -> Answer:
    """Put a person on a desk."""
    form = _form()
    if not form.is_valid():
        return _page(form), 422
    try:
        with transaction():
            new = form.new_shift(by_user_id=pages.reader().user_id)
            _own_place(new.organization_id)
            shift_id = operations.add_shift(new=new, now=pages.now())
            planning.note(kind="shift", row_id=shift_id, action=AuditAction.SHIFT_ADDED)
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
        planning.note(kind="shift", row_id=shift_id, action=AuditAction.SHIFT_REMOVED)
    flash(gettext("The shift was taken off the roster."), "success")
    return redirect(url_for("roster.show"), 303)


@blueprint.post("/roster/swaps/approve")
@pages.allowed(Permission.SUPERVISE)
def approve_swap() -> AnyResponse:
    """Let a swap that both sides want take effect."""
    _settle(approves=True)
    flash(gettext("The swap is on the roster."), "success")
    return redirect(url_for("roster.show"), 303)


@blueprint.post("/roster/swaps/refuse")
@pages.allowed(Permission.SUPERVISE)
def refuse_swap() -> AnyResponse:
    """Leave a shift with the person who has it."""
    _settle(approves=False)
    flash(gettext("The swap was refused; the roster stays as it was."), "success")
    return redirect(url_for("roster.show"), 303)


def _settle(*, approves: bool) -> None:
    swap_id, reader = planning.chosen(), pages.reader()
    with transaction():
        swaps.settle_swap(
            swap_id=swap_id,
            by=reader.user_id,
            approves=approves,
            scope=reader.scope,
            now=pages.now(),
        )
        planning.note(kind="swap", row_id=swap_id, approved=approves)


def _own_place(organization_id: int) -> OrganizationRow:
    place = organizations.get(organization_id=organization_id)
    if not pages.reader().scope.covers(place.path):
        raise NotFound
    return place


def _form() -> ShiftForm:
    form, place = ShiftForm(), planning.own_place()
    form.desk.choices = planning.desk_choices(place)
    form.user_id.choices = planning.people_choices(place)
    return form


def _page(form: ShiftForm) -> str:
    place, scope, now = planning.own_place(), pages.reader().scope, pages.now()
    shown = policy.current().line.voice.coverage_shown
    ahead = Interval(starts_at=now, ends_at=now + shown)
    shifts = roster.shifts_between(scope=scope, within=ahead)
    on_now = _on_now(now)
    swaps_ = override_queries.swaps_to_approve(scope=scope, now=now)
    gaps = coverage.desk_gaps(within=ahead, scope=scope)
    pages.note_read(action=AuditAction.LISTED, details={"list": "roster"})
    people = [shift.user_id for shift in (*shifts, *(one.shift for one in on_now))]
    people += [person for swap in swaps_ for person in (swap.asker_id, swap.asked_id)]
    return render_template(
        "roster/show.html",
        tabs=planning.tabs(),
        form=form,
        shifts=shifts,
        on_now=on_now,
        swaps=swaps_,
        week=_week(place, shifts),
        days=[format_date(day, "MM-dd EEE") for day in _days(now)],
        gaps=gaps,
        places=planning.places_of([*shifts, *swaps_, *gaps, *(one.shift for one in on_now)]),
        names=planning.names_of(*people),
        desk_names=planning.desk_names(),
        now=now,
    )


def _on_now(now: datetime) -> tuple[OnNow, ...]:
    within = Interval(starts_at=now, ends_at=now + MOMENT)
    found = [
        shift
        for shift in roster.shifts_between(scope=pages.reader().scope, within=within)
        if shift.starts_at <= now
    ]
    people = {shift.user_id for shift in found}
    known, spoken = phones.presence_of(user_ids=people), accounts.languages_of(user_ids=people)
    fresh = policy.current().line.voice.heartbeat_within
    return tuple(
        OnNow(
            shift=shift,
            is_away=is_away(presence=presence, since=shift.starts_at),
            has_client=has_client(presence=presence, within=fresh, at=now),
            languages=spoken[shift.user_id],
        )
        for shift in found
        for presence in [known.get(shift.user_id, Presence(user_id=shift.user_id))]
    )


def _days(now: datetime) -> tuple[date, ...]:
    today = now.astimezone(ZONE).date()
    return tuple(today + timedelta(days=number) for number in range(DAYS_SHOWN))


def _week(place: OrganizationRow, shifts: Sequence[ShiftRow]) -> tuple[DeskWeek, ...]:
    return tuple(
        DeskWeek(
            name=desk.name(language=pages.language()),
            days=tuple(
                tuple(
                    _within(one, day)
                    for one in shifts
                    if one.organization_id == place.id
                    and one.desk == desk.key
                    and _touches(one, day)
                )
                for day in _days(pages.now())
            ),
        )
        for desk in planning.desks_of(place)
    )


def _within(shift: ShiftRow, day: date) -> Stretch:
    """Cut a shift to a day: a night is shown where it begins and where it ends, each once."""
    first = datetime.combine(day, datetime.min.time(), ZONE)
    starts, ends = shift.starts_at.astimezone(ZONE), shift.ends_at.astimezone(ZONE)
    ends_here = ends < first + timedelta(days=1)
    return Stretch(
        user_id=shift.user_id,
        starts=f"{max(starts, first):%H:%M}",
        ends=f"{ends:%H:%M}" if ends_here else MIDNIGHT,
    )


def _touches(shift: ShiftRow, day: date) -> bool:
    begins = datetime.combine(day, datetime.min.time(), ZONE)
    return shift.starts_at < begins + timedelta(days=1) and shift.ends_at > begins
