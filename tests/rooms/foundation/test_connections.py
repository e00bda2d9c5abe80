"""What a connection remembers between transactions, and what is done when its server is gone."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from wellbeing.foundation.database import (
    PATIENCE_MS,
    RESTED_S,
    RESTING_SINCE,
    WEBHOOK_PATIENCE_MS,
    db,
    session,
    transaction,
)

on_postgresql = pytest.mark.parametrize("app", ["postgresql"], indirect=True)


@pytest.fixture(autouse=True)
def one_connection(database: Flask) -> None:
    """Begin with an empty pool: one thread then uses one connection, over and over."""
    session().close()
    db.engine.dispose()


def patience() -> str:
    return str(session().execute(text("SHOW lock_timeout")).scalar_one())


def backend() -> int:
    return int(session().execute(text("SELECT pg_backend_pid()")).scalar_one())


def end_the_only_connection(*, rested: bool) -> None:
    """End it at the server, as a restart would, and say how long it lay in the pool."""
    with db.engine.connect() as other, db.engine.connect() as victim:
        process = victim.execute(text("SELECT pg_backend_pid()")).scalar_one()
        victim.rollback()
        other.execute(text("SELECT pg_terminate_backend(:one, 5000)"), {"one": process})
        info = victim.info
    if rested:
        info[RESTING_SINCE] -= RESTED_S + 1


@on_postgresql
def test_a_webhook_waits_less_for_a_lock_than_a_counselor():
    seen = []
    for milliseconds in (WEBHOOK_PATIENCE_MS, PATIENCE_MS, PATIENCE_MS, WEBHOOK_PATIENCE_MS):
        with transaction(patience_ms=milliseconds):
            seen.append(patience())

    assert seen == ["2s", "15s", "15s", "2s"]


@on_postgresql
def test_patience_is_asked_for_again_after_a_transaction_was_undone():
    with pytest.raises(ZeroDivisionError), transaction(patience_ms=WEBHOOK_PATIENCE_MS):
        raise ZeroDivisionError
    with transaction():
        after_a_webhook = patience()
    with pytest.raises(ZeroDivisionError), transaction():
        raise ZeroDivisionError
    with transaction(patience_ms=WEBHOOK_PATIENCE_MS):
        after_a_counselor = patience()

    assert (after_a_webhook, after_a_counselor) == ("15s", "2s")


@on_postgresql
def test_a_connection_that_died_while_it_lay_in_the_pool_is_replaced_unseen():
    end_the_only_connection(rested=True)

    with transaction():
        assert backend() > 0


@on_postgresql
def test_a_connection_used_a_moment_ago_is_trusted_and_costs_one_error_at_most():
    end_the_only_connection(rested=False)

    with pytest.raises(OperationalError), transaction():
        backend()
    with transaction():
        assert backend() > 0
