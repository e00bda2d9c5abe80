"""A person's promises for their calendar program: times alone, behind a secret address."""

from __future__ import annotations

from datetime import timedelta

from flask import Response
from flask_babel import gettext

from wellbeing.followups import queries as followups
from wellbeing.portal import pages
from wellbeing.portal.followups.blueprint import blueprint
from wellbeing.roster.queries import calendars
from wellbeing.roster.rules.calendars import Entry, calendar

SHOWN_BACK, SHOWN_AHEAD = timedelta(days=31), timedelta(days=120)
LASTS = timedelta(minutes=30)


@blueprint.get("/follow-ups/calendar/<token>.ics", endpoint="feed")
@pages.public
def feed(token: str) -> Response:
    """Give the open promises behind a secret address: when, and nothing about anybody."""
    now = pages.now()
    found = followups.of_owner(
        owner_id=calendars.calendar_owner(token=token),
        since=now - SHOWN_BACK,
        until=now + SHOWN_AHEAD,
    )
    entries = [
        Entry(
            uid=f"promise-{row.follow_up_id}@follow-ups",
            title=gettext("Get back to somebody"),
            starts_at=row.due_at,
            ends_at=row.due_at + LASTS,
        )
        for row in found
    ]
    written = calendar(name=gettext("Follow-ups"), entries=entries, now=now)
    return Response(written, mimetype="text/calendar")
