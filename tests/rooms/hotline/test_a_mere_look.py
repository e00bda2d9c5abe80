"""Most fetches of the wait loop find nothing due: a few reads, no lock and no write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from tests.factories.accounts import make_counselor
from tests.factories.moments import NOW
from tests.factories.roster import make_shift
from tests.rooms.hotline.calling import Caller, said
from wellbeing.contacts.rules.calls import LegState
from wellbeing.foundation.database import db
from wellbeing.hotline.voice import waiting
from wellbeing.organizations.queries import OrganizationRow
from wellbeing.telephony.steps import Document

pytestmark = pytest.mark.usefixtures("municipality", "supervisor")


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the first word of each statement."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement.split(None, 1)[0].upper())

    event.listen(db.engine, "before_cursor_execute", note)
    yield found
    event.remove(db.engine, "before_cursor_execute", note)


def looks(caller: Caller, *, seconds: float) -> Document | None:
    now = NOW + timedelta(seconds=seconds)
    return waiting.look(public_id=caller.public_id, told=2, now=now)


def test_while_a_phone_rings_a_fetch_reads_four_times_and_writes_nothing(counselor: int):
    caller = Caller().queued()
    public_id = caller.public_id

    with statements() as ran:
        document = waiting.look(public_id=public_id, told=1, now=NOW + timedelta(seconds=12))

    assert document is not None
    assert "还在为你找咨询员" in said(document)
    assert [one for one in ran if one not in {"PRAGMA", "BEGIN", "SET"}] == ["SELECT"] * 4


def test_seconds_before_the_sweep_looks_a_fetch_reads_twice(counselor: int):
    caller = Caller().queued()
    due = caller.call.next_step_at
    assert due is not None
    public_id = caller.public_id

    with statements() as ran:
        document = waiting.look(public_id=public_id, told=1, now=due - timedelta(seconds=3))

    assert document is not None
    assert [one for one in ran if one not in {"PRAGMA", "BEGIN", "SET"}] == ["SELECT"] * 2


def test_the_turn_of_the_loop_comes_with_the_address(counselor: int):
    """Every third time they are told what they can choose; nothing counts it in the database."""
    caller = Caller().queued()

    told = [said(caller.waits(seconds=2)) for _ in range(6)]

    assert ["请按2" in one for one in told] == [False, False, True, False, False, True]
    assert caller.call.waited == 1


def test_somebody_who_came_on_call_is_rung_at_the_next_fetch(
    counselor: int, municipality: OrganizationRow
):
    caller = Caller().queued()
    newcomer = make_counselor(username="newcomer", phone="+8613900000009")
    make_shift(user_id=newcomer, organization_id=municipality.id, position=2)

    seen = looks(caller, seconds=12)
    caller.waits(seconds=12)

    assert seen is None
    assert caller.states()[newcomer] is LegState.PLACING


@pytest.mark.parametrize("seconds", [30, 90])
def test_what_is_due_is_not_overlooked(counselor: int, seconds: float):
    """The wait loop stays the clock, though nobody swept."""
    caller = Caller().queued()

    assert looks(caller, seconds=seconds) is None


def test_with_no_job_process_a_look_is_not_enough(counselor: int):
    caller = Caller(delivers=False).queued()

    assert looks(caller, seconds=1) is None


def test_who_won_is_not_kept_waiting_by_a_look(counselor: int):
    caller = Caller().queued()
    caller.taken_by(counselor)

    assert looks(caller, seconds=1) is None


def test_the_first_fetch_says_all_and_is_noted(counselor: int):
    caller = Caller()
    caller.dials()
    caller.presses("1")

    assert looks(caller, seconds=0) is None
    assert "三种情况例外" in said(caller.waits())
    assert "三种情况例外" not in said(caller.waits(seconds=1))
