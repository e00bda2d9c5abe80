"""The words of the journeys: phones that text, ring and press, people, and a clock to move.

The product, its jobs and the pretend carrier are the real ones; only the wire between them is
short: webhooks go through the test client, the carrier's REST interface over 127.0.0.1.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.serving import make_server

from tests import twiml as held
from wellbeing import jobs
from wellbeing.carrier import answering
from wellbeing.foundation import clock
from wellbeing.foundation.database import db
from wellbeing.jobs.sweeps import run
from wellbeing.simulator.app import create_simulator
from wellbeing.simulator.core import Core
from wellbeing.simulator.handsets import Handset
from wellbeing.simulator.settings import Hooks, Settings
from wellbeing.simulator.webhooks import Answer, ConnectionFailed, Outgoing, ReadTimedOut

SIGNATURE = "X-Twilio-Signature"
UNHURRIED_S = 60.0
ROUNDS = 200
"""More rounds than any story needs; a loop that never settles is a fault."""


class Wire:
    """Carry the carrier's webhooks into the product without a socket.

    Whatever any story brings the product to say is held to the carrier's language, and to the
    place where it is heard (promise P7).
    """

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.is_cut = False
        self.loses: str | None = None
        """The end of the addresses whose requests get lost on their way."""
        self.loses_answers: str | None = None
        """The end of the address whose next answer gets lost on its way back; the work is done."""
        self.forges = False

    def send(self, *, request: Outgoing, connect_seconds: float, read_seconds: float) -> Answer:
        """Send one webhook through the test client; nothing listens while the wire is cut."""
        del connect_seconds, read_seconds
        if self.is_cut:
            raise ConnectionFailed("the wire is cut")
        parts = urlsplit(request.url)
        if self.loses is not None and parts.path.endswith(self.loses):
            raise ConnectionFailed("lost on its way")
        answer = self.app.test_client().open(
            parts.path,
            method=request.method,
            query_string=parts.query,
            base_url=f"{parts.scheme}://{parts.netloc}",
            headers=dict(request.headers) | ({SIGNATURE: "forged"} if self.forges else {}),
            data=request.body.encode(),
        )
        if self.loses_answers is not None and parts.path.endswith(self.loses_answers):
            self.loses_answers = None
            raise ReadTimedOut("lost on its way back")
        if answer.mimetype == "text/xml":
            held.fits_place(answer.text, path=parts.path)
        return Answer(answer.status_code, answer.content_type or "", answer.get_data())


def still() -> clock.Sources:
    """Give clocks that stand still: a story's time is what the story says, on a slow machine too.

    Without them its real seconds would run beside its virtual ones, and a loaded machine would let
    people wait who did not.
    """
    begun_at = datetime.now(tz=UTC)
    return clock.Sources(wall=lambda: begun_at, steady=lambda: 0.0)


@dataclass
class VirtualClock:
    """The service's time: begins at a moment of the test's choice and jumps from due to due."""

    app: Flask
    core: Core
    has_jobs: bool = True
    sweeps: Sequence[jobs.Sweep] = jobs.SWEEPS
    """What a job process does; a story that needs little of it says so and is told sooner."""
    processes: int = 1
    """How many job processes live; several work at the same time."""

    def stop_jobs(self) -> None:
        """Let no job process live from now on."""
        self.has_jobs = False

    def start_at(self, moment: datetime) -> None:
        """Set the clock to a moment."""
        clock.set_offset(offset=moment - clock.real_now())

    def settle(self) -> None:
        """Let carrier and jobs do all that is due now."""
        for _ in range(ROUNDS):
            moved = self.core.process_due()
            if self.has_jobs:
                moved += self._jobs()
            if not moved:
                return
        raise AssertionError("carrier and jobs never come to rest")

    def forward(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> None:
        """Go on by so much, stopping at every instant at which something is due."""
        until = clock.now() + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        self.settle()
        self._go_on(until, lambda: False)

    def forward_until(self, condition: Callable[[], bool], *, minutes: float) -> None:
        """Go on until something has happened; fail if it has not after so many minutes."""
        self.settle()
        self._go_on(clock.now() + timedelta(minutes=minutes), condition)
        assert condition(), f"it has not happened within {minutes} minutes"

    def _jobs(self) -> int:
        if self.processes == 1:
            return self._process(0)
        with ThreadPoolExecutor(self.processes) as processes:
            return sum(processes.map(self._process, range(self.processes)))

    def _process(self, _number: int) -> int:
        with self.app.app_context():
            try:
                return sum(run(sweep) for sweep in self.sweeps)
            finally:
                db.session.remove()

    def _go_on(self, until: datetime, condition: Callable[[], bool]) -> None:
        while clock.now() < until and not condition():
            moment = min(filter(None, (self._next(), until)))
            # A promise that stays due must not hold the clock: go on half a second later.
            self.start_at(max(moment, clock.now() + timedelta(seconds=0.5)))
            self.settle()

    def _next(self) -> datetime | None:
        found = [self.core.next_due_at()]
        if self.has_jobs:
            with self.app.app_context():
                found += [sweep.next_due() for sweep in self.sweeps]
        return min((moment for moment in found if moment is not None), default=None)


@dataclass
class Phone:
    """A phone on the desk of the pretend carrier, in the words of a story."""

    handset: Handset
    clock: VirtualClock
    seen: int = 0

    def texts(self, body: str, *, to: str) -> None:
        """Send a text and let everything happen that follows from it at once."""
        self.handset.text(to=to, body=body)
        self.clock.settle()

    def expects_text(self, part: str) -> str:
        """Take the next unread texts up to the first that holds `part`; fail if none does."""
        unread = self.handset.texts[self.seen :]
        for place, text in enumerate(unread, 1):
            if part in text.body:
                self.seen += place
                return str(text.body)
        raise AssertionError(f"no text with {part!r} among {[t.body for t in unread]}")

    def expects_no_text(self) -> None:
        """Fail if there is an unread text."""
        unread = [text.body for text in self.handset.texts[self.seen :]]
        assert unread == [], unread

    def expects_call(self, *, within_minutes: float) -> None:
        """Go on until the phone rings; fail if it does not within so many minutes."""
        self.clock.forward_until(lambda: self.handset.state == "ringing", minutes=within_minutes)

    def dials(self, number: str) -> str:
        """Call a number and let everything happen that follows at once; give what is heard."""
        before = len(self.handset.heard)
        self.handset.call(to=number)
        self.clock.settle()
        return self._heard_since(before)

    def hears(self, part: str, *, within_seconds: float = 30) -> None:
        """Go on until something is heard in a call; fail if it is not."""
        self.clock.forward_until(lambda: part in self._all_heard(), minutes=within_seconds / 60)

    def hangs_up(self) -> None:
        """End the call."""
        self.handset.hang_up()
        self.clock.settle()

    def declines(self) -> None:
        """Refuse a call without picking up."""
        self.handset.decline()
        self.clock.settle()

    def is_ringing(self) -> bool:
        """Tell whether the phone rings."""
        return self.handset.state == "ringing"

    def is_in_call(self) -> bool:
        """Tell whether the phone is in a call."""
        return self.handset.state == "in call"

    def talks_with(self) -> list[str]:
        """Name the numbers at the other ends of the call."""
        return list(self.handset.connected_to)

    def _all_heard(self) -> str:
        return " ".join(heard.text for heard in self.handset.heard)

    def _heard_since(self, before: int) -> str:
        return " ".join(heard.text for heard in self.handset.heard[before:])

    def answers(self) -> str:
        """Pick up; give what is heard."""
        before = len(self.handset.heard)
        self.handset.answer()
        self.clock.settle()
        return " ".join(heard.text for heard in self.handset.heard[before:])

    def presses(self, digits: str) -> str:
        """Press keys in the call; give what is heard next."""
        before = len(self.handset.heard)
        self.handset.press(digits=digits)
        self.clock.settle()
        return " ".join(heard.text for heard in self.handset.heard[before:])


@contextmanager
def unhurried() -> Iterator[None]:
    """Give every webhook all the time it takes: a loaded machine must not bend a story.

    After 2.5 real seconds the product says "one moment", or lets a report be told again (503).
    """
    before, answering.desk.seconds = answering.desk.seconds, UNHURRIED_S
    try:
        yield
    finally:
        answering.desk.seconds = before


@contextmanager
def pretend_carrier(app: Flask, *, wire: Wire | None = None) -> Iterator[Core]:
    """Run a pretend carrier beside the product for the length of a test."""
    settings = Settings(
        account_sid=app.config["TWILIO_ACCOUNT_SID"],
        auth_token=app.config["TWILIO_AUTH_TOKENS"][0],
        public_base_url=app.config["PUBLIC_BASE_URL"],
        numbers=("+862300000000", "+862300000103", "+862300000001"),
        # A time-out of the carrier is a connection that ends without a word, at once.
        hang_seconds=0.0,
        hooks=Hooks(
            voice_fallback="/twilio/fallback/voice",
            text_fallback="/twilio/fallback/text",
            overrides="#rc=2&rp=ct,5xx,rt&ct=1000&rt=3500",
        ),
    )
    simulator = create_simulator(settings, now=clock.now, transport=wire or Wire(app))
    server = make_server("127.0.0.1", 0, simulator, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    app.config["TELEPHONY_BASE_URL"] = f"http://127.0.0.1:{server.port}"
    try:
        yield simulator.extensions["simulator_core"]
    finally:
        app.config["TELEPHONY_BASE_URL"] = None
        server.shutdown()
        thread.join()
        server.server_close()
