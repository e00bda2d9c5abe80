"""What can have happened to a contact; ids, levels and times only, never a word of a student."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wellbeing.policy.model import RiskLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactOpened:
    """Somebody reached us, by text or by call, or came back to a contact closed a while ago."""

    contact_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReceived:
    """A student's text was stored; a repeated webhook tells it once."""

    contact_id: int
    message_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactClaimed:
    """A counselor took a waiting contact."""

    contact_id: int
    user_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactReturned:
    """A contact went back to the queue; `user_id` is the counselor who had it."""

    contact_id: int
    user_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgencyRaised:
    """A contact became more urgent."""

    contact_id: int
    urgency: RiskLevel
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsRecorded:
    """The record of a contact was saved: who it was, how old, why, how it went."""

    contact_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactClosed:
    """A conversation was brought to its end by a counselor."""

    contact_id: int
    user_id: int
    at: datetime
