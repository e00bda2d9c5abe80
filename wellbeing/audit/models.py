"""Tables of the audit chain and the triggers that keep them append-only on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import JSON, Connection, Index, Integer, String, Table, event, text
from sqlalchemy.orm import Mapped, mapped_column

from wellbeing.foundation.database import BigId, Id, Model

UNSEALED = text("sequence IS NULL")


class AuditEvent(Model):
    """Who saw or did what. Written unsealed; a sweep gives it its place in the chain."""

    __tablename__ = "audit_event"

    id: Mapped[Id]
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[int | None] = mapped_column(BigId)
    action: Mapped[str] = mapped_column(String(40))
    subject_kind: Mapped[str | None] = mapped_column(String(40))
    subject_id: Mapped[int | None] = mapped_column(BigId)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    sequence: Mapped[int | None] = mapped_column(BigId, unique=True)
    previous_hash: Mapped[str | None] = mapped_column(String(64))
    hash: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        Index("ix_audit_event_actor", "actor_id", "id"),
        Index("ix_audit_event_subject", "subject_kind", "subject_id", "id"),
        Index("ix_audit_event_action", "action", "id"),
        Index("ix_audit_event_unsealed", "id", sqlite_where=UNSEALED, postgresql_where=UNSEALED),
    )


class AuditHead(Model):
    """The single row that a sealer locks: where the chain ends."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(BigId)
    hash: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime | None]


AUDIT_EVENT = cast("Table", AuditEvent.__table__)
AUDIT_HEAD = cast("Table", AuditHead.__table__)

_CONTENT = (
    "id", "at", "actor_kind", "actor_id", "action", "subject_kind", "subject_id", "details",
)  # fmt: skip
_SAME_SQLITE = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in _CONTENT)
# PostgreSQL's json type has no equality; its text has.
_SAME_POSTGRESQL = " AND ".join(
    f"NEW.{name}::text IS NOT DISTINCT FROM OLD.{name}::text" for name in _CONTENT
)
_IS_SEALING = (
    "OLD.sequence IS NULL AND OLD.previous_hash IS NULL AND OLD.hash IS NULL"
    " AND NEW.sequence IS NOT NULL AND NEW.previous_hash IS NOT NULL AND NEW.hash IS NOT NULL"
)
_IS_SEALED = "NEW.sequence IS NOT NULL OR NEW.previous_hash IS NOT NULL OR NEW.hash IS NOT NULL"

TRIGGERS: Mapping[str, tuple[str, ...]] = {
    "sqlite": (
        """
        CREATE TRIGGER audit_event_never_deleted BEFORE DELETE ON audit_event
        BEGIN SELECT RAISE(ABORT, 'audit events are never deleted'); END
        """,
        # REPLACE would remove another row without telling the trigger of deletions.
        f"""
        CREATE TRIGGER audit_event_only_sealed BEFORE UPDATE ON audit_event
        WHEN NOT ({_IS_SEALING} AND {_SAME_SQLITE})
            OR EXISTS (SELECT 1 FROM audit_event WHERE sequence = NEW.sequence)
        BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END
        """,  # noqa: S608 - made of the constants above
        f"""
        CREATE TRIGGER audit_event_born_unsealed BEFORE INSERT ON audit_event
        WHEN {_IS_SEALED} OR EXISTS (SELECT 1 FROM audit_event WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'audit events are born unsealed'); END
        """,  # noqa: S608 - made of the constants above
    ),
    "postgresql": (
        """
        CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'audit events are never changed or deleted'; END $$
        """,
        """
        CREATE TRIGGER audit_event_never_deleted BEFORE DELETE ON audit_event
        FOR EACH ROW EXECUTE FUNCTION audit_event_refuse()
        """,
        """
        CREATE TRIGGER audit_event_never_emptied BEFORE TRUNCATE ON audit_event
        FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()
        """,
        f"""
        CREATE TRIGGER audit_event_only_sealed BEFORE UPDATE ON audit_event FOR EACH ROW
        WHEN (NOT ({_IS_SEALING} AND {_SAME_POSTGRESQL}))
        EXECUTE FUNCTION audit_event_refuse()
        """,
        f"""
        CREATE TRIGGER audit_event_born_unsealed BEFORE INSERT ON audit_event FOR EACH ROW
        WHEN ({_IS_SEALED}) EXECUTE FUNCTION audit_event_refuse()
        """,
    ),
}
"""Statements by dialect, in order; migrations run the same ones."""

_NAMES: Mapping[str, tuple[str, ...]] = {
    "sqlite": (
        "audit_event_never_deleted", "audit_event_only_sealed", "audit_event_born_unsealed",
    ),
    "postgresql": (
        "audit_event_never_deleted", "audit_event_never_emptied", "audit_event_only_sealed",
        "audit_event_born_unsealed",
    ),
}  # fmt: skip


def create_guards(connection: Connection) -> None:
    """Make the database refuse every change but sealing; for migrations and tests' clean-up."""
    for statement in TRIGGERS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def drop_guards(connection: Connection) -> None:
    """Take the guards off, as the owner of the tables may: for tests' clean-up only."""
    kind = connection.dialect.name
    table = " ON audit_event" if kind == "postgresql" else ""
    for name in _NAMES[kind]:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}{table}")


@event.listens_for(AUDIT_EVENT, "after_create")
def _guard_new_table(target: Table, connection: Connection, **options: Any) -> None:
    del target, options
    create_guards(connection)
