"""P5: whatever is done to the chain behind the guards, `verify` names the first bad row."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select, update

from tests.factories.moments import NOW
from tests.rooms.audit.conftest import Tamper, record_events, seal
from wellbeing.audit import operations, queries
from wellbeing.audit.models import AUDIT_EVENT
from wellbeing.audit.queries import Verification
from wellbeing.audit.rules import GENESIS, Problem, chained_hash
from wellbeing.foundation.database import session


def verified(anchors: Path | None = None) -> Verification:
    session().rollback()
    return queries.verify(anchor_path=anchors, now=NOW)


def id_at(sequence: int) -> int:
    session().rollback()
    statement = select(AUDIT_EVENT.c.id).where(AUDIT_EVENT.c.sequence == sequence)
    return int(session().execute(statement).scalar_one())


def fault(found: Verification) -> tuple[Problem | None, int | None, int | None]:
    assert not found.ok
    return found.problem, found.first_bad_id, found.first_bad_sequence


def test_an_untouched_chain_is_whole(chain: Path):
    found = verified(chain)

    assert (found.ok, found.count, found.problem) == (True, 5, None)


def test_an_empty_chain_is_whole(database: Flask, tmp_path: Path):
    assert verified(tmp_path / "none.txt").ok


def test_an_edited_row_is_named(chain: Path, tamper: Tamper):
    row = id_at(3)

    tamper("UPDATE audit_event SET actor_id = 8 WHERE sequence = 3")

    assert fault(verified(chain)) == (Problem.EDITED, row, 3)


def test_an_edited_detail_is_named(chain: Path, tamper: Tamper):
    row = id_at(2)

    tamper("UPDATE audit_event SET details = '{\"number\": 9}' WHERE sequence = 2")

    assert fault(verified(chain)) == (Problem.EDITED, row, 2)


def test_of_two_edited_rows_the_first_is_named(chain: Path, tamper: Tamper):
    row = id_at(2)

    tamper("UPDATE audit_event SET action = 'listed' WHERE sequence IN (2, 4)")

    assert fault(verified(chain)) == (Problem.EDITED, row, 2)


def test_behind_a_deleted_row_the_next_one_is_named(chain: Path, tamper: Tamper):
    row = id_at(4)

    tamper("DELETE FROM audit_event WHERE sequence = 3")

    assert fault(verified(chain)) == (Problem.GAP, row, 4)


def test_a_deleted_first_row_is_seen(chain: Path, tamper: Tamper):
    row = id_at(2)

    tamper("DELETE FROM audit_event WHERE sequence = 1")

    assert fault(verified(chain)) == (Problem.GAP, row, 2)


def test_rows_that_changed_places_are_named(chain: Path, tamper: Tamper):
    fourth = id_at(4)

    tamper(
        "UPDATE audit_event SET sequence = 99 WHERE sequence = 2",
        "UPDATE audit_event SET sequence = 2 WHERE sequence = 4",
        "UPDATE audit_event SET sequence = 4 WHERE sequence = 99",
    )

    assert fault(verified(chain)) == (Problem.EDITED, fourth, 2)


def test_a_row_hashed_anew_at_its_new_place_breaks_the_order(chain: Path, tamper: Tamper):
    row = id_at(3)

    tamper(reseal(row, sequence=3, previous=GENESIS))

    assert fault(verified(chain)) == (Problem.OUT_OF_ORDER, row, 3)


def test_a_cut_tail_is_seen_by_the_head_of_the_chain(chain: Path, tamper: Tamper):
    tamper("DELETE FROM audit_event WHERE sequence > 3")

    assert fault(verified()) == (Problem.TAIL_CUT, None, 4)


def test_a_tail_cut_together_with_the_head_is_seen_by_the_anchor(chain: Path, tamper: Tamper):
    tamper("DELETE FROM audit_event WHERE sequence > 3", "UPDATE audit_head SET sequence = 3")

    assert verified().ok
    assert fault(verified(chain)) == (Problem.TAIL_CUT, None, 4)


def test_a_table_emptied_together_with_the_head_is_seen_by_the_anchor(chain: Path, tamper: Tamper):
    tamper("DELETE FROM audit_event", "DELETE FROM audit_head")

    assert fault(verified(chain)) == (Problem.TAIL_CUT, None, 1)


def test_a_chain_made_anew_does_not_fit_the_anchor(chain: Path, tamper: Tamper):
    row = id_at(5)
    tamper("UPDATE audit_event SET actor_id = 8 WHERE sequence = 5")

    tamper(reseal(row, sequence=5, previous=hash_at(4)))

    assert verified().ok
    assert fault(verified(chain)) == (Problem.ANCHOR_MISMATCH, row, 5)


def test_a_missing_anchor_is_a_fault(chain: Path):
    chain.unlink()

    assert fault(verified(chain)) == (Problem.ANCHOR_MISSING, None, None)


def test_a_damaged_anchor_is_a_fault(chain: Path):
    chain.write_text("nonsense\n" + chain.read_text("ascii"), "ascii")

    assert fault(verified(chain)) == (Problem.ANCHOR_DAMAGED, None, None)


def test_the_damage_of_a_row_is_told_before_that_of_the_file(chain: Path, tamper: Tamper):
    row = id_at(3)
    chain.write_text("nonsense\n", "ascii")

    tamper("UPDATE audit_event SET subject_id = 77 WHERE sequence = 3")

    assert fault(verified(chain)) == (Problem.EDITED, row, 3)


def test_an_anchor_behind_the_chain_is_no_fault(chain: Path):
    record_events(3, first=5)
    seal()

    assert verified(chain).ok


def test_an_event_unsealed_for_more_than_a_minute_is_a_fault(database: Flask):
    (late,) = record_events(1)
    session().rollback()

    in_time = queries.verify(now=NOW + timedelta(seconds=60))
    too_late = queries.verify(now=NOW + timedelta(seconds=61))

    assert in_time.ok
    assert fault(too_late) == (Problem.UNSEALED_TOO_LONG, late, None)
    assert too_late.unsealed_older_than_a_minute == 1


def test_a_long_chain_is_walked_in_batches(database: Flask, tmp_path: Path):
    record_events(2_100)
    for _ in range(3):
        seal()
    operations.anchor_head(path=tmp_path / "anchors.txt", now=NOW)

    assert verified(tmp_path / "anchors.txt").count == 2_100


def reseal(row_id: int, *, sequence: int, previous: str) -> str:
    """Write the statement that gives a row a hash that fits its content and a place."""
    session().rollback()
    statement = select(AUDIT_EVENT).where(AUDIT_EVENT.c.id == row_id)
    content = queries.content_of(session().execute(statement).mappings().one())
    digest = chained_hash(content=content, sequence=sequence, previous=previous)
    seal_again = update(AUDIT_EVENT).where(AUDIT_EVENT.c.id == row_id)
    values = seal_again.values(previous_hash=previous, hash=digest)
    return str(values.compile(compile_kwargs={"literal_binds": True}))


def hash_at(sequence: int) -> str:
    session().rollback()
    statement = select(AUDIT_EVENT.c.hash).where(AUDIT_EVENT.c.sequence == sequence)
    return str(session().execute(statement).scalar_one())
