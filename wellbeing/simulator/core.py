"""The simulated carrier as one object, without any web in front of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from wellbeing.simulator.authenticator import Authenticator
from wellbeing.simulator.callbacks import Callbacks
from wellbeing.simulator.calls import Calls, DeskError, Problem
from wellbeing.simulator.clock import Agenda, VirtualClock
from wellbeing.simulator.faults import Fault, Faults
from wellbeing.simulator.handsets import Handset
from wellbeing.simulator.journal import Journal
from wellbeing.simulator.lanes import Lanes
from wellbeing.simulator.records import Alert, Call, Desk, Message
from wellbeing.simulator.settings import Settings
from wellbeing.simulator.switchboard import Switchboard
from wellbeing.simulator.texts import Texts
from wellbeing.simulator.transport import HttpTransport
from wellbeing.simulator.webhooks import Transport, Webhooks


class Core:
    """Account, phones, agenda and journal; nothing moves until `process_due` is called."""

    def __init__(
        self,
        *,
        settings: Settings,
        now: Callable[[], datetime] | None = None,
        real_now: Callable[[], datetime] | None = None,
        transport: Transport | None = None,
    ) -> None:
        self.settings = settings
        self.real_now = real_now or VirtualClock().now
        agenda = Agenda(now=now or VirtualClock(settings.clock_file).now)
        journal = Journal(path=settings.journal_file)
        webhooks = Webhooks(
            account_token=settings.auth_token,
            transport=transport or HttpTransport(),
            journal=journal,
            now=agenda.time,
        )
        self.board = Switchboard(settings, agenda, journal, webhooks)
        self._callbacks = Callbacks(board=self.board)
        self.texts = Texts(board=self.board, callbacks=self._callbacks)
        self.calls = Calls(board=self.board, callbacks=self._callbacks)
        self._wake = threading.Event()
        self._lanes = Lanes()
        for phone in settings.phones:
            self.add_handset(
                number=phone.number, label=phone.label, authenticator=phone.authenticator
            )

    @property
    def journal(self) -> Journal:
        """Give the journal of all traffic."""
        return self.board.journal

    @property
    def faults(self) -> Faults:
        """Give the faults that are ordered."""
        return self.board.faults

    @property
    def alerts(self) -> list[Alert]:
        """Give the errors that Twilio's debugger would show."""
        with self.board.lock:
            return list(self.board.alerts)

    @property
    def messages(self) -> list[Message]:
        """Give all texts in both directions, oldest first."""
        with self.board.lock:
            return list(self.board.messages.values())

    @property
    def placed_calls(self) -> list[Call]:
        """Give all calls in both directions, oldest first."""
        with self.board.lock:
            return list(self.board.calls.values())

    def now(self) -> datetime:
        """Tell the virtual time."""
        return self.board.agenda.time()

    def process_due(self) -> int:
        """Run everything that is due, in order, until nothing more is; return how many events."""
        ran = 0
        while (count := self.board.agenda.run_due()) > 0:
            ran += count
            self._lanes.join()
        self._lanes.join()
        return ran

    def tick(self) -> None:
        """Run what is due now without waiting for the product's answers; see `lanes`."""
        self.board.agenda.run_due(lanes=self._lanes)

    def next_due_at(self) -> datetime | None:
        """Tell when the next thing will happen by itself, or None."""
        return self.board.agenda.next_due_at()

    def add_fault(self, *, fault: Fault) -> int:
        """Order a fault; its id is returned."""
        return self.board.faults.add(fault=fault)

    def add_handset(self, *, number: str, label: str, authenticator: str | None = None) -> Handset:
        """Put a phone on the desk, or give the one that has this number a new label.

        `authenticator` is the secret in base32 that makes the phone show sign-in codes.
        """
        with self.board.lock:
            desk = self.board.desks.setdefault(number, Desk(number, label))
            desk.label = label
            if authenticator is not None:
                desk.authenticator = Authenticator(authenticator)
            desk.version += 1
        return self.handset(number=number)

    def handset(self, *, number: str) -> Handset:
        """Give the phone with this number.

        Raises:
            DeskError: there is none.

        """
        if number not in self.board.desks:
            raise DeskError(problem=Problem.NO_SUCH_PHONE, detail="there is no such phone")
        return Handset(number=number, board=self.board, texts=self.texts, calls=self.calls)

    def handsets(self) -> list[Handset]:
        """Give all phones in the order they were put down."""
        with self.board.lock:
            numbers = list(self.board.desks)
        return [self.handset(number=number) for number in numbers]

    def reset(self) -> None:
        """Forget everything but the phones, and let go whoever hangs in a time-out fault."""
        with self.board.lock:
            self.board.clear()
            self._callbacks.clear()
            self.calls.clear()
        self._wake.set()
        self._wake = threading.Event()

    def hang(self) -> None:
        """Wait as an overloaded carrier does, until the set time or a reset."""
        self._wake.wait(self.settings.hang_seconds)
