"""What all parts of the simulated carrier share: time, lock, records, faults, webhooks, alerts."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from wellbeing.simulator.clock import Action, Agenda
from wellbeing.simulator.faults import Faults
from wellbeing.simulator.journal import Journal
from wellbeing.simulator.pictures import Medium
from wellbeing.simulator.places import Conference, LineNumber, Queue, Recording, lines_of
from wellbeing.simulator.records import Alert, Call, Desk, Message
from wellbeing.simulator.settings import Settings
from wellbeing.simulator.webhooks import Webhooks

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Switchboard:
    """Shared state; change it only while holding `lock`, and never send HTTP while holding it."""

    settings: Settings
    agenda: Agenda
    journal: Journal
    webhooks: Webhooks
    faults: Faults = field(default_factory=Faults)
    lock: threading.RLock = field(default_factory=threading.RLock)
    calls: dict[str, Call] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    desks: dict[str, Desk] = field(default_factory=dict)
    blocked: set[tuple[str, str]] = field(default_factory=set)
    alerts: list[Alert] = field(default_factory=list)
    lines: dict[str, LineNumber] = field(init=False)
    queues: dict[str, Queue] = field(default_factory=dict)
    dialers: dict[str, list[Action]] = field(default_factory=dict)
    """Dials that stand by at an empty queue, by its name."""
    conferences: dict[str, Conference] = field(default_factory=dict)
    recordings: dict[str, Recording] = field(default_factory=dict)
    media: dict[str, Medium] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lines = lines_of(settings=self.settings, at=self.agenda.time())

    def alert(self, *, code: int, sid: str, url: str, detail: str = "") -> None:
        """Write down an error as Twilio's debugger would."""
        self.alerts.append(Alert(code, sid, url, detail, self.agenda.time()))
        logger.warning("carrier error", extra={"code": code, "sid": sid})

    def clear(self) -> None:
        """Forget all that has happened and was set by REST; the phones stay on the desk, wiped."""
        self.agenda.clear()
        self.faults.clear()
        self.journal.clear()
        for shelf in (self.calls, self.messages, self.blocked, self.alerts):
            shelf.clear()
        for place in (self.queues, self.dialers, self.conferences, self.recordings, self.media):
            place.clear()
        self.lines = lines_of(settings=self.settings, at=self.agenda.time())
        for number, desk in self.desks.items():
            self.desks[number] = Desk(
                number, desk.label, version=desk.version + 1, authenticator=desk.authenticator
            )
