"""Any night at all: escalations, follow-ups, rosters, policy, dead and slow processes, clocks.

The rooms move each other as in earnest. After every step the promises hold: nobody is left (P8),
each step is made once and none before its time (P2), a case has one owner who holds its promises
and an escalation one winner (P3), and no status moves backwards (P4).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType

from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import RowMapping, select

from tests.databases import clean
from tests.factories.accounts import make_counselor, make_supervisor
from tests.factories.cases import make_case
from tests.factories.escalation import make_escalation, sweep
from tests.factories.moments import NOW
from tests.factories.organizations import make_city
from tests.factories.roster import make_shift
from wellbeing.accounts.queries import people as accounts
from wellbeing.cases.models.cases import CASE
from wellbeing.cases.operations import changes
from wellbeing.escalation import queries
from wellbeing.escalation.models import ATTEMPT, ESCALATION, PAGE, RECEIVER
from wellbeing.escalation.operations import (
    answers,
    escalations,
    late,
    overdue,
    pages,
    receivers,
    sweeps,
)
from wellbeing.escalation.rules.words import AcknowledgedVia, EscalationState
from wellbeing.followups import queries as promises
from wellbeing.followups.models import FOLLOW_UP
from wellbeing.followups.models import FOLLOW_UP_ATTEMPT as TRY
from wellbeing.followups.operations import attempts, by_hand, moves, plans, sending, wishes
from wellbeing.followups.operations import sweeps as follow_up_sweeps
from wellbeing.followups.rules import TEXTED, FollowUpState, Outcome
from wellbeing.foundation.database import RowsMoved, claiming, session, transaction
from wellbeing.foundation.errors import DomainError
from wellbeing.messaging.models import OUTBOUND
from wellbeing.messaging.rules import Purpose
from wellbeing.policy import current as policy
from wellbeing.policy.model import Clock, FollowUpKind, PageOrder, RiskLevel
from wellbeing.roster.operations import shifts as roster
from wellbeing.roster.queries import shifts as shifts_of
from wellbeing.roster.rules.shifts import Interval, ShiftOver
from wellbeing.worklists.queries import auditing
from wellbeing.worklists.rules import Promise

RANK = {
    EscalationState.SENT: 0, EscalationState.ACKNOWLEDGED: 1, EscalationState.ACCEPTED: 2,
    EscalationState.DECLINED: 2, EscalationState.RELEASED: 2,
}  # fmt: skip
LONG = timedelta(days=40)
OF_OTHERS = {Promise.CONTACT, Promise.CALL, Promise.ORDER}
"""Conversations and deliveries have nights of their own; here nobody answers or carries them."""
PLANNED = FollowUpState.PLANNED
MANY = 50
EXAMPLES = int(os.environ.get("NIGHTS", "12"))
"""`NIGHTS=200 pytest …` looks for longer, each time at other nights."""
STEPS = 14
TOGETHER = (
    (queries.due_page_ids, sweeps.advance_pages),
    (queries.due_ids, sweeps.advance_all),
    (promises.due_ids, follow_up_sweeps.advance_all),
)


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
    """One city; what may happen in it happens in any order.

    `now` is the clock as the processes read it, which may leap; `latest` the latest it ever showed.
    """

    app: Flask
    fixed = None

    @initialize(
        levels=st.lists(
            st.sampled_from([RiskLevel.IMMINENT, RiskLevel.HIGH]), min_size=1, max_size=2
        )
    )
    def begin(self, levels: list[RiskLevel]) -> None:
        """A night on which nothing was passed on proves nothing: each begins with a case or two."""
        self.shipped = policy.current()
        self.now = self.latest = NOW
        self.city = make_city()
        top, district = self.city.municipality.id, self.city.district.id
        self.sender = make_counselor(organization_id=self.city.school.id, phone="+8613700000001")
        self.people = [
            make_counselor(organization_id=district, phone="+8613700000002"),
            make_counselor(organization_id=top, phone="+8613700000003"),
            make_supervisor(organization_id=top, phone="+8613700000004"),
            make_supervisor(organization_id=top, phone="+8613700000005"),
        ]
        # Of the desk that is asked first, so that there is always somebody who comes second.
        self.colleague = make_counselor(organization_id=district)
        self.places = [(district, "line"), (top, "line"), (top, "duty_lead"), (top, "director")]
        self.seen: dict[int, tuple[int, int | None]] = {}
        self.owners: dict[int, int] = {}
        self.settled: dict[int, str] = {}
        for user_id, (place, desk) in zip(self.people, self.places, strict=True):
            make_shift(
                user_id=user_id, organization_id=place, desk=desk, starts_at=NOW, ends_at=NOW + LONG
            )
        for which, level in enumerate(levels):
            self._pass_on(level, is_taken=which > 0)

    def teardown(self) -> None:
        if hasattr(self, "shipped"):
            policy.install(policy=self.shipped)
        session().rollback()
        clean(self.app)

    @rule(level=st.sampled_from([RiskLevel.HIGH, RiskLevel.IMMINENT]), is_taken=st.booleans())
    @precondition(lambda self: len(self.owners) < 3)
    def a_case_is_passed_on(self, level: RiskLevel, *, is_taken: bool) -> None:
        """Where it is taken, whoever may do so does it at once."""
        self._pass_on(level, is_taken=is_taken)

    def _pass_on(self, level: RiskLevel, *, is_taken: bool) -> None:
        case = make_case(owner_id=self.sender, level=level, now=self.now)
        make_escalation(case_id=case.case_id, by=self.sender, now=self.now)
        self.owners[case.case_id] = self.sender
        with transaction():
            by_hand.promise(
                case_id=case.case_id, kind=FollowUpKind.CALL, note="虚构", by=self.sender,
                due_at=self.now + timedelta(days=2), now=self.now,
            )  # fmt: skip
        if is_taken:
            self.somebody_accepts(who=0, which=len(self.owners) - 1)

    @rule(minutes=st.sampled_from([1, 4, 15, 31]), ticks=st.integers(1, 2))
    def time_passes(self, minutes: int, ticks: int) -> None:
        """The sweeps look at each due moment; twice in a moment they move nothing twice."""
        until = self.now + timedelta(minutes=minutes)
        for _ in range(400):
            moment = next_moment()
            if moment is None or moment > until:
                break
            self._tick(max(self.now, moment), ticks)
        else:
            raise AssertionError("the sweeps never came to rest")
        self._tick(until, 1)

    @rule(hours=st.sampled_from([5, 25, 72]))
    def the_machine_sleeps(self, hours: int) -> None:
        """All that came due meanwhile is due at once when it wakes (fault 19)."""
        self._tick(self.now + timedelta(hours=hours), 2)

    @rule(minutes=st.sampled_from([3, 61]))
    def the_clock_goes_back(self, minutes: int) -> None:
        """What was done stays done, and nothing is done before its time."""
        self.now -= timedelta(minutes=minutes)

    @rule()
    def a_process_dies_before_it_commits(self) -> None:
        later = self.now + timedelta(hours=1)
        for due, together in TOGETHER:
            rows = due(now=later, limit=3)
            session().rollback()
            with killed():
                together(rows, now=later)

    @rule(minutes=st.sampled_from([31, 50 * 60]))
    def a_slow_process_wakes_with_what_it_read_before(self, minutes: int) -> None:
        """Another process did those rows meanwhile: the slow one moves none of them."""
        session().rollback()
        later = self.now + timedelta(minutes=minutes)
        rows = [queries.by_id(escalation_id=one) for one in queries.due_ids(now=later, limit=3)]
        pages_ = [queries.page(page_id=one) for one in queries.due_page_ids(now=later, limit=3)]
        due = promises.due_ids(now=later, limit=3)
        promised = [promises.by_id(follow_up_id=one) for one in due]
        self._tick(later, 1)
        session().rollback()
        texts = [one for one in promised if one.kind in TEXTED and one.state is PLANNED]
        moved = [one for one in texts if promises.by_id(follow_up_id=one.follow_up_id) != one]
        session().rollback()
        with suppress(RowsMoved), transaction():
            assert not moved or not sending.send(rows=texts, now=later)
        with transaction():
            for promise in promised:
                if promises.by_id(follow_up_id=promise.follow_up_id).version != promise.version:
                    assert not moves.change(row=promise)
            for row in rows:
                if queries.by_id(escalation_id=row.escalation_id).version != row.version:
                    move = receivers.move if row.is_open else late.move
                    assert not move(row=row, now=later)
            for page in pages_:
                if queries.page(page_id=page.page_id).step != page.step:
                    assert not pages.step(page=page, now=later)

    @rule(which=st.integers(0, 5), outcome=st.sampled_from(list(Outcome)))
    def the_owner_keeps_a_promise_or_tries(self, which: int, outcome: Outcome) -> None:
        found = self._open_promises()
        if which < len(found):
            row = found[which]
            with transaction():
                attempts.record_attempt(
                    follow_up_id=row["id"], by=row["owner_id"], outcome=outcome, now=self.now
                )

    @rule(which=st.integers(0, 5), days=st.sampled_from([1, 9]))
    def a_promise_is_moved(self, which: int, days: int) -> None:
        found = self._open_promises()
        if which < len(found):
            with suppress(DomainError), transaction():
                plans.reschedule(
                    follow_up_id=found[which]["id"], due_at=self.now + timedelta(days=days),
                    reason="虚构", by=found[which]["owner_id"], now=self.now,
                )  # fmt: skip

    @rule()
    def the_students_want_no_more_texts(self) -> None:
        for case_id in self.owners:
            with transaction():
                wishes.stop_texts(case_id=case_id, now=self.now)

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
        """The first of them who may; whoever comes second at once is refused (P3)."""
        won = False
        for user_id in [*self.people[who:], *self.people[:who], self.colleague]:
            accepts = partial(escalations.accept, by=user_id, now=self.now)
            is_mine = self._try(lambda one, do=accepts: do(escalation_id=one), which)
            assert not (won and is_mine)
            # A student who was not contacted may be taken over again and again.
            won = won or (is_mine and not self._is_late(which))

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
                changes.raise_level(
                    case_id=case_id, level=RiskLevel.IMMINENT, by=self.sender, note="虚构",
                    now=self.now,
                )  # fmt: skip

    @rule()
    def the_roster_is_emptied(self) -> None:
        scope = accounts.scope_of(user_id=self.people[3])
        within = Interval(starts_at=self.now, ends_at=self.now + timedelta(days=30))
        session().rollback()
        with transaction():
            for shift in shifts_of.shifts_between(scope=scope, within=within):
                with suppress(ShiftOver):
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

    def _try(self, act: Callable[[int], object], which: int) -> bool:
        """Do something to one of the escalations; tell whether it was allowed."""
        session().rollback()
        ids = list(session().execute(select(ESCALATION.c.id).order_by(ESCALATION.c.id)).scalars())
        session().rollback()
        if not ids:
            return False
        try:
            with transaction():
                act(ids[which % len(ids)])
        except DomainError:
            session().rollback()
            return False
        return True

    @staticmethod
    def _is_late(which: int) -> bool:
        missed = select(ESCALATION.c.contact_missed_at).order_by(ESCALATION.c.id)
        found = list(session().execute(missed).scalars())
        session().rollback()
        return found[which % len(found)] is not None

    def _open_promises(self) -> list[RowMapping]:
        session().rollback()
        statement = FOLLOW_UP.select().where(FOLLOW_UP.c.settled_at.is_(None))
        found = list(session().execute(statement.order_by(FOLLOW_UP.c.id)).mappings())
        session().rollback()
        return found

    def _tick(self, moment: datetime, ticks: int) -> None:
        """Let the sweeps look until nothing is due: after a long sleep there are several steps."""
        self.now, self.latest = moment, max(self.latest, moment)
        for made in range(1, 12):
            self._sweep(moment)
            coming = next_moment()
            if made >= ticks and (coming is None or coming > moment):
                return
        raise AssertionError("the sweeps never came to rest")

    @staticmethod
    def _sweep(moment: datetime) -> None:
        """Do what is due as the job process does: together where a room can, then one by one."""
        for due, together in TOGETHER:
            rows = due(now=moment, limit=100)
            session().rollback()
            if len(rows) > 1:
                with transaction(), claiming():
                    together(rows, now=moment)
        sweep(now=moment)
        for due, advance in (
            (promises.due_ids, follow_up_sweeps.advance),
            (queries.overdue_duty_ids, overdue.advance),
        ):
            for row in due(now=moment, limit=100):
                with transaction():
                    advance(row, now=moment)

    @invariant()
    def the_promises_hold(self) -> None:
        """P2, P3, P4 and P8, from the tables alone."""
        if not hasattr(self, "now"):
            return
        self._tick(self.now, 1)
        session().rollback()
        broken = auditing.broken_promises(now=self.now)
        assert [one for one in broken if one.kind not in OF_OTHERS] == []
        self._one_winner_one_owner_and_no_way_back()
        self._each_step_once_and_none_before_its_time()
        session().rollback()

    def _one_winner_one_owner_and_no_way_back(self) -> None:
        for row in session().execute(ESCALATION.select()).mappings():
            rank = RANK[EscalationState(row["state"])]
            before, winner = self.seen.get(row["id"], (0, None))
            assert rank >= before
            # Only a student who was not contacted in time lets another take the case over.
            assert winner in {None, row["accepted_by"]} or row["contact_missed_at"]
            self.seen[row["id"]] = (rank, row["accepted_by"])
            if row["state"] == EscalationState.ACCEPTED.value:
                self.owners[row["case_id"]] = row["accepted_by"]
        owners = {row.id: row.owner_id for row in session().execute(CASE.select())}
        assert {one: owners[one] for one in self.owners} == self.owners
        for row in session().execute(FOLLOW_UP.select()).mappings():
            if row["settled_at"] is None:
                assert row["id"] not in self.settled
                assert row["owner_id"] == owners[row["case_id"]]
            else:
                assert self.settled.setdefault(row["id"], row["state"]) == row["state"]

    def _each_step_once_and_none_before_its_time(self) -> None:
        for table, keys in (
            (ATTEMPT, ("page_id", "number")),
            (RECEIVER, ("escalation_id", "organization_id", "desk")),
            (TRY, ("follow_up_id", "number")),
        ):
            rows = [
                tuple(row[key] for key in keys)
                for row in session().execute(table.select()).mappings()
            ]
            assert len(rows) == len(set(rows))
        early = ATTEMPT.select().where(ATTEMPT.c.at < ATTEMPT.c.planned_at)
        assert session().execute(early).first() is None
        sent = FOLLOW_UP.select().where(FOLLOW_UP.c.sent_at < FOLLOW_UP.c.window_start)
        assert session().execute(sent).first() is None
        # Each text of a promise stands in the list of its attempts: none went out beside it.
        texts = OUTBOUND.select().where(
            OUTBOUND.c.purpose.in_([Purpose.CHECK_IN.value, Purpose.CARING.value])
        )
        made = TRY.select().where(TRY.c.outbound_id.is_not(None))
        assert len(session().execute(texts).all()) == len(session().execute(made).all())
        for table in (PAGE, ESCALATION, FOLLOW_UP):
            due = table.select().where(table.c.next_step_at <= self.now)
            assert session().execute(due).first() is None


def next_moment() -> datetime | None:
    session().rollback()
    found = (queries.next_due_at(), queries.next_page_due_at(), promises.next_due_at())
    session().rollback()
    return min((one for one in found if one is not None), default=None)


def test_on_any_night_the_promises_hold(database: Flask) -> None:
    """Short enough for every run of the suite; `--hypothesis-seed` and a profile make it longer."""
    Night.app = database
    run_state_machine_as_test(
        Night,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,  # a shared machine is no measure
            derandomize=EXAMPLES < MANY,
            # A night that fails is told as it was; making it short takes minutes.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
