"""The blueprint of the workspace and the one way to open a contact. Its routes live beside it."""

from __future__ import annotations

from flask import Blueprint

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.cases.queries import cases
from wellbeing.contacts.rules.conversations import ContactRow, ContactState, NotYours
from wellbeing.portal import pages

blueprint = Blueprint("contacts", __name__)


def found(public_id: str) -> ContactRow:
    """Give a contact to a reader who may open it, by itself or because of its case.

    Raises:
        NotFound: there is none, or this reader may not know of it.

    """
    return cases.contact(public_id=public_id, scope=pages.reader().scope, now=pages.now())


def opened(public_id: str) -> ContactRow:
    """Give a contact to a reader and write down that its words were shown."""
    contact = found(public_id)
    pages.note_read(action=AuditAction.OPENED_CONTACT, subject=subject_of(contact))
    return contact


def worked_on(public_id: str) -> ContactRow:
    """Give a contact to whoever may decide about it: its counselor now, or a supervisor.

    Raises:
        NotFound: there is none, or this reader may not know of it.
        NotYours: the reader may read it, but a colleague holds it.

    """
    contact = found(public_id)
    if not may_work(contact):
        raise NotYours
    return contact


def may_work(contact: ContactRow) -> bool:
    """Tell whether the reader decides about this contact: level, record, case."""
    return is_mine(contact) or Permission.SUPERVISE in pages.reader().permissions


def subject_of(contact: ContactRow) -> Subject:
    """Name a contact as the audit log does."""
    return Subject(kind="contact", id=contact.contact_id)


def is_mine(contact: ContactRow) -> bool:
    """Tell whether the reader holds this conversation now."""
    return (
        contact.state is ContactState.IN_CONVERSATION
        and contact.claimed_by == pages.reader().user_id
    )
