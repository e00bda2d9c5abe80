"""The table of reports that the law requires. Their rules are in `rules.reporting`."""

from __future__ import annotations

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
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from wellbeing.foundation.database import BigId, Id, Model

OF_CASE = text("closed_at IS NULL AND case_id IS NOT NULL")
OF_CONTACT = text("closed_at IS NULL AND case_id IS NULL")
MOVING = text("next_step_at IS NOT NULL")


class MandatoryReport(Model):
    """A report that may be due by law, from the first hint to its receipt.

    A contact's report goes along into its case; at most one is open for each.
    """

    __tablename__ = "mandatory_report"
    __table_args__ = (
        Index(
            "uq_mandatory_report_case", "case_id", unique=True, sqlite_where=OF_CASE,
            postgresql_where=OF_CASE,
        ),
        Index(
            "uq_mandatory_report_contact", "contact_id", unique=True, sqlite_where=OF_CONTACT,
            postgresql_where=OF_CONTACT,
        ),
        Index(
            "ix_mandatory_report_next_step_at", "next_step_at", sqlite_where=MOVING,
            postgresql_where=MOVING,
        ),
        CheckConstraint("case_id IS NOT NULL OR contact_id IS NOT NULL", name="subject"),
    )  # fmt: skip

    id: Mapped[Id]
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("student_case.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("contact.id"), index=True)
    organization_id: Mapped[int] = mapped_column(BigId, ForeignKey("organization.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    situations: Mapped[list[Any]] = mapped_column(JSON)
    account_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime]
    opened_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    """None when a student's words asked for it."""
    holder_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    """The supervisor who has it; bound by whoever knows who is on duty."""
    decide_by: Mapped[datetime]
    report_by: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    organ: Mapped[str | None] = mapped_column(String(40))
    receipt_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    filed_at: Mapped[datetime | None]
    filed_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    calls: Mapped[int] = mapped_column(Integer, default=0)
    """How often somebody was called because it was late."""
    next_step_at: Mapped[datetime | None]


REPORT = cast("Table", MandatoryReport.__table__)
