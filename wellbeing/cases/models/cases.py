"""Tables of cases: notes, levels, holds, duties, timeline. Questions to them stand beside."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from wellbeing.foundation.database import BigId, Id, Model


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def _newest_first(*leading: str) -> tuple[Index, Index]:
    """Index every case, and apart the few that are open, so that a page costs its rows alone.

    Status and level stand behind the order, so that a count reads the index and no case.
    """
    name = "_".join(("ix_student_case", *leading, "newest"))
    columns = (*leading, "opened_at", "id", "status", "level")
    return Index(name, *columns), _partial(f"{name}_open", *columns, where="closed_at IS NULL")


class Case(Model):
    """A concern being followed; one owner at one organization, always (promise P3).

    `branch_id` is the organization under the municipality that it lies in, or the municipality
    itself: with it every reader's subtree is an equality, which an index answers in order.
    """

    __tablename__ = "student_case"
    __table_args__ = (
        *_newest_first(),
        *_newest_first("branch_id"),
        *_newest_first("organization_id"),
        *_newest_first("owner_id"),
        _partial("ix_student_case_level_open", "level", "opened_at", where="closed_at IS NULL"),
        _partial(
            "ix_student_case_closed_at",
            "status",
            "closed_at",
            "id",
            where="status IN ('closed', 'sealed')",
        ),
        CheckConstraint("level BETWEEN 1 AND 4", name="level"),
    )

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    organization_id: Mapped[int] = mapped_column(BigId, ForeignKey("organization.id"))
    organization_path: Mapped[str] = mapped_column(String(120))
    branch_id: Mapped[int] = mapped_column(BigId, ForeignKey("organization.id"))
    owner_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"))
    owned_since: Mapped[datetime]
    level: Mapped[int] = mapped_column(Integer)
    level_set_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    """Who set the level; None when it only followed from something that no person judged."""
    status: Mapped[str] = mapped_column(String(20))
    data_key_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("data_key.id"), index=True)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    next_step_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, default=1)


class CaseContact(Model):
    """Which case a contact belongs to; a contact stands alone or in one case."""

    __tablename__ = "case_contact"

    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("student_case.id"), index=True)
    attached_at: Mapped[datetime]


class CaseNote(Model):
    """What a counselor wrote for the next colleague; its earlier words stay in the timeline."""

    __tablename__ = "case_note"
    __table_args__ = (Index("ix_case_note_case_id_id", "case_id", "id"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("student_case.id"))
    kind: Mapped[str] = mapped_column(String(20))
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, default=1)


class CaseHold(Model):
    """What stops a case from closing until whoever placed it lifts it."""

    __tablename__ = "case_hold"
    __table_args__ = (
        _partial(
            "uq_case_hold_in_force",
            "case_id",
            "kind",
            "source_id",
            where="lifted_at IS NULL",
            unique=True,
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("student_case.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    source_id: Mapped[int] = mapped_column(BigId)
    placed_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]


class TimelineEntry(Model):
    """One thing that happened: facts are ids, levels and times, words are sealed."""

    __tablename__ = "timeline_entry"
    __table_args__ = (Index("ix_timeline_entry_case_id_id", "case_id", "id"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("student_case.id"))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    details_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class LevelChange(Model):
    """A level that a person set for a case, with the reason; the first has no level before it."""

    __tablename__ = "level_change"
    __table_args__ = (Index("ix_level_change_case_id_id", "case_id", "id"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("student_case.id"))
    from_level: Mapped[int | None] = mapped_column(Integer)
    to_level: Mapped[int] = mapped_column(Integer)
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    source: Mapped[str] = mapped_column(String(20), default="counselor")
    proposed_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    """Who proposed to leave red; then `by_user_id` is the supervisor who decided."""
    at: Mapped[datetime]


class Duty(Model):
    """Something to be done by a time, with a holder, that is not a promise to a student.

    At most one of a kind is open per case or per contact.
    """

    __tablename__ = "duty"
    __table_args__ = (
        _partial("uq_duty_open_case", "kind", "case_id", where="done_at IS NULL", unique=True),
        _partial(
            "uq_duty_open_contact", "kind", "contact_id", where="done_at IS NULL", unique=True
        ),
        _partial("ix_duty_open_holder", "holder_id", "by_at", where="done_at IS NULL"),
        _partial("ix_duty_open_organization", "organization_id", "by_at", where="done_at IS NULL"),
        _partial("ix_duty_open", "by_at", "id", where="done_at IS NULL"),
        CheckConstraint("(case_id IS NULL) <> (contact_id IS NULL)", name="subject"),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("student_case.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("contact.id"), index=True)
    holder_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    organization_id: Mapped[int] = mapped_column(BigId, ForeignKey("organization.id"), index=True)
    by_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)


CASE = cast("Table", Case.__table__)
CASE_CONTACT = cast("Table", CaseContact.__table__)
NOTE = cast("Table", CaseNote.__table__)
HOLD = cast("Table", CaseHold.__table__)
ENTRY = cast("Table", TimelineEntry.__table__)
LEVEL_CHANGE = cast("Table", LevelChange.__table__)
DUTY = cast("Table", Duty.__table__)
