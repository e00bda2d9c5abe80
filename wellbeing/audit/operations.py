"""Record events, seal them into the chain, write its head outside. Nothing is ever changed here."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from wellbeing.audit import queries
from wellbeing.audit.models import AUDIT_EVENT, AUDIT_HEAD
from wellbeing.audit.rules import (
    GENESIS,
    Actor,
    ActorKind,
    Anchor,
    AuditAction,
    Subject,
    anchor_line,
    chained_hash,
    plain_details,
    read_anchor,
)
from wellbeing.foundation.database import session

HEAD_ID = 1
_RECORD = insert(AUDIT_EVENT).returning(AUDIT_EVENT.c.id)
"""Built once: every page writes one."""


class ChainCut(RuntimeError):
    """The chain is shorter than its anchor outside the database says."""


def record(
    *,
    action: AuditAction,
    subject: Subject | None = None,
    actor: Actor,
    details: Mapping[str, Any] | None = None,
    now: datetime,
) -> int:
    """Write down what was seen or done, in the caller's transaction; give the event's id.

    `details` holds ids, filters and counts; never what a student said, a name or a number.

    Raises:
        NotADetail: the details hold something that JSON cannot give back.

    """
    row = {
        "at": now,
        "actor_kind": ActorKind(actor.kind).value,
        "actor_id": actor.user_id,
        "action": AuditAction(action).value,
        "subject_kind": subject.kind if subject else None,
        "subject_id": subject.id if subject else None,
        "details": plain_details(details=details or {}),
    }
    return int(session().execute(_RECORD, row).scalar_one())


def seal_due(*, now: datetime, limit: int = 1_000) -> int:
    """Chain up to `limit` unsealed events, in order of their ids; give how many.

    One sealer at a time holds the head's row, so that two processes never fork the chain.
    """
    sequence, previous = _locked_head()
    waiting = (
        select(AUDIT_EVENT)
        .where(AUDIT_EVENT.c.sequence.is_(None))
        .order_by(AUDIT_EVENT.c.id)
        .limit(limit)
    )
    seals = []
    for row in session().execute(waiting).mappings().all():
        sequence += 1
        content = queries.content_of(row)
        digest = chained_hash(content=content, sequence=sequence, previous=previous)
        seals.append({"row": row["id"], "place": sequence, "before": previous, "digest": digest})
        previous = digest
    if seals:
        session().connection().execute(_SEAL, seals)
        head = {"sequence": sequence, "hash": previous, "sealed_at": now}
        session().execute(update(AUDIT_HEAD).where(AUDIT_HEAD.c.id == HEAD_ID).values(head))
    return len(seals)


def anchor_head(*, path: Path, now: datetime) -> bool:
    """Append the head of the chain to a file outside the database; False if it stands there.

    Call it after the sealing was committed. The file is locked and synced: its lines only climb.

    Raises:
        ChainCut: the file names a later event than the chain has.

    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        written = _last_anchor(file.read())
        head = queries.head()
        if head.sequence < written:
            raise ChainCut
        if head.sequence == written:
            return False
        anchor = Anchor(at=now, sequence=head.sequence, hash=head.hash)
        file.write(anchor_line(anchor=anchor).encode("ascii"))
        file.flush()
        os.fsync(file.fileno())
    return True


_SEAL = (
    update(AUDIT_EVENT)
    .where(AUDIT_EVENT.c.id == bindparam("row"), AUDIT_EVENT.c.sequence.is_(None))
    .values(
        sequence=bindparam("place"), previous_hash=bindparam("before"), hash=bindparam("digest")
    )
)


def _locked_head() -> tuple[int, str]:
    """Lock the head, making it first if need be; SQLite locks the whole database anyway."""
    first = {"id": HEAD_ID, "sequence": 0, "hash": GENESIS}
    if session().get_bind().dialect.name == "sqlite":
        session().execute(sqlite.insert(AUDIT_HEAD).values(first).on_conflict_do_nothing())
    else:
        session().execute(postgresql.insert(AUDIT_HEAD).values(first).on_conflict_do_nothing())
    locked = select(AUDIT_HEAD.c.sequence, AUDIT_HEAD.c.hash).with_for_update()
    sequence, previous = session().execute(locked.where(AUDIT_HEAD.c.id == HEAD_ID)).one()
    return int(sequence), str(previous)


def _last_anchor(content: bytes) -> int:
    lines = content.decode("ascii", errors="replace").splitlines(keepends=True)
    for line in reversed(lines):
        anchor = read_anchor(line=line)
        if anchor is not None:
            return anchor.sequence
    return 0
