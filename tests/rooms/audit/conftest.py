"""What the tests of the audit share: events on file, and hands that tamper as the owner could."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from tests.factories.moments import NOW
from wellbeing.audit import models, operations
from wellbeing.audit.rules import Actor, ActorKind, AuditAction, Subject
from wellbeing.foundation.database import db, schema_changes, session, transaction

Tamper = Callable[..., None]


def record_events(number: int, *, first: int = 0) -> list[int]:
    """Record events, one second apart, by one counselor on cases 1, 2, 3…"""
    with transaction():
        return [
            operations.record(
                action=AuditAction.OPENED_CASE,
                subject=Subject(kind="case", id=one + 1),
                actor=Actor(kind=ActorKind.USER, user_id=7),
                details={"number": one, "why": "“引号” \\ 'quotes'"},
                now=NOW + timedelta(seconds=one),
            )
            for one in range(first, first + number)
        ]


def seal(limit: int = 1_000) -> int:
    with transaction():
        return operations.seal_due(now=NOW + timedelta(seconds=30), limit=limit)


@pytest.fixture
def chain(database: Flask, tmp_path: Path) -> Path:
    """Give five sealed events whose head is anchored; the path of the anchors."""
    anchors = tmp_path / "anchors.txt"
    record_events(5)
    seal()
    operations.anchor_head(path=anchors, now=NOW)
    session().rollback()
    return anchors


@pytest.fixture
def tamper(database: Flask) -> Tamper:
    """Change rows behind the guards, as somebody with the owner's role could."""

    def act(*statements: str) -> None:
        session().rollback()
        with schema_changes(), db.engine.begin() as connection:
            models.drop_guards(connection)
            for statement in statements:
                connection.execute(text(statement))
            models.create_guards(connection)

    return act
