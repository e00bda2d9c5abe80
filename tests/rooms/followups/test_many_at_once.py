"""Many promises due at one minute: each is judged by itself, and all cost as many statements."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from tests.factories.cases import make_case
from tests.factories.contacts import LINE, make_contact
from tests.factories.followups import make_plan
from tests.factories.moments import NOW
from wellbeing.cases.models.cases import CASE
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.followups import queries
from wellbeing.followups.models import FOLLOW_UP
from wellbeing.followups.operations import sending, sweeps
from wellbeing.followups.queries import FollowUpRow
from wellbeing.followups.rules import FollowUpState
from wellbeing.foundation.database import (
    RowsMoved,
    changed,
    claiming,
    db,
    session,
    transaction,
)
from wellbeing.messaging.models import OUTBOUND
from wellbeing.policy.model import FollowUpKind, RiskLevel

CHECK_IN = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
"""Wednesday, 18:00 in Chongqing."""
HOUR = timedelta(hours=1)
_numbers = count(1)


def number() -> str:
    return f"+86136000{next(_numbers):05d}"


def promised(owner: int, *, sender: str | None = None) -> tuple[CaseRow, int]:
    """Promise somebody a check-in on Wednesday evening."""
    contact_id = make_contact(sender=sender or number())
    case = make_case(owner_id=owner, contact_id=contact_id, level=RiskLevel.IMMINENT)
    return case, make_plan(case=case)[1]


def send(*ids: int, now: datetime = CHECK_IN) -> frozenset[int]:
    with transaction(), claiming():
        return sweeps.advance_all(ids, now=now)


def row(follow_up_id: int) -> FollowUpRow:
    session().rollback()
    return queries.by_id(follow_up_id=follow_up_id)


def texts() -> int:
    session().rollback()
    return int(session().execute(select(func.count()).select_from(OUTBOUND)).scalar_one())


def test_each_of_many_is_sent_and_written_down_once(owner: int):
    made = [promised(owner) for _ in range(5)]
    ids = [follow_up_id for _, follow_up_id in made]
    before = texts()

    assert send(*ids) == frozenset(ids)
    assert send(*ids) == frozenset()

    assert texts() - before == 5
    for case, follow_up_id in made:
        sent = row(follow_up_id)
        kinds = Counter(one.kind for one in cases.timeline(case_id=case.case_id, limit=50))
        assert (sent.state, sent.sent_at, sent.next_step_at) == (
            FollowUpState.SENT, CHECK_IN, sent.window_end,
        )  # fmt: skip
        assert [one.number for one in queries.attempts_of(follow_up_id=follow_up_id)] == [1]
        assert kinds["follow_up_sent"] == 1
    assert len({row(one).outbound_id for one in ids}) == 5


def test_each_goes_to_its_own_student_in_their_own_words(owner: int):
    numbers = [number() for _ in range(3)]
    ids = [promised(owner, sender=one)[1] for one in numbers]

    send(*ids)

    for follow_up_id, own in zip(ids, numbers, strict=True):
        with transaction():
            found = queries.awaiting_answer(number=own, line_number=LINE, now=CHECK_IN)
        assert found is not None
        assert found.follow_up_id == follow_up_id


def test_one_that_may_not_be_texted_becomes_a_call_and_the_others_go(owner: int):
    (_, first), (_, second), (_, third) = (promised(owner) for _ in range(3))
    withheld = make_contact(sender=None)
    case = make_case(owner_id=owner, contact_id=withheld, level=RiskLevel.IMMINENT)
    fourth = make_plan(case=case)[1]

    moved = send(first, second, third, fourth)

    assert moved == {first, second, third, fourth}
    assert [row(one).state for one in (first, second, third)] == [FollowUpState.SENT] * 3
    assert (row(fourth).state, row(fourth).kind) == (FollowUpState.PLANNED, FollowUpKind.CALL)


def test_outside_of_the_hours_all_wait_for_theirs(owner: int):
    ids = [
        make_plan(case=promised(owner)[0], level=RiskLevel.MODERATE, now=NOW - 2 * HOUR)[0]
        for _ in range(2)
    ]
    night = row(ids[0]).due_at + 6 * HOUR
    before = texts()

    assert send(*ids, now=night) == frozenset(ids)

    assert texts() == before
    assert all(row(one).state is FollowUpState.PLANNED for one in ids)
    assert all(row(one).due_at > night for one in ids)


def test_many_cost_as_many_statements_as_two(owner: int):
    ids = [promised(owner)[1] for _ in range(9)]
    # The first also loads what later ones find in memory.
    send(*ids[:1])

    two, six = statements(ids[1:3]), statements(ids[3:])

    assert six == two


def statements(ids: list[int]) -> int:
    seen = 0

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        nonlocal seen
        # SQLite tells the ids of new rows in order only when they are written one by one.
        seen += not statement.startswith("INSERT INTO outbound")

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert send(*ids) == frozenset(ids)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return seen


def test_what_another_process_moved_meanwhile_is_not_sent(owner: int, database: Flask):
    rows = [row(promised(owner)[1]) for _ in range(2)]
    before = texts()
    with transaction():
        changed(update(FOLLOW_UP).where(FOLLOW_UP.c.id == rows[0].follow_up_id).values(version=7))

    with pytest.raises(RowsMoved), transaction():
        sending.send(rows=rows, now=CHECK_IN)

    assert texts() == before
    assert all(row(one.follow_up_id).state is FollowUpState.PLANNED for one in rows)


def test_a_closed_case_among_them_is_cancelled_and_the_others_go(owner: int):
    (_, first), (gone, second) = (promised(owner) for _ in range(2))
    with transaction():
        changed(update(CASE).where(CASE.c.id == gone.case_id).values(closed_at=CHECK_IN))

    assert send(first, second) == {first, second}

    assert row(first).state is FollowUpState.SENT
    assert row(second).state is FollowUpState.CANCELLED
