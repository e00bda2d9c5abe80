"""A caller and counselors' phones in the words of a test, without carrier or TwiML."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from tests.factories.moments import NOW
from tests.twiml import fits
from wellbeing.carrier.twiml import render
from wellbeing.contacts.queries import calls
from wellbeing.contacts.rules.calls import CallRow, LegRow, LegState
from wellbeing.foundation.database import session, transaction
from wellbeing.hotline.voice import arrival, endings, screening, waiting
from wellbeing.hotline.voice.arrival import InboundCall
from wellbeing.messaging import operations as messaging
from wellbeing.messaging.rules import DeliveryStatus
from wellbeing.telephony.steps import Ask, Document, Go, Say

LINE = "+862300000000"
STUDENT = "+8613800000001"
Answer = TypeVar("Answer")


class Caller:
    """One call to the line; `at` is the second at which the next thing happens."""

    def __init__(self, *, sid: str = "CA1", sender: str = STUDENT, delivers: bool = True) -> None:
        self.sid, self.sender, self.at = sid, sender, 0.0
        self.told: int | None = None
        if delivers:
            self._do(lambda now: messaging.heartbeat(process="test", now=now + timedelta(hours=1)))

    def dials(self) -> Document:
        call = InboundCall(call_sid=self.sid, sender=self.sender, line_number=LINE)
        return self._do(lambda now: arrival.inbound_call(call=call, now=now))

    def presses(self, digits: str, *, turn: int = 0) -> Document:
        return self._do(
            lambda now: arrival.menu_key(
                public_id=self.public_id, turn=turn, digits=digits, now=now
            )
        )

    def waits(self, *, seconds: float = 0) -> Document:
        """Fetch the wait document once, so many seconds later, as the carrier does: by the address.

        What a mere look would have said is what is said (waiting.look).
        """
        self.at += seconds
        public_id, told = self.public_id, self.told
        now = NOW + timedelta(seconds=self.at)
        seen = waiting.look(public_id=public_id, told=told, now=now)
        document = self._do(lambda now: waiting.wait(public_id=public_id, told=told, now=now))
        assert seen in {None, document}
        follow = document[-1]
        self.told = int(follow.to.partition("=")[2] or 0) if isinstance(follow, Go) else None
        return document

    def wait_key(self, digits: str) -> Document:
        return self._do(
            lambda now: waiting.wait_key(
                public_id=self.public_id, told=self.told, digits=digits, now=now
            )
        )

    def leaves(self, result: str, *, is_over: bool = False) -> Document:
        return self._do(
            lambda now: endings.left(
                public_id=self.public_id, result=result, is_over=is_over, now=now
            )
        )

    def hangs_up(self) -> None:
        self._do(lambda now: endings.caller_hung_up(call_sid=self.sid, now=now))

    def queued(self) -> Caller:
        """Dial, choose Chinese, and be told once what is going on."""
        self.dials()
        self.presses("1")
        self.waits()
        return self

    @property
    def public_id(self) -> str:
        session().rollback()
        return calls.by_sid(call_sid=self.sid).public_id

    @property
    def call(self) -> CallRow:
        session().rollback()
        return calls.by_sid(call_sid=self.sid)

    @property
    def legs(self) -> tuple[LegRow, ...]:
        session().rollback()
        return calls.legs_of(contact_id=self.call.contact_id)

    def leg_of(self, user_id: int) -> LegRow:
        return next(leg for leg in reversed(self.legs) if leg.user_id == user_id)

    def states(self) -> dict[int, LegState]:
        return {leg.user_id: leg.state for leg in self.legs}

    def answered_by(self, user_id: int) -> Document:
        leg = self.leg_of(user_id)
        return self._do(
            lambda now: screening.answered(leg_id=leg.public_id, call_sid="CAleg", now=now)
        )

    def key_of(self, user_id: int, digits: str, *, turn: int = 0) -> Document:
        leg = self.leg_of(user_id)
        return self._do(
            lambda now: screening.key(
                leg_id=leg.public_id, turn=turn, digits=digits, call_sid="CAleg", now=now
            )
        )

    def taken_by(self, user_id: int) -> Document:
        self.answered_by(user_id)
        return self.key_of(user_id, "1")

    def settled(self, user_id: int, status: DeliveryStatus) -> None:
        leg = self.leg_of(user_id)
        self._do(lambda now: screening.leg_settled(leg_id=leg.leg_id, status=status, now=now))

    def sweeps(self, *, seconds: float) -> bool:
        self.at += seconds
        contact_id = self.call.contact_id
        return self._do(lambda now: endings.advance(contact_id, now=now))

    def _do(self, work: Callable[[Any], Answer]) -> Answer:
        session().rollback()
        with transaction():
            answer = work(NOW + timedelta(seconds=self.at))
        if isinstance(answer, tuple):
            # Promise P7: whatever is answered, the carrier can say it.
            fits(render(answer))
        return answer


def said(document: Document) -> str:
    """Give everything that a document says."""
    words: list[str] = []
    for step in document:
        if isinstance(step, Say):
            words.append(step.text)
        elif isinstance(step, Ask):
            words += [one.text for one in step.prompts]
    return " ".join(words)
