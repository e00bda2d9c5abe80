"""A contact that its counselor gave on, by a warm transfer or a hand-over: who has it now.

They know that it exists, for they talked with the student; not a word of the record is shown.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, render_template, request

from wellbeing.accounts.queries import people as accounts
from wellbeing.contacts.queries import passed_on
from wellbeing.contacts.rules.conversations import ContactState
from wellbeing.foundation.errors import Conflict
from wellbeing.portal import filters, pages

KNOWN_FOR = timedelta(hours=24)
"""As long as a shift and its hand-over; later it is a contact like any other."""
VERSION = "passed-on"
"""The version of the fragment: it does not change any more."""
WAITING = frozenset({ContactState.WAITING, ContactState.CALLING})


def page(public_id: str) -> str:
    """Say who has the contact now, and what is left for the reader to do.

    Raises:
        NotFound: the reader did not hold this contact a moment ago.

    """
    return render_template("contacts/passed_on.html", words="", **_shown(public_id))


def too_late(public_id: str, *, words: str) -> tuple[str, int]:
    """Show what was written for its ending, so that it can be told to whoever has it now.

    Raises:
        NotFound: the reader did not hold this contact a moment ago.

    """
    html = render_template("contacts/passed_on.html", words=words, **_shown(public_id))
    return html, Conflict.status


def fragment(public_id: str) -> Response | tuple[str, int]:
    """Say it in place of the call, on a page that stood open while the contact was given on.

    Raises:
        NotFound: the reader did not hold this contact a moment ago.

    """
    shown = _shown(public_id)
    if request.args.get("since") == VERSION:
        return "", 204
    return Response(
        render_template("contacts/_passed_on.html", **shown), headers={"X-Version": VERSION}
    )


def _shown(public_id: str) -> dict[str, Any]:
    now = pages.now()
    contact = passed_on.once_held(
        public_id=public_id, user_id=pages.reader().user_id, since=now - KNOWN_FOR
    )
    is_held = contact.state is ContactState.IN_CONVERSATION
    holder_id = contact.claimed_by if is_held else None
    holder = accounts.names_of(user_ids={holder_id}).get(holder_id) if holder_id else None
    return {
        "holder": filters.in_language(holder, "display_name") if holder else "",
        "since": contact.claimed_at,
        "is_waiting": contact.state in WAITING,
        "ended_at": contact.ended_at,
    }
