"""Status callbacks on their way out, with the faults that drop, delay, double or reorder them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from wellbeing.simulator.clock import Action
from wellbeing.simulator.faults import CALLBACK_FAULTS, Fault, FaultKind
from wellbeing.simulator.records import Hook
from wellbeing.simulator.switchboard import Switchboard

_HELD_AT_MOST = 5.0


@dataclass(frozen=True, slots=True)
class Notice:
    """One status callback: about which SID, known by which numbers, to where, saying what."""

    sid: str
    numbers: tuple[str, ...]
    hook: Hook
    params: Mapping[str, str]


class Callbacks:
    """Puts callbacks on the agenda; a failed one is only an alert, as with the real carrier."""

    def __init__(self, *, board: Switchboard) -> None:
        self._board = board
        self._held: dict[str, list[Action]] = {}

    def send(self, *, notice: Notice) -> None:
        """Plan one callback, unless a fault wants it otherwise."""
        names = (notice.sid, *notice.numbers)
        fault = self._board.faults.take(kinds=CALLBACK_FAULTS, names=names)
        deliver = partial(self._deliver, notice)
        if fault is None:
            self._plan(deliver, 0.0, notice.sid)
        else:
            _TREATMENTS[fault.kind](self, notice, deliver, fault)
        if fault is None or fault.kind is not FaultKind.REORDER:
            self._release(notice.sid)

    def clear(self) -> None:
        """Forget callbacks that a reorder fault holds back."""
        self._held.clear()

    def _plan(self, deliver: Action, seconds: float, lane: str) -> None:
        self._board.agenda.after(seconds=seconds, action=deliver, lane=lane)

    def _drop(self, _notice: Notice, _deliver: Action, _fault: Fault) -> None:
        """Let the callback be lost: that is the fault."""

    def _delay(self, notice: Notice, deliver: Action, fault: Fault) -> None:
        self._plan(deliver, fault.amount, notice.sid)

    def _duplicate(self, notice: Notice, deliver: Action, fault: Fault) -> None:
        for _ in range(1 + int(fault.amount)):
            self._plan(deliver, 0.0, notice.sid)

    def _hold(self, notice: Notice, deliver: Action, _fault: Fault) -> None:
        self._held.setdefault(notice.sid, []).append(deliver)
        self._plan(partial(self._release, notice.sid), _HELD_AT_MOST, notice.sid)

    def _release(self, sid: str) -> None:
        with self._board.lock:
            held = self._held.pop(sid, [])
        for deliver in held:
            self._plan(deliver, 0.0, sid)

    def _deliver(self, notice: Notice) -> None:
        delivery = self._board.webhooks.send(
            url=notice.hook.url, method=notice.hook.method, params=notice.params
        )
        if delivery.error_code is not None:
            with self._board.lock:
                self._board.alert(code=delivery.error_code, sid=notice.sid, url=delivery.url)


_Treatment = Callable[[Callbacks, Notice, Action, Fault], None]
_TREATMENTS: dict[FaultKind, _Treatment] = {
    FaultKind.DROP: Callbacks._drop,  # noqa: SLF001 - the class's own table
    FaultKind.DELAY: Callbacks._delay,  # noqa: SLF001
    FaultKind.DUPLICATE: Callbacks._duplicate,  # noqa: SLF001
    FaultKind.REORDER: Callbacks._hold,  # noqa: SLF001
}
