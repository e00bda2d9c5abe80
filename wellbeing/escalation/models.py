"""Tables of escalations, their receivers, pages and every single ring. No statement lives here."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from wellbeing.foundation.database import BigId, Id, Model

OPEN = text("state IN ('sent', 'acknowledged')")
UNCONTACTED = text("state = 'accepted' AND contacted_at IS NULL")
PAGING = text("state = 'paging'")
UNHEARD = text("state = 'unanswered'")
MOVING = text("next_step_at IS NOT NULL")


class Escalation(Model):
    """One passing on of a case, with its clocks and its chain as a snapshot.

    `step` counts the places of the chain that have joined; `version` fences each move.
    """

    __tablename__ = "escalation"
    __table_args__ = (
        # A case is passed on once at a time: two senders at once end in one escalation.
        Index(
            "uq_escalation_open", "case_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN
        ),
        Index(
            "ix_escalation_next_step_at",
            "next_step_at",
            sqlite_where=MOVING,
            postgresql_where=MOVING,
        ),
        Index(
            "ix_escalation_uncontacted",
            "accepted_by",
            sqlite_where=UNCONTACTED,
            postgresql_where=UNCONTACTED,
        ),
        Index("ix_escalation_case_id_sent_at", "case_id", "sent_at"),
        Index("ix_escalation_from_organization_id_sent_at", "from_organization_id", "sent_at"),
        Index("ix_escalation_sent_at", "sent_at"),
        CheckConstraint("level BETWEEN 1 AND 4", name="level"),
        CheckConstraint("(accepted_at IS NULL) = (accepted_by IS NULL)", name="accepted"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("student_case.id"))
    direction: Mapped[str] = mapped_column(String(20))
    from_organization_id: Mapped[int] = mapped_column(BigId, ForeignKey("organization.id"))
    from_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    level: Mapped[int] = mapped_column(Integer)
    agreement: Mapped[str] = mapped_column(String(20))
    data_key_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("data_key.id"), index=True)
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    safety_plan_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    may_be_told_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    skip_reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(20))
    chain: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    step: Mapped[int] = mapped_column(Integer)
    next_step_at: Mapped[datetime | None]
    sent_at: Mapped[datetime]
    acknowledge_by: Mapped[datetime]
    contact_by: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    acknowledge_missed_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    accepted_organization_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("organization.id"), index=True
    )
    declined_at: Mapped[datetime | None]
    declined_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    released_at: Mapped[datetime | None]
    contacted_at: Mapped[datetime | None]
    contact_missed_at: Mapped[datetime | None]
    read_back_at: Mapped[datetime | None]
    """When the sender heard level and plan read back: the hand-over was warm."""
    again_s: Mapped[int | None] = mapped_column(Integer)
    """Seconds between two rounds, from the policy that it started with."""
    slow_again_s: Mapped[int | None] = mapped_column(Integer)
    """The same, once the last desk of the chain has answered."""
    version: Mapped[int] = mapped_column(Integer, default=1)


class EscalationReceiver(Model):
    """One desk that has joined an escalation; it never replaces those before it."""

    __tablename__ = "escalation_receiver"
    __table_args__ = (
        UniqueConstraint("escalation_id", "organization_id", "desk"),
        Index("ix_escalation_receiver_organization_id", "organization_id", "escalation_id"),
    )

    id: Mapped[Id]
    escalation_id: Mapped[int] = mapped_column(BigId, ForeignKey("escalation.id"))
    organization_id: Mapped[int] = mapped_column(BigId, ForeignKey("organization.id"))
    desk: Mapped[str] = mapped_column(String(40))
    position: Mapped[int] = mapped_column(Integer)
    planned_at: Mapped[datetime]
    joined_at: Mapped[datetime]
    is_covered: Mapped[bool] = mapped_column(Boolean)
    """False where nobody was on call when it joined: the next one joined at once."""
    declined_at: Mapped[datetime | None]
    declined_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    decline_reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class Page(Model):
    """One calling of a desk for a subject; people are looked up ring by ring."""

    __tablename__ = "page"
    __table_args__ = (
        Index(
            "uq_page_paging",
            "subject_kind",
            "subject_id",
            "organization_id",
            "desk",
            unique=True,
            sqlite_where=PAGING,
            postgresql_where=PAGING,
        ),
        Index("ix_page_subject", "subject_kind", "subject_id"),
        Index("ix_page_next_step_at", "next_step_at", sqlite_where=PAGING, postgresql_where=PAGING),
        Index("ix_page_unheard", "started_at", sqlite_where=UNHEARD, postgresql_where=UNHEARD),
        Index(
            "ix_page_unheard_subject",
            "subject_kind",
            "subject_id",
            sqlite_where=UNHEARD,
            postgresql_where=UNHEARD,
        ),
        CheckConstraint("urgency BETWEEN 1 AND 4", name="urgency"),
    )

    id: Mapped[Id]
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column(BigId)
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("student_case.id"), index=True)
    """The case it is about, where there is one: its timeline shows an empty desk."""
    organization_id: Mapped[int] = mapped_column(BigId, ForeignKey("organization.id"), index=True)
    desk: Mapped[str] = mapped_column(String(40))
    urgency: Mapped[int] = mapped_column(Integer)
    last_resort: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(20))
    step: Mapped[int] = mapped_column(Integer)
    next_step_at: Mapped[datetime | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    acknowledged_via: Mapped[str | None] = mapped_column(String(20))
    plan: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """How it rings, from the policy that it started with."""


class PageAttempt(Model):
    """One ring of one person; its number makes it happen once (promise P2).

    `public_id` names the call's document in URLs, so that the key pressed tells who pressed it.
    """

    __tablename__ = "page_attempt"
    __table_args__ = (
        UniqueConstraint("page_id", "number"),
        Index("ix_page_attempt_user_id_page_id", "user_id", "page_id"),
    )

    id: Mapped[Id]
    page_id: Mapped[int] = mapped_column(BigId, ForeignKey("page.id"))
    number: Mapped[int] = mapped_column(Integer)
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"))
    channel: Mapped[str] = mapped_column(String(20))
    public_id: Mapped[str] = mapped_column(String(22), unique=True)
    planned_at: Mapped[datetime]
    at: Mapped[datetime]
    outbound_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("outbound.id"), unique=True)
    outcome: Mapped[str | None] = mapped_column(String(20))
    outcome_at: Mapped[datetime | None]


class PageMethod(Model):
    """A number on which a person is paged instead of the account's, once a code proved it."""

    __tablename__ = "page_method"

    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    number_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    number_index: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    code_index: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    code_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Only of a code that is read out by a call, until it was typed in."""
    call_public_id: Mapped[str | None] = mapped_column(String(22), unique=True)
    code_sent_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(Integer)
    verified_at: Mapped[datetime | None]


class PageQuiet(Model):
    """The hours of every day in which a person would rather not be rung, as HH:MM."""

    __tablename__ = "page_quiet"

    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), primary_key=True)
    starts: Mapped[str] = mapped_column(String(5))
    ends: Mapped[str] = mapped_column(String(5))


ESCALATION = cast("Table", Escalation.__table__)
RECEIVER = cast("Table", EscalationReceiver.__table__)
PAGE = cast("Table", Page.__table__)
ATTEMPT = cast("Table", PageAttempt.__table__)
PAGE_METHOD = cast("Table", PageMethod.__table__)
PAGE_QUIET = cast("Table", PageQuiet.__table__)
