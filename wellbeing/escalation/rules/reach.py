"""How one person is reached by pages: numbers of their own, proved by a code, and quiet hours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from wellbeing.escalation.rules.words import PageChannel
from wellbeing.foundation.errors import Conflict, DomainError
from wellbeing.policy.model import Hours, Language, RiskLevel

CODE_DIGITS = 6
CODE_IS_GOOD_FOR = timedelta(minutes=10)
TRIES = 5
"""Guesses at one code; six digits and five tries leave one chance in 200,000."""
CODE_EVERY = timedelta(seconds=60)
"""Another code is sent at the earliest so long after the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A number on which a person is paged instead of the account's, once they proved it."""

    channel: PageChannel
    masked_number: str
    verified_at: datetime | None
    code_sent_at: datetime | None
    tries: int

    def takes_a_code(self, *, now: datetime) -> bool:
        """Tell whether a code that was sent may still be typed in."""
        if self.verified_at is not None or self.code_sent_at is None:
            return False
        return self.tries < TRIES and now - self.code_sent_at < CODE_IS_GOOD_FOR


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenCode:
    """A code that a call reads out, and in which language."""

    code: str
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """The hours in which a person would rather not be rung."""

    starts: time
    ends: time

    def covers(self, *, moment: datetime, zone: str) -> bool:
        """Tell whether they run."""
        return Hours(starts=self.starts, ends=self.ends, zone=zone).covers(moment=moment)


def in_order(
    *,
    people: Sequence[int],
    is_quiet: Callable[[int], bool],
    urgency: RiskLevel,
) -> tuple[int, ...]:
    """Put those who rest behind the others; in imminent danger nobody's hours count.

    They are rung all the same when nobody else answers: a desk is never empty for a wish.
    """
    if urgency is RiskLevel.IMMINENT:
        return tuple(people)
    return tuple(sorted(people, key=is_quiet))


class NoCodeWaits(Conflict):
    """No code waits to be typed in; have a new one sent."""


class CodeTooSoon(Conflict):
    """A code was sent a moment ago; wait a minute before the next."""


class TakesNoTexts(DomainError):
    """A number for texts is proved by a text; a landline takes none, so give it for calls."""


class NotHours(DomainError):
    """Quiet hours need a beginning and an end that differ."""
