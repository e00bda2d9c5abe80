"""Making a test database and emptying it: real migrations, real commits."""

from __future__ import annotations

from flask import Flask
from flask_migrate import upgrade

from wellbeing.app import ROOT
from wellbeing.audit import models as audit
from wellbeing.foundation.database import db, schema_changes


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
