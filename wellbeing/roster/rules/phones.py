"""Which phone of a person rings, and when somebody counts as away. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.policy.model import Language

CLIENT_PREFIX = "client:counselor_"
"""How the carrier names a telephone in somebody's browser."""


class PhoneKind(StrEnum):
    """What rings: a telephone of a person, or the browser they sit at."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    CLIENT = "client"


KEPT_KINDS = (PhoneKind.MOBILE, PhoneKind.LANDLINE)
"""The kinds with a number; a browser needs none, its heartbeat tells that it is there."""


class AwayReason(StrEnum):
    """Why somebody is not rung for now."""

    OWN = "own"
    MISSED_RINGS = "missed_rings"


class NoSuchPhone(NotFound):
    """You have no such phone on the roster."""


class NotAKeptPhone(DomainError):
    """Only a mobile phone or a landline has a number to keep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Available:
    """Somebody who can be rung now: at which place in the order, on what, and where."""

    user_id: int
    position: int
    phone_kind: PhoneKind
    address: str
    languages: tuple[Language, ...] = (Language.ZH,)
    """What they speak with students, the one they prefer first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Whether somebody takes calls; all empty for a person who never said anything."""

    user_id: int
    away_since: datetime | None = None
    away_reason: AwayReason | None = None
    missed_rings: int = 0
    client_beat_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """One telephone of a person; `position` 1 is tried first."""

    kind: PhoneKind
    number: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneRow:
    """One telephone as a page may show it."""

    phone_id: int
    kind: PhoneKind
    masked_number: str
    position: int


def is_away(*, presence: Presence, since: datetime) -> bool:
    """Tell whether somebody is away from a shift that began at `since`.

    Away ends with the shift: a person who forgot to say that they are back must not leave the
    desk silent on another day.
    """
    return presence.away_since is not None and presence.away_since >= since


def has_client(*, presence: Presence, within: timedelta, at: datetime) -> bool:
    """Tell whether the telephone in a person's browser was alive a moment ago."""
    beat = presence.client_beat_at
    return beat is not None and beat > at - within


def client_address(*, user_id: int) -> str:
    """Name the telephone in a person's browser as the carrier knows it."""
    return f"{CLIENT_PREFIX}{user_id}"


def first_phone(*, phones: Iterable[Phone]) -> Phone | None:
    """Choose the telephone to ring: by its place, a mobile before a landline."""
    order = list(PhoneKind)
    kept = sorted(phones, key=lambda one: (one.position, order.index(one.kind)))
    return kept[0] if kept else None
