"""The write guard and the sealed columns, on both databases."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

import pytest
from flask import Flask
from sqlalchemy import insert, select, text

from tests.factories.moments import NOW
from wellbeing.foundation import database as ground
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.crypto.ring import Unreadable
from wellbeing.foundation.crypto.sealed import DataKey
from wellbeing.foundation.database import session, transaction


def test_what_a_transaction_wrote_is_there_for_others(database: Flask):
    with transaction():
        key_id = sealed.create_data_key(now=NOW)
    session().close()

    assert session().get_one(DataKey, key_id).created_at == NOW


def test_an_error_undoes_the_whole_unit(database: Flask):
    with pytest.raises(RuntimeError), transaction():
        sealed.create_data_key(now=NOW)
        raise RuntimeError

    assert session().scalars(select(DataKey)).all() == []


@pytest.mark.parametrize("statement", ["DELETE FROM data_key", "update data_key set master = 'x'"])
def test_a_stray_write_is_refused_at_the_engine(database: Flask, statement: str):
    with pytest.raises(ground.WriteOutsideTransaction):
        session().execute(text(statement))


def test_a_stray_write_through_the_connection_is_refused_too(database: Flask):
    with pytest.raises(ground.WriteOutsideTransaction):
        session().connection().execute(
            insert(DataKey).values(id=uuid.uuid4(), master="x", created_at=NOW)
        )


def test_a_forgotten_commit_cannot_pass_for_a_saved_row(database: Flask):
    with pytest.raises(ground.WriteOutsideTransaction):
        sealed.create_data_key(now=NOW)


def test_transactions_do_not_nest(database: Flask):
    with transaction(), pytest.raises(ground.NestedTransaction), transaction():
        raise AssertionError("never entered")


def test_changes_made_before_it_began_are_not_lost_silently(database: Flask):
    session().add(DataKey(master="x", created_at=NOW))

    with pytest.raises(ground.DirtySession), transaction():
        raise AssertionError("never entered")


def test_work_for_the_end_is_done_once_with_everything_that_was_named(database: Flask):
    done: list[list[int]] = []

    def work(ids: Iterable[int]) -> None:
        done.append(sorted(ids))

    with transaction():
        ground.before_commit(work, 3, 1)
        ground.before_commit(work, 3)
        assert done == []

    assert done == [[1, 3]]


def test_what_was_written_at_the_end_is_part_of_the_unit(database: Flask):
    def work(ids: Iterable[int]) -> None:
        raise RuntimeError(ids)

    with pytest.raises(RuntimeError), transaction():
        sealed.create_data_key(now=NOW)
        ground.before_commit(work, 1)

    assert session().scalars(select(DataKey)).all() == []


def test_nothing_is_left_for_the_end_of_a_later_unit(database: Flask):
    done: list[object] = []
    with pytest.raises(ZeroDivisionError), transaction():
        ground.before_commit(done.append, 1)
        raise ZeroDivisionError
    with transaction():
        pass

    assert done == []


def test_work_for_the_end_needs_a_unit_that_ends(database: Flask):
    with pytest.raises(ground.WriteOutsideTransaction):
        ground.before_commit(print, 1)


def test_a_naive_time_never_reaches_the_database(database: Flask):
    with pytest.raises(Exception, match="naive"), transaction():
        sealed.create_data_key(now=NOW.replace(tzinfo=None))


def test_sealed_text_opens_at_its_place_only(database: Flask):
    with transaction():
        key_id = sealed.create_data_key(now=NOW)
    secret = sealed.seal("有人在听吗?🌱", key_id=key_id, place="contact_message.body")

    assert sealed.open_sealed(secret, place="contact_message.body") == "有人在听吗?🌱"
    with pytest.raises(Unreadable):
        sealed.open_sealed(secret, place="case_note.body")


def test_changed_bytes_do_not_open(database: Flask):
    with transaction():
        key_id = sealed.create_data_key(now=NOW)
    secret = bytearray(sealed.seal("words", key_id=key_id, place="a.b"))
    secret[-1] ^= 1

    with pytest.raises(Unreadable):
        sealed.open_sealed(bytes(secret), place="a.b")


def test_erasing_one_key_erases_all_that_was_sealed_under_it(database: Flask):
    with transaction():
        key_id = sealed.create_data_key(now=NOW)
    secret = sealed.seal("words", key_id=key_id, place="a.b")

    with transaction():
        sealed.erase_data_key(key_id=key_id, now=NOW)

    with pytest.raises(Unreadable):
        sealed.open_sealed(secret, place="a.b")
