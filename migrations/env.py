"""How alembic reaches the database: through the running application, on its own connection."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context
from flask import current_app

from wellbeing.foundation.database import UtcDateTime, db, schema_changes


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Write our aware times as what they are in the database."""
    del autogen_context
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def compare_type(
    migration_context: Any, column: Any, metadata_column: Any, found: Any, wanted: Any
) -> bool | None:
    """Take an aware time for the same as its column; leave the rest to alembic."""
    del migration_context, column, metadata_column
    if isinstance(wanted, UtcDateTime) and isinstance(found, sa.DateTime):
        return False
    return None


def run() -> None:
    """Run the migrations in one transaction each."""
    if context.is_offline_mode():
        raise SystemExit("migrations run on a live database only")
    with schema_changes(), db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            transaction_per_migration=True,
            **current_app.extensions["migrate"].configure_args
            | {
                "render_item": render_item,
                "compare_type": compare_type,
                "render_as_batch": True,
            },
        )
        with context.begin_transaction():
            context.run_migrations()


run()
