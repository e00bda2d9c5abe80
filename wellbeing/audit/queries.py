"""Questions to the audit chain: is it whole, what is in it, what waits. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, func, select

from wellbeing.audit.models import AUDIT_EVENT, AUDIT_HEAD
from wellbeing.audit.rules import (
    GENESIS,
    ActorKind,
    Anchor,
    AuditAction,
    EventContent,
    Problem,
    Subject,
    chained_hash,
    read_anchor,
)
from wellbeing.foundation.database import session

SEALED_WITHIN = timedelta(minutes=1)
BATCH = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where the chain ends: its last place and hash."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a walk along the whole chain found; the first fault only, named by row and place."""

    ok: bool
    count: int
    problem: Problem | None
    first_bad_id: int | None
    first_bad_sequence: int | None
    unsealed_older_than_a_minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One event as the auditor's page shows it."""

    id: int
    at: datetime
    actor_kind: ActorKind
    actor_id: int | None
    action: AuditAction
    subject: Subject | None
    details: Mapping[str, Any]
    sequence: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events are wanted; None means any."""

    actor_id: int | None = None
    action: AuditAction | None = None
    subject: Subject | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Fault:
    problem: Problem
    row_id: int | None
    sequence: int | None


def head() -> Head:
    """Tell where the chain ends according to its head row."""
    row = session().execute(select(AUDIT_HEAD.c.sequence, AUDIT_HEAD.c.hash)).first()
    return Head(sequence=row[0], hash=row[1]) if row else Head(sequence=0, hash=GENESIS)


def next_due() -> datetime | None:
    """Tell since when an event waits for its seal; None when none does."""
    unsealed = select(func.min(AUDIT_EVENT.c.at)).where(AUDIT_EVENT.c.sequence.is_(None))
    return session().execute(unsealed).scalar()


def verify(*, anchor_path: Path | None = None, now: datetime) -> Verification:
    """Walk the chain from its first event, compare it with the anchors, name the first fault.

    Content, order and gaps are seen from the chain itself; a cut tail or a chain made anew from
    the anchors, which is why their file belongs on another machine.
    """
    # Sealing goes on meanwhile: what the walk must reach is fixed before it starts.
    walk = _Walk(anchors=_anchors(anchor_path), expected=head().sequence)
    fault = walk.first_fault() or walk.fault_at_end(has_file=anchor_path is not None)
    late = _unsealed_before(now - SEALED_WITHIN)
    if fault is None and late:
        fault = _Fault(Problem.UNSEALED_TOO_LONG, late[0], None)
    return Verification(
        ok=fault is None,
        count=walk.count,
        problem=fault.problem if fault else None,
        first_bad_id=fault.row_id if fault else None,
        first_bad_sequence=fault.sequence if fault else None,
        unsealed_older_than_a_minute=len(late),
    )


def events(
    *, wanted: EventFilter, before_id: int | None = None, limit: int
) -> tuple[EventRow, ...]:
    """List events, newest first, page by page; only for readers who may see the audit."""
    statement = select(AUDIT_EVENT).where(*_conditions(wanted))
    if before_id is not None:
        statement = statement.where(AUDIT_EVENT.c.id < before_id)
    newest = statement.order_by(AUDIT_EVENT.c.id.desc()).limit(limit)
    return tuple(_event(row) for row in session().execute(newest).mappings())


def content_of(row: Mapping[Any, Any]) -> EventContent:
    """Read from a row what its hash protects."""
    return EventContent(**{name: row[name] for name in EventContent.__dataclass_fields__})


@dataclass(slots=True)
class _Walk:
    """One pass along the sealed events, with the anchors beside them."""

    anchors: Iterator[Anchor | None]
    expected: int
    count: int = 0
    previous: str = GENESIS
    anchor: Anchor | None = None
    anchored: int = 0
    damaged: bool = False

    def first_fault(self) -> _Fault | None:
        """Give the first thing wrong with a row; the walk does not go on behind it."""
        self._next_anchor()
        sealed = select(AUDIT_EVENT).where(AUDIT_EVENT.c.sequence.is_not(None))
        ordered = sealed.order_by(AUDIT_EVENT.c.sequence).execution_options(yield_per=BATCH)
        with session().execute(ordered) as rows:
            for row in rows.mappings():
                problem = self._problem_of(row)
                if problem is not None:
                    return _Fault(problem, row["id"], row["sequence"])
                self.count, self.previous = row["sequence"], row["hash"]
        return None

    def fault_at_end(self, *, has_file: bool) -> _Fault | None:
        """Tell what is missing behind the last row, or outside the database."""
        if self.damaged:
            return _Fault(Problem.ANCHOR_DAMAGED, None, None)
        anchored = self.anchor.sequence if self.anchor else 0
        if max(self.expected, anchored) > self.count:
            return _Fault(Problem.TAIL_CUT, None, self.count + 1)
        if has_file and self.count and not self.anchored:
            return _Fault(Problem.ANCHOR_MISSING, None, None)
        return None

    def _problem_of(self, row: Mapping[Any, Any]) -> Problem | None:
        if row["sequence"] != self.count + 1:
            return Problem.GAP
        content = content_of(row)
        digest = chained_hash(
            content=content, sequence=row["sequence"], previous=row["previous_hash"] or ""
        )
        if digest != row["hash"]:
            return Problem.EDITED
        if row["previous_hash"] != self.previous:
            return Problem.OUT_OF_ORDER
        while self.anchor is not None and self.anchor.sequence <= row["sequence"]:
            if self.anchor.sequence == row["sequence"] and self.anchor.hash != digest:
                return Problem.ANCHOR_MISMATCH
            self._next_anchor()
        return None

    def _next_anchor(self) -> None:
        self.anchor = None
        for anchor in self.anchors:
            if anchor is None:
                self.damaged = True
                continue
            self.anchor = anchor
            self.anchored += 1
            return


def _anchors(path: Path | None) -> Iterator[Anchor | None]:
    if path is None or not path.exists():
        return
    left = path.stat().st_size
    with path.open("rb") as lines:
        for line in lines:
            yield read_anchor(line=line.decode("ascii", errors="replace"))
            left -= len(line)
            if left <= 0:
                return


def _unsealed_before(moment: datetime) -> tuple[int, ...]:
    unsealed = select(AUDIT_EVENT.c.id).where(
        AUDIT_EVENT.c.sequence.is_(None), AUDIT_EVENT.c.at < moment
    )
    return tuple(session().execute(unsealed.order_by(AUDIT_EVENT.c.id)).scalars())


def _conditions(wanted: EventFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.actor_id is not None:
        conditions.append(AUDIT_EVENT.c.actor_id == wanted.actor_id)
    if wanted.action is not None:
        conditions.append(AUDIT_EVENT.c.action == wanted.action.value)
    if wanted.subject is not None:
        conditions.append(AUDIT_EVENT.c.subject_kind == wanted.subject.kind)
        if wanted.subject.id is not None:
            conditions.append(AUDIT_EVENT.c.subject_id == wanted.subject.id)
    if wanted.since is not None:
        conditions.append(AUDIT_EVENT.c.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(AUDIT_EVENT.c.at < wanted.until)
    return conditions


def _event(row: Mapping[Any, Any]) -> EventRow:
    kind = row["subject_kind"]
    return EventRow(
        id=row["id"],
        at=row["at"],
        actor_kind=ActorKind(row["actor_kind"]),
        actor_id=row["actor_id"],
        action=AuditAction(row["action"]),
        subject=Subject(kind=kind, id=row["subject_id"]) if kind else None,
        details=row["details"],
        sequence=row["sequence"],
    )
