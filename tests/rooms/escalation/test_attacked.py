"""Whoever has no say in an escalation changes nothing; whoever asks twice, late or at once neither.

Also the clock: one that goes back does nothing early, one that leaps calls everybody once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from tests.factories.accounts import make_counselor, make_supervisor, make_user
from tests.factories.cases import close
from tests.factories.escalation import forward, make_escalation, rings_of, subject_of, sweep
from tests.factories.moments import NOW
from tests.rooms.escalation.conftest import Staff
from wellbeing.accounts.rules.roles import Role
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow, HoldsRemain
from wellbeing.escalation import queries
from wellbeing.escalation.operations import answers, escalations, handing_over
from wellbeing.escalation.rules.words import (
    AcknowledgedVia,
    AlreadyAccepted,
    EscalationOver,
    EscalationState,
    NoSuchEscalation,
    NoSuchPage,
    NotTheSender,
)
from wellbeing.foundation.database import db, session, transaction
from wellbeing.foundation.errors import DomainError
from wellbeing.messaging import queries as outbox
from wellbeing.messaging.rules import OrderState, Purpose

MINUTE = timedelta(minutes=1)


@pytest.fixture
def sent(staff: Staff, case: CaseRow) -> int:
    return make_escalation(case_id=case.case_id, by=staff.sender)


def acknowledge(one: int, by: int, now: Any = NOW) -> bool:
    return escalations.acknowledge(escalation_id=one, by=by, via=AcknowledgedVia.PORTAL, now=now)


def accept(one: int, by: int, now: Any = NOW) -> None:
    escalations.accept(escalation_id=one, by=by, now=now)


def decline(one: int, by: int, now: Any = NOW) -> bool:
    return escalations.decline(escalation_id=one, by=by, reason="虚构：人手不够。", now=now)


def release(one: int, by: int, now: Any = NOW) -> None:
    escalations.release(escalation_id=one, by=by, now=now)


def read_back(one: int, by: int, now: Any = NOW) -> None:
    handing_over.confirm_read_back(escalation_id=one, by=by, now=now)


ACTIONS = (acknowledge, accept, decline, release, read_back)
Action = Callable[..., object]


def do(action: Action, one: int, by: int, minutes: float = 1) -> object:
    with transaction():
        return action(one, by, NOW + minutes * MINUTE)


def state(one: int) -> tuple[Any, ...]:
    """Tell everything that an action could change, but for the audit."""
    session().rollback()
    row = queries.by_id(escalation_id=one)
    case = cases.case_by_id(case_id=row.case_id)
    told = Counter(entry.kind for entry in cases.timeline(case_id=row.case_id, limit=100))
    return row, case.owner_id, case.version, told, len(rings_of(one))


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    "who", ["stranger", "other_supervisor", "auditor", "administrator", "left"]
)
def test_nobody_without_a_say_does_anything(staff: Staff, sent: int, action: Action, who: str):
    city = staff.city
    by = {
        "stranger": lambda: staff.stranger,
        "other_supervisor": lambda: make_supervisor(organization_id=city.other_district.id),
        "auditor": lambda: make_user(role=Role.AUDITOR, organization_id=city.municipality.id),
        "administrator": lambda: make_user(
            role=Role.ADMINISTRATOR, organization_id=city.municipality.id
        ),
        "left": lambda: make_counselor(organization_id=city.other_school.id),
    }[who]()
    before = state(sent)

    with pytest.raises((NoSuchEscalation, NotTheSender)):
        do(action, sent, by)

    assert state(sent) == before


@pytest.mark.parametrize("action", [acknowledge, accept, decline])
def test_the_sender_does_not_answer_their_own(staff: Staff, sent: int, action: Action):
    before = state(sent)

    with pytest.raises(NoSuchEscalation):
        do(action, sent, staff.sender)

    assert state(sent) == before


def test_an_escalation_that_does_not_exist_is_told_apart_from_nothing(staff: Staff):
    for action in ACTIONS:
        with pytest.raises(NoSuchEscalation):
            do(action, 987_654, staff.district)


def test_a_forged_page_is_answered_by_nobody(staff: Staff, sent: int):
    (page,) = queries.pages_of(subject=subject_of(sent))

    for page_id, by in ((page.page_id, staff.stranger), (987_654, staff.district)):
        with pytest.raises(NoSuchPage), transaction():
            answers.acknowledge_page(page_id=page_id, user_id=by, via=AcknowledgedVia.KEY, now=NOW)


def test_hearing_twice_is_written_down_once(staff: Staff, sent: int):
    assert do(acknowledge, sent, staff.district) is True
    heard = state(sent)

    assert do(acknowledge, sent, staff.district, 2) is False

    assert state(sent) == heard


def test_accepting_twice_by_a_double_click_changes_nothing(staff: Staff, sent: int):
    do(accept, sent, staff.district)
    accepted = state(sent)

    with pytest.raises(AlreadyAccepted):
        do(accept, sent, staff.district, 1.01)

    assert state(sent) == accepted


@pytest.mark.parametrize(
    ("first", "then", "refused"),
    [
        (release, accept, EscalationOver),
        (release, acknowledge, EscalationOver),
        (release, decline, EscalationOver),
        (release, release, EscalationOver),
        (accept, decline, AlreadyAccepted),
        (accept, acknowledge, AlreadyAccepted),
        (accept, release, AlreadyAccepted),
        (decline, accept, EscalationOver),
        (decline, acknowledge, EscalationOver),
        (decline, decline, EscalationOver),
        (decline, release, EscalationOver),
    ],
)
def test_what_is_over_stays_over(
    staff: Staff, sent: int, first: Action, then: Action, refused: type[DomainError]
):
    do(first, sent, staff.sender if first is release else staff.district)
    over = state(sent)

    with pytest.raises(refused):
        do(then, sent, staff.sender if then is release else staff.district, 2)

    assert state(sent) == over


def test_a_case_does_not_close_below_an_open_escalation(staff: Staff, case: CaseRow, sent: int):
    for answered in (None, acknowledge):
        if answered is not None:
            do(answered, sent, staff.district)
        with pytest.raises(HoldsRemain):
            close(case=case, now=NOW + 3 * MINUTE)

    session().rollback()
    assert cases.case_by_id(case_id=case.case_id).closed_at is None
    assert queries.by_id(escalation_id=sent).next_step_at is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [(accept, release), (accept, decline), (decline, release)],
)
def test_of_two_answers_at_once_one_counts(
    database: Flask, staff: Staff, case: CaseRow, sent: int, one: Action, other: Action
):
    gate = Barrier(2)

    def answer(action: Action) -> EscalationState | None:
        with database.app_context():
            by = staff.sender if action is release else staff.district
            gate.wait()
            try:
                do(action, sent, by)
            except DomainError:
                return None
            finally:
                db.session.remove()
            return {
                accept: EscalationState.ACCEPTED,
                decline: EscalationState.DECLINED,
                release: EscalationState.RELEASED,
            }[action]

    with ThreadPoolExecutor(2) as pool:
        done = [found for found in pool.map(answer, (one, other)) if found is not None]

    row, owner, *_ = state(sent)
    assert [row.state] == done
    assert owner == (staff.district if row.state is EscalationState.ACCEPTED else staff.sender)
    assert "escalation" not in {hold.kind for hold in cases.holds(case_id=case.case_id)}


def test_of_many_who_text_1_while_another_accepts_none_fails(
    database: Flask, staff: Staff, sent: int
):
    """Whoever locks the pages first and whoever locks the escalation first never wait for ever."""
    forward(until=NOW + 5 * MINUTE)
    gate = Barrier(4)

    def answer(who: int) -> bool:
        with database.app_context():
            gate.wait()
            try:
                if who == 0:
                    do(accept, sent, staff.municipal, 6)
                elif who == 1:
                    sweep(now=NOW + 8 * MINUTE)
                else:
                    with transaction():
                        answers.acknowledge_by_text(user_id=staff.district, now=NOW + 6 * MINUTE)
            finally:
                db.session.remove()
            return True

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(answer, range(4))) == [True] * 4

    assert state(sent)[0].state is EscalationState.ACCEPTED


def test_a_clock_that_goes_back_calls_nobody_early(staff: Staff, sent: int):
    forward(until=NOW + 3 * MINUTE)
    rung = len(rings_of(sent))

    for minutes in range(-60, 0, 10):
        assert sweep(now=NOW + minutes * MINUTE) == 0

    assert len(rings_of(sent)) == rung
    do(accept, sent, staff.district, -30)
    assert queries.by_id(escalation_id=sent).state is EscalationState.ACCEPTED


def test_a_clock_that_leaps_six_hours_calls_each_desk_once(staff: Staff, sent: int):
    before = Counter(ring.user_id for ring in rings_of(sent))
    leapt = NOW + timedelta(hours=6)

    for _ in range(10):
        sweep(now=leapt)

    made = Counter(ring.user_id for ring in rings_of(sent)) - before
    # A text and a call each; all that came due meanwhile is one round, not a hundred.
    assert set(made) == {staff.district, staff.municipal, staff.duty_lead, staff.director}
    assert max(made.values()) <= 4
    row = queries.by_id(escalation_id=sent)
    assert row.next_step_at == leapt + 15 * MINUTE


def test_after_it_is_over_no_order_is_left_to_ring(staff: Staff, sent: int):
    forward(until=NOW + 20 * MINUTE)

    do(release, sent, staff.sender, 21)

    ids = [page.page_id for page in queries.pages_of(subject=subject_of(sent))]
    for purpose in (Purpose.PAGE_TEXT, Purpose.PAGE_CALL):
        for orders in outbox.texts_of(purpose=purpose, ids=ids).values():
            assert all(order.state is OrderState.WITHDRAWN for order in orders)
    assert forward(until=NOW + timedelta(hours=5)) == 0


def test_a_unit_that_declined_is_rung_no_more_and_the_others_are(staff: Staff, sent: int):
    forward(until=NOW + 16 * MINUTE)

    do(decline, sent, staff.district, 16)
    forward(until=NOW + 40 * MINUTE)

    later = {ring.user_id for ring in rings_of(sent) if ring.at > NOW + 16 * MINUTE}
    assert staff.district not in later
    assert {staff.municipal, staff.duty_lead, staff.director} <= later


def test_a_1_texted_after_ones_own_unit_declined_is_taken_and_opens_nothing(
    staff: Staff, sent: int
):
    forward(until=NOW + 16 * MINUTE)
    do(decline, sent, staff.district, 16)
    declined = state(sent)

    with transaction():
        page = answers.acknowledge_by_text(user_id=staff.district, now=NOW + 17 * MINUTE)

    assert page is not None
    assert state(sent) == declined
