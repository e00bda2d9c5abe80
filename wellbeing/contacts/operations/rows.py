"""Writing a row that may be there already, on both databases."""

from __future__ import annotations

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from wellbeing.foundation.database import session


def meeting(table: Table) -> postgresql.Insert | sqlite.Insert:
    """Begin an INSERT that may meet a row already there (ON CONFLICT) on both databases."""
    on_postgresql = session().get_bind().dialect.name == "postgresql"
    return postgresql.insert(table) if on_postgresql else sqlite.insert(table)
