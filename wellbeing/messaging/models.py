"""Tables of the outbox, opt-outs, the carrier's pace and the heartbeat. No statement lives here."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    Float,
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


def _partial(name: str, *columns: Any, where: str, unique: bool = False) -> Index:
    return Index(
        name,
        *columns,
        unique=unique,
        sqlite_where=text(where),
        postgresql_where=text(where),
    )


class Outbound(Model):
    """One thing that the carrier is asked to do, and what became of it.

    `due_at` is when delivery looks at the row next: to send it, to ask whether it was taken, or
    to ask what became of it. `lease_token` fences a claim: only its holder may write the result.
    An errand names its object in `target_sid` (a call, a recording, a queue's name) and, where
    that lies in another one, in `target_in` (a conference); it has no number.
    """

    __tablename__ = "outbound"

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(20))
    purpose: Mapped[str] = mapped_column(String(20))
    purpose_id: Mapped[int] = mapped_column(BigId)
    public_id: Mapped[str | None] = mapped_column(String(40))
    ordering_key: Mapped[str | None] = mapped_column(String(80))
    urgency: Mapped[int] = mapped_column(Integer)
    from_number: Mapped[str | None] = mapped_column(String(40))
    via_number: Mapped[str | None] = mapped_column(String(40))
    """The spare that carries it while `from_number`, whose thread it is, fails."""
    to_index: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    to_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    body_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    never_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Names that an unasked text must not contain, one a line; asked again when it is sent."""
    data_key_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("data_key.id"), index=True)
    target_sid: Mapped[str | None] = mapped_column(String(40))
    target_in: Mapped[str | None] = mapped_column(String(40))
    scheduled: Mapped[bool]
    in_lessons: Mapped[bool | None]
    """Whether it may go while pupils sit in lessons, because its recipient has none."""
    despite_opt_out: Mapped[bool]
    ring_seconds: Mapped[int | None] = mapped_column(Integer)
    limit_s: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20))
    status: Mapped[str | None] = mapped_column(String(20))
    sid: Mapped[str | None] = mapped_column(String(40), unique=True)
    sids_before: Mapped[str | None] = mapped_column(String(120))
    error_code: Mapped[int | None] = mapped_column(Integer)
    attempts: Mapped[int] = mapped_column(Integer)
    questions: Mapped[int] = mapped_column(Integer)
    sequence_number: Mapped[int | None] = mapped_column(Integer)
    due_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    unwanted_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_outbound_purpose_purpose_id", "purpose", "purpose_id"),
        Index("ix_outbound_to_index", "to_index"),
        _partial(
            "ix_outbound_queued", text("urgency DESC"), "id", "due_at", where="state = 'queued'"
        ),
        _partial(
            "ix_outbound_thread",
            "ordering_key",
            "id",
            where="ordering_key IS NOT NULL AND state IN ('queued', 'sending', 'in_doubt')",
        ),
        _partial("ix_outbound_lease_until", "lease_until", where="state = 'sending'"),
        _partial("ix_outbound_in_doubt", "id", where="state = 'in_doubt'"),
        _partial("ix_outbound_due_at", "due_at", where="due_at IS NOT NULL"),
    )


class OptOut(Model):
    """A number that wants no texts from a line of ours, from `at` until `ended_at`."""

    __tablename__ = "opt_out"

    id: Mapped[Id]
    number_index: Mapped[bytes] = mapped_column(LargeBinary(32))
    line_number: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        _partial(
            "uq_opt_out_in_force",
            "number_index",
            "line_number",
            where="ended_at IS NULL",
            unique=True,
        ),
    )


class CallBucket(Model):
    """The carrier's pace for one account, shared by all processes: tokens, and a pause if asked."""

    __tablename__ = "call_bucket"

    account: Mapped[str] = mapped_column(String(40), primary_key=True)
    tokens: Mapped[float] = mapped_column(Float)
    refilled_at: Mapped[datetime]
    paused_until: Mapped[datetime | None]


class SendingNumber(Model):
    """How often in a row a number of ours failed to send a text; no row means never."""

    __tablename__ = "sending_number"

    number: Mapped[str] = mapped_column(String(40), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    failed_at: Mapped[datetime]


class ThreadSender(Model):
    """The spare from which the texts of a thread go since its own number failed."""

    __tablename__ = "thread_sender"

    ordering_key: Mapped[str] = mapped_column(String(80), primary_key=True)
    number: Mapped[str] = mapped_column(String(40))
    since: Mapped[datetime]


class DeliveryHeartbeat(Model):
    """The last sign of life of a process that delivers."""

    __tablename__ = "delivery_heartbeat"

    process: Mapped[str] = mapped_column(String(80), primary_key=True)
    at: Mapped[datetime]


class Sweep(Model):
    """The last time that a sweep of any process came through; `broken` only of the watch."""

    __tablename__ = "sweep"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]
    every_s: Mapped[float] = mapped_column(Float)
    broken: Mapped[int | None] = mapped_column(Integer)
    leap_s: Mapped[float | None] = mapped_column(Float)


OUTBOUND = cast("Table", Outbound.__table__)
OPT_OUT = cast("Table", OptOut.__table__)
CALL_BUCKET = cast("Table", CallBucket.__table__)
SENDING_NUMBER = cast("Table", SendingNumber.__table__)
THREAD_SENDER = cast("Table", ThreadSender.__table__)
HEARTBEAT = cast("Table", DeliveryHeartbeat.__table__)
SWEEP = cast("Table", Sweep.__table__)
