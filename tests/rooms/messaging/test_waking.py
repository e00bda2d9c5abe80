"""Ringing counts in seconds: delivery hears of a queued order at once, where the database tells."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from tests.factories.messaging import queued_text
from tests.factories.moments import NOW
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import db, transaction
from wellbeing.messaging import operations as messaging
from wellbeing.messaging.delivery.wake import Watch

PATIENT = 20.0
AT_ONCE = 0.05
on_postgresql = pytest.mark.parametrize("app", ["postgresql"], indirect=True)


@pytest.fixture
def watch(database: Flask) -> Iterator[Watch]:
    """A connection that listens already."""
    made = Watch()
    made.wait_for_orders(seconds=AT_ONCE)
    yield made
    made.close()


def queue_and_fail() -> None:
    with transaction():
        messaging.queue_recording_deletion(
            sid="RE1", recording_id=1, data_key_id=sealed.create_data_key(now=NOW), now=NOW
        )
        raise ZeroDivisionError


@on_postgresql
def test_a_queued_order_wakes_delivery(watch: Watch):
    queued_text()

    assert watch.wait_for_orders(seconds=PATIENT)


@on_postgresql
def test_an_order_that_was_never_committed_wakes_nobody(watch: Watch):
    with pytest.raises(ZeroDivisionError):
        queue_and_fail()

    assert not watch.wait_for_orders(seconds=AT_ONCE)


@on_postgresql
def test_many_orders_wake_delivery_once(watch: Watch):
    for _ in range(5):
        queued_text()
    # An answer comes after every word that was told before the question.
    vars(watch)["_connection"].execute("SELECT 1")

    assert watch.wait_for_orders(seconds=PATIENT)
    assert not watch.wait_for_orders(seconds=AT_ONCE)


@on_postgresql
def test_a_lost_connection_is_opened_again(watch: Watch):
    terminate = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN outbound'"
    )
    with db.engine.connect() as connection:
        connection.execute(terminate)

    lost = watch.wait_for_orders(seconds=AT_ONCE)
    watch.wait_for_orders(seconds=AT_ONCE)
    queued_text()

    assert not lost
    assert watch.wait_for_orders(seconds=PATIENT)


def test_when_nothing_is_queued_only_time_passes(watch: Watch):
    assert not watch.wait_for_orders(seconds=AT_ONCE)
