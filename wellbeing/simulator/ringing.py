"""An outgoing leg at the far end: it rings, is busy, is picked up by a hand or by a machine.

Who placed it, and why, is decided in `calls` and `dials`.
"""

from __future__ import annotations

from collections.abc import Callable

from wellbeing.simulator import desks
from wellbeing.simulator.faults import LINE_FAULTS, Fault, FaultKind
from wellbeing.simulator.records import Call, CallStatus, PhoneState
from wellbeing.simulator.stage import Stage

_TO_RINGING = 0.5


def send_out(*, stage: Stage, call: Call) -> None:
    """Let a queued call leave; half a second later it reaches the far end."""
    if call.is_over:
        return
    call.started_at = stage.board.agenda.time()
    stage.lifecycle.announce(call=call, event="initiated")
    stage.later(call=call, seconds=_TO_RINGING, action=lambda same: _reach(stage, same))


def connect(*, stage: Stage, call: Call, answered_by: str) -> None:
    """Pick up: a dialed leg goes to whoever dialed it, any other call to its document."""
    call.answered_by = answered_by if call.detects_machine else None
    stage.lifecycle.answered(call=call)
    limit(stage=stage, call=call)
    if call.picked_up is not None:
        call.picked_up(call)
    elif call.twiml is not None:
        stage.play_inline(call=call, document=call.twiml)
    elif call.document is not None:
        stage.fetch(call=call, hook=call.document)


def limit(*, stage: Stage, call: Call) -> None:
    """End the call when its time is up, whatever it does then."""

    def end() -> None:
        with stage.board.lock:
            stage.lifecycle.ended(call=call, status=CallStatus.COMPLETED)

    stage.board.agenda.after(seconds=call.time_limit, action=end)


def _reach(stage: Stage, call: Call) -> None:
    names = (call.sid, call.to)
    fault = stage.board.faults.take(kinds=LINE_FAULTS, names=names)
    if fault is not None:
        _LINE_FAULTS[fault.kind](stage, call, fault)
        return
    desk = stage.board.desks.get(call.to)
    if desk is not None and desk.state is not PhoneState.IDLE:
        stage.lifecycle.ended(call=call, status=CallStatus.BUSY)
        return
    if desk is not None:
        desks.pick_up(desk=desk, call=call, state=PhoneState.RINGING)
    _ring(stage, call)


def _ring(stage: Stage, call: Call) -> None:
    stage.lifecycle.ringing(call=call)
    stage.later(call=call, seconds=call.ring_seconds, action=lambda same: _give_up(stage, same))


def _give_up(stage: Stage, call: Call) -> None:
    if call.status is CallStatus.RINGING:
        stage.lifecycle.ended(call=call, status=CallStatus.NO_ANSWER)


def _busy(stage: Stage, call: Call, _fault: Fault) -> None:
    stage.lifecycle.ended(call=call, status=CallStatus.BUSY)


def _failed(stage: Stage, call: Call, _fault: Fault) -> None:
    stage.lifecycle.ended(call=call, status=CallStatus.FAILED)


def _unanswered(stage: Stage, call: Call, _fault: Fault) -> None:
    _ring(stage, call)


def _voicemail(stage: Stage, call: Call, fault: Fault) -> None:
    _ring(stage, call)
    stage.later(
        call=call,
        seconds=fault.amount,
        action=lambda same: connect(stage=stage, call=same, answered_by="machine_start"),
    )


_LINE_FAULTS: dict[FaultKind, Callable[[Stage, Call, Fault], None]] = {
    FaultKind.BUSY: _busy,
    FaultKind.FAILED: _failed,
    FaultKind.NO_ANSWER: _unanswered,
    FaultKind.VOICEMAIL: _voicemail,
}
