"""Any night through the pretend carrier: hands on phones, lost callbacks, dead jobs, in any order.

Phones, keys and faults come at random; what must hold is read from the carrier and the database.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.databases import clean
from tests.factories.accounts import make_counselor, make_supervisor
from tests.factories.moments import NOW
from tests.factories.organizations import make_organization
from tests.factories.roster import make_shift
from tests.journeys.test_the_line import LIFELINE
from tests.vocabulary import Phone, VirtualClock, Wire, pretend_carrier, still, unhurried
from wellbeing import jobs
from wellbeing.contacts.queries import calls
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.calls import (
    CallEnd,
    CallRow,
    CallState,
    LegKind,
    LegRow,
    LegState,
)
from wellbeing.contacts.rules.conversations import ContactState
from wellbeing.followups import queries as promises
from wellbeing.foundation import clock as ground_clock
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError
from wellbeing.hotline.voice import bringing_in
from wellbeing.jobs.sweeps import beat
from wellbeing.policy import current as policy
from wellbeing.simulator.core import Core
from wellbeing.simulator.faults import Fault, FaultKind
from wellbeing.simulator.handsets import Handset
from wellbeing.simulator.speech import seconds_to_say
from wellbeing.simulator.webhooks import Answer, Outgoing

EXAMPLES, STEPS = int(os.environ.get("NIGHTS", "8")), 25
"""Nights for every run of the suite; `NIGHTS=500` before a change to the line is released."""
LINE = "+862300000000"
STUDENTS = tuple(f"+861380000001{number}" for number in range(3))
STAFF = tuple(f"+861390000001{number}" for number in range(3))
LEAD = "+8613900000020"
OTHERS = (*STAFF, LEAD, LIFELINE)
LOST = (FaultKind.DROP, FaultKind.DELAY, FaultKind.DUPLICATE, FaultKind.REORDER)
DEAD = (FaultKind.VOICEMAIL, FaultKind.BUSY, FaultKind.FAILED, FaultKind.NO_ANSWER)
REFUSED = (
    FaultKind.REST_503, FaultKind.REST_429, FaultKind.REST_500,
    FaultKind.REST_TIMEOUT, FaultKind.REST_ACCEPT_TIMEOUT,
)  # fmt: skip
TAKEN_FOR_DEAD_S = 17
"""A job process that gave no sign of life for 15 s; a younger one may only be slow."""
SILENT_STAFF = timedelta(seconds=16)
"""As long as the carrier waits at a queue for its caller (10 s), and a word before and after."""
SILENT_TALKER = timedelta(seconds=5)
"""A winner whose caller is gone is told so before the carrier's own ten seconds are over."""
SILENT_LISTENED = timedelta(seconds=8)
"""In the wait loop a caller is listened to for a key (6 s); then they are told who is rung."""
FORGOTTEN = timedelta(seconds=60)
"""The longest turn of the wait loop (39 s of words and a key), or of an ending, and its slack."""
SILENT_CALLER = timedelta(seconds=75)
"""A phone that rings by the caller's own document: its ring, and its whole screening."""
OF_THE_LINE = {"deliver", "calls", "back-fill"}

ACTS: dict[str, int] = {
    "calls": 4,
    "is_answered": 5,
    "picks_up": 6,
    "all_pick_up": 4,
    "presses": 2,
    "hangs_up": 3,
    "puts_down": 3,
    "waits": 4,
    "carrier_loses": 4,
    "phone_is_dead": 2,
    "carrier_refuses": 2,
    "jobs_die_or_return": 2,
    "holds": 2,
    "brings_in": 3,
    "passes_on": 4,
    "ends_for_all": 1,
}
"""How often each thing happens. One rule chooses among them: several would be switched off in
turn, and most nights would then know no counselor who picks up, or no caller."""


class HeldWire(Wire):
    """A wire on which nothing is refused (promise P7); a document is held to its place as ever."""

    def send(self, *, request: Outgoing, connect_seconds: float, read_seconds: float) -> Answer:
        answer = super().send(
            request=request, connect_seconds=connect_seconds, read_seconds=read_seconds
        )
        assert answer.status in {200, 204}, (request.url, answer.status)
        return answer


def said_until(handset: Handset) -> datetime:
    """Tell when the last words that a phone heard were over: whoever is spoken to is not alone."""
    if not handset.heard:
        return ground_clock.now()
    last = handset.heard[-1]
    return last.at + timedelta(seconds=seconds_to_say(text=last.text))


def sweeps_of_the_line() -> Sequence[jobs.Sweep]:
    """Give what a job process does for calls; of a page nobody hears in these nights."""

    def sign_of_life() -> int:
        beat()
        return 0

    every = timedelta(seconds=5)
    alive = jobs.Sweep(
        name="heartbeat", every=every, run=jobs.Paced(every, sign_of_life), next_due=lambda: None
    )
    return (*(sweep for sweep in jobs.SWEEPS if sweep.name in OF_THE_LINE), alive)


@contextmanager
def night(app: Flask, folder: Path) -> Iterator[tuple[Core, VirtualClock]]:
    """Run a carrier and a clock of their own for one example, and leave nothing behind."""
    ground_clock.install(path=str(folder / "clock"), production=False, sources=still())
    try:
        with unhurried(), pretend_carrier(app, wire=HeldWire(app)) as core:
            virtual = VirtualClock(app, core, sweeps=sweeps_of_the_line())
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
        self.alone_since: dict[str, datetime] = {}
        self.forgotten_since: dict[str, datetime] = {}
        self.ended_by_hand: set[int] = set()
        self.was_refused = False
        with self.app.app_context():
            self.users = self._staff()
        self.phones = {
            number: Phone(self.core.add_handset(number=number, label=number), self.clock)
            for number in (*STUDENTS, *OTHERS)
        }
        self.clock.settle()

    @rule(
        act=st.sampled_from([act for act, often in ACTS.items() for _ in range(often)]),
        whom=st.integers(0, 11),
        key=st.sampled_from(["1", "1", "1", "1", "2", "9", ""]),
        seconds=st.sampled_from([0.5, 1, 3, 8, 20, 40]),
    )
    def happens(self, act: str, whom: int, key: str, seconds: float) -> None:
        ACTORS[act](self, whom, key, seconds)

    def calls(self, whom: int, key: str, _seconds: float) -> None:
        phone = self.phones[STUDENTS[whom % 3]]
        if phone.handset.state == "idle":
            phone.dials(LINE)
            if key and phone.is_in_call():
                phone.presses(key)

    def is_answered(self, whom: int, key: str, seconds: float) -> None:
        """Let a student who calls be met, unless something that was ordered comes between."""
        self.calls(whom, "9" if key == "9" else "1", seconds)
        self._wait_for(lambda: self._ringing() != [], seconds=8)
        self.picks_up(whom, "1", 0.5)
        student = self.phones[STUDENTS[whom % 3]]
        if whom > 8 and student.handset.state != "idle":
            # Won, and gone before they met.
            student.hangs_up()
        elif whom > 6:
            # The winner is gone before they met: the caller must not wait for them for ever.
            self._put_down_unmet()
            self._wait(64)
        self._wait(0.5 if seconds < 3 else 2)

    def _put_down_unmet(self) -> None:
        for number in OTHERS:
            phone = self.phones[number]
            if phone.is_in_call() and not phone.talks_with():
                phone.hangs_up()

    def presses(self, whom: int, key: str, _seconds: float) -> None:
        phone = self.phones[STUDENTS[whom % 3]]
        if phone.is_in_call():
            phone.presses(key or "#")

    def hangs_up(self, whom: int, _key: str, _seconds: float) -> None:
        busy = [n for n in STUDENTS if self.phones[n].handset.state != "idle"]
        if busy:
            self.phones[busy[whom % len(busy)]].hangs_up()

    def picks_up(self, whom: int, key: str, seconds: float) -> None:
        ringing = self._ringing()
        if not ringing:
            # Patience belongs to the hand on the phone: somebody's will ring.
            self._wait(min(seconds, 3))
            return
        phone = ringing[whom % len(ringing)]
        phone.answers()
        if seconds in {1, 3}:
            self._wait(seconds)
        if key and phone.is_in_call():
            phone.presses(key)

    def all_pick_up(self, _whom: int, _key: str, _seconds: float) -> None:
        """Let everybody who is rung pick up and accept in one moment."""
        # The carrier takes one call a second: only then do several phones ring.
        self._wait(3)
        ringing = self._ringing()
        for phone in ringing:
            phone.handset.answer()
        self.clock.settle()
        for phone in ringing:
            if phone.is_in_call():
                phone.handset.press(digits="1")
        self.clock.settle()

    def puts_down(self, whom: int, _key: str, _seconds: float) -> None:
        busy = [n for n in OTHERS if self.phones[n].handset.state != "idle"]
        if not busy:
            return
        phone = self.phones[busy[whom % len(busy)]]
        if phone.is_ringing():
            phone.declines()
        else:
            phone.hangs_up()

    def waits(self, _whom: int, _key: str, seconds: float) -> None:
        self._wait(seconds)

    def carrier_loses(self, whom: int, _key: str, seconds: float) -> None:
        self.core.add_fault(fault=Fault(LOST[whom % 4], count=1 + int(seconds) % 4))

    def phone_is_dead(self, whom: int, _key: str, _seconds: float) -> None:
        self.core.add_fault(fault=Fault(DEAD[whom % 4], number=STAFF[whom % 3], count=1))

    def carrier_refuses(self, whom: int, _key: str, _seconds: float) -> None:
        self.was_refused = True
        self.core.add_fault(fault=Fault(REFUSED[whom % 5], count=1))

    def jobs_die_or_return(self, _whom: int, _key: str, _seconds: float) -> None:
        self.clock.has_jobs = not self.clock.has_jobs
        self._wait(TAKEN_FOR_DEAD_S)

    def holds(self, whom: int, _key: str, _seconds: float) -> None:
        for call, leg in self._talkers()[:1]:
            self._at_desk(
                lambda call=call, leg=leg: bringing_in.hold(
                    contact_id=call.contact_id,
                    by=leg.user_id,
                    held=whom % 2 == 0,
                    now=ground_clock.now(),
                )
            )

    def brings_in(self, whom: int, _key: str, _seconds: float) -> None:
        number = (*STAFF, LEAD)[whom % 4]
        for call, leg in self._talkers()[:1]:
            self._at_desk(
                lambda call=call, leg=leg: bringing_in.bring_in(
                    contact_id=call.contact_id,
                    by=leg.user_id,
                    user_id=self.users[number],
                    kind=LegKind.JOIN if number == LEAD else LegKind.TRANSFER,
                    now=ground_clock.now(),
                )
            )

    def passes_on(self, whom: int, key: str, seconds: float) -> None:
        """Let a colleague come into a talk, unless something comes between; who talks may leave."""
        self.brings_in(whom, key, seconds)
        self._wait_for(lambda: self._ringing() != [], seconds=8)
        self.picks_up(whom, "1", 0.5)
        self._wait(min(seconds, 8))
        talking = [self.phones[n] for n in OTHERS if self.phones[n].talks_with()]
        for phone in talking if whom > 6 else talking[: whom % 2]:
            phone.hangs_up()
        self._wait(min(seconds, 3))

    def ends_for_all(self, _whom: int, _key: str, _seconds: float) -> None:
        for call, leg in self._talkers()[:1]:
            self.ended_by_hand.add(call.contact_id)
            self._at_desk(
                lambda call=call, leg=leg: bringing_in.hang_up(
                    contact_id=call.contact_id, by=leg.user_id, now=ground_clock.now()
                )
            )

    @invariant()
    def the_promises_hold(self) -> None:
        everything = self._all()
        self._one_winner_and_one_call_each(everything)
        self._no_leg_turns_back(everything)
        self._who_talks_is_known(everything)
        self._nobody_sits_in_silence(everything)
        self._nobody_waits_for_nobody(everything)
        # P1 and P8: what the carrier brought is there, and whoever waits has a next step.
        assert all(call.is_over or call.next_step_at is not None for call, _ in everything)
        # P7: valid TwiML in its place, and only numbers that can be dialled.
        assert self.core.alerts == []

    def _one_winner_and_one_call_each(self, everything: Sequence[Seen]) -> None:
        """P3: a contact never has two winners, and nobody is in two calls."""
        active = [leg.user_id for _, legs in everything for leg in legs if leg.is_active]
        assert len(active) == len(set(active))
        for call, legs in everything:
            won = [leg for leg in legs if leg.state is LegState.TALKING and leg.kind is RING]
            if call.state is CallState.ANSWERED and not call.is_conference:
                assert [leg.leg_id for leg in won] in ([], [call.winner_leg_id])
            if call.winner_leg_id is not None and not call.is_over:
                waiting = [leg for leg in legs if leg.state in SILENT and leg.kind is RING]
                assert waiting == [], "somebody is rung for a caller who has a counselor"

    def _no_leg_turns_back(self, everything: Sequence[Seen]) -> None:
        """P4: an end is an end, whatever is told afterwards."""
        for _, legs in everything:
            for leg in legs:
                assert self.ends.get(leg.leg_id, leg.state) is leg.state
                if not leg.is_active:
                    self.ends[leg.leg_id] = leg.state

    def _who_talks_is_known(self, everything: Sequence[Seen]) -> None:
        """P3, at the carrier: a student hears their own counselor and nobody else's student."""
        by_sid = {call.call_sid: (call, legs) for call, legs in everything}
        for number in STUDENTS:
            handset = self.phones[number].handset
            peers = set(handset.connected_to)
            if not peers or handset.current_call is None:
                continue
            assert not peers & set(STUDENTS)
            call, legs = by_sid[handset.current_call.sid]
            if peers == {LIFELINE}:
                assert call.winner_leg_id is None
                continue
            if call.contact_id in self.ended_by_hand:
                continue
            assert call.state is CallState.ANSWERED, call.state
            talking = {leg.user_id for leg in legs if leg.state is LegState.TALKING}
            assert {self.users[peer] for peer in peers} <= talking

    def _nobody_sits_in_silence(self, everything: Sequence[Seen]) -> None:
        """Whoever holds a phone to the ear hears a word or a human before long."""
        now = ground_clock.now()
        talking = {leg.user_id for _, legs in everything for leg in legs if leg.state is TALKING}
        left_alone = {
            call.call_sid: SILENT_TALKER if call.is_conference else SILENT_LISTENED
            for call, legs in everything
            if call.state is CallState.ANSWERED and all(leg.state is not TALKING for leg in legs)
        }
        self.alone_since = {sid: self.alone_since.get(sid, now) for sid in left_alone}
        is_held = any(call.is_on_hold for call, _ in everything)
        speaking = {
            call.call_sid for call, _ in everything if call.state in {*RECORDING, *RINGING_OUT}
        }
        for number in (*STUDENTS, *STAFF, LEAD):
            handset = self.phones[number].handset
            spoken = len(handset.heard)
            current = handset.current_call
            is_quiet = handset.state == "in call" and not handset.connected_to and not is_held
            is_elsewhere = current is not None and current.sid in speaking
            if not is_quiet or spoken != self.heard.get(number) or is_elsewhere:
                self.quiet_since[number] = max(now, said_until(handset))
            self.heard[number] = spoken
            patience = SILENT_CALLER if number in STUDENTS else SILENT_STAFF
            if self.users.get(number) in talking and not self.was_refused:
                patience = SILENT_TALKER
            since = self.quiet_since[number]
            if current is not None and current.sid in left_alone and not self.was_refused:
                since = max(since, self.alone_since[current.sid])
                patience = left_alone[current.sid] if self.clock.has_jobs else SILENT_CALLER
            if self.clock.has_jobs or number in STUDENTS:
                assert now - since <= patience, number

    def _nobody_waits_for_nobody(self, everything: Sequence[Seen]) -> None:
        """P8, at the phone: who still hears us is met, hunted for, or led on, whatever we think."""
        now, forgotten = ground_clock.now(), {}
        for call, legs in everything:
            is_met = any(leg.state is TALKING for leg in legs)
            if call.contact_id in self.ended_by_hand:
                # Their counselor sees that they still talk: only the order to hang up is late.
                continue
            if call.is_over or (call.state is CallState.ANSWERED and not is_met):
                forgotten[call.call_sid] = self.forgotten_since.get(call.call_sid, now)
        self.forgotten_since = forgotten
        for number in STUDENTS:
            current = self.phones[number].handset.current_call
            since = forgotten.get(current.sid, now) if current is not None else now
            if not self.was_refused:
                assert now - since <= FORGOTTEN, number

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
            self._everything_is_settled()
        finally:
            self.stack.close()

    def _everything_is_settled(self) -> None:
        everything = self._all()
        assert [call.state for call, _ in everything if not call.is_over] == []
        assert [leg.state for _, legs in everything for leg in legs if leg.is_active] == []
        assert self.core.board.queues == {}
        assert [call.status for call in self.core.placed_calls if not call.is_over] == []
        # One ring is one call at the carrier, whatever became of its order (line.md, in doubt).
        rings = Counter(call.document.url for call in self.core.placed_calls if call.document)
        assert {url: times for url, times in rings.items() if "/leg/" in url and times > 1} == {}
        with self.app.app_context():
            # Whoever reached a human in another call needs to be called back no more.
            met = {call.caller_id for call, _ in everything if call.answered_at is not None}
            for call, _ in everything:
                self._nobody_is_forgotten(call, met)

    def _nobody_is_forgotten(self, call: CallRow, met: Collection[int]) -> None:
        """P8, afterwards: a human who answered, a promise, or a contact that still waits."""
        contact = contacts.contact_by_id(contact_id=call.contact_id)
        if call.ended_as is CallEnd.ANSWERED:
            assert contact.claimed_by is not None
        elif call.ended_as is CallEnd.CALL_BACK:
            promise = promises.call_back_of(contact_id=call.contact_id)
            assert promise is not None or call.caller_id in met
        elif call.is_danger:
            assert contact.state is ContactState.WAITING
        elif call.ended_as is CallEnd.ABANDONED and call.ended_at is not None:
            short = policy.current().line.voice.short_abandon
            waited = call.ended_at - call.arrived_at
            is_owed = waited >= short and call.caller_id not in met
            promise = promises.call_back_of(contact_id=call.contact_id)
            assert promise is not None or not is_owed, (waited, call)

    def _rest(self, *, minutes: int) -> None:
        """Let nobody touch a phone; whoever is rung for a call that was under way declines."""
        until = ground_clock.now() + timedelta(minutes=minutes)
        while ground_clock.now() < until:
            left = (until - ground_clock.now()).total_seconds()
            self._wait_for(lambda: self._ringing() != [], seconds=left)
            for phone in self._ringing():
                phone.declines()

    def _wait_for(self, condition: Callable[[], bool], *, seconds: float) -> None:
        with suppress(AssertionError):
            self.clock.forward_until(condition, minutes=seconds / 60)

    def _wait(self, seconds: float) -> None:
        until = ground_clock.now() + timedelta(seconds=seconds)
        while ground_clock.now() < until:
            self.clock.forward(seconds=min(3.0, (until - ground_clock.now()).total_seconds()))
            self.the_promises_hold()

    def _ringing(self) -> list[Phone]:
        return [self.phones[n] for n in OTHERS if self.phones[n].is_ringing()]

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

    def _all(self) -> list[Seen]:
        sids = [call.sid for call in self.core.placed_calls if call.direction == "inbound"]
        with self.app.app_context():
            found = [calls.by_sid(call_sid=sid) for sid in sids]
            legs = calls.legs_of_many(contact_ids=[call.contact_id for call in found])
        return [(call, legs.get(call.contact_id, ())) for call in found]

    def _talkers(self) -> list[Talker]:
        return [
            (call, leg)
            for call, legs in self._all()
            for leg in legs
            if leg.state is LegState.TALKING and not call.is_over
        ]


Seen = tuple[CallRow, tuple[LegRow, ...]]
Talker = tuple[CallRow, LegRow]
RING, TALKING = LegKind.RING, LegState.TALKING
SILENT = (LegState.PLACING, LegState.RINGING)
RECORDING, RINGING_OUT = {CallState.VOICEMAIL}, {CallState.LIFELINE}
ACTORS: dict[str, Callable[[AnyNight, int, str, float], None]] = {
    act: getattr(AnyNight, act) for act in ACTS
}


def test_any_night_through_the_carrier_keeps_the_promises(app: Flask, tmp_path: Path):
    class Night(AnyNight):
        pass

    Night.app, Night.folder = app, tmp_path
    run_state_machine_as_test(
        Night,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            phases=(Phase.generate,),
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
