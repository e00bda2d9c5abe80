"""Dial with Queue: take the call at the front of a queue and join it with the one that dials."""

from __future__ import annotations

from datetime import datetime

from wellbeing.simulator import bridges, desks, queues
from wellbeing.simulator.places import Member, Queue
from wellbeing.simulator.records import Call, Engagement, Parting, Scene
from wellbeing.simulator.stage import Stage
from wellbeing.simulator.twiml import Element
from wellbeing.simulator.vocabulary import SCREEN_VERBS

NO_DIAL_HERE = 13201
_WAITS_SECONDS = 30


def begin(stage: Stage, call: Call, element: Element, noun: Element) -> None:
    """Take the front of the queue, or wait for somebody as long as the Dial's timeout says."""
    dequeuing = _Dequeuing(stage, call, element, noun)
    if dequeuing.can_take():
        dequeuing.take()
    else:
        dequeuing.wait()


class _Dequeuing:
    """One Dial of a queue: the dialing call, and once it is taken out the call that waited."""

    def __init__(self, stage: Stage, dialer: Call, verb: Element, noun: Element) -> None:
        self._stage = stage
        self._board = stage.board
        self._dialer = dialer
        self._verb = verb
        self._name = noun.text
        self._after = stage.after(call=dialer, element=verb)
        self._url = stage.hook(call=dialer, element=noun, url="url")
        self._taken: tuple[Queue, Member, int] | None = None
        self._joined_at: datetime | None = None
        self._is_done = False
        dialer.run.engagement = Engagement(
            part=self._dialer_parts, press=self._press, peers=lambda: self._peers(dialer)
        )
        stage.lifecycle.answered(call=dialer)

    def can_take(self) -> bool:
        queue = queues.named(board=self._board, name=self._name)
        return queue is not None and bool(queue.members)

    def wait(self) -> None:
        """Stand by until somebody enters the queue or the timeout of the Dial is over."""
        self._board.dialers.setdefault(self._name, []).append(self.take)
        seconds = float(self._verb.attributes.get("timeout", _WAITS_SECONDS))
        self._stage.later(call=self._dialer, seconds=seconds, action=self._give_up)

    def take(self) -> None:
        """Take the call at the front; the document of Queue url is heard before the two join."""
        queue = queues.named(board=self._board, name=self._name)
        if queue is None:
            return
        member = queue.members[0]
        caller = member.call
        seconds = queues.take_out(board=self._board, queue=queue, member=member)
        self._taken = (queue, member, seconds)
        self._stage.interrupt(call=caller)
        caller.run.scene = None
        caller.run.engagement = Engagement(
            part=self._caller_parts, peers=lambda: self._peers(caller)
        )
        if self._url is None:
            self._join(caller)
            return
        caller.run.scene = Scene(
            allowed=SCREEN_VERBS,
            at_end=self._join,
            refusal=NO_DIAL_HERE,
            on_error=self._join,
            fields=lambda _call: self._fields_for_caller(queue, seconds),
        )
        self._stage.fetch(call=caller, hook=self._url)

    def _join(self, caller: Call) -> None:
        caller.run.scene = None
        self._stage.interrupt(call=caller)
        self._joined_at = self._board.agenda.time()
        for call in (caller, self._dialer):
            desks.changed(board=self._board, call=call)
        seconds = self._verb.attributes.get("timeLimit")
        if seconds is not None:
            self._board.agenda.after(seconds=float(seconds), action=self._time_is_up)

    def _time_is_up(self) -> None:
        with self._board.lock:
            self._release_both()

    def _release_both(self) -> None:
        if self._is_done:
            return
        self._is_done = True
        self._dialer_goes_on("completed")
        self._caller_goes_on()

    def _press(self, _dialer: Call, key: str) -> None:
        is_wanted = self._verb.attributes.get("hangupOnStar") == "true"
        if is_wanted and key == "*" and self._joined_at is not None:
            self._release_both()

    def _give_up(self, _dialer: Call) -> None:
        if self._taken is None and not self._is_done:
            self._is_done = True
            self._stand_down()
            self._dialer_goes_on("no-answer")

    def _stand_down(self) -> None:
        waiting = self._board.dialers.get(self._name, [])
        if self.take in waiting:
            waiting.remove(self.take)

    def _dialer_parts(self, dialer: Call, how: Parting) -> None:
        if self._is_done:
            return
        self._is_done = True
        self._stand_down()
        status = "canceled" if self._taken is None else "completed"
        if how is Parting.HUNG_UP:
            self._stage.tell(call=dialer, after=self._after, fields=self._dial_fields(status))
        self._caller_goes_on()

    def _caller_parts(self, caller: Call, how: Parting) -> None:
        if self._is_done or self._taken is None:
            return
        self._is_done = True
        queue, member, seconds = self._taken
        result = _RESULTS[how] if self._joined_at is not None else how.value
        fields = queues.result_fields(queue=queue, result=result, seconds=seconds)
        self._stage.tell(call=caller, after=member.after, fields=fields)
        self._dialer_goes_on("completed")

    def _dialer_goes_on(self, status: str) -> None:
        fields = self._dial_fields(status)
        self._stage.go_on(call=self._dialer, after=self._after, fields=fields)
        desks.changed(board=self._board, call=self._dialer)

    def _caller_goes_on(self) -> None:
        if self._taken is None:
            return
        queue, member, seconds = self._taken
        result = "bridged" if self._joined_at is not None else "bridging-in-process"
        fields = queues.result_fields(queue=queue, result=result, seconds=seconds)
        self._stage.go_on(call=member.call, after=member.after, fields=fields)
        desks.changed(board=self._board, call=member.call)

    def _peers(self, call: Call) -> list[Call]:
        if self._taken is None or self._joined_at is None or self._is_done:
            return []
        caller = self._taken[1].call
        return [caller if call is self._dialer else self._dialer]

    def _dial_fields(self, status: str) -> dict[str, str]:
        sid = self._taken[1].call.sid if self._taken is not None else None
        now = self._board.agenda.time()
        return bridges.dial_fields(status=status, sid=sid, since=self._joined_at, now=now)

    def _fields_for_caller(self, queue: Queue, seconds: int) -> dict[str, str]:
        # The spelling of the last field is Twilio's.
        return {
            "QueueSid": queue.sid,
            "QueueTime": str(seconds),
            "DequeingCallSid": self._dialer.sid,
        }


_RESULTS = {Parting.HUNG_UP: "bridged", Parting.REDIRECTED: "redirected-from-bridged"}
