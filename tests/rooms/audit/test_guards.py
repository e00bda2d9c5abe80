"""The database itself refuses to change what was recorded."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from tests.rooms.audit.conftest import Tamper, record_events, seal
from wellbeing.foundation.database import session, transaction


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_event",
        "UPDATE audit_event SET actor_id = 8",
        "UPDATE audit_event SET details = '{}'",
        "UPDATE audit_event SET at = '2026-11-23 15:00:00'",
        "UPDATE audit_event SET sequence = 1",
        "UPDATE audit_event SET sequence = 1, previous_hash = 'a', hash = 'b', action = 'listed'",
    ],
)
def test_an_unsealed_event_cannot_be_changed_or_deleted(database: Flask, statement: str):
    record_events(1)

    with pytest.raises(DatabaseError, match="never"), transaction():
        session().execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_event WHERE sequence = 1",
        "UPDATE audit_event SET sequence = NULL, previous_hash = NULL, hash = NULL",
        "UPDATE audit_event SET hash = 'forged' WHERE sequence = 1",
        "UPDATE audit_event SET subject_id = 99 WHERE sequence = 1",
    ],
)
def test_a_sealed_event_cannot_be_changed_or_unsealed(database: Flask, statement: str):
    record_events(2)
    seal()

    with pytest.raises(DatabaseError, match="never"), transaction():
        session().execute(text(statement))


def test_an_event_cannot_be_born_sealed(database: Flask):
    with pytest.raises(DatabaseError), transaction():
        session().execute(
            text(
                "INSERT INTO audit_event (at, actor_kind, action, details, sequence)"
                " VALUES ('2026-11-23 14:00:00', 'system', 'listed', '{}', 1)"
            )
        )


REPLACE_ROW = """
    INSERT OR REPLACE INTO audit_event (id, at, actor_kind, action, details)
    SELECT id, at, 'system', action, details FROM audit_event WHERE sequence = 1
"""
TAKE_ITS_PLACE = """
    UPDATE OR REPLACE audit_event SET sequence = 1, previous_hash = 'a', hash = 'b'
    WHERE sequence IS NULL
"""
WAYS_AROUND = {
    "sqlite": [REPLACE_ROW, TAKE_ITS_PLACE],
    "postgresql": ["TRUNCATE audit_event", "TRUNCATE audit_event CASCADE"],
}


@pytest.mark.parametrize("way", [0, 1])
def test_the_ways_around_a_trigger_of_deletions_are_closed(database: Flask, way: int):
    record_events(1)
    seal()
    record_events(1, first=1)
    statement = WAYS_AROUND[session().get_bind().dialect.name][way]

    with pytest.raises(DatabaseError, match=r"never|born"), transaction():
        session().execute(text(statement))


def test_the_owner_may_take_the_guards_off_and_put_them_back(database: Flask, tamper: Tamper):
    record_events(2)

    tamper("DELETE FROM audit_event WHERE subject_id = 1")

    left = session().execute(text("SELECT count(*) FROM audit_event")).scalar()
    assert left == 1
    with pytest.raises(DatabaseError), transaction():
        session().execute(text("DELETE FROM audit_event"))
