"""Reads `privacy.toml`: retention, identity, figures, break-glass, exports, sign-in."""

from __future__ import annotations

from collections.abc import Collection

from wellbeing.policy.model import (
    AccessRequestPolicy,
    BreakGlassPolicy,
    ExportPolicy,
    IdentityPolicy,
    PrivacyPolicy,
    SessionPolicy,
    SignInPolicy,
    StepUpPolicy,
    SuppressionPolicy,
)
from wellbeing.policy.reading.table import LEVELS, Table

_LEGAL_YEARS = 3
"""Forms of a hotline are kept for at least three years (hotline guide of the NHC, 2021)."""


def read_privacy(*, table: Table, caller_types: Collection[str]) -> PrivacyPolicy:
    """Read the whole file; mistakes go to the table's list.

    `caller_types` are the keys of triage.toml, none if that file could not be read.
    """
    policy = PrivacyPolicy(
        retention_years=table.integer(key="retention_years", least=_LEGAL_YEARS),
        reopen_within=table.duration(key="reopen_within"),
        identity=_identity(table=table.table(key="identity"), caller_types=caller_types),
        suppression=_suppression(table=table.table(key="suppression")),
        break_glass=_break_glass(table=table.table(key="break_glass")),
        access_request=_access_request(table=table.table(key="access_request")),
        step_up=_step_up(table=table.table(key="step_up")),
        export=_export(table=table.table(key="export")),
        session=_session(table=table.table(key="session")),
        sign_in=_sign_in(table=table.table(key="sign_in")),
    )
    table.close()
    return policy


def _identity(*, table: Table, caller_types: Collection[str]) -> IdentityPolicy:
    found = IdentityPolicy(
        school_knows_from=table.word(key="school_knows_from", words=LEVELS),
        known_when_sent_by=table.texts(key="known_when_sent_by", may_be_empty=True),
        late_notice_within=table.duration(key="late_notice_within"),
        approved_within=table.duration(key="approved_within"),
    )
    for one in found.known_when_sent_by:
        if caller_types and one not in caller_types:
            table.wrong(key="known_when_sent_by", says=f"“{one}” is no caller type of triage.toml")
    table.close()
    return found


def _suppression(*, table: Table) -> SuppressionPolicy:
    found = SuppressionPolicy(
        city=table.integer(key="city", least=2),
        district=table.integer(key="district", least=2),
        school=table.integer(key="school", least=2),
    )
    if found.city < found.district:
        table.wrong(key="city", says="shows smaller groups to more people than district does")
    table.close()
    return found


def _break_glass(*, table: Table) -> BreakGlassPolicy:
    found = BreakGlassPolicy(
        lasts=table.duration(key="lasts"), review_within=table.duration(key="review_within")
    )
    table.close()
    return found


def _access_request(*, table: Table) -> AccessRequestPolicy:
    found = AccessRequestPolicy(
        lasts=table.duration(key="lasts"),
        waits=table.duration(key="waits"),
        open_per_person=table.integer(key="open_per_person", least=1),
    )
    table.close()
    return found


def _step_up(*, table: Table) -> StepUpPolicy:
    found = StepUpPolicy(within=table.duration(key="within"))
    table.close()
    return found


def _export(*, table: Table) -> ExportPolicy:
    found = ExportPolicy(
        bulk_from_rows=table.integer(key="bulk_from_rows", least=1),
        bulk_approvals=table.integer(key="bulk_approvals", least=2),
        kept_for=table.duration(key="kept_for"),
    )
    table.close()
    return found


def _session(*, table: Table) -> SessionPolicy:
    found = SessionPolicy(idle=table.duration(key="idle"), absolute=table.duration(key="absolute"))
    if found.absolute < found.idle:
        table.wrong(key="absolute", says="is shorter than idle")
    table.close()
    return found


def _sign_in(*, table: Table) -> SignInPolicy:
    found = SignInPolicy(
        failures_per_account=table.integer(key="failures_per_account", least=1),
        failures_per_address=table.integer(key="failures_per_address", least=1),
        within=table.duration(key="within"),
        slowed_for=table.duration(key="slowed_for"),
    )
    table.close()
    return found
