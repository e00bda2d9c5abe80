"""Recording and sealing: one chain, in batches, by one sealer at a time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.moments import NOW
from tests.rooms.audit.conftest import Tamper, record_events, seal
from wellbeing.audit import operations, queries
from wellbeing.audit.models import AUDIT_EVENT
from wellbeing.audit.operations import ChainCut
from wellbeing.audit.queries import EventFilter
from wellbeing.audit.rules import SYSTEM, AuditAction, NotADetail, Subject
from wellbeing.foundation.database import session, transaction


def places() -> list[tuple[int, int | None]]:
    session().rollback()
    statement = select(AUDIT_EVENT.c.id, AUDIT_EVENT.c.sequence).order_by(AUDIT_EVENT.c.id)
    return [(row[0], row[1]) for row in session().execute(statement)]


def test_an_event_is_written_unsealed(database: Flask):
    (event,) = record_events(1)

    assert places() == [(event, None)]


def test_an_event_that_was_rolled_back_is_not_there(database: Flask):
    with pytest.raises(RuntimeError), transaction():
        operations.record(action=AuditAction.LISTED, actor=SYSTEM, now=NOW)
        raise RuntimeError

    assert places() == []


def test_words_that_are_not_json_are_refused(database: Flask):
    with pytest.raises(NotADetail), transaction():
        operations.record(action=AuditAction.LISTED, actor=SYSTEM, details={"at": NOW}, now=NOW)


def test_an_unknown_action_is_refused(database: Flask):
    with pytest.raises(ValueError, match="peeked"), transaction():
        operations.record(action="peeked", actor=SYSTEM, now=NOW)  # type: ignore[arg-type]


def test_sealing_goes_on_where_the_last_batch_ended(database: Flask):
    first, second, third = record_events(3)

    assert [seal(limit=2), seal(limit=2), seal(limit=2)] == [2, 1, 0]
    assert places() == [(first, 1), (second, 2), (third, 3)]


def test_an_event_that_comes_late_takes_the_next_place(database: Flask):
    early = record_events(2)
    seal()
    late = record_events(1, first=2)
    seal()

    assert places() == [(early[0], 1), (early[1], 2), (late[0], 3)]
    assert queries.verify(now=NOW).ok


def test_two_sealers_at_once_make_one_chain(database: Flask):
    record_events(40)
    start, counts = Barrier(2), []

    def sweep() -> None:
        with database.app_context():
            start.wait()
            counts.extend(seal(limit=7) for _ in range(5))

    threads = [Thread(target=sweep) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(counts) == 40
    session().rollback()
    checked = queries.verify(now=NOW)
    assert (checked.ok, checked.count) == (True, 40)


def test_the_oldest_unsealed_event_is_the_next_work(database: Flask):
    assert queries.next_due() is None

    record_events(2)

    assert queries.next_due() == NOW
    session().rollback()
    seal()
    assert queries.next_due() is None


def test_the_head_is_written_outside_once_per_place(chain: Path):
    session().rollback()

    again = operations.anchor_head(path=chain, now=NOW)

    assert again is False
    assert [line.split(" ")[1] for line in chain.read_text("ascii").splitlines()] == ["5"]


def test_the_anchors_climb(chain: Path):
    session().rollback()
    record_events(2, first=5)
    seal()

    assert operations.anchor_head(path=chain, now=NOW) is True

    assert [line.split(" ")[1] for line in chain.read_text("ascii").splitlines()] == ["5", "7"]


def test_a_chain_that_became_shorter_is_not_anchored_anew(chain: Path, tamper: Tamper):
    tamper("DELETE FROM audit_event WHERE sequence > 3", "UPDATE audit_head SET sequence = 3")

    with pytest.raises(ChainCut):
        operations.anchor_head(path=chain, now=NOW)


def test_an_auditor_reads_the_newest_first_page_by_page(database: Flask):
    made = record_events(3)

    first = queries.events(wanted=EventFilter(), limit=2)
    second = queries.events(wanted=EventFilter(), before_id=first[-1].id, limit=2)

    assert [one.id for one in (*first, *second)] == [made[2], made[1], made[0]]
    assert first[0].subject == Subject(kind="case", id=3)
    assert first[0].actor_id == 7


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (EventFilter(subject=Subject(kind="case", id=2)), [1]),
        (EventFilter(subject=Subject(kind="contact")), []),
        (EventFilter(actor_id=7, since=NOW + timedelta(seconds=1)), [2, 1]),
        (EventFilter(until=NOW + timedelta(seconds=1)), [0]),
        (EventFilter(action=AuditAction.LISTED), []),
        (EventFilter(actor_id=8), []),
    ],
)
def test_an_auditor_asks_for_some_events(database: Flask, wanted: EventFilter, found: list[int]):
    made = record_events(3)

    assert [one.id for one in queries.events(wanted=wanted, limit=9)] == [made[n] for n in found]
