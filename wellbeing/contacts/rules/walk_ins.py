"""A contact that was made elsewhere, in person or by letter, and is written down by hand. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from wellbeing.contacts.rules.conversations import Channel, ContactFacts
from wellbeing.foundation.errors import Conflict, DomainError
from wellbeing.policy.model import Language

ELSEWHERE = (Channel.WALK_IN, Channel.LETTER)
OLDEST = timedelta(days=366)
"""What lies further back is history, not work; it would only bend the figures of past years."""
LONGEST_MINUTES = 1_440


class NotYetHappened(DomainError):
    """This time has not come yet."""


class TooLongAgo(DomainError):
    """This is more than a year ago."""


class AlreadyRecorded(Conflict):
    """This contact was written down a moment ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkIn:
    """What is written down of a contact made elsewhere.

    `origin` tells the same record from another one: whoever sends it twice writes it once.
    `number` is E.164, where somebody left one; `minutes` is how long it took, if known.
    """

    origin: str
    channel: Channel
    happened_at: datetime
    minutes: int | None
    number: str | None
    language: Language
    organization_id: int
    organization_path: str
    facts: ContactFacts

    @property
    def ended_at(self) -> datetime:
        """Tell when it was over."""
        return self.happened_at + timedelta(minutes=self.minutes or 0)


def check_moment(*, walk_in: WalkIn, now: datetime) -> None:
    """Refuse a moment that cannot be.

    Raises:
        NotYetHappened: it begins or ends after `now`.
        TooLongAgo: it is more than a year ago.

    """
    if walk_in.ended_at > now:
        raise NotYetHappened
    if walk_in.happened_at < now - OLDEST:
        raise TooLongAgo
