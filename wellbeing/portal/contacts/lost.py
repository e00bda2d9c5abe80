"""A conversation that left its counselor while the page stood open: the words stay, and who has it.

Whoever may see the live queue of a unit may know this much; not a word of the student is shown.
"""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request

from wellbeing.accounts.queries import people as accounts
from wellbeing.contacts.operations import drafts
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.conversations import ContactRow, ContactState
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import Conflict
from wellbeing.portal import filters, pages

VERSION = "lost"
"""The version of the fragment: it does not change any more."""


def fragment(public_id: str) -> Response | tuple[str, int]:
    """Say in place of the conversation that it is with somebody else now.

    Raises:
        NotFound: no open contact of the reader's units has this address.

    """
    contact = _contact(public_id)
    if request.args.get("since") == VERSION:
        return "", 204
    html = render_template("contacts/_lost.html", **_shown(contact))
    return Response(html, headers={"X-Version": VERSION})


def page(public_id: str, *, words: str) -> tuple[str, int]:
    """Keep the words of a reply that came too late as a draft, and show them.

    Raises:
        NotFound: no open contact of the reader's units has this address.

    """
    contact = _contact(public_id)
    if words:
        with transaction():
            drafts.save_draft(
                contact_id=contact.contact_id,
                user_id=pages.reader().user_id,
                body=words,
                now=pages.now(),
            )
    html = render_template("contacts/lost.html", words=words, **_shown(contact))
    return html, Conflict.status


def _contact(public_id: str) -> ContactRow:
    contact_id = contacts.open_id(public_id=public_id, scope=pages.reader().scope)
    return contacts.contact_by_id(contact_id=contact_id)


def _shown(contact: ContactRow) -> dict[str, Any]:
    holder_id = contact.claimed_by
    holder = accounts.names_of(user_ids={holder_id}).get(holder_id) if holder_id else None
    return {
        "contact": contact,
        "is_waiting": contact.state is ContactState.WAITING,
        "holder": filters.in_language(holder, "display_name") if holder else "",
    }
