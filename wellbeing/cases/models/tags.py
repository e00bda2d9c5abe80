"""Tables of tags: which a site made, and which a case carries."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import ForeignKey, Index, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wellbeing.foundation.database import BigId, Id, Model


class SiteTag(Model):
    """A tag that a supervisor made for the units below their own; a word, nothing of a student."""

    __tablename__ = "site_tag"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)

    id: Mapped[Id]
    organization_id: Mapped[int] = mapped_column(BigId, ForeignKey("organization.id"))
    name: Mapped[str] = mapped_column(String(40))
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class CaseTag(Model):
    """That a case carries a tag: a key of the policy, or of a tag of the site."""

    __tablename__ = "case_tag"
    __table_args__ = (Index("ix_case_tag_tag_case_id", "tag", "case_id"),)

    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("student_case.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(40), primary_key=True)
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    at: Mapped[datetime]


SITE_TAG = cast("Table", SiteTag.__table__)
CASE_TAG = cast("Table", CaseTag.__table__)
