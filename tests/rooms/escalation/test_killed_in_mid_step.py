"""A process dies in the middle of its steps, or two work at once: each step is made, and once.

quality.md, faults 3 and 4, for everything here that moves by itself: escalations passed on, rings
of pages, students whom nobody contacted in time, duties that nobody did.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask

from tests.factories.accounts import make_counselor, make_supervisor
from tests.factories.cases import make_case, make_duty
from tests.factories.escalation import make_escalation
from tests.factories.organizations import make_city
from tests.factories.roster import make_shift
from wellbeing.cases.queries import cases
from wellbeing.escalation import queries
from wellbeing.escalation.operations import escalations, overdue, sweeps
from wellbeing.escalation.rules.words import PageSubject, PageSubjectKind
from wellbeing.foundation import clock
from wellbeing.foundation.database import claiming, db, session, transaction
from wellbeing.jobs import RowSweep
from wellbeing.policy.model import RiskLevel

CASES = 4
KILLED = -signal.SIGKILL
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Rows that are due now: how they are found and done, and about what people are called."""

    ids: list[int]
    subjects: list[PageSubject]
    cases: list[int]
    due_ids: Callable[..., Iterable[int]]
    advance: Callable[..., object]
    together: Callable[..., Collection[int]] | None
    entries: dict[str, int]
    """How often each case's timeline must tell of it, by kind of entry."""

    def sweep(self) -> RowSweep:
        return RowSweep("example", self.due_ids, self.advance, together=self.together)

    def rings(self) -> list[tuple[PageSubject, int, int]]:
        session().rollback()
        return [
            (subject, ring.page_id, ring.user_id)
            for subject in self.subjects
            for ring in queries.attempts_of(subjects=[subject])
        ]

    def told(self) -> list[Counter[str]]:
        session().rollback()
        return [
            Counter(
                entry.kind
                for entry in cases.timeline(case_id=case_id, limit=100)
                if entry.kind in self.entries
            )
            for case_id in self.cases
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """Everybody on call, and the cases of a school's counselor."""

    sender: int
    district: int
    district_id: int
    supervisor: int
    cases: list[int]
    began: datetime


def a_night(*, began: datetime) -> Night:
    city = make_city()
    top, district = city.municipality.id, city.district.id
    sender = make_counselor(organization_id=city.school.id, phone="+8613700000001")
    counselor = make_counselor(organization_id=district, phone="+8613700000002")
    supervisor = make_supervisor(organization_id=district, phone="+8613700000003")
    lead = make_supervisor(organization_id=top, phone="+8613700000004")
    ends_at = began + timedelta(days=2)
    for user_id, place, desk in (
        (counselor, district, "line"), (supervisor, district, "supervisor"), (lead, top, "line"),
        (lead, top, "duty_lead"), (lead, top, "director"), (lead, top, "supervisor"),
    ):  # fmt: skip
        make_shift(
            user_id=user_id, organization_id=place, desk=desk, starts_at=began, ends_at=ends_at
        )
    made = [make_case(owner_id=sender, level=RiskLevel.IMMINENT, now=began) for _ in range(CASES)]
    return Night(
        sender=sender, district=counselor, district_id=district, supervisor=supervisor,
        cases=[one.case_id for one in made], began=began,
    )  # fmt: skip


def passed_on() -> Due:
    """Escalations whose acknowledgement is missed: the city's line and the duty lead join."""
    night = a_night(began=clock.now() - 16 * MINUTE)
    ids = [make_escalation(case_id=one, by=night.sender, now=night.began) for one in night.cases]
    return Due(
        ids=ids,
        subjects=[PageSubject(kind=PageSubjectKind.ESCALATION, id=one) for one in ids],
        cases=night.cases,
        due_ids=queries.due_ids,
        advance=sweeps.advance,
        together=sweeps.advance_all,
        entries={"acknowledgement_missed": 1, "escalation_joined": 2},
    )


def ringing() -> Due:
    """Pages of escalations whose next ring is due."""
    night = a_night(began=clock.now() - 2 * MINUTE)
    ids = [make_escalation(case_id=one, by=night.sender, now=night.began) for one in night.cases]
    subjects = [PageSubject(kind=PageSubjectKind.ESCALATION, id=one) for one in ids]
    return Due(
        ids=[queries.pages_of(subject=one)[0].page_id for one in subjects],
        subjects=subjects,
        cases=night.cases,
        due_ids=queries.due_page_ids,
        advance=sweeps.advance_page,
        together=sweeps.advance_pages,
        entries={"escalation_joined": 0},
    )


def not_contacted() -> Due:
    """Accepted escalations whose student nobody contacted within the hour."""
    night = a_night(began=clock.now() - 61 * MINUTE)
    ids = [make_escalation(case_id=one, by=night.sender, now=night.began) for one in night.cases]
    for one in ids:
        with transaction():
            escalations.accept(escalation_id=one, by=night.district, now=night.began + 5 * MINUTE)
    return Due(
        ids=ids,
        subjects=[PageSubject(kind=PageSubjectKind.ESCALATION, id=one) for one in ids],
        cases=night.cases,
        due_ids=queries.due_ids,
        advance=sweeps.advance,
        together=sweeps.advance_all,
        entries={"student_contact_missed": 1, "student_contact_climbed": 2},
    )


def not_done() -> Due:
    """Duties that are late, about which nobody was called."""
    night = a_night(began=clock.now() - 61 * MINUTE)
    ids = [
        make_duty(
            holder_id=night.supervisor, organization_id=night.district_id, case_id=one,
            by_at=clock.now() - MINUTE,
        )
        for one in night.cases
    ]  # fmt: skip
    return Due(
        ids=ids,
        subjects=[PageSubject(kind=PageSubjectKind.DUTY, id=one) for one in ids],
        cases=night.cases,
        due_ids=queries.overdue_duty_ids,
        advance=overdue.advance,
        together=None,
        entries={"nobody_on_call": 0},
    )


KINDS = pytest.mark.parametrize("make", [passed_on, ringing, not_contacted, not_done])


def expected(due: Due) -> list[Counter[str]]:
    return [Counter({kind: n for kind, n in due.entries.items() if n})] * CASES


def killed_before_it_commits(due: Due) -> int:
    """Let a process of its own do every step, and die just before they are saved."""
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        try:
            with transaction(), claiming():
                now = clock.now()
                rows = list(due.due_ids(now=now, limit=100))
                done = due.together(rows, now=now) if due.together else ()
                for row in rows:
                    if row not in done:
                        due.advance(row, now=now)
                session().flush()
                os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@KINDS
def test_a_process_that_dies_before_it_commits_has_done_nothing_and_loses_nothing(
    database: Flask, make: Callable[[], Due]
):
    due = make()
    rung, told = due.rings(), due.told()

    assert killed_before_it_commits(due) == KILLED

    assert (due.rings(), due.told()) == (rung, told)
    assert due.sweep()() == CASES
    assert due.told() == expected(due)
    assert len(due.rings()) > len(rung)


@KINDS
def test_of_two_schedulers_at_once_one_makes_each_step(database: Flask, make: Callable[[], Due]):
    due = make()
    before = Counter(due.rings())
    gate, failures, moved = Barrier(2), [], []

    def process() -> None:
        with database.app_context():
            sweep = due.sweep()
            gate.wait()
            try:
                moved.append(sum(sweep() for _ in range(2)))
            except BaseException as error:  # noqa: BLE001 - told by the assertion below
                failures.append(error)
            finally:
                db.session.remove()

    threads = [Thread(target=process) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert sum(moved) == CASES
    assert due.told() == expected(due)
    made = Counter(due.rings()) - before
    # A text and the first call, or the next call: nobody is rung twice for one page.
    assert made
    assert set(made.values()) <= {1, 2}
