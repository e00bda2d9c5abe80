"""The shapes of `cases.toml`: closing, referrals, documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from wellbeing.policy.shapes.words import Named


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingPolicy:
    """When a case has been calm for long enough to be closed."""

    calm_apart: timedelta
    """At least so long lies between two contacts at the lowest level."""
    assessed_within: timedelta
    """A level set up to so long after a contact counts as found in it."""
    declines: int
    """So many times a student declines before a supervisor may sign."""
    declines_apart: timedelta
    """Less than so long after a no that counts, another one is the same no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralKind(Named):
    """A place where students are referred, and how long its answers may take."""

    key: str
    answer_within: timedelta
    attend_within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPolicy:
    """How large one document may be (bytes), and how many a case may hold."""

    largest: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag(Named):
    """A word by which cases are found together."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePolicy:
    """What a municipality decides about case work."""

    closing: ClosingPolicy
    referral_kinds: Mapping[str, ReferralKind]
    overdue_duty_within: timedelta
    care_review_within: timedelta
    """No review of a care plan lies further away."""
    tags: Mapping[str, Tag]
    documents: DocumentPolicy
