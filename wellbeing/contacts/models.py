"""Tables of the callers, their contacts and what was said. What follows from it is not here."""

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
    SmallInteger,
    String,
    Table,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from wellbeing.foundation.database import BigId, Id, Model

WAITING = text("state = 'waiting'")
ENGAGED_UNANSWERED = text("unanswered_since IS NOT NULL AND state = 'in_conversation'")
OPEN_TEXT = text("state <> 'closed' AND channel = 'text'")

MOVING = text("next_step_at IS NOT NULL")
LIVE = text("state <> 'ended'")
NOT_ENDED = text("ended_at IS NULL")


class Caller(Model):
    """A person behind a number, maybe anonymous for ever; each withheld number is a new one."""

    __tablename__ = "caller"

    id: Mapped[Id]
    number_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    data_key_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("data_key.id"), index=True)
    language: Mapped[str | None] = mapped_column(String(20))
    word_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The word agreed with this person, by which they show that it is they who hold the phone."""
    word_at: Mapped[datetime | None]
    word_version: Mapped[int] = mapped_column(Integer, default=0)
    """Counts every change of the word, so that two changes at once do not hide each other."""
    created_at: Mapped[datetime]


class Contact(Model):
    """One call or one text conversation, open or past."""

    __tablename__ = "contact"
    __table_args__ = (
        # Two first texts of one number at once end in one contact.
        Index(
            "uq_contact_open_text",
            "caller_id",
            "line_number",
            unique=True,
            sqlite_where=OPEN_TEXT,
            postgresql_where=OPEN_TEXT,
        ),
        Index(
            "ix_contact_waiting",
            "urgency",
            "waiting_since",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        Index(
            "ix_contact_next_page",
            "next_page_at",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        Index(
            "ix_contact_unanswered",
            "unanswered_since",
            sqlite_where=ENGAGED_UNANSWERED,
            postgresql_where=ENGAGED_UNANSWERED,
        ),
        Index("ix_contact_caller_arrived", "caller_id", "arrived_at"),
        Index("ix_contact_organization_arrived", "organization_path", "arrived_at"),
        Index("ix_contact_claimed_by_state", "claimed_by", "state"),
        CheckConstraint("urgency BETWEEN 1 AND 4", name="urgency"),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(String(22), unique=True)
    caller_id: Mapped[int] = mapped_column(BigId, ForeignKey("caller.id"))
    channel: Mapped[str] = mapped_column(String(20))
    line_number: Mapped[str] = mapped_column(String(20))
    organization_id: Mapped[int] = mapped_column(BigId, ForeignKey("organization.id"), index=True)
    organization_path: Mapped[str] = mapped_column(String(200))
    urgency: Mapped[int] = mapped_column(Integer, default=1)
    urgency_at: Mapped[datetime]
    """When it arrived, rose to this urgency, or came back: paging steps count from here."""
    state: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(20))
    data_key_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("data_key.id"), index=True)
    arrived_at: Mapped[datetime]
    waiting_since: Mapped[datetime | None]
    claimed_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    claimed_at: Mapped[datetime | None]
    first_human_reply_at: Mapped[datetime | None]
    last_inbound_at: Mapped[datetime | None]
    unanswered_since: Mapped[datetime | None]
    """First moment since the counselor's last word at which the student waited for one."""
    returned_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    page_step: Mapped[int] = mapped_column(SmallInteger, default=0)
    next_page_at: Mapped[datetime | None]
    """The next step of a waiting contact; a waiting contact always has one (promise P8)."""
    disposition: Mapped[str | None] = mapped_column(String(40))
    caller_type: Mapped[str | None] = mapped_column(String(40))
    age_band: Mapped[str | None] = mapped_column(String(40))
    reasons: Mapped[list[Any]] = mapped_column(JSON, default=list)
    non_data_kind: Mapped[str | None] = mapped_column(String(40))
    distress_start: Mapped[int | None] = mapped_column(SmallInteger)
    distress_end: Mapped[int | None] = mapped_column(SmallInteger)
    intent_start: Mapped[int | None] = mapped_column(SmallInteger)
    intent_end: Mapped[int | None] = mapped_column(SmallInteger)
    hope_start: Mapped[int | None] = mapped_column(SmallInteger)
    hope_end: Mapped[int | None] = mapped_column(SmallInteger)
    wrap_up_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    call_sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    version: Mapped[int] = mapped_column(Integer, default=1)


class Message(Model):
    """One text of a contact, in the order of arrival (its id)."""

    __tablename__ = "contact_message"
    __table_args__ = (Index("ix_contact_message_thread", "contact_id", "id"),)

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact.id"))
    direction: Mapped[str] = mapped_column(String(20))
    author: Mapped[str] = mapped_column(String(20))
    author_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    outbound_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("outbound.id"), index=True)
    at: Mapped[datetime]
    flags: Mapped[str] = mapped_column(String(80), default="")
    """Comma-separated `BodyFlag` values: what was done to the body at the door."""


class Call(Model):
    """The voice side of a contact: where the caller stands and who is rung next.

    `plan` is the ring plan as it was when the call came in: an edit does not bend a running call.
    """

    __tablename__ = "call"
    __table_args__ = (
        Index(
            "ix_call_next_step_at",
            "next_step_at",
            sqlite_where=MOVING,
            postgresql_where=MOVING,
        ),
        Index("ix_call_live", "contact_id", sqlite_where=LIVE, postgresql_where=LIVE),
    )

    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact.id"), primary_key=True)
    is_outgoing: Mapped[bool]
    state: Mapped[str] = mapped_column(String(20))
    is_danger: Mapped[bool]
    is_direct: Mapped[bool]
    plan: Mapped[list[Any]] = mapped_column(JSON)
    stage: Mapped[int] = mapped_column(SmallInteger)
    stage_ends_at: Mapped[datetime | None]
    rung_before: Mapped[int] = mapped_column(BigId)
    """The newest leg when this plan began: stages of an earlier plan count no longer."""
    next_step_at: Mapped[datetime | None]
    """What happens next by itself; a waiting call always has it (promise P8)."""
    waited: Mapped[int] = mapped_column(Integer)
    """How often the waiting caller was told what is going on."""
    winner_leg_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("leg.id"), index=True)
    answered_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    """The caller left the queue before anybody won: from then on nobody can."""
    ended_at: Mapped[datetime | None]
    ended_as: Mapped[str | None] = mapped_column(String(20))
    is_conference: Mapped[bool]
    conference_sid: Mapped[str | None] = mapped_column(String(40))
    is_on_hold: Mapped[bool]


class Leg(Model):
    """One ring of one person for a call."""

    __tablename__ = "leg"
    __table_args__ = (
        # Nobody is rung twice at once, whatever calls wait.
        Index(
            "uq_leg_active",
            "user_id",
            unique=True,
            sqlite_where=NOT_ENDED,
            postgresql_where=NOT_ENDED,
        ),
        Index("ix_leg_contact_id", "contact_id", "id"),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(String(22), unique=True)
    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact.id"))
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    phone_kind: Mapped[str] = mapped_column(String(20))
    stage: Mapped[int] = mapped_column(SmallInteger)
    outbound_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("outbound.id"), unique=True)
    state: Mapped[str] = mapped_column(String(20))
    is_in_conference: Mapped[bool]
    placed_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Recording(Model):
    """A voicemail: fetched once from the carrier, sealed here, deleted there."""

    __tablename__ = "recording"

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact.id"), index=True)
    sid: Mapped[str] = mapped_column(String(40), unique=True)
    seconds: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20))
    audio_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime]


class Medium(Model):
    """A picture that came with a text: fetched once, drawn anew, sealed here, deleted there."""

    __tablename__ = "medium"
    __table_args__ = (Index("ix_medium_contact_id", "contact_id", "id"),)

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact.id"))
    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact_message.id"), index=True)
    message_sid: Mapped[str] = mapped_column(String(64))
    sid: Mapped[str] = mapped_column(String(40), unique=True)
    state: Mapped[str] = mapped_column(String(20))
    picture_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime]


class Draft(Model):
    """What a counselor was typing, kept over a crash; gone when it is sent."""

    __tablename__ = "draft"

    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), primary_key=True, index=True)
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    saved_at: Mapped[datetime]


class Canned(Model):
    """A ready-made reply of a unit: no word of a student is in it."""

    __tablename__ = "canned_reply"
    __table_args__ = (Index("ix_canned_reply_state", "state", "shortcut"),)

    id: Mapped[Id]
    organization_id: Mapped[int] = mapped_column(BigId, ForeignKey("organization.id"), index=True)
    organization_path: Mapped[str] = mapped_column(String(200))
    shortcut: Mapped[str] = mapped_column(String(20))
    text_zh: Mapped[str] = mapped_column(String(1_000))
    text_en: Mapped[str] = mapped_column(String(1_000))
    state: Mapped[str] = mapped_column(String(20))
    proposed_by: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    proposed_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    decided_at: Mapped[datetime | None]
    replaces_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("canned_reply.id"), index=True
    )


class Origin(Model):
    """Who wrote a contact down that was made elsewhere, and by which record it is known again."""

    __tablename__ = "contact_origin"

    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact.id"), primary_key=True)
    origin_index: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    at: Mapped[datetime]


class QueueVersion(Model):
    """Counters of changes to the live queue; their sum is its version.

    Sixteen rows instead of one, because every inbound text counts one up in its transaction: on a
    single row all webhooks of the city would wait for each other's commit.
    """

    __tablename__ = "queue_version"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    value: Mapped[int] = mapped_column(BigId)


CALLER = cast("Table", Caller.__table__)
CONTACT = cast("Table", Contact.__table__)
MESSAGE = cast("Table", Message.__table__)
CALL = cast("Table", Call.__table__)
LEG = cast("Table", Leg.__table__)
RECORDING = cast("Table", Recording.__table__)
MEDIUM = cast("Table", Medium.__table__)
DRAFT = cast("Table", Draft.__table__)
CANNED = cast("Table", Canned.__table__)
ORIGIN = cast("Table", Origin.__table__)
QUEUE_VERSION = cast("Table", QueueVersion.__table__)
