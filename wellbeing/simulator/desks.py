"""What happens to a phone on the desk: it rings, hears, gets texts. Nothing is decided here."""

from __future__ import annotations

from wellbeing.simulator.records import (
    Call,
    CallNote,
    Desk,
    Heard,
    InboxText,
    Message,
    PhoneState,
)
from wellbeing.simulator.switchboard import Switchboard


def desk_of(*, board: Switchboard, call: Call) -> Desk | None:
    """Find the phone at the far end of a call, if it lies on this desk and is in this call."""
    desk = board.desks.get(call.handset_number)
    return desk if desk is not None and desk.call_sid == call.sid else None


def pick_up(*, desk: Desk, call: Call, state: PhoneState) -> None:
    """Tie a phone to a call, ringing or dialing, and open a line in its history."""
    desk.state = state
    desk.call_sid = call.sid
    direction, peer = ("out", call.to) if call.direction == "inbound" else ("in", call.from_)
    desk.history.append(CallNote(call.sid, direction, peer, call.created_at, call.status.value))
    desk.version += 1


def connected(*, board: Switchboard, call: Call) -> None:
    """Show that the two ends are talking."""
    desk = desk_of(board=board, call=call)
    if desk is not None:
        desk.state = PhoneState.IN_CALL
        note_status(desk=desk, call=call)


def released(*, board: Switchboard, call: Call) -> None:
    """Put the phone down after the call has ended, from whichever side."""
    desk = desk_of(board=board, call=call)
    if desk is not None:
        note_status(desk=desk, call=call)
        desk.state = PhoneState.IDLE
        desk.call_sid = None


def changed(*, board: Switchboard, call: Call) -> None:
    """Let whoever polls the phone look again: it is connected with others, or no longer."""
    desk = desk_of(board=board, call=call)
    if desk is not None:
        desk.version += 1


def note_status(*, desk: Desk, call: Call) -> None:
    """Bring the history line of a call up to date."""
    for note in desk.history:
        if note.sid == call.sid:
            note.status = call.status.value
    desk.version += 1


def hears(*, board: Switchboard, call: Call, text: str, language: str, kind: str) -> None:
    """Let the phone at the far end hear something: see `Heard` for its kind."""
    desk = desk_of(board=board, call=call)
    if desk is not None:
        desk.heard.append(Heard(text, language, kind, call.sid, board.agenda.time()))
        desk.version += 1


def hears_voice(*, board: Switchboard, call: Call, text: str, by: Call) -> None:
    """Let the phone hear what a peer says."""
    desk = desk_of(board=board, call=call)
    if desk is not None:
        now = board.agenda.time()
        desk.heard.append(Heard(text, "", "voice", call.sid, now, by.handset_number))
        desk.version += 1


def says(*, board: Switchboard, desk: Desk, call: Call, text: str) -> None:
    """Keep what was said into the phone, heard or not."""
    now = board.agenda.time()
    desk.said.append(Heard(text, "", "voice", call.sid, now, desk.number))
    desk.version += 1


def presses(*, desk: Desk, digits: str) -> None:
    """Note the keys that were pressed in the present call."""
    for note in desk.history:
        if note.sid == desk.call_sid:
            note.pressed += digits
    desk.version += 1


def shows(*, board: Switchboard, message: Message) -> None:
    """Show a text on the phones that sent or received it."""
    for number, direction, peer in (
        (message.to, "in", message.from_),
        (message.from_, "out", message.to),
    ):
        desk = board.desks.get(number)
        if desk is not None:
            at = board.agenda.time()
            shown = InboxText(direction, peer, message.body, message.sid, at, message.media)
            desk.inbox.append(shown)
            desk.version += 1
