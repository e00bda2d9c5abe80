"""The blueprint of calls and the one way to one of them. Its routes live beside it."""

from __future__ import annotations

from flask import Blueprint

from wellbeing.contacts.queries import calls
from wellbeing.contacts.rules.calls import CallRow, NoSuchCall
from wellbeing.contacts.rules.conversations import ContactRow
from wellbeing.portal.contacts.blueprint import found

blueprint = Blueprint("calls", __name__)


def found_call(public_id: str) -> tuple[ContactRow, CallRow]:
    """Give a call and its contact to a reader who may open it.

    Raises:
        NotFound: there is none, it is no call, or this reader may not know of it.

    """
    contact = found(public_id)
    call = calls.call_of(contact_id=contact.contact_id)
    if call is None:
        raise NoSuchCall
    return contact, call
