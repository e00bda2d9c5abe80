"""One's own duty: on or away, shifts, hand-over, requests, telephones, calendar. Changes beside."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from flask import render_template

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.policy import current as policy
from wellbeing.portal import filters, pages
from wellbeing.portal.forms.base import choice
from wellbeing.portal.forms.roster_own import LanguagesForm, PhoneForm, SwapForm
from wellbeing.portal.roster import planning
from wellbeing.portal.roster.planning import blueprint
from wellbeing.roster.queries import calendars, coverage, phones
from wellbeing.roster.queries import overrides as swaps
from wellbeing.roster.queries import shifts as roster
from wellbeing.roster.rules import Interval, ShiftRow
from wellbeing.roster.rules.phones import Presence, has_client, is_away

SHOWN = timedelta(days=35)
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@blueprint.get("/roster/mine")
@pages.allowed(Permission.ANSWER_LINE)
def mine() -> str:
    """Show the reader's own duty."""
    return page()


def swap_form(*, is_sent: bool) -> SwapForm:
    """Make the form to ask a colleague: the reader's coming shifts, and whom to ask."""
    form = SwapForm() if is_sent else SwapForm(formdata=None)
    reader, place, names = pages.reader(), planning.own_place(), planning.desk_names()
    own = roster.shifts_of(user_id=reader.user_id, within=_ahead())
    places = planning.places_of(own)
    form.shift_id.choices = [
        choice(
            one.shift_id,
            f"{names.get((one.desk, places[one.organization_id].tier), one.desk)} · "
            f"{filters.local_time(one.starts_at)} – {filters.local_time(one.ends_at)}",
        )
        for one in own
    ]
    form.asked_id.choices = [
        one for one in planning.people_choices(place) if one.value != reader.user_id
    ]
    return form


def languages_form(user_id: int) -> LanguagesForm:
    """Make the form with what somebody speaks now."""
    spoken = accounts.languages_of(user_ids=[user_id])[user_id]
    return LanguagesForm(formdata=None, languages=",".join(spoken))


def page(
    *,
    phone: PhoneForm | None = None,
    swap: SwapForm | None = None,
    spoken: LanguagesForm | None = None,
    new_calendar: str | None = None,
) -> str:
    """Write the page; a calendar's new address is shown this once."""
    me, now = pages.reader().user_id, pages.now()
    shifts = roster.shifts_of(user_id=me, within=_ahead())
    ending = coverage.ending_soon(user_id=me, now=now)
    requests = swaps.swaps_for(user_id=me, now=now)
    pages.note_read(action=AuditAction.LISTED, details={"list": "own duty"})
    presence = phones.presence_of(user_ids=[me]).get(me, Presence(user_id=me))
    people = [person for one in requests for person in (one.asker_id, one.asked_id)]
    return render_template(
        "roster/mine.html",
        tabs=planning.tabs(),
        me=me,
        presence=presence,
        is_away=_is_away(presence, shifts),
        has_client=has_client(
            presence=presence, within=policy.current().line.voice.heartbeat_within, at=now
        ),
        shifts=shifts,
        ending=ending,
        open_contacts=len(contacts.conversations_of(user_id=me)),
        swaps=requests,
        swap_form=swap or swap_form(is_sent=False),
        phones=phones.phones_of(user_id=me),
        account_phone=accounts.user(user_id=me).phone_masked,
        phone_form=phone or PhoneForm(formdata=None),
        languages_form=spoken or languages_form(me),
        calendar_made_at=calendars.calendar_made_at(user_id=me),
        new_calendar=new_calendar,
        places=planning.places_of([*shifts, *ending, *requests]),
        names=planning.names_of(*people),
        desk_names=planning.desk_names(),
        now=now,
    )


def _is_away(presence: Presence, shifts: Iterable[ShiftRow]) -> bool:
    """Between shifts it counts what one said; in one, only what one said since it began."""
    begun = [shift.starts_at for shift in shifts if shift.starts_at <= pages.now()]
    return all(is_away(presence=presence, since=since) for since in begun or [LONG_AGO])


def _ahead() -> Interval:
    return Interval(starts_at=pages.now(), ends_at=pages.now() + SHOWN)
