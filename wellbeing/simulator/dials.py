"""Dial with Number and Client: legs ring together, the first that is picked up is joined.

A queue is dialed in `dequeuing`, a conference in `conferences`.
"""

from __future__ import annotations

from datetime import datetime

from wellbeing.simulator import bridges, conferences, dequeuing, desks, numbers, ringing
from wellbeing.simulator.catalogue import RestError, new_sid
from wellbeing.simulator.records import Call, CallStatus, Engagement, Hook, Parting, Scene
from wellbeing.simulator.stage import Stage
from wellbeing.simulator.twiml import UNKNOWN_WORD, Element, TwimlError
from wellbeing.simulator.vocabulary import SCREEN_VERBS

_BAD_NUMBER = 13223
_BAD_CALLER_ID = 13214
_RING_SECONDS = 30
_LONGEST_SECONDS = 14400
_MOST_LEGS = 10
_PLACES = {"Queue": dequeuing.begin, "Conference": conferences.begin}


def begin(stage: Stage, call: Call, element: Element) -> None:
    """Dial what the verb holds; Dial picks up the call itself unless it waits for the bridge."""
    nouns = list(element.children) or [Element("Number", {}, element.text, ())]
    names = {noun.name for noun in nouns}
    is_place = bool(names & set(_PLACES))
    if (element.children and element.text) or (is_place and len(nouns) > 1):
        raise TwimlError(code=UNKNOWN_WORD, detail="Dial holds things that exclude each other")
    if len(nouns) > _MOST_LEGS:
        raise TwimlError(code=UNKNOWN_WORD, detail="Dial holds at most ten numbers")
    if is_place:
        _PLACES[nouns[0].name](stage, call, element, nouns[0])
    else:
        _Dialing(stage, call, element).start(nouns)


class _Dialing:
    """One Dial of numbers and clients, from the first ring to the action."""

    def __init__(self, stage: Stage, dialer: Call, verb: Element) -> None:
        self._stage = stage
        self._board = stage.board
        self._dialer = dialer
        self._verb = verb
        self._after = stage.after(call=dialer, element=verb)
        self._legs: list[Call] = []
        self._winner: Call | None = None
        self._joined_at: datetime | None = None
        self._is_done = False

    def start(self, nouns: list[Element]) -> None:
        """Place a leg for each noun; without a single good one the Dial has failed."""
        caller_id = self._verb.attributes.get("callerId", self._dialer.from_)
        legs = [leg for noun in nouns if (leg := self._leg(noun, caller_id)) is not None]
        if self._verb.attributes.get("answerOnBridge") != "true":
            self._stage.lifecycle.answered(call=self._dialer)
        self._dialer.run.engagement = Engagement(
            part=self._dialer_parts, press=self._press, peers=lambda: self._peers(self._dialer)
        )
        self._legs = legs
        if not legs:
            self._settle(CallStatus.FAILED)
        for leg in legs:
            self._board.calls[leg.sid] = leg
            ringing.send_out(stage=self._stage, call=leg)

    def _leg(self, noun: Element, caller_id: str) -> Call | None:
        to = f"client:{noun.text}" if noun.name == "Client" else noun.text
        known = {self._dialer.from_, self._dialer.to, *self._board.lines}
        if caller_id not in known:
            self._refuse(_BAD_CALLER_ID, "callerId is not a number of the account")
            return None
        try:
            numbers.check_callee(number=to)
        except RestError:
            self._refuse(_BAD_NUMBER, "not a number with its country, and no client")
            return None
        now = self._board.agenda.time()
        leg = Call(new_sid(prefix="CA"), "outbound-dial", to, caller_id, now, now)
        leg.parent_sid = self._dialer.sid
        leg.ring_seconds = int(self._verb.attributes.get("timeout", _RING_SECONDS))
        hook = {"url": "statusCallback", "method": "statusCallbackMethod"}
        leg.status_callback = self._stage.hook(call=self._dialer, element=noun, **hook)
        events = noun.attributes.get("statusCallbackEvent", "completed")
        leg.events = frozenset(events.split())
        screen = self._stage.hook(call=self._dialer, element=noun, url="url")
        leg.picked_up = lambda call: self._picked_up(call, screen)
        leg.run.engagement = Engagement(part=self._leg_parts, peers=lambda: self._peers(leg))
        return leg

    def _refuse(self, code: int, detail: str) -> None:
        url = self._dialer.run.document_url or ""
        self._board.alert(code=code, sid=self._dialer.sid, url=url, detail=detail)

    def _picked_up(self, leg: Call, screen: Hook | None) -> None:
        if self._winner is not None or self._is_done:
            return
        self._winner = leg
        for other in self._legs:
            if other is not leg:
                self._stage.lifecycle.ended(call=other, status=CallStatus.CANCELED)
        if screen is None:
            self._join(leg)
            return
        leg.run.scene = Scene(
            allowed=SCREEN_VERBS, at_end=self._join, refusal=dequeuing.NO_DIAL_HERE
        )
        self._stage.fetch(call=leg, hook=screen)

    def _join(self, leg: Call) -> None:
        leg.run.scene = None
        self._stage.interrupt(call=leg)
        self._stage.lifecycle.answered(call=self._dialer)
        self._joined_at = self._board.agenda.time()
        for call in (leg, self._dialer):
            desks.changed(board=self._board, call=call)
        seconds = float(self._verb.attributes.get("timeLimit", _LONGEST_SECONDS))
        self._board.agenda.after(seconds=seconds, action=lambda: self._hang_up(leg))

    def _hang_up(self, leg: Call) -> None:
        with self._board.lock:
            if not self._is_done:
                self._stage.lifecycle.ended(call=leg, status=CallStatus.COMPLETED)

    def _press(self, _dialer: Call, key: str) -> None:
        is_wanted = self._verb.attributes.get("hangupOnStar") == "true"
        if is_wanted and key == "*" and self._winner is not None:
            self._hang_up(self._winner)

    def _leg_parts(self, leg: Call, _how: Parting) -> None:
        """Settle the Dial if this was the winner, or the last that could have become it."""
        others_ring = any(not other.is_over for other in self._legs if other is not leg)
        if leg is self._winner or (self._winner is None and not others_ring):
            self._settle(CallStatus.COMPLETED if leg is self._winner else self._failure())

    def _failure(self) -> CallStatus:
        """Say of several legs that nobody answered if one of them rang to the end."""
        statuses = [leg.status for leg in self._legs]
        rang_out = CallStatus.NO_ANSWER in statuses
        return CallStatus.NO_ANSWER if rang_out else statuses[-1]

    def _settle(self, status: CallStatus) -> None:
        if self._is_done:
            return
        self._is_done = True
        self._stage.go_on(call=self._dialer, after=self._after, fields=self._fields(status))
        desks.changed(board=self._board, call=self._dialer)

    def _dialer_parts(self, dialer: Call, how: Parting) -> None:
        if self._is_done:
            return
        self._is_done = True
        for leg in self._legs:
            is_up = leg.status is CallStatus.IN_PROGRESS
            end = CallStatus.COMPLETED if is_up else CallStatus.CANCELED
            self._stage.lifecycle.ended(call=leg, status=end)
        if how is Parting.HUNG_UP:
            status = CallStatus.COMPLETED if self._joined_at is not None else CallStatus.CANCELED
            self._stage.tell(call=dialer, after=self._after, fields=self._fields(status))

    def _peers(self, call: Call) -> list[Call]:
        if self._winner is None or self._joined_at is None or self._is_done:
            return []
        return [self._winner if call is self._dialer else self._dialer]

    def _fields(self, status: CallStatus) -> dict[str, str]:
        leg = self._winner or (self._legs[-1] if self._legs else None)
        return bridges.dial_fields(
            status=status.value,
            sid=None if leg is None else leg.sid,
            since=self._joined_at,
            now=self._board.agenda.time(),
        )
