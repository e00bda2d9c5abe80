"""Tables of the duty roster: shifts, what makes them, who can be rung. `queries` asks them."""

from __future__ import annotations

from datetime import date, datetime
from typing import cast

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from wellbeing.foundation.database import BigId, Id, Model

IS_ROTATED = text("rotation_id IS NOT NULL")
ENDS_AFTER_IT_BEGINS = "starts_at < ends_at"


class Shift(Model):
    """One person at one desk from a moment until another; the lowest position is rung first.

    `rotation_id` names the rotation that made it, `override_id` the override that put the person
    in; both are empty for a shift that somebody entered by hand.
    """

    __tablename__ = "shift"
    __table_args__ = (
        Index("ix_shift_desk", "organization_id", "desk", "ends_at"),
        Index("ix_shift_user_id_ends_at", "user_id", "ends_at"),
        # Two sweeps at once must not put anybody on a desk twice.
        Index(
            "uq_shift_rotation",
            "rotation_id",
            "starts_at",
            "user_id",
            unique=True,
            sqlite_where=IS_ROTATED,
            postgresql_where=IS_ROTATED,
        ),
        CheckConstraint(ENDS_AFTER_IT_BEGINS, name="order"),
    )

    id: Mapped[Id]
    organization_id: Mapped[int] = mapped_column(BigId, ForeignKey("organization.id"))
    desk: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    position: Mapped[int] = mapped_column(SmallInteger)
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    created_at: Mapped[datetime]
    rotation_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("rotation.id"))
    override_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("roster_override.id"), index=True
    )


class Rotation(Model):
    """A weekly pattern at one desk in which people take turns, by the wall clock of a zone."""

    __tablename__ = "rotation"
    __table_args__ = (Index("ix_rotation_desk", "organization_id", "desk"),)

    id: Mapped[Id]
    organization_id: Mapped[int] = mapped_column(BigId, ForeignKey("organization.id"))
    desk: Mapped[str] = mapped_column(String(40))
    position: Mapped[int] = mapped_column(SmallInteger)
    turn: Mapped[str] = mapped_column(String(10))
    zone: Mapped[str] = mapped_column(String(64))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    created_at: Mapped[datetime]
    planned_until: Mapped[datetime] = mapped_column(index=True)


class RotationPerson(Model):
    """Somebody who takes turns, in their place of the row."""

    __tablename__ = "rotation_person"
    __table_args__ = (UniqueConstraint("rotation_id", "place"),)

    id: Mapped[Id]
    rotation_id: Mapped[int] = mapped_column(BigId, ForeignKey("rotation.id"))
    place: Mapped[int] = mapped_column(SmallInteger)
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)


class RotationBlock(Model):
    """A stretch of one weekday (0 is Monday), in minutes after midnight on the wall.

    One that ends at or before its start runs into the next day.
    """

    __tablename__ = "rotation_block"
    __table_args__ = (
        UniqueConstraint("rotation_id", "weekday", "starts"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("starts BETWEEN 0 AND 1439 AND ends BETWEEN 0 AND 1439", name="minutes"),
    )

    id: Mapped[Id]
    rotation_id: Mapped[int] = mapped_column(BigId, ForeignKey("rotation.id"))
    weekday: Mapped[int] = mapped_column(SmallInteger)
    starts: Mapped[int] = mapped_column(SmallInteger)
    ends: Mapped[int] = mapped_column(SmallInteger)


class RotationHoliday(Model):
    """A day on which somebody else, or nobody, takes what begins that day."""

    __tablename__ = "rotation_holiday"
    __table_args__ = (UniqueConstraint("rotation_id", "day"),)

    id: Mapped[Id]
    rotation_id: Mapped[int] = mapped_column(BigId, ForeignKey("rotation.id"))
    day: Mapped[date] = mapped_column(Date)
    user_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)


class Override(Model):
    """One person instead of another at a desk for a while, or one person more."""

    __tablename__ = "roster_override"
    __table_args__ = (
        Index("ix_roster_override_desk", "organization_id", "desk", "ends_at"),
        CheckConstraint(ENDS_AFTER_IT_BEGINS, name="order"),
    )

    id: Mapped[Id]
    organization_id: Mapped[int] = mapped_column(BigId, ForeignKey("organization.id"))
    desk: Mapped[str] = mapped_column(String(40))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    replaced_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    position: Mapped[int] = mapped_column(SmallInteger)
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Swap(Model):
    """One person asks another to take their place for a while."""

    __tablename__ = "swap"
    __table_args__ = (
        Index("ix_swap_organization_id_state", "organization_id", "state"),
        CheckConstraint(ENDS_AFTER_IT_BEGINS, name="order"),
    )

    id: Mapped[Id]
    organization_id: Mapped[int] = mapped_column(BigId, ForeignKey("organization.id"))
    desk: Mapped[str] = mapped_column(String(40))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    asker_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    asked_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    override_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("roster_override.id"), index=True
    )


class StaffPhone(Model):
    """A telephone on which the line rings a person; sealed under that person's own data key."""

    __tablename__ = "staff_phone"
    __table_args__ = (UniqueConstraint("user_id", "kind"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"))
    kind: Mapped[str] = mapped_column(String(10))
    number_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    position: Mapped[int] = mapped_column(SmallInteger)
    set_at: Mapped[datetime]


class PresenceState(Model):
    """Whether a person takes calls now; the browser's telephone beats while it is open."""

    __tablename__ = "presence"

    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), primary_key=True)
    away_since: Mapped[datetime | None]
    away_reason: Mapped[str | None] = mapped_column(String(20))
    missed_rings: Mapped[int] = mapped_column(Integer)
    client_beat_at: Mapped[datetime | None]


class Handover(Model):
    """Somebody whose shift ended has handed over; how many conversations were open is kept."""

    __tablename__ = "handover"

    id: Mapped[Id]
    shift_id: Mapped[int] = mapped_column(BigId, ForeignKey("shift.id"), unique=True)
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    to_user_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    open_contacts: Mapped[int]
    at: Mapped[datetime]


class CoverageAlarm(Model):
    """A gap that somebody was told about, so that it is told once."""

    __tablename__ = "coverage_alarm"
    __table_args__ = (UniqueConstraint("organization_id", "desk", "starts_at"),)

    id: Mapped[Id]
    organization_id: Mapped[int] = mapped_column(BigId, ForeignKey("organization.id"))
    desk: Mapped[str] = mapped_column(String(40))
    starts_at: Mapped[datetime]
    at: Mapped[datetime]


class RosterCalendar(Model):
    """The secret address of a person's calendar, kept as a hash."""

    __tablename__ = "roster_calendar"

    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    made_at: Mapped[datetime]


SHIFT = cast("Table", Shift.__table__)
ROTATION = cast("Table", Rotation.__table__)
ROTATION_PERSON = cast("Table", RotationPerson.__table__)
ROTATION_BLOCK = cast("Table", RotationBlock.__table__)
ROTATION_HOLIDAY = cast("Table", RotationHoliday.__table__)
OVERRIDE = cast("Table", Override.__table__)
SWAP = cast("Table", Swap.__table__)
STAFF_PHONE = cast("Table", StaffPhone.__table__)
PRESENCE = cast("Table", PresenceState.__table__)
HANDOVER = cast("Table", Handover.__table__)
COVERAGE_ALARM = cast("Table", CoverageAlarm.__table__)
CALENDAR = cast("Table", RosterCalendar.__table__)
