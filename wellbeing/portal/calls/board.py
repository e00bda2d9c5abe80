"""The calls of the live queue: who waits, rings, talks. What a call is, is decided in contacts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.roles import Permission
from wellbeing.contacts.queries import calls
from wellbeing.contacts.rules.calls import RINGING, CallState, LegKind, LegRow, LiveCall
from wellbeing.contacts.rules.conversations import Channel, ContactState, QueueRow
from wellbeing.portal import filters, pages
from wellbeing.portal.calls import words

TONES: Mapping[CallState, str] = {
    CallState.ANSWERED: "active",
    CallState.LIFELINE: "attention",
    CallState.VOICEMAIL: "neutral",
}


def live_calls() -> tuple[LiveCall, ...]:
    """List the calls that go on in the reader's units, most urgent first."""
    return calls.live(scope=pages.reader().scope)


def entries(found: Iterable[LiveCall]) -> list[dict[str, Any]]:
    """Word the calls for the page; names are asked for with one statement."""
    known = tuple(found)
    people = {leg.user_id for call in known for leg in call.legs}
    people |= {call.winner_user_id for call in known if call.winner_user_id}
    names = accounts.names_of(user_ids=people)
    return [_entry(call, names) for call in known]


def is_wrap_up(row: QueueRow, live: Iterable[LiveCall]) -> bool:
    """Tell whether a call is over whose counselor has still to close it."""
    return (
        row.channel is Channel.VOICE
        and row.state is ContactState.IN_CONVERSATION
        and row.contact_id not in {call.contact_id for call in live}
    )


def _entry(call: LiveCall, names: Mapping[int, Any]) -> dict[str, Any]:
    reader = pages.reader()
    holder = names.get(call.winner_user_id) if call.winner_user_id else None
    is_mine = call.winner_user_id == reader.user_id
    talks = any(leg.user_id == reader.user_id and leg.is_active for leg in call.legs)
    return {
        "call": call,
        "state": _state(call),
        "tone": TONES.get(call.state, "waiting"),
        "is_queued": call.state is CallState.QUEUED,
        "is_unanswered": call.answered_at is None and not call.is_outgoing,
        "holder": filters.in_language(holder, "display_name") if holder else "",
        "is_mine": is_mine,
        "rings_me": talks and not is_mine,
        "may_open": is_mine or talks or Permission.SUPERVISE in reader.permissions,
        "legs": [_leg(leg, names) for leg in call.legs if leg.kind is not LegKind.OUT],
        "next_step": words.NEXT_STAGE if call.stage + 1 < call.stages else words.NEXT_LIFELINE,
    }


def _state(call: LiveCall) -> Any:
    if call.is_on_hold:
        return words.ON_HOLD
    if call.state is CallState.QUEUED and any(leg.state in RINGING for leg in call.legs):
        return words.RINGING_NOW
    return words.STATES[call.state]


def _leg(leg: LegRow, names: Mapping[int, Any]) -> dict[str, Any]:
    name = names.get(leg.user_id)
    return {
        "key": leg.leg_id,
        "name": filters.in_language(name, "display_name") if name else "",
        "state": words.LEGS[leg.state],
        "tone": words.TONES.get(leg.state, "neutral"),
    }
