"""One call as its page shows it: state, everybody who was rung, voicemail, what can be done now."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from wellbeing.accounts import queries as accounts
from wellbeing.contacts.queries import calls
from wellbeing.contacts.rules.calls import (
    CallRow,
    CallState,
    LegRow,
    LegState,
    RecordingRow,
    RecordingState,
)
from wellbeing.contacts.rules.conversations import ContactRow
from wellbeing.portal import filters, pages
from wellbeing.portal.calls import board, colleagues, words
from wellbeing.portal.calls.colleagues import Colleague
from wellbeing.portal.contacts.blueprint import is_mine


def shown(contact: ContactRow) -> dict[str, Any] | None:
    """Gather what the page tells of a contact's call; None when it is not one."""
    call = calls.call_of(contact_id=contact.contact_id)
    if call is None:
        return None
    legs = calls.legs_of(contact_id=contact.contact_id)
    recording = calls.recording_of(contact_id=contact.contact_id)
    names = accounts.names_of(user_ids={leg.user_id for leg in legs})
    talks = any(
        leg.user_id == pages.reader().user_id and leg.state is LegState.TALKING for leg in legs
    )
    return {
        "row": call,
        "state": words.ON_HOLD if call.is_on_hold else words.STATES[call.state],
        "tone": "neutral" if call.is_over else board.TONES.get(call.state, "waiting"),
        "ended": words.ENDS[call.ended_as] if call.ended_as else "",
        "legs": [_leg(leg, names) for leg in legs],
        "recording": recording,
        "is_kept": recording is not None and recording.state is RecordingState.KEPT,
        "is_queued": call.state is CallState.QUEUED,
        "is_talking": call.state is CallState.ANSWERED,
        "i_talk": talks and not call.is_over,
        "is_to_close": call.is_over and is_mine(contact),
        "desks": _desks() if talks and not call.is_over else [],
        "version": _version(call, legs, recording),
    }


def _desks() -> list[tuple[str, list[Colleague]]]:
    by_desk = groupby(colleagues.on_duty(), key=lambda one: one.desk)
    return [(desk, list(people)) for desk, people in by_desk]


def _leg(leg: LegRow, names: Mapping[int, Any]) -> dict[str, Any]:
    name = names.get(leg.user_id)
    return {
        "key": leg.leg_id,
        "name": filters.in_language(name, "display_name") if name else "",
        "kind": words.KINDS[leg.kind],
        "phone": words.PHONES.get(leg.phone_kind, ""),
        "state": words.LEGS[leg.state],
        "tone": words.TONES.get(leg.state, "neutral"),
        "placed_at": leg.placed_at,
        "answered_at": leg.answered_at,
        "ended_at": leg.ended_at,
    }


def _version(call: CallRow, legs: Iterable[LegRow], recording: RecordingRow | None) -> str:
    parts = [call.state, call.is_on_hold, call.is_danger, call.ended_as]
    parts += [f"{leg.leg_id}{leg.state}" for leg in legs]
    parts.append(recording.state if recording else None)
    return f"{zlib.crc32(repr(parts).encode()):08x}"
