"""From which number a text goes: which failures speak against a number, and who is next. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wellbeing.telephony.gateway import TelephonyError

SENDERS_FAULT = frozenset({21210, 21212, 21601, 21606, 21612, 30007, 30032, 30034})
"""What the carrier says against the number that sends, not the one that is reached (line.md)."""
NOT_ITS_FAULT = frozenset({10004, 14107, 16021, 20429, 30022})
"""The pace of the account, and what a recipient's network will take: no other number helps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """How often in a row a number failed, and when it did last."""

    failures: int
    failed_at: datetime

    def is_on(self, *, after: int, rest: timedelta, now: datetime) -> bool:
        """Tell whether the number is left alone: it failed `after` times, less than `rest` ago."""
        return self.failures >= after and now - self.failed_at < rest


def is_held_against_number(*, error: TelephonyError) -> bool:
    """Tell whether a failure may be the sending number's: not the recipient's, nor the account's.

    A server error or a time-out may be anybody's; another number is worth a try after some.
    """
    if error.code in SENDERS_FAULT:
        return True
    return not (error.permanent or error.alarm or error.code in NOT_ITS_FAULT)


def sender(*, senders: Sequence[str], current: str, troubled: Collection[str]) -> str:
    """Choose the number for a text: the thread's own while it works, else the next that does.

    Where all of them fail, nothing is gained by yet another one.
    """
    if current in senders and current not in troubled:
        return current
    fit = (number for number in senders if number not in troubled)
    return next(fit, current if current in senders else senders[0])


def next_sender(*, senders: Sequence[str], after: str) -> str | None:
    """Name the number after one that the carrier refuses; None when it was the last."""
    if after not in senders:
        return None
    return next(iter(senders[senders.index(after) + 1 :]), None)
