"""A voicemail is heard: only by whoever may open its contact, and each time it is written down."""

from __future__ import annotations

from io import BytesIO

from flask import Response, send_file

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.contacts.queries import calls
from wellbeing.portal import pages
from wellbeing.portal.calls.blueprint import blueprint
from wellbeing.portal.contacts.blueprint import found, subject_of

RIFF = b"RIFF"
"""How a WAV begins; the carrier gives that or MP3."""


@blueprint.get("/calls/<public_id>/recording")
@pages.allowed(Permission.OPEN_CONTACT)
def recording(public_id: str) -> Response:
    """Give the sound of a voicemail; nothing of it is kept by the browser (headers: no-store)."""
    contact = found(public_id)
    kept = calls.recording_of(contact_id=contact.contact_id)
    if kept is None:
        return pages.never()
    audio = calls.audio_of(recording_id=kept.recording_id)
    pages.note_read(
        action=AuditAction.HEARD_RECORDING,
        subject=subject_of(contact),
        details={"recording": kept.recording_id},
    )
    kind = "audio/wav" if audio.startswith(RIFF) else "audio/mpeg"
    # Players ask for a part at a time, else nobody could go back to a sentence.
    return send_file(BytesIO(audio), mimetype=kind, conditional=True, etag=False)
