"""A student's picture is looked at: by whoever may open the contact, and written down each time."""

from __future__ import annotations

from io import BytesIO

from flask import Response, send_file

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.contacts.queries import media
from wellbeing.foundation import pictures
from wellbeing.portal import pages
from wellbeing.portal.contacts.blueprint import blueprint, found, subject_of


@blueprint.get("/contacts/<public_id>/pictures/<int:medium_id>")
@pages.allowed(Permission.OPEN_CONTACT)
def picture(public_id: str, medium_id: int) -> Response:
    """Give one picture; nothing of it is kept by the browser (headers: no-store)."""
    contact = found(public_id)
    drawn = media.picture_of(medium_id=medium_id, contact_id=contact.contact_id)
    pages.note_read(
        action=AuditAction.SAW_PICTURE,
        subject=subject_of(contact),
        details={"medium": medium_id},
    )
    return send_file(BytesIO(drawn), mimetype=pictures.JPEG, etag=False)
