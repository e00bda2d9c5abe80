"""A phone on the desk as its owner uses it: text, call, answer, press, hang up, look and listen.

The browser page and the test vocabulary both use this class, so a test can do what a hand can.
"""

from __future__ import annotations

from collections.abc import Sequence

from wellbeing.simulator import bridges
from wellbeing.simulator.authenticator import Authenticator
from wellbeing.simulator.calls import Calls
from wellbeing.simulator.pictures import Attachment
from wellbeing.simulator.records import Call, CallNote, Desk, Heard, InboxText, Message
from wellbeing.simulator.switchboard import Switchboard
from wellbeing.simulator.texts import Texts


class Handset:
    """One phone. Whatever it causes is planned; `Core.process_due()` makes it happen."""

    def __init__(self, *, number: str, board: Switchboard, texts: Texts, calls: Calls) -> None:
        self.number = number
        self._board = board
        self._texts = texts
        self._calls = calls

    @property
    def label(self) -> str:
        """Give the name on the phone's back."""
        return self._desk.label

    @property
    def state(self) -> str:
        """Tell "idle", "calling" (dialed, not answered yet), "ringing" or "in call"."""
        return self._desk.state.value

    @property
    def version(self) -> int:
        """Give a number that grows with every change."""
        return self._desk.version

    @property
    def authenticator(self) -> Authenticator | None:
        """Give the authenticator for sign-in, if there is one on this phone."""
        return self._desk.authenticator

    @property
    def is_listened_to(self) -> bool:
        """Tell whether a Gather waits for this phone's keys now."""
        call = self.current_call
        return call is not None and call.run.listening is not None

    @property
    def current_call(self) -> Call | None:
        """Give the carrier's record of the call the phone is in, ringing for or dialing."""
        sid = self._desk.call_sid
        return None if sid is None else self._board.calls.get(sid)

    @property
    def connected_to(self) -> list[str]:
        """Give the numbers of the phones that this one is talking with now."""
        with self._board.lock:
            call = self.current_call
            peers = [] if call is None else bridges.peers_of(call=call)
            return [peer.handset_number for peer in peers]

    @property
    def texts(self) -> list[InboxText]:
        """Give the texts received, oldest first."""
        return [text for text in self.thread if text.direction == "in"]

    @property
    def thread(self) -> list[InboxText]:
        """Give the texts received and sent, oldest first."""
        with self._board.lock:
            return list(self._desk.inbox)

    @property
    def heard(self) -> list[Heard]:
        """Give everything heard in all calls, oldest first."""
        with self._board.lock:
            return list(self._desk.heard)

    @property
    def said(self) -> list[Heard]:
        """Give everything said into the phone in all calls, oldest first."""
        with self._board.lock:
            return list(self._desk.said)

    @property
    def history(self) -> list[CallNote]:
        """Give the calls, oldest first, with their status and the keys pressed."""
        with self._board.lock:
            return list(self._desk.history)

    def text(self, *, to: str, body: str, attachments: Sequence[Attachment] = ()) -> Message:
        """Send a text, with pictures or other files if given."""
        return self._texts.receive(from_=self.number, to=to, body=body, attachments=attachments)

    def call(self, *, to: str) -> Call:
        """Dial one of the account's numbers; raises `DeskError` if the phone is in use."""
        return self._calls.dial_in(desk=self._desk, to=to)

    def answer(self) -> None:
        """Pick up; raises `DeskError` if the phone does not ring."""
        self._calls.answer(desk=self._desk)

    def decline(self) -> None:
        """Refuse the ringing call; raises `DeskError` if the phone does not ring."""
        self._calls.decline(desk=self._desk)

    def hang_up(self) -> None:
        """End the call; raises `DeskError` if there is none."""
        self._calls.hang_up(desk=self._desk)

    def press(self, *, digits: str) -> None:
        """Press keys in a call; raises `DeskError` if there is none."""
        self._calls.press(desk=self._desk, digits=digits)

    def speak(self, text: str) -> None:
        """Say something: a recording takes it, or the phones connected hear it as "voice".

        Raises `DeskError` if the phone is not in a call.
        """
        self._calls.speak(desk=self._desk, text=text)

    @property
    def _desk(self) -> Desk:
        return self._board.desks[self.number]
