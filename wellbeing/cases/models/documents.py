"""The table of documents. Name, bytes and reasons are sealed under the case's data key."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, Table, text
from sqlalchemy.orm import Mapped, mapped_column

from wellbeing.foundation.database import BigId, Id, Model

STANDING = text("withdrawn_at IS NULL AND content_index IS NOT NULL")


class Document(Model):
    """A file of a case; a withdrawn one stays until the case is erased.

    `content_index` is a blind index of its bytes, so that one upload does not count twice.
    """

    __tablename__ = "case_document"
    __table_args__ = (
        Index("ix_case_document_case_id_id", "case_id", "id"),
        Index(
            "uq_case_document_standing",
            "case_id",
            "content_index",
            unique=True,
            sqlite_where=STANDING,
            postgresql_where=STANDING,
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("student_case.id"))
    kind: Mapped[str] = mapped_column(String(20))
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    content_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    content_index: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    size: Mapped[int] = mapped_column(Integer)
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


DOCUMENT = cast("Table", Document.__table__)
