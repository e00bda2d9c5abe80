"""Migrations and models tell the same story on both databases, forward and back."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Column, Connection, create_engine, inspect, text
from sqlalchemy.engine import make_url

from wellbeing.app import ROOT, create_app
from wellbeing.foundation.database import UtcDateTime, db

VERSIONS = sorted((ROOT / "migrations" / "versions").glob("*.py"))


@contextmanager
def empty_database(kind: str, request: pytest.FixtureRequest) -> Iterator[Flask]:
    if kind == "sqlite":
        folder = tempfile.mkdtemp(prefix="wellbeing-migrations-")
        url = f"sqlite:///{Path(folder) / 'm.sqlite3'}"
    else:
        base = make_url(request.getfixturevalue("postgresql_url"))
        admin = create_engine(base, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS wellbeing_migrations"))
            connection.execute(text("CREATE DATABASE wellbeing_migrations"))
        admin.dispose()
        url = base.set(database="wellbeing_migrations").render_as_string(hide_password=False)
    app = create_app(environment="testing", overrides={"DATABASE_URL": url})
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def same_type(context: object, column: object, other: object, found: object, wanted: object):
    return False if isinstance(wanted, UtcDateTime) else None


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": same_type})
    return [
        one for one in compare_metadata(context, db.metadata) if not is_unreadable(connection, one)
    ]


def know_every_table() -> None:
    """Import all models: a table that no page uses yet is a table all the same."""
    for path in sorted((ROOT / "wellbeing").glob("*/models*/**/*.py")) + sorted(
        (ROOT / "wellbeing").glob("*/models.py")
    ):
        import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def is_unreadable(connection: Connection, difference: object) -> bool:
    """SQLite does not tell the direction of an index's columns, so those cannot be compared."""
    if connection.dialect.name != "sqlite" or not isinstance(difference, tuple):
        return False
    with_expression = {
        index.name
        for table in db.metadata.tables.values()
        for index in table.indexes
        if any(not isinstance(part, Column) for part in index.expressions)
    }
    return "index" in difference[0] and difference[1].name in with_expression


@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression")
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_upgrading_to_the_newest_gives_the_models(kind: str, request: pytest.FixtureRequest):
    know_every_table()
    with empty_database(kind, request):
        upgrade(directory=str(ROOT / "migrations"))

        with db.engine.connect() as connection:
            assert differences(connection) == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_each_migration_goes_up_and_down_and_up_again(kind: str, request: pytest.FixtureRequest):
    with empty_database(kind, request):
        for version in VERSIONS:
            number = version.name[:4]
            upgrade(directory=str(ROOT / "migrations"), revision=number)
            downgrade(directory=str(ROOT / "migrations"), revision="-1")
            upgrade(directory=str(ROOT / "migrations"), revision=number)

        downgrade(directory=str(ROOT / "migrations"), revision="base")

        assert inspect(db.engine).get_table_names() == ["alembic_version"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_migrated_database_guards_its_audit_log(kind: str, request: pytest.FixtureRequest):
    with empty_database(kind, request):
        upgrade(directory=str(ROOT / "migrations"))

        if kind == "sqlite":
            names = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        else:
            names = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        with db.engine.connect() as connection:
            found = set(connection.execute(text(names)).scalars())

        assert {"audit_event_never_deleted", "audit_event_only_sealed"} <= found


def test_migrations_are_numbered_without_a_gap():
    numbers = [int(version.name[:4]) for version in VERSIONS]

    assert numbers == list(range(1, len(VERSIONS) + 1))


def test_each_migration_says_why():
    silent = [
        version.name
        for version in VERSIONS
        if not re.match(r'"""\S.+', version.read_text(encoding="utf-8"))
    ]

    assert silent == []
