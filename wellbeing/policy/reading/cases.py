"""Reads `cases.toml`: closing, referrals, care plans, tags, documents."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from wellbeing.policy.model import CasePolicy, ClosingPolicy, DocumentPolicy, ReferralKind, Tag
from wellbeing.policy.reading.table import Table, repeated

MEGABYTE = 1024 * 1024


def read_cases(*, table: Table) -> CasePolicy:
    """Read the whole file; mistakes go to the table's list."""
    overdue = table.table(key="referral_overdue")
    care = table.table(key="care_plan")
    policy = CasePolicy(
        closing=_closing(table=table.table(key="closing")),
        referral_kinds=_referrals(table=table),
        overdue_duty_within=overdue.duration(key="duty_within"),
        care_review_within=care.duration(key="review_within"),
        tags=_tags(table=table),
        documents=_documents(table=table.table(key="documents")),
    )
    overdue.close()
    care.close()
    table.close()
    return policy


def _closing(*, table: Table) -> ClosingPolicy:
    found = ClosingPolicy(
        calm_apart=table.duration(key="calm_apart"),
        assessed_within=table.duration(key="assessed_within"),
        declines=table.integer(key="declines", least=1),
        declines_apart=table.duration(key="declines_apart"),
    )
    table.close()
    return found


def _referrals(*, table: Table) -> Mapping[str, ReferralKind]:
    found = [_referral(table=entry) for entry in table.tables(key="referrals")]
    for key in repeated(items=[one.key for one in found]):
        table.wrong(key="referrals", says=f"“{key}” stands twice")
    return MappingProxyType({one.key: one for one in found})


def _tags(*, table: Table) -> Mapping[str, Tag]:
    found = [_tag(table=entry) for entry in table.tables(key="tags")]
    for key in repeated(items=[one.key for one in found]):
        table.wrong(key="tags", says=f"“{key}” stands twice")
    return MappingProxyType({one.key: one for one in found})


def _documents(*, table: Table) -> DocumentPolicy:
    found = DocumentPolicy(
        largest=table.integer(key="largest_mb", least=1) * MEGABYTE,
        most=table.integer(key="most", least=1),
    )
    table.close()
    return found


def _tag(*, table: Table) -> Tag:
    found = Tag(
        key=table.text(key="key"),
        name_zh=table.text(key="name_zh"),
        name_en=table.text(key="name_en"),
    )
    if ":" in found.key:
        table.wrong(key="key", says="holds a colon, which marks the tags that a site makes")
    table.close()
    return found


def _referral(*, table: Table) -> ReferralKind:
    found = ReferralKind(
        key=table.text(key="key"),
        name_zh=table.text(key="name_zh"),
        name_en=table.text(key="name_en"),
        answer_within=table.duration(key="answer_within"),
        attend_within=table.duration(key="attend_within"),
    )
    table.close()
    return found
