"""When a desk is tested, and when nobody has proved for too long that its telephones work. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

ONCE_IN = timedelta(hours=12)
"""The half hour of a test comes once in so long; whoever looks twice in it tests once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """When a desk was first and last tested, and when somebody last confirmed a page there."""

    first_test_at: datetime | None
    last_test_at: datetime | None
    confirmed_at: datetime | None


NEVER = Proof(first_test_at=None, last_test_at=None, confirmed_at=None)


def is_wanted(*, proof: Proof | None, now: datetime) -> bool:
    """Tell whether a desk is to be tested in the half hour that runs."""
    last = proof.last_test_at if proof else None
    return last is None or now - last >= ONCE_IN


def is_silent(*, proof: Proof | None, after: timedelta, now: datetime) -> bool:
    """Tell whether nobody confirmed any page of a desk for too long, although it was tested.

    A real page that was acknowledged proves as much as a test. A desk that was never tested is
    silent from nothing: its first test has yet to come.
    """
    found = proof or NEVER
    if found.first_test_at is None or now - found.first_test_at < after:
        return False
    return found.confirmed_at is None or now - found.confirmed_at >= after
