"""Calls in both directions: placing, ringing, answering, ending, changing by REST."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from wellbeing.simulator import bridges, desks, keys, ringing
from wellbeing.simulator.callbacks import Callbacks
from wellbeing.simulator.catalogue import RestError, new_sid
from wellbeing.simulator.faults import FaultKind
from wellbeing.simulator.lifecycle import Lifecycle
from wellbeing.simulator.orders import CallOrder
from wellbeing.simulator.records import Call, CallStatus, Desk, Hook, PhoneState
from wellbeing.simulator.stage import Stage
from wellbeing.simulator.switchboard import Switchboard
from wellbeing.simulator.verbs import VERBS


class Problem(StrEnum):
    """Why a phone cannot do what a hand asks of it; the page has words for each."""

    NO_SUCH_PHONE = "no_such_phone"
    NO_SUCH_NUMBER = "no_such_number"
    IN_USE = "in_use"
    WRONG_STATE = "wrong_state"


class DeskError(Exception):
    """A phone cannot do that now, or there is no such phone or number."""

    def __init__(self, *, problem: Problem, detail: str) -> None:
        super().__init__(detail)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class CallChange:
    """What the product changes in a call: its end, or the document it runs."""

    status: str | None = None
    document: Hook | None = None
    twiml: str | None = None


class Calls:
    """The voice half of the carrier."""

    def __init__(self, *, board: Switchboard, callbacks: Callbacks) -> None:
        self._board = board
        self._lifecycle = Lifecycle(board=board, callbacks=callbacks)
        self.stage = Stage(board=board, lifecycle=self._lifecycle, verbs=VERBS)
        self._next_slot: datetime | None = None

    def place(self, *, order: CallOrder) -> Call:
        """Accept a call and queue it behind the account's calls per second.

        Raises:
            RestError: 21217 by an ordered fault.

        """
        board = self._board
        with board.lock:
            if board.faults.take(kinds={FaultKind.INVALID}, names=(order.to,)) is not None:
                raise RestError(code=21217)
            now = board.agenda.time()
            slot = self._take_slot(now)
            call = Call(
                sid=new_sid(prefix="CA"),
                direction="outbound-api",
                to=order.to,
                from_=order.from_,
                created_at=now,
                updated_at=now,
                queue_ms=round((slot - now).total_seconds() * 1000),
                document=order.document,
                twiml=order.twiml,
                fallback=order.fallback,
                status_callback=order.status_callback,
                events=order.events,
                ring_seconds=order.ring_seconds,
                time_limit=order.time_limit,
                detects_machine=order.detects_machine,
            )
            board.calls[call.sid] = call
            board.agenda.at(when=slot, action=partial(self._initiate, call))
            return call

    def dial_in(self, *, desk: Desk, to: str) -> Call:
        """Let a phone call one of the account's numbers.

        Raises:
            DeskError: the phone is in use, or the number is not the account's.

        """
        board = self._board
        with board.lock:
            if desk.state is not PhoneState.IDLE:
                raise DeskError(problem=Problem.IN_USE, detail="this phone is in use")
            if to not in board.lines:
                raise DeskError(problem=Problem.NO_SUCH_NUMBER, detail="nobody has this number")
            now = board.agenda.time()
            call = Call(new_sid(prefix="CA"), "inbound", to, desk.number, now, now)
            call.status = CallStatus.RINGING
            call.started_at = now
            hooks = board.lines[to].hooks
            call.fallback = hooks["VoiceFallbackUrl"]
            call.status_callback = hooks["StatusCallback"]
            board.calls[call.sid] = call
            desks.pick_up(desk=desk, call=call, state=PhoneState.CALLING)
            ringing.limit(stage=self.stage, call=call)
            voice = hooks["VoiceUrl"]
            if voice is None:
                self._lifecycle.ended(call=call, status=CallStatus.FAILED)
            else:
                self.stage.fetch(call=call, hook=voice)
            return call

    def answer(self, *, desk: Desk) -> None:
        """Pick up a ringing phone; only now the call's document is fetched.

        Raises:
            DeskError: the phone does not ring.

        """
        with self._board.lock:
            call = self._call_at(desk, PhoneState.RINGING)
            ringing.connect(stage=self.stage, call=call, answered_by="human")

    def decline(self, *, desk: Desk) -> None:
        """Refuse a ringing call: the carrier reports busy.

        Raises:
            DeskError: the phone does not ring.

        """
        with self._board.lock:
            call = self._call_at(desk, PhoneState.RINGING)
            self._lifecycle.ended(call=call, status=CallStatus.BUSY)

    def hang_up(self, *, desk: Desk) -> None:
        """End the phone's call from the phone's side, in whatever state it is.

        Raises:
            DeskError: the phone is idle.

        """
        ends = {
            PhoneState.RINGING: CallStatus.BUSY,
            PhoneState.CALLING: CallStatus.CANCELED,
            PhoneState.IN_CALL: CallStatus.COMPLETED,
        }
        with self._board.lock:
            call = self._call_at(desk, *ends)
            self._lifecycle.ended(call=call, status=ends[desk.state])

    def press(self, *, desk: Desk, digits: str) -> None:
        """Press keys during a call.

        Raises:
            DeskError: the phone is not in a call.

        """
        with self._board.lock:
            call = self._call_at(desk, PhoneState.IN_CALL)
            desks.presses(desk=desk, digits=digits)
            keys.press(stage=self.stage, call=call, digits=digits)

    def speak(self, *, desk: Desk, text: str) -> None:
        """Say something into the phone: a recording takes it, or whoever is connected hears it.

        Raises:
            DeskError: the phone is not in a call.

        """
        with self._board.lock:
            call = self._call_at(desk, PhoneState.IN_CALL)
            desks.says(board=self._board, desk=desk, call=call, text=text)
            bridges.speak(board=self._board, call=call, text=text)

    def update(self, *, sid: str, change: CallChange) -> Call:
        """Change a call as the product asks.

        Raises:
            RestError: 20404 unknown, 21220 the state does not allow it, 20001 unknown status.

        """
        with self._board.lock:
            call = self.find(sid=sid)
            if change.status is not None:
                self._finish(call, change.status)
                return call
            if call.status is not CallStatus.IN_PROGRESS:
                raise RestError(code=21220)
            self.stage.lead_away(call=call)
            if change.twiml is not None:
                self.stage.play_inline(call=call, document=change.twiml)
            elif change.document is not None:
                self.stage.fetch(call=call, hook=change.document)
            return call

    def delete(self, *, sid: str) -> None:
        """Forget a call that is over.

        Raises:
            RestError: 20404 unknown, 20009 not over.

        """
        with self._board.lock:
            if not self.find(sid=sid).is_over:
                raise RestError(code=20009)
            del self._board.calls[sid]

    def find(self, *, sid: str) -> Call:
        """Give a call by SID.

        Raises:
            RestError: 20404 there is none.

        """
        call = self._board.calls.get(sid)
        if call is None:
            raise RestError(code=20404, what=f"/Calls/{sid}.json")
        return call

    def clear(self) -> None:
        """Forget when the last call was placed."""
        self._next_slot = None

    def _take_slot(self, now: datetime) -> datetime:
        slot = now if self._next_slot is None else max(now, self._next_slot)
        self._next_slot = slot + timedelta(seconds=1 / self._board.settings.calls_per_second)
        return slot

    def _finish(self, call: Call, status: str) -> None:
        allowed = _REST_ENDS.get(status)
        if allowed is None:
            raise RestError(code=20001, what="Status")
        if call.status not in allowed:
            raise RestError(code=21220)
        self._lifecycle.ended(call=call, status=allowed[call.status])

    def _initiate(self, call: Call) -> None:
        with self._board.lock:
            ringing.send_out(stage=self.stage, call=call)

    def _call_at(self, desk: Desk, *states: PhoneState) -> Call:
        if desk.state not in states or desk.call_sid is None:
            detail = f"this phone is {desk.state.value}"
            raise DeskError(problem=Problem.WRONG_STATE, detail=detail)
        return self._board.calls[desk.call_sid]


_UNANSWERED = {
    CallStatus.QUEUED: CallStatus.CANCELED,
    CallStatus.RINGING: CallStatus.CANCELED,
}
_REST_ENDS: dict[str, dict[CallStatus, CallStatus]] = {
    "canceled": _UNANSWERED,
    "completed": _UNANSWERED | {CallStatus.IN_PROGRESS: CallStatus.COMPLETED},
}
