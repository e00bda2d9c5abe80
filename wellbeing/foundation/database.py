"""The database: base class, times, and the one way to write. No table of any room lives here.

Rooms `flush()`; only doors, jobs and deliveries open `transaction()`. A statement that writes
outside of it is refused at the engine, so that a forgotten commit cannot pass for a saved one.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, cast

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    Select,
    Table,
    TypeDecorator,
    event,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, registry
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.sql import Executable

BigId = BigInteger().with_variant(Integer, "sqlite")
"""Type of every key: 64 bits, and SQLite's own row id."""

Id = Annotated[int, mapped_column(BigId, primary_key=True, autoincrement=True)]

WRITES = re.compile(
    r"\s*(INSERT|UPDATE|DELETE|MERGE|REPLACE|TRUNCATE|CREATE|ALTER|DROP|WITH\b.*\b(INSERT|UPDATE|DELETE)\b)",
    re.IGNORECASE | re.DOTALL,
)
WEBHOOK_PATIENCE_MS = 2_000
PATIENCE_MS = 15_000
RESTED_S = 1.0
"""A connection that lay longer is asked whether it still lives before it is used again."""

Ending = Callable[[Iterable[int]], None]

PATIENCE, UNSETTLED = "patience", "patience_unsettled"
RESTING_SINCE = "resting_since"

_writing: ContextVar[bool] = ContextVar("writing", default=False)
_patience: ContextVar[int] = ContextVar("patience", default=PATIENCE_MS)
_claiming: ContextVar[bool] = ContextVar("claiming", default=False)
_endings: ContextVar[dict[Ending, set[int]] | None] = ContextVar("endings", default=None)


class WriteOutsideTransaction(RuntimeError):
    """A statement that writes ran outside `transaction()`; it was refused."""


class NestedTransaction(RuntimeError):
    """`transaction()` was opened inside another one; a door must open exactly one."""


class RowsMoved(RuntimeError):
    """Of several rows that were to be changed together, somebody else changed one meanwhile."""


class DirtySession(RuntimeError):
    """Objects were changed before `transaction()`; they would be lost."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC moment; refuses naive values and never gives one back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC; SQLite keeps no zone, so it is taken off there."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the database")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware moment on both databases."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables: constraint names that alembic can repeat, and aware times."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={datetime: UtcDateTime()},
    )


db = SQLAlchemy(
    model_class=Base, session_options={"expire_on_commit": False}, disable_autonaming=True
)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


def session() -> Session:
    """Give the session of the current request, job or command."""
    return cast("Session", db.session())


def ping() -> None:
    """Let the database answer once, outside every session and transaction."""
    connection = db.engine.raw_connection()
    try:
        connection.cursor().execute("SELECT 1")
    finally:
        connection.close()


def changed(statement: Executable, values: Mapping[str, Any] | None = None) -> int:
    """Run a guarded UPDATE or DELETE with its values; tell how many rows it changed."""
    return cast("CursorResult[Any]", session().execute(statement, values)).rowcount


def changed_many(statement: Executable, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Run a guarded UPDATE once for each set of values; False when the only one changed nothing.

    Raises:
        RowsMoved: one of several found its row moved by somebody else; undo them all.

    """
    many = cast("CursorResult[Any]", session().execute(statement, list(rows)))
    if many.rowcount != len(rows) > 1:
        raise RowsMoved
    return many.rowcount == len(rows)


def before_commit(work: Ending, *ids: int) -> None:
    """Do this once, with all the ids named until then, just before the transaction commits.

    For rows that many transactions share: they are then locked last, briefly, and once.

    Raises:
        WriteOutsideTransaction: no transaction is open.

    """
    endings = _endings.get()
    if endings is None:
        raise WriteOutsideTransaction("work for the end of a transaction, outside of one")
    endings.setdefault(work, set()).update(ids)


@contextmanager
def claiming() -> Iterator[None]:
    """Let `taken` hold the rows that it finds, until the transaction around it ends."""
    token = _claiming.set(True)
    try:
        yield
    finally:
        _claiming.reset(token)


def taken(statement: Select[Any], *, of: Table) -> Select[Any]:
    """Let a sweep that is claiming hold the rows of a SELECT, passing over what others hold.

    Outside of `claiming`, and on SQLite, which has one writer at a time, it is the plain SELECT.
    """
    if not _claiming.get():
        return statement
    return statement.with_for_update(skip_locked=True, of=of)


@contextmanager
def savepoint() -> Iterator[None]:
    """Undo, if it fails, only what is done inside; the transaction around it goes on."""
    with session().begin_nested():
        yield


@contextmanager
def transaction(*, patience_ms: int = PATIENCE_MS) -> Iterator[Session]:
    """Open the one write unit of a door, a job or a delivery; commit at its end.

    Ends the read transaction that sign-in may have opened, because a write after an old read
    fails at once on SQLite whatever the time-out says. `patience_ms` bounds the wait for a lock.

    Raises:
        NestedTransaction: one is open already.
        DirtySession: objects were changed before it began.

    """
    if _writing.get():
        raise NestedTransaction
    current = session()
    if current.new or current.dirty or current.deleted:
        raise DirtySession
    current.rollback()
    writing, patience = _writing.set(True), _patience.set(patience_ms)
    last: dict[Ending, set[int]] = {}
    endings = _endings.set(last)
    try:
        current.connection()
        yield current
        for work, ids in last.items():
            work(ids)
        current.commit()
    except BaseException:
        current.rollback()
        raise
    finally:
        _writing.reset(writing)
        _patience.reset(patience)
        _endings.reset(endings)


@contextmanager
def schema_changes() -> Iterator[None]:
    """Let migrations, seeds' bulk copies and tests' clean-up write through their own connection."""
    writing = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(writing)


def init_app(app: Flask) -> None:
    """Bind the application to its database and set the guards on its engines."""
    db.init_app(app)
    with app.app_context():
        for engine in db.engines.values():
            guard(engine)


def guard(engine: Engine) -> None:
    """Set the write guard and, on SQLite, durable settings and early write locks."""
    event.listen(engine, "before_cursor_execute", _refuse_stray_writes)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "begin", _begin_postgresql)
        event.listen(engine, "commit", _settle_patience)
        event.listen(engine, "rollback", _forget_patience)
        event.listen(engine, "checkin", _note_rest)
        event.listen(engine, "checkout", _asking_whether_it_lives(engine.dialect))


def engine_options(url: str) -> dict[str, Any]:
    """Tell the engine settings for a database address: liveness checks and time-outs."""
    if url.startswith("sqlite"):
        return {}
    return {
        "pool_size": 10,
        "max_overflow": 10,
        "connect_args": {
            "connect_timeout": 3,
            # A wait for a lock ends first, so that the error tells which of the two it was.
            "options": f"-c statement_timeout=20000 -c lock_timeout={PATIENCE_MS}"
            " -c idle_in_transaction_session_timeout=30000 -c timezone=UTC",
        },
    }


def _refuse_stray_writes(
    connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: object
) -> None:
    del connection, cursor, parameters, context, many
    if not _writing.get() and WRITES.match(statement):
        raise WriteOutsideTransaction(statement.split("\n", 1)[0][:80])


def _configure_sqlite(connection: sqlite3.Connection, record: object) -> None:
    del record
    connection.isolation_level = None
    cursor = connection.cursor()
    # Order matters: switching to WAL itself may have to wait for a lock.
    cursor.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(f"PRAGMA busy_timeout={_patience.get()}")
    # A write lock taken late fails with "database is locked"; taken first, it waits its turn.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    # Asked for when it changes, not with every webhook: it is a round trip of its own.
    if _writing.get() and connection.info.get(PATIENCE, PATIENCE_MS) != _patience.get():
        connection.exec_driver_sql(f"SET lock_timeout = {_patience.get()}")
        connection.info.update({PATIENCE: _patience.get(), UNSETTLED: True})


def _settle_patience(connection: Connection) -> None:
    connection.info.pop(UNSETTLED, None)


def _forget_patience(connection: Connection) -> None:
    # What a transaction set is undone with it: nobody here knows what holds now.
    if not connection.invalidated and connection.info.pop(UNSETTLED, False):
        connection.info[PATIENCE] = None


def _note_rest(connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    del connection
    record.info[RESTING_SINCE] = time.monotonic()


def _asking_whether_it_lives(dialect: Dialect) -> Callable[..., None]:
    """Let the pool replace connections whose server went away while they lay there."""

    def ask(
        connection: DBAPIConnection, record: ConnectionPoolEntry, proxy: PoolProxiedConnection
    ) -> None:
        del proxy
        since = record.info.get(RESTING_SINCE)
        if since is None or time.monotonic() - since < RESTED_S:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    return ask
