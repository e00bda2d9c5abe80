"""Any night at all: escalations, rosters, edits of the policy, dead processes, leaping clocks.

After every step the promises hold: nobody is left (P8), each step is made once (P2), a case has one
owner and an escalation one winner (P3), and no status moves backwards (P4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

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
from tests.factories.cases import make_case
from tests.factories.escalation import make_escalation, sweep
from tests.factories.moments import NOW
from tests.factories.organizations import make_city
from tests.factories.roster import make_shift
from wellbeing.accounts.queries import people as accounts
from wellbeing.cases.models.cases import CASE
from wellbeing.escalation import queries
from wellbeing.escalation.models import ATTEMPT, ESCALATION, PAGE, RECEIVER
from wellbeing.escalation.operations import answers, escalations, sharpening, sweeps
from wellbeing.escalation.rules.words import AcknowledgedVia, EscalationState
from wellbeing.foundation.database import session, transaction
from wellbeing.foundation.errors import DomainError
from wellbeing.policy import current as policy
from wellbeing.policy.model import Clock, PageOrder, RiskLevel
from wellbeing.roster.operations import shifts as roster
from wellbeing.roster.queries import shifts as shifts_of
from wellbeing.roster.rules.shifts import Interval
from wellbeing.worklists.queries import auditing

RANK = {
    EscalationState.SENT: 0, EscalationState.ACKNOWLEDGED: 1, EscalationState.ACCEPTED: 2,
    EscalationState.DECLINED: 2, EscalationState.RELEASED: 2,
}  # fmt: skip
LONG = timedelta(days=20)


class Killed(Exception):
    """The process died before it could commit."""


@contextmanager
def killed() -> Iterator[None]:
    """Let a process die in the middle of its transaction."""
    with suppress(Killed), transaction():
        yield
        die()


def die() -> None:
    raise Killed


class Night(RuleBasedStateMachine):
    """One city; what may happen in it happens in any order."""

    app: Flask
    fixed = None

    @initialize()
    def begin(self) -> None:
        self.shipped = policy.current()
        self.now = NOW
        self.city = make_city()
        top, district = self.city.municipality.id, self.city.district.id
        self.sender = make_counselor(organization_id=self.city.school.id, phone="+8613700000001")
        self.people = [
            make_counselor(organization_id=district, phone="+8613700000002"),
            make_counselor(organization_id=top, phone="+8613700000003"),
            make_supervisor(organization_id=top, phone="+8613700000004"),
            make_supervisor(organization_id=top, phone="+8613700000005"),
        ]
        self.places = [(district, "line"), (top, "line"), (top, "duty_lead"), (top, "director")]
        self.seen: dict[int, tuple[int, int | None]] = {}
        self.owners: dict[int, int] = {}
        for user_id, (place, desk) in zip(self.people, self.places, strict=True):
            make_shift(
                user_id=user_id, organization_id=place, desk=desk, starts_at=NOW, ends_at=NOW + LONG
            )

    def teardown(self) -> None:
        if hasattr(self, "shipped"):
            policy.install(policy=self.shipped)
        session().rollback()
        clean(self.app)

    @rule(level=st.sampled_from([RiskLevel.HIGH, RiskLevel.IMMINENT]))
    @precondition(lambda self: len(self.owners) < 3)
    def a_case_is_passed_on(self, level: RiskLevel) -> None:
        case = make_case(owner_id=self.sender, level=level, now=self.now)
        make_escalation(case_id=case.case_id, by=self.sender, now=self.now)
        self.owners[case.case_id] = self.sender

    @rule(minutes=st.sampled_from([1, 4, 15, 31]), ticks=st.integers(1, 2))
    def time_passes(self, minutes: int, ticks: int) -> None:
        """The sweeps look at each due moment; twice in a moment they move nothing twice."""
        until = self.now + timedelta(minutes=minutes)
        for _ in range(400):
            session().rollback()
            found = (queries.next_due_at(), queries.next_page_due_at())
            moment = min((one for one in found if one is not None), default=None)
            if moment is None or moment > until:
                break
            self.now = max(self.now, moment)
            for _ in range(ticks):
                sweep(now=self.now)
        else:
            raise AssertionError("the sweeps never came to rest")
        self.now = until

    @rule()
    def a_process_dies_before_it_commits(self) -> None:
        for row in queries.due_ids(now=self.now + timedelta(hours=1), limit=1):
            session().rollback()
            with killed():
                sweeps.advance(row, now=self.now + timedelta(hours=1))

    @rule(who=st.integers(0, 3), which=st.integers(0, 2))
    def somebody_acknowledges(self, who: int, which: int) -> None:
        self._try(
            lambda escalation_id: escalations.acknowledge(
                escalation_id=escalation_id, by=self.people[who], via=AcknowledgedVia.PORTAL,
                now=self.now,
            ),
            which,
        )  # fmt: skip

    @rule(who=st.integers(0, 3), which=st.integers(0, 2))
    def somebody_accepts(self, who: int, which: int) -> None:
        self._try(
            lambda escalation_id: escalations.accept(
                escalation_id=escalation_id, by=self.people[who], now=self.now
            ),
            which,
        )

    @rule(who=st.integers(0, 3), which=st.integers(0, 2))
    def somebody_declines(self, who: int, which: int) -> None:
        self._try(
            lambda escalation_id: escalations.decline(
                escalation_id=escalation_id, by=self.people[who], reason="虚构", now=self.now
            ),
            which,
        )

    @rule(which=st.integers(0, 2))
    def the_sender_takes_it_back(self, which: int) -> None:
        self._try(
            lambda escalation_id: escalations.release(
                escalation_id=escalation_id, by=self.sender, now=self.now
            ),
            which,
        )

    @rule(who=st.integers(0, 3))
    def somebody_texts_1(self, who: int) -> None:
        session().rollback()
        with transaction():
            answers.acknowledge_by_text(user_id=self.people[who], now=self.now)

    @rule()
    def every_case_turns_red(self) -> None:
        for case_id in self.owners:
            session().rollback()
            with transaction():
                sharpening.sharpen(
                    case_id=case_id, level=RiskLevel.IMMINENT, by=self.sender, now=self.now
                )

    @rule()
    def the_roster_is_emptied(self) -> None:
        scope = accounts.scope_of(user_id=self.people[3])
        within = Interval(starts_at=NOW, ends_at=self.now + timedelta(days=30))
        session().rollback()
        with transaction():
            for shift in shifts_of.shifts_between(scope=scope, within=within):
                roster.remove_shift(shift_id=shift.shift_id, scope=scope, now=self.now)

    @rule(who=st.integers(0, 3))
    def somebody_comes_on_call(self, who: int) -> None:
        place, desk = self.places[who]
        try:
            make_shift(
                user_id=self.people[who], organization_id=place, desk=desk, starts_at=self.now,
                ends_at=self.now + LONG, now=self.now,
            )  # fmt: skip
        except DomainError:
            session().rollback()  # is on call already

    @rule(minutes=st.sampled_from([5, 60]), order=st.sampled_from(list(PageOrder)))
    def the_policy_is_edited(self, minutes: int, order: PageOrder) -> None:
        tiers = self.shipped.tiers
        clock = Clock(acknowledge=timedelta(minutes=minutes), contact=timedelta(hours=2))
        paging = replace(tiers.paging, order=dict.fromkeys(RiskLevel, order))
        edited = replace(
            tiers, clocks=MappingProxyType(dict.fromkeys(RiskLevel, clock)), paging=paging
        )
        policy.install(policy=replace(self.shipped, tiers=edited))

    def _try(self, act: Callable[[int], object], which: int) -> None:
        session().rollback()
        ids = list(session().execute(ESCALATION.select().with_only_columns(ESCALATION.c.id))
                   .scalars())  # fmt: skip
        session().rollback()
        if which >= len(ids):
            return
        try:
            with transaction():
                act(ids[which])
        except DomainError:
            session().rollback()

    @invariant()
    def nobody_is_left(self) -> None:
        """P8, by the auditor that knows no operation; P2, because no step that passed is undone."""
        if not hasattr(self, "now"):
            return
        session().rollback()
        sweep(now=self.now)
        session().rollback()
        assert auditing.broken_promises(now=self.now) == ()

    @invariant()
    def one_winner_one_owner_and_no_way_back(self) -> None:
        """P3 and P4."""
        if not hasattr(self, "now"):
            return
        session().rollback()
        for row in session().execute(ESCALATION.select()).mappings():
            rank = RANK[EscalationState(row["state"])]
            before, winner = self.seen.get(row["id"], (0, None))
            assert rank >= before
            # Only a student who was not contacted in time lets another take the case over.
            assert winner in {None, row["accepted_by"]} or row["contact_missed_at"]
            self.seen[row["id"]] = (rank, row["accepted_by"])
            if row["state"] == EscalationState.ACCEPTED.value:
                self.owners[row["case_id"]] = row["accepted_by"]
        for case_id, owner_id in self.owners.items():
            found = session().execute(CASE.select().where(CASE.c.id == case_id)).mappings().one()
            assert found["owner_id"] == owner_id

    @invariant()
    def each_ring_and_each_receiver_is_there_once(self) -> None:
        """P2: at least once by its time, and never twice for one number."""
        if not hasattr(self, "now"):
            return
        session().rollback()
        for table, keys in (
            (ATTEMPT, ("page_id", "number")),
            (RECEIVER, ("escalation_id", "organization_id", "desk")),
        ):
            rows = [
                tuple(row[key] for key in keys)
                for row in session().execute(table.select()).mappings()
            ]
            assert len(rows) == len(set(rows))
        due = PAGE.select().where(PAGE.c.state == "paging", PAGE.c.next_step_at <= self.now)
        assert session().execute(due).first() is None


def test_on_any_night_the_promises_hold(database: Flask, told: list[object]) -> None:
    """Short enough for every run of the suite; `--hypothesis-seed` and a profile make it longer."""
    Night.app = database
    run_state_machine_as_test(
        Night,
        settings=settings(
            max_examples=4,
            stateful_step_count=8,
            deadline=None,  # a shared machine is no measure
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
