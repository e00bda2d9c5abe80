"""Desks named by a chain: they exist, once each, and they are told in order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from wellbeing.policy.model import DeskPolicy, Tier
from wellbeing.policy.reading.table import UNREADABLE, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    """The desks of `line.toml` that other tables may name."""

    entries: tuple[DeskPolicy, ...]

    def names(self) -> frozenset[str]:
        """Name every desk, whatever its tier."""
        return frozenset(desk.key for desk in self.entries)

    def exists(self, *, key: str, tier: Tier | None) -> bool:
        """Tell whether a tier has this desk; no tier means any."""
        return any(desk.key == key and tier in {None, desk.tier} for desk in self.entries)


def known_desk(*, table: Table, tier: Tier | None, desks: Desks) -> str:
    """Read the key `desk`; where no desk could be read at all, that was said already."""
    key = table.text(key="desk")
    if desks.entries and key != UNREADABLE and not desks.exists(key=key, tier=tier):
        where = f"on the tier {tier.name.lower()}" if tier else "on any tier"
        table.wrong(key="desk", says=f"line.toml has no desk “{key}” {where}")
    return key


def check_unique(*, table: Table, desks: Sequence[DeskPolicy]) -> None:
    """Refuse the same desk twice on one tier."""
    seen: set[tuple[str, Tier]] = set()
    for place, desk in enumerate(desks, start=1):
        if (desk.key, desk.tier) in seen:
            says = f"“{desk.key}” stands twice on the tier {desk.tier.name.lower()}"
            table.wrong(key=f"desks[{place}].key", says=says)
        seen.add((desk.key, desk.tier))


def check_order(*, table: Table, key: str, afters: Sequence[timedelta]) -> None:
    """Refuse steps that are not written in order of time."""
    for place, (before, after) in enumerate(pairwise(afters), start=2):
        if after < before:
            table.wrong(key=f"{key}[{place}].after", says="comes before the step above it")
