"""Tables of staff, their sign-in and their grants. Questions and changes live beside them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import cast

from sqlalchemy import (
    JSON,
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

IN_FORCE = text("ended_at IS NULL")
ACTIVE = text("is_active")
WAITING = text("state = 'waiting'")
UNREVIEWED = text("reviewed_at IS NULL")


class User(Model):
    """A person of the staff; a disabled one stays for the records that name them."""

    __tablename__ = "user"

    id: Mapped[Id]
    username: Mapped[str] = mapped_column(String(60), unique=True)
    display_name_zh: Mapped[str] = mapped_column(String(60))
    display_name_en: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(20))
    organization_id: Mapped[int] = mapped_column(BigId, ForeignKey("organization.id"))
    password_hash: Mapped[str] = mapped_column(String(200))
    totp_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_last_step: Mapped[int | None] = mapped_column(BigId)
    must_enroll_totp: Mapped[bool]
    data_key_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("data_key.id"), index=True)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    languages: Mapped[list[str]] = mapped_column(JSON)
    is_active: Mapped[bool]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (
        Index("ix_user_organization_id_role", "organization_id", "role"),
        # A text "1" must name one person; a number may move on when its owner left.
        Index(
            "uq_user_phone_index",
            "phone_index",
            unique=True,
            sqlite_where=ACTIVE,
            postgresql_where=ACTIVE,
        ),
    )


class RecoveryCode(Model):
    """One way in without the phone, kept as a keyed hash and used once."""

    __tablename__ = "recovery_code"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    used_at: Mapped[datetime | None]


class SignInSession(Model):
    """One signed-in browser; the token itself is only in its cookie. Times are real time."""

    __tablename__ = "sign_in_session"

    id: Mapped[Id]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"))
    address_index: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime] = mapped_column(index=True)
    seen_at: Mapped[datetime]
    second_factor_at: Mapped[datetime | None]
    stepped_up_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_sign_in_session_user_address", "user_id", "address_index"),)


class SignInFailure(Model):
    """One refused attempt under a keyed hash of whom or where it concerns."""

    __tablename__ = "sign_in_failure"

    id: Mapped[Id]
    key: Mapped[bytes] = mapped_column(LargeBinary(32))
    at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (Index("ix_sign_in_failure_key_at", "key", "at"),)


class Grant(Model):
    """Why one person may open one record, from when until when."""

    __tablename__ = "access_grant"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[str] = mapped_column(String(20))
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_access_grant_subject", "subject_kind", "subject_id"),
        Index(
            "uq_access_grant_in_force",
            "user_id",
            "subject_kind",
            "subject_id",
            "kind",
            unique=True,
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
    )


class AccessRequest(Model):
    """Somebody asks to open one record for a while, and why; a supervisor decides."""

    __tablename__ = "access_request"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int | None] = mapped_column(BigId)
    """None where nothing has the name that was typed: the asker must not learn that."""
    asked_for: Mapped[str] = mapped_column(String(20))
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    asked_at: Mapped[datetime]
    waits_until: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    decided_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    decided_at: Mapped[datetime | None]
    decision_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    ends_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_access_request_user_id_id", "user_id", "id"),
        Index(
            "ix_access_request_waiting",
            "subject_kind",
            "subject_id",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        Index(
            "uq_access_request_waiting",
            "user_id",
            "subject_kind",
            "asked_for",
            unique=True,
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
    )


class EmergencyView(Model):
    """A record that was opened by break-glass: why, until when, and who looked at it after."""

    __tablename__ = "emergency_view"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column(BigId)
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    review_by: Mapped[datetime]
    overdue_at: Mapped[datetime | None]
    reviewed_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    reviewed_at: Mapped[datetime | None]
    verdict: Mapped[str | None] = mapped_column(String(20))
    review_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    __table_args__ = (
        Index("ix_emergency_view_subject", "subject_kind", "subject_id", "opened_at"),
        Index(
            "ix_emergency_view_unreviewed",
            "review_by",
            sqlite_where=UNREVIEWED,
            postgresql_where=UNREVIEWED,
        ),
    )


USER = cast("Table", User.__table__)
RECOVERY_CODE = cast("Table", RecoveryCode.__table__)
SESSION = cast("Table", SignInSession.__table__)
FAILURE = cast("Table", SignInFailure.__table__)
GRANT = cast("Table", Grant.__table__)
REQUEST = cast("Table", AccessRequest.__table__)
EMERGENCY_VIEW = cast("Table", EmergencyView.__table__)
