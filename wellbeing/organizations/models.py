"""The table of organizations. Questions and changes live beside it."""

from __future__ import annotations

from datetime import date, datetime
from typing import cast

from sqlalchemy import Date, ForeignKey, Index, Integer, String, Table
from sqlalchemy.orm import Mapped, mapped_column

from wellbeing.foundation.database import BigId, Id, Model


class Organization(Model):
    """One node of the tree; `path` holds the ids from the root down to itself: `/1/4/18/`."""

    __tablename__ = "organization"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    parent_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("organization.id"), index=True)
    path: Mapped[str] = mapped_column(String(120), unique=True)
    tier: Mapped[int] = mapped_column(Integer)
    name_zh: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(160))
    region_group: Mapped[str] = mapped_column(String(40))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime]

    __table_args__ = (
        # A subtree is a prefix; PostgreSQL uses an index for that only with this class.
        Index("ix_organization_path_prefix", "path", postgresql_ops={"path": "text_pattern_ops"}),
    )


ORGANIZATION = cast("Table", Organization.__table__)
