"""Tables of signals from words, screenings and assessments. What a level means is in `rules`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from wellbeing.foundation.database import BigId, Id, Model


class Signal(Model):
    """One phrase that the word list found in a message, sealed, and what it was worth there."""

    __tablename__ = "signal"
    __table_args__ = (
        Index("ix_signal_contact", "contact_id", "id"),
        CheckConstraint("level BETWEEN 1 AND 4", name="level"),
    )

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact.id"))
    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact_message.id"), index=True)
    level: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(20))
    rule: Mapped[str] = mapped_column(String(60))
    contexts: Mapped[str] = mapped_column(String(120))
    """Comma-separated kinds of context that changed its weight, and whether it is of another."""
    score: Mapped[float] = mapped_column(Float)
    phrase_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]


class ScreenerWording(Model):
    """A screener as it was worded when it was first used: what was recorded stays readable."""

    __tablename__ = "screener_wording"
    __table_args__ = (UniqueConstraint("screener", "digest"),)

    id: Mapped[Id]
    screener: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the content: an edit that forgot to change the version is told apart."""
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    first_used_at: Mapped[datetime]


class Screening(Model):
    """One screener filled in with a student, complete or not."""

    __tablename__ = "screening"
    __table_args__ = (Index("ix_screening_contact", "contact_id", "id"),)

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact.id"))
    screener: Mapped[str] = mapped_column(String(40))
    wording: Mapped[str] = mapped_column(String(40))
    """Version of the wording that was read out."""
    wording_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("screener_wording.id"), index=True
    )
    """None only for one from before wordings were kept."""
    answers_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    result: Mapped[str] = mapped_column(String(40))
    complete: Mapped[bool]
    suggested_level: Mapped[int | None] = mapped_column(Integer)
    asks_further: Mapped[bool] = mapped_column(Boolean, default=False)
    """An answer of a note made a C-SSRS or ASQ due."""
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    at: Mapped[datetime]


class Assessment(Model):
    """A risk level that a person set with the reason, or that a screening raised by itself."""

    __tablename__ = "assessment"
    __table_args__ = (
        Index("ix_assessment_contact", "contact_id", "id"),
        CheckConstraint("level BETWEEN 1 AND 4", name="level"),
    )

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact.id"))
    level: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(String(20))
    note_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    screening_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("screening.id"), index=True)
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    at: Mapped[datetime]


SIGNAL = cast("Table", Signal.__table__)
WORDING = cast("Table", ScreenerWording.__table__)
SCREENING = cast("Table", Screening.__table__)
ASSESSMENT = cast("Table", Assessment.__table__)
