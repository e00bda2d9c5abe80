"""The shapes of `privacy.toml`: retention, identity, figures, break-glass, exports, sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from wellbeing.policy.shapes.words import RiskLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionPolicy:
    """The smallest count shown; a school sees counts only, never a cross table."""

    city: int
    district: int
    school: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakGlassPolicy:
    """How long an emergency view lasts and by when somebody reviews it."""

    lasts: timedelta
    review_within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequestPolicy:
    """How long an approved access lasts at most, how long a request waits, how many at once."""

    lasts: timedelta
    waits: timedelta
    open_per_person: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUpPolicy:
    """How fresh somebody's proof of who they are must be before the gravest steps."""

    within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPolicy:
    """From how many rows an export is bulk, how many people it needs, how long it is kept."""

    bulk_from_rows: int
    bulk_approvals: int
    kept_for: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPolicy:
    """When a signed-in session ends by itself."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPolicy:
    """How many failures within which time slow a name or an address down, and for how long."""

    failures_per_account: int
    failures_per_address: int
    within: timedelta
    slowed_for: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityPolicy:
    """When a school may know who a case is about, and how soon an emergency is made good."""

    school_knows_from: RiskLevel
    known_when_sent_by: tuple[str, ...]
    late_notice_within: timedelta
    approved_within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyPolicy:
    """How long records live, what figures hide, and how doors to a record close again."""

    retention_years: int
    reopen_within: timedelta
    identity: IdentityPolicy
    suppression: SuppressionPolicy
    break_glass: BreakGlassPolicy
    access_request: AccessRequestPolicy
    step_up: StepUpPolicy
    export: ExportPolicy
    session: SessionPolicy
    sign_in: SignInPolicy
