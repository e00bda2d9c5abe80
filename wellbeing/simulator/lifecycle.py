"""How the status of a call moves, and who is told: its phone and its status callback."""

from __future__ import annotations

from wellbeing.simulator import desks, params
from wellbeing.simulator.callbacks import Callbacks, Notice
from wellbeing.simulator.records import CALL_MOVES, Call, CallStatus, Parting
from wellbeing.simulator.switchboard import Switchboard


class Lifecycle:
    """Moves calls forward by the table `CALL_MOVES`, never backward."""

    def __init__(self, *, board: Switchboard, callbacks: Callbacks) -> None:
        self._board = board
        self._callbacks = callbacks

    def announce(self, *, call: Call, event: str) -> None:
        """Send the status callback of an event if the product asked for it."""
        if call.status_callback is None or event not in call.events:
            return
        fields = params.call_status_params(board=self._board, call=call)
        numbers = (call.to, call.from_)
        self.send(notice=Notice(call.sid, numbers, call.status_callback, fields))

    def send(self, *, notice: Notice) -> None:
        """Send a status callback on its way, with whatever faults are ordered for it."""
        self._callbacks.send(notice=notice)

    def ringing(self, *, call: Call) -> None:
        """Let an outbound call ring at the far end."""
        if self._move(call, CallStatus.RINGING):
            self.announce(call=call, event="ringing")

    def answered(self, *, call: Call) -> None:
        """Connect the two ends; a second time it changes nothing."""
        if self._move(call, CallStatus.IN_PROGRESS):
            call.answered_at = self._board.agenda.time()
            desks.connected(board=self._board, call=call)
            self.announce(call=call, event="answered")

    def ended(self, *, call: Call, status: CallStatus) -> None:
        """End the call: what was planned is stale, the phone is put down, the product told."""
        if not self._move(call, status):
            return
        call.ended_at = self._board.agenda.time()
        call.run.epoch += 1
        call.run.listening = None
        call.run.scene = None
        call.run.verbs = []
        desks.released(board=self._board, call=call)
        self.part(call=call, how=Parting.HUNG_UP)
        self.announce(call=call, event="completed")

    def part(self, *, call: Call, how: Parting) -> None:
        """Take the call out of the queue, Dial, conference or recording that it is in, if any."""
        engagement, call.run.engagement = call.run.engagement, None
        if engagement is not None:
            engagement.part(call, how)

    def _move(self, call: Call, status: CallStatus) -> bool:
        if status not in CALL_MOVES[call.status]:
            return False
        call.status = status
        call.updated_at = self._board.agenda.time()
        return True
