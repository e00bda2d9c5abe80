"""Any night through the pretend carrier: hands on phones, lost callbacks, dead jobs, in any order.

Phones, keys and faults come at random; what must hold is read from the carrier and the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.databases import clean
from tests.factories.accounts import make_counselor, make_supervisor
from tests.factories.moments import NOW
from tests.factories.organizations import make_organization
from tests.factories.roster import make_shift
from tests.journeys.test_the_line import LIFELINE
from tests.vocabulary import Phone, VirtualClock, Wire, pretend_carrier, still
from wellbeing.contacts.queries import calls
from wellbeing.contacts.rules.calls import CallRow, CallState, LegKind, LegRow, LegState
from wellbeing.foundation import clock as ground_clock
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError
from wellbeing.hotline.voice import bringing_in
from wellbeing.simulator.core import Core
from wellbeing.simulator.faults import Fault, FaultKind
from wellbeing.simulator.webhooks import Answer, Outgoing

EXAMPLES = 3
"""For every run of the suite; more of them were run before, and are by raising it."""
LINE = "+862300000000"
STUDENTS = tuple(f"+861380000001{number}" for number in range(3))
STAFF = tuple(f"+861390000001{number}" for number in range(3))
LEAD = "+8613900000020"
LOST = (FaultKind.DROP, FaultKind.DELAY, FaultKind.DUPLICATE, FaultKind.REORDER)
DEAD = (FaultKind.VOICEMAIL, FaultKind.BUSY, FaultKind.FAILED, FaultKind.NO_ANSWER)
REFUSED = (FaultKind.REST_503, FaultKind.REST_429, FaultKind.REST_500)
TAKEN_FOR_DEAD_S = 35
SILENT_STAFF = timedelta(seconds=16)
"""As long as the carrier waits at a queue for its caller (10 s), and a word before and after."""
SILENT_CALLER = timedelta(seconds=75)
"""A phone that rings by the caller's own document: its ring, and its whole screening."""


class HeldWire(Wire):
    """A wire on which nothing is refused (promise P7); a document is held to its place as ever."""

    def send(self, *, request: Outgoing, connect_seconds: float, read_seconds: float) -> Answer:
        answer = super().send(
            request=request, connect_seconds=connect_seconds, read_seconds=read_seconds
        )
        assert answer.status in {200, 204}, (request.url, answer.status)
        return answer


@contextmanager
def night(app: Flask, folder: Path) -> Iterator[tuple[Core, VirtualClock]]:
    """Run a carrier and a clock of their own for one example, and leave nothing behind."""
    ground_clock.install(path=str(folder / "clock"), production=False, sources=still())
    try:
        with pretend_carrier(app, wire=HeldWire(app)) as core:
            virtual = VirtualClock(app, core)
            virtual.start_at(NOW)
            yield core, virtual
    finally:
        ground_clock.install(path=None, production=False)
        clean(app)


class AnyNight(RuleBasedStateMachine):
    """What hands do, what the carrier loses, and what must hold after each of it."""

    app: Flask
    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.core, self.clock = self.stack.enter_context(night(self.app, self.folder))
        self.ends: dict[int, LegState] = {}
        self.quiet_since: dict[str, datetime] = {}
        self.heard: dict[str, int] = {}
        with self.app.app_context():
            self.users = self._staff()
        self.phones = {
            number: Phone(self.core.add_handset(number=number, label=number), self.clock)
            for number in (*STUDENTS, *STAFF, LEAD, LIFELINE)
        }
        self.clock.settle()

    @rule(number=st.sampled_from(STUDENTS), key=st.sampled_from(["", "0", "1", "9"]))
    def a_student_calls(self, number: str, key: str) -> None:
        phone = self.phones[number]
        if phone.handset.state == "idle":
            phone.dials(LINE)
            if key and phone.is_in_call():
                phone.presses(key)

    @rule(number=st.sampled_from(STUDENTS), key=st.sampled_from(["1", "2", "9", "#"]))
    def a_student_presses(self, number: str, key: str) -> None:
        if self.phones[number].is_in_call():
            self.phones[number].presses(key)

    @rule(number=st.sampled_from(STUDENTS))
    def a_student_hangs_up(self, number: str) -> None:
        if self.phones[number].handset.state != "idle":
            self.phones[number].hangs_up()

    @rule(key=st.sampled_from(["1", "1", "1", "2", ""]), hasty=st.booleans())
    def a_phone_that_rings_is_picked_up(self, key: str, *, hasty: bool) -> None:
        for number in (*STAFF, LEAD, LIFELINE):
            phone = self.phones[number]
            if phone.is_ringing():
                phone.answers()
                if not hasty:
                    self.clock.forward(seconds=2)
                if key and phone.is_in_call():
                    phone.presses(key)
                return

    @rule(number=st.sampled_from((*STAFF, LEAD, LIFELINE)))
    def a_phone_is_declined_or_put_down(self, number: str) -> None:
        phone = self.phones[number]
        if phone.is_ringing():
            phone.declines()
        elif phone.is_in_call():
            phone.hangs_up()

    @rule(seconds=st.sampled_from([0.5, 1, 3, 8, 20]))
    def time_passes(self, seconds: float) -> None:
        until = ground_clock.now() + timedelta(seconds=seconds)
        while ground_clock.now() < until:
            self.clock.forward(seconds=min(2.0, seconds))
            self.nobody_sits_in_silence()

    @rule(kind=st.sampled_from(LOST), count=st.integers(1, 4))
    def the_carrier_loses_or_mixes_what_it_tells(self, kind: FaultKind, count: int) -> None:
        self.core.add_fault(fault=Fault(kind, count=count))

    @rule(kind=st.sampled_from(DEAD), number=st.sampled_from(STAFF))
    def a_phone_is_dead(self, kind: FaultKind, number: str) -> None:
        self.core.add_fault(fault=Fault(kind, number=number, count=1))

    @rule(kind=st.sampled_from(REFUSED))
    def the_carrier_refuses_an_order(self, kind: FaultKind) -> None:
        self.core.add_fault(fault=Fault(kind, count=1))

    @rule()
    def every_job_process_dies_or_one_comes_back(self) -> None:
        self.clock.has_jobs = not self.clock.has_jobs
        # Until then a process may only be slow, and callers wait for it.
        self.clock.forward(seconds=TAKEN_FOR_DEAD_S)

    @rule(held_=st.booleans())
    @precondition(lambda self: self._talkers())
    def a_counselor_holds_or_takes_back(self, *, held_: bool) -> None:
        call, leg = self._talkers()[0]
        self._at_desk(
            lambda: bringing_in.hold(
                contact_id=call.contact_id, by=leg.user_id, held=held_, now=ground_clock.now()
            )
        )

    @rule(number=st.sampled_from((*STAFF, LEAD)))
    @precondition(lambda self: self._talkers())
    def a_colleague_is_brought_in(self, number: str) -> None:
        call, leg = self._talkers()[0]
        self._at_desk(
            lambda: bringing_in.bring_in(
                contact_id=call.contact_id,
                by=leg.user_id,
                user_id=self.users[number],
                kind=LegKind.JOIN if number == LEAD else LegKind.TRANSFER,
                now=ground_clock.now(),
            )
        )

    @rule()
    @precondition(lambda self: self._talkers())
    def a_counselor_ends_the_call_for_all(self) -> None:
        call, leg = self._talkers()[0]
        self._at_desk(
            lambda: bringing_in.hang_up(
                contact_id=call.contact_id, by=leg.user_id, now=ground_clock.now()
            )
        )

    @invariant()
    def each_call_is_a_contact_with_a_next_step(self) -> None:
        """P1 and P8: what the carrier brought is there, and whoever waits has a next step."""
        for call, _ in self._all():
            assert call.is_over or call.next_step_at is not None

    @invariant()
    def one_winner_and_one_call_each(self) -> None:
        """P3: a contact never has two winners, and nobody is in two calls."""
        active = [leg.user_id for _, legs in self._all() for leg in legs if leg.is_active]
        assert len(active) == len(set(active))
        for call, legs in self._all():
            talking = [leg for leg in legs if leg.state is LegState.TALKING]
            won = [leg for leg in talking if leg.kind is LegKind.RING]
            if call.state is CallState.ANSWERED and not call.is_conference:
                assert [leg.leg_id for leg in won] in ([], [call.winner_leg_id])

    @invariant()
    def no_leg_turns_back(self) -> None:
        """P4: an end is an end, whatever is told afterwards."""
        for _, legs in self._all():
            for leg in legs:
                assert self.ends.get(leg.leg_id, leg.state) is leg.state
                if not leg.is_active:
                    self.ends[leg.leg_id] = leg.state

    @invariant()
    def the_carrier_never_complains_of_a_document(self) -> None:
        """P7: valid TwiML in its place, and only numbers that can be dialled."""
        assert self.core.alerts == []

    @invariant()
    def nobody_sits_in_silence(self) -> None:
        """Whoever holds a phone to the ear hears a word or a human before long."""
        now = ground_clock.now()
        excused = {call.public_id for call, _ in self._all() if call.is_on_hold}
        for number in (*STUDENTS, *STAFF, LEAD):
            handset = self.phones[number].handset
            spoken = len(handset.heard)
            is_quiet = handset.state == "in call" and not handset.connected_to and not excused
            if not is_quiet or spoken != self.heard.get(number) or self._records(number):
                self.quiet_since[number] = now
            self.heard[number] = spoken
            patience = SILENT_CALLER if number in STUDENTS else SILENT_STAFF
            if self.clock.has_jobs or number in STUDENTS:
                assert now - self.quiet_since[number] <= patience, number

    def teardown(self) -> None:
        """When all hands rest, the sweeps alone settle every call and free every counselor."""
        try:
            self.clock.has_jobs = True
            self.core.faults.clear()
            self.clock.forward(seconds=2)
            for phone in self.phones.values():
                if phone.is_ringing():
                    phone.declines()
                elif phone.handset.state != "idle":
                    phone.hangs_up()
            self._rest(minutes=12)
            assert [call.state for call, _ in self._all() if not call.is_over] == []
            assert [leg.state for _, legs in self._all() for leg in legs if leg.is_active] == []
            assert self.core.board.queues == {}
        finally:
            self.stack.close()

    def _rest(self, *, minutes: int) -> None:
        for _ in range(minutes * 6):
            self.clock.forward(seconds=10)
            for number in (*STAFF, LEAD, LIFELINE):
                # A page may ring them, or a call that was on its way: they do not pick up.
                if self.phones[number].is_ringing():
                    self.phones[number].declines()

    def _staff(self) -> dict[str, int]:
        city = make_organization(code="500000")
        lead = make_supervisor(phone=LEAD)
        users = {LEAD: lead}
        desks = [(lead, "supervisor")]
        for number in STAFF:
            users[number] = make_counselor(phone=number)
            desks += [(users[number], "line"), (users[number], "crisis")]
        for user_id, desk in desks:
            make_shift(user_id=user_id, organization_id=city.id, desk=desk)
        return users

    def _at_desk(self, work: Callable[[], None]) -> None:
        with self.app.app_context(), suppress(DomainError), transaction():
            work()
        self.clock.settle()

    def _all(self) -> list[tuple[CallRow, tuple[LegRow, ...]]]:
        sids = [call.sid for call in self.core.placed_calls if call.direction == "inbound"]
        with self.app.app_context():
            found = [calls.by_sid(call_sid=sid) for sid in sids]
            return [(call, calls.legs_of(contact_id=call.contact_id)) for call in found]

    def _talkers(self) -> list[tuple[CallRow, LegRow]]:
        return [
            (call, leg)
            for call, legs in self._all()
            for leg in legs
            if leg.state is LegState.TALKING and not call.is_over
        ]

    def _records(self, number: str) -> bool:
        call = self.phones[number].handset.current_call
        if call is None or call.direction != "inbound":
            return False
        with self.app.app_context():
            state = calls.by_sid(call_sid=call.sid).state
        return state in {CallState.VOICEMAIL, CallState.LIFELINE}


def test_any_night_through_the_carrier_keeps_the_promises(app: Flask, tmp_path: Path):
    class Night(AnyNight):
        pass

    Night.app, Night.folder = app, tmp_path
    run_state_machine_as_test(
        Night,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=20,
            deadline=None,
            phases=(Phase.generate,),
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
