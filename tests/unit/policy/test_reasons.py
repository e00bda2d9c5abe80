"""The record counts as Child Helpline International does: eleven groups, one parent each."""

from __future__ import annotations

from wellbeing.policy.model import Policy

GROUPS = (
    "missing_children", "violence", "mental_health", "physical_health", "accessibility",
    "discrimination", "family", "peers", "education", "sexuality", "non_counseling",
)  # fmt: skip


def test_the_groups_are_the_eleven_of_the_framework(shipped: Policy):
    assert tuple(group.key for group in shipped.triage.reason_groups) == GROUPS


def test_every_group_has_sub_reasons_and_one_for_whatever_is_not_listed(shipped: Policy):
    by_group = {
        group: [reason.key for reason in shipped.triage.reasons if reason.parent == group]
        for group in GROUPS
    }

    assert min(len(keys) for keys in by_group.values()) >= 3
    # Being left out for no named reason is the other of its group.
    others = {group: [k for k in keys if k.endswith("_other") or k == "exclusion"]
              for group, keys in by_group.items()}  # fmt: skip
    assert {group for group, keys in others.items() if len(keys) != 1} == set()
