"""Whatever comes in which order: the promises of the line hold."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
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
from tests.rooms.hotline.calling import Caller
from wellbeing.contacts.queries import calls
from wellbeing.contacts.rules.calls import (
    ACTIVE,
    CallState,
    LegKind,
    LegRow,
    LegState,
)
from wellbeing.foundation.database import session, transaction
from wellbeing.hotline.voice import endings, screening
from wellbeing.messaging.rules import DeliveryStatus

STAFF = 3
MOST_CALLERS = 4
ENDS = (
    DeliveryStatus.COMPLETED,
    DeliveryStatus.BUSY,
    DeliveryStatus.NO_ANSWER,
    DeliveryStatus.FAILED,
    DeliveryStatus.CANCELED,
)
RESULTS = (
    "bridged", "hangup", "leave", "redirected", "redirected-from-bridged", "error", "queue-full",
    "system-error", "something new",
)  # fmt: skip


class AnyNight(RuleBasedStateMachine):
    """Callers, phones and callbacks in any order, some of them twice, some of them never."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0
        self.callers: list[Caller] = []
        self.ended: dict[int, LegState] = {}

    @initialize()
    def staff(self) -> None:
        city = make_organization(code="500000")
        lead = make_supervisor(phone="+8613900000100")
        make_shift(user_id=lead, organization_id=city.id, desk="supervisor")
        for number in range(STAFF):
            user_id = make_counselor(username=f"c{number}", phone=f"+861390000000{number}")
            for desk in ("line", "crisis"):
                make_shift(user_id=user_id, organization_id=city.id, desk=desk)

    @rule()
    @precondition(lambda self: len(self.callers) < MOST_CALLERS)
    def a_call_comes_in(self) -> None:
        number = len(self.callers)
        caller = Caller(sid=f"CA{number}", sender=f"+861380000000{number}")
        caller.at = self.at
        caller.dials()
        self.callers.append(caller)

    @rule(seconds=st.integers(1, 30))
    def time_passes(self, seconds: int) -> None:
        self.at += seconds
        for caller in self.callers:
            caller.at = self.at

    @rule(number=st.integers(0, 3), digits=st.sampled_from(["", "0", "1", "2", "9", "#"]))
    @precondition(lambda self: self.callers)
    def a_caller_presses(self, number: int, digits: str) -> None:
        self._caller(number).presses(digits, turn=len(digits))

    @rule(number=st.integers(0, 3))
    @precondition(lambda self: self.callers)
    def the_wait_document_is_fetched(self, number: int) -> None:
        self._caller(number).waits()

    @rule(number=st.integers(0, 3), digits=st.sampled_from(["", "2", "9"]))
    @precondition(lambda self: self.callers)
    def a_waiting_caller_presses(self, number: int, digits: str) -> None:
        self._caller(number).wait_key(digits)

    @rule(number=st.integers(0, 3), result=st.sampled_from(RESULTS), is_over=st.booleans())
    @precondition(lambda self: self.callers)
    def the_queue_tells_its_result(self, number: int, result: str, *, is_over: bool) -> None:
        self._caller(number).leaves(result, is_over=is_over)

    @rule(number=st.integers(0, 3))
    @precondition(lambda self: self.callers)
    def a_caller_hangs_up(self, number: int) -> None:
        self._caller(number).hangs_up()

    @rule(number=st.integers(0, 20), digits=st.sampled_from(["", "1", "1", "2"]))
    @precondition(lambda self: self.callers)
    def a_phone_is_picked_up_and_a_key_pressed(self, number: int, digits: str) -> None:
        leg = self._leg(number)
        if leg is not None:
            with transaction():
                screening.answered(leg_id=leg.public_id, call_sid="CAleg", now=self._now)
            for turn in (0, 1):
                with transaction():
                    screening.key(
                        leg_id=leg.public_id,
                        turn=turn,
                        digits=digits,
                        call_sid="CAleg",
                        now=self._now,
                    )

    @rule(number=st.integers(0, 20), status=st.sampled_from(ENDS))
    @precondition(lambda self: self.callers)
    def the_carrier_tells_of_a_leg(self, number: int, status: DeliveryStatus) -> None:
        leg = self._leg(number)
        if leg is not None:
            with transaction():
                screening.leg_settled(leg_id=leg.leg_id, status=status, now=self._now)

    @rule(number=st.integers(0, 20))
    @precondition(lambda self: self.callers)
    def a_bridge_ends(self, number: int) -> None:
        leg = self._leg(number)
        if leg is not None:
            with transaction():
                screening.done(leg_id=leg.public_id, now=self._now)

    @rule()
    def the_sweep_runs(self) -> None:
        session().rollback()
        for contact_id in calls.due_ids(now=self._now, limit=50):
            session().rollback()
            with transaction():
                endings.advance(contact_id, now=self._now)

    @invariant()
    def each_caller_has_a_contact(self) -> None:
        """P1: what was acknowledged to the carrier is there."""
        for caller in self.callers:
            assert caller.call.contact_id > 0

    @invariant()
    def nobody_is_left(self) -> None:
        """P8: a caller who waits has a next step with a time."""
        for caller in self.callers:
            call = caller.call
            assert call.is_over or call.next_step_at is not None

    @invariant()
    def one_winner_and_one_call_each(self) -> None:
        """P3: a contact never has two winners, and nobody is in two calls."""
        active: list[int] = []
        for caller in self.callers:
            legs = caller.legs
            active += [leg.user_id for leg in legs if leg.state in ACTIVE]
            talking = [
                leg for leg in legs if leg.state is LegState.TALKING and leg.kind is LegKind.RING
            ]
            call = caller.call
            if call.state is CallState.ANSWERED:
                assert len(talking) <= 1
                assert all(leg.leg_id == call.winner_leg_id for leg in talking)
            if call.winner_leg_id is not None:
                assert call.claimed_by is not None
        assert len(active) == len(set(active))

    @invariant()
    def no_leg_turns_back(self) -> None:
        """P4: an end is an end, whatever is told afterwards."""
        for caller in self.callers:
            for leg in caller.legs:
                before = self.ended.get(leg.leg_id)
                assert before in {None, leg.state}
                if leg.state not in ACTIVE:
                    self.ended[leg.leg_id] = leg.state

    def teardown(self) -> None:
        """When everything falls silent, the sweep alone settles every caller who waits."""
        for _ in range(80):
            self.time_passes(10)
            self.the_sweep_runs()
        waiting = {CallState.MENU, CallState.QUEUED}
        assert not [caller for caller in self.callers if caller.call.state in waiting]
        session().rollback()

    @property
    def _now(self) -> datetime:
        session().rollback()
        return NOW + timedelta(seconds=self.at)

    def _caller(self, number: int) -> Caller:
        return self.callers[number % len(self.callers)]

    def _leg(self, number: int) -> LegRow | None:
        legs = [leg for caller in self.callers for leg in caller.legs]
        session().rollback()
        return legs[number % len(legs)] if legs else None


def test_any_night_of_calls_keeps_the_promises(database: Flask):
    class Night(AnyNight):
        def teardown(self) -> None:
            try:
                super().teardown()
            finally:
                session().rollback()
                clean(database)

    run_state_machine_as_test(
        Night,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
