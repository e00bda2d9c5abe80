"""Voicemail: noted when the carrier has it, kept here sealed. Fetching is the outbox's work."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from wellbeing.contacts.models import RECORDING
from wellbeing.contacts.operations import conversations
from wellbeing.contacts.queries import calls as queries
from wellbeing.contacts.rules.calls import CallRow, RecordingRow, RecordingState
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import changed, session


def note(*, call: CallRow, sid: str, seconds: int, now: datetime) -> int | None:
    """Note a voicemail that the carrier has; None when it was noted before."""
    row = {
        "contact_id": call.contact_id,
        "sid": sid,
        "seconds": seconds,
        "state": RecordingState.AT_CARRIER.value,
        "at": now,
    }
    statement = conversations.meeting(RECORDING).on_conflict_do_nothing().returning(RECORDING.c.id)
    recording_id = session().execute(statement, row).scalar_one_or_none()
    if recording_id is not None:
        conversations.count_change(call.contact_id)
    return recording_id


def keep(*, recording_id: int, media: bytes) -> RecordingRow | None:
    """Seal what the carrier gave us under the contact's key; None when it was kept before."""
    row = queries.recording(recording_id=recording_id)
    key_id = queries.get(contact_id=row.contact_id).data_key_id
    kept = (
        update(RECORDING)
        .where(
            RECORDING.c.id == recording_id,
            RECORDING.c.state == RecordingState.AT_CARRIER.value,
        )
        .values(
            state=RecordingState.KEPT.value,
            audio_sealed=sealed.seal_bytes(media, key_id=key_id, place=queries.AUDIO_PLACE),
        )
    )
    if changed(kept) != 1:
        return None
    conversations.count_change(row.contact_id)
    return row
