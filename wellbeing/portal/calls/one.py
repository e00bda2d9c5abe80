"""One call as its page shows it: state, everybody who was rung, voicemail, what can be done now."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from wellbeing.accounts.queries import people as accounts
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
from wellbeing.followups import queries as followups
from wellbeing.followups.queries import FollowUpRow
from wellbeing.portal import filters, pages
from wellbeing.portal.calls import board, colleagues, words
from wellbeing.portal.calls.colleagues import Colleague
from wellbeing.portal.contacts.blueprint import is_mine, may_work
from wellbeing.portal.followups.words import CALL_BACKS


def shown(contact: ContactRow) -> dict[str, Any] | None:
    """Gather what the page tells of a contact's call; None when it is not one."""
    call = calls.call_of(contact_id=contact.contact_id)
    if call is None:
        return None
    legs = calls.legs_of(contact_id=contact.contact_id)
    recording = calls.recording_of(contact_id=contact.contact_id)
    call_back = followups.call_back_of(contact_id=contact.contact_id)
    people = {leg.user_id for leg in legs} | ({call_back.owner_id} if call_back else set())
    names = accounts.names_of(user_ids=people)
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
        "call_back": _promise(call_back, names) if call_back else None,
        "is_kept": recording is not None and recording.state is RecordingState.KEPT,
        "is_queued": call.state is CallState.QUEUED,
        "is_talking": call.state is CallState.ANSWERED,
        "i_talk": talks and not call.is_over,
        "is_to_close": call.is_over and is_mine(contact),
        "desks": _desks() if talks and not call.is_over else [],
        "version": _version(call, legs, recording, call_back),
    }


def may_call(contact: ContactRow) -> bool:
    """Tell whether the reader may call this student: their counselor, or who promised to."""
    if may_work(contact):
        return True
    promised = followups.call_back_of(contact_id=contact.contact_id)
    return promised is not None and promised.owner_id == pages.reader().user_id


def _promise(row: FollowUpRow, names: Mapping[int, Any]) -> dict[str, Any]:
    return {
        "words": CALL_BACKS[row.reason] if row.reason else "",
        "due_at": row.due_at,
        "owner": _name(names, row.owner_id),
    }


def _desks() -> list[tuple[str, list[Colleague]]]:
    by_desk = groupby(colleagues.on_duty(), key=lambda one: one.desk)
    return [(desk, list(people)) for desk, people in by_desk]


def _leg(leg: LegRow, names: Mapping[int, Any]) -> dict[str, Any]:
    return {
        "key": leg.leg_id,
        "name": _name(names, leg.user_id),
        "kind": words.KINDS[leg.kind],
        "phone": words.PHONES.get(leg.phone_kind, ""),
        "state": words.LEGS[leg.state],
        "tone": words.TONES.get(leg.state, "neutral"),
        "placed_at": leg.placed_at,
        "answered_at": leg.answered_at,
        "ended_at": leg.ended_at,
    }


def _name(names: Mapping[int, Any], user_id: int) -> str:
    known = names.get(user_id)
    return filters.in_language(known, "display_name") if known else ""


def _version(
    call: CallRow,
    legs: Iterable[LegRow],
    recording: RecordingRow | None,
    call_back: FollowUpRow | None,
) -> str:
    parts: list[object] = [call.state, call.is_on_hold, call.is_danger, call.ended_as]
    parts += [f"{leg.leg_id}{leg.state}" for leg in legs]
    parts.append(recording.state if recording else None)
    parts.append((call_back.due_at, call_back.owner_id) if call_back else None)
    return f"{zlib.crc32(repr(parts).encode()):08x}"
