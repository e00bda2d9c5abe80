"""Tables of the identity vault: people, numbers, permission, consent, links. No table of a case.

Whatever names somebody is sealed under that person's own data key, so that one person can be
erased alone; blind indexes stand in rows of their own and go with the key.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import cast

from sqlalchemy import (
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

_KEPT = text("removed_at IS NULL")
_THE_STUDENT = text("relation = 'student' AND removed_at IS NULL")
_IN_FORCE = text("withdrawn_at IS NULL")
_STANDING = text("ended_at IS NULL")


class Person(Model):
    """Somebody in or around a case, as its counselor wrote them down; one is the student."""

    __tablename__ = "person"
    __table_args__ = (
        Index(
            "uq_person_student",
            "case_id",
            unique=True,
            sqlite_where=_THE_STUDENT,
            postgresql_where=_THE_STUDENT,
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("student_case.id"), index=True)
    relation: Mapped[str] = mapped_column(String(20))
    is_guardian: Mapped[bool]
    is_caller: Mapped[bool]
    """Whether this person reached us; a third party and the student are two persons."""
    data_key_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("data_key.id"), index=True)
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    details_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    at: Mapped[datetime]
    edited_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    edited_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, default=1)


class PersonNameIndex(Model):
    """By what a sealed name is found again; `case_id` spares searches a join."""

    __tablename__ = "person_name_index"
    __table_args__ = (Index("ix_person_name_index_token", "token_hmac", "case_id"),)

    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    token_hmac: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("student_case.id"), index=True)


class PersonNumber(Model):
    """A number of a person; its blind index is the one that callers have."""

    __tablename__ = "person_number"
    __table_args__ = (
        Index("ix_person_number_number_index", "number_index"),
        Index(
            "uq_person_number_kept",
            "person_id",
            "number_index",
            unique=True,
            sqlite_where=_KEPT,
            postgresql_where=_KEPT,
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"), index=True)
    number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    number_index: Mapped[bytes] = mapped_column(LargeBinary(32))
    kind: Mapped[str] = mapped_column(String(20))
    is_shared: Mapped[bool]
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class ContactPermission(Model):
    """How a person may be reached, when it is safe, and the word by which we know each other."""

    __tablename__ = "contact_permission"

    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"), primary_key=True)
    safety: Mapped[str] = mapped_column(String(20))
    may_text: Mapped[str] = mapped_column(String(10))
    may_call: Mapped[str] = mapped_column(String(10))
    may_leave_message: Mapped[str] = mapped_column(String(10))
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer, default=1)


class Consent(Model):
    """What may be done with a case's identity, for one purpose, on which ground of the law."""

    __tablename__ = "consent"
    __table_args__ = (
        Index(
            "uq_consent_in_force",
            "case_id",
            "purpose",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
        CheckConstraint("approver_id IS NULL OR approver_id <> by_user_id", name="two_people"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("student_case.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(30))
    basis: Mapped[str] = mapped_column(String(20))
    given_by: Mapped[str] = mapped_column(String(20))
    given_at: Mapped[datetime]
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    at: Mapped[datetime]
    approver_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    approved_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    withdrawal_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    suspended_at: Mapped[datetime | None]
    """Since when it is known that a child under 14 agreed alone: nothing relies on it."""
    version: Mapped[int] = mapped_column(Integer, default=1)


class PersonLink(Model):
    """What a counselor decided about two records: one person, or two. Both records stay."""

    __tablename__ = "person_link"
    __table_args__ = (
        Index(
            "uq_person_link_standing",
            "one_id",
            "other_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        CheckConstraint("one_id < other_id", name="order"),
    )

    id: Mapped[Id]
    one_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"), index=True)
    other_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"), index=True)
    verdict: Mapped[str] = mapped_column(String(20))
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)


PERSON = cast("Table", Person.__table__)
NAME_INDEX = cast("Table", PersonNameIndex.__table__)
NUMBER = cast("Table", PersonNumber.__table__)
PERMISSION = cast("Table", ContactPermission.__table__)
CONSENT = cast("Table", Consent.__table__)
LINK = cast("Table", PersonLink.__table__)
