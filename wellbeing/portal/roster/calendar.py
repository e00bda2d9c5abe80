"""A person's shifts for their calendar program: open to whoever knows the secret address."""

from __future__ import annotations

from datetime import timedelta

from flask import Response
from flask_babel import gettext

from wellbeing.organizations import queries as organizations
from wellbeing.portal import pages
from wellbeing.portal.roster import planning
from wellbeing.portal.roster.planning import blueprint
from wellbeing.roster.queries import calendars
from wellbeing.roster.queries import shifts as roster
from wellbeing.roster.rules import Interval
from wellbeing.roster.rules.calendars import Entry, calendar

SHOWN_BACK, SHOWN_AHEAD = timedelta(days=31), timedelta(days=60)


@blueprint.get("/roster/calendar/<token>.ics", endpoint="calendar")
@pages.public
def feed(token: str) -> Response:
    """Give the shifts behind a secret address: desks and times, nothing about anybody."""
    now, names = pages.now(), planning.desk_names()
    within = Interval(starts_at=now - SHOWN_BACK, ends_at=now + SHOWN_AHEAD)
    found = roster.shifts_of(user_id=calendars.calendar_owner(token=token), within=within)
    places = organizations.many(organization_ids={one.organization_id for one in found})
    entries = [
        Entry(
            uid=f"shift-{one.shift_id}@roster",
            title=names.get((one.desk, places[one.organization_id].tier), one.desk),
            starts_at=one.starts_at,
            ends_at=one.ends_at,
        )
        for one in found
    ]
    written = calendar(name=gettext("On duty"), entries=entries, now=now)
    return Response(written, mimetype="text/calendar")
