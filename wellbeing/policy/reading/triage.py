"""Reads `triage.toml` except its word list (`lexicon`): levels, lists of the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from wellbeing.policy.model import (
    AgeBand,
    Choice,
    LevelPolicy,
    Reason,
    ScreenerDefinition,
    TriagePolicy,
)
from wellbeing.policy.reading.lexicon import read_lexicon
from wellbeing.policy.reading.table import Table, by_level, repeated
from wellbeing.policy.shapes.triage import SiteModel

_COLOURS = MappingProxyType({name: name for name in ("blue", "yellow", "orange", "red")})


def read_triage(
    *, table: Table, screeners: Mapping[str, ScreenerDefinition], directory: Path
) -> TriagePolicy:
    """Read the whole file and the clues beside it; mistakes go to the table's list."""
    groups = _choices(table=table, key="reason_groups")
    policy = TriagePolicy(
        levels=by_level(table=table, key="levels", read=_level),
        lexicon=read_lexicon(table=table.table(key="lexicon"), directory=directory),
        model=_model(table=table.table(key="model")),
        screeners=screeners,
        reason_groups=groups,
        reasons=_reasons(table=table, parents=frozenset(group.key for group in groups)),
        caller_types=_choices(table=table, key="caller_types"),
        age_bands=_age_bands(table=table),
        non_data_kinds=_choices(table=table, key="non_data_kinds"),
    )
    for colour in repeated(items=[level.colour for level in policy.levels.values()]):
        table.wrong(key="levels", says=f"“{colour}” is the colour of two levels")
    table.close()
    return policy


def _level(table: Table, name: str) -> LevelPolicy:
    inner = table.table(key=name)
    found = LevelPolicy(
        name_zh=inner.text(key="name_zh"),
        name_en=inner.text(key="name_en"),
        colour=inner.word(key="colour", words=_COLOURS),
    )
    inner.close()
    return found


def _model(*, table: Table) -> SiteModel:
    found = SiteModel(enabled=table.flag(key="enabled"), path=table.text(key="path"))
    table.close()
    return found


def _choices(*, table: Table, key: str) -> tuple[Choice, ...]:
    found = []
    for entry in table.tables(key=key):
        found.append(
            Choice(
                key=entry.text(key="key"),
                name_zh=entry.text(key="name_zh"),
                name_en=entry.text(key="name_en"),
            )
        )
        entry.close()
    _check_keys(table=table, key=key, entries=found)
    return tuple(found)


def _reasons(*, table: Table, parents: frozenset[str]) -> tuple[Reason, ...]:
    found = []
    for entry in table.tables(key="reasons"):
        found.append(
            Reason(
                key=entry.text(key="key"),
                name_zh=entry.text(key="name_zh"),
                name_en=entry.text(key="name_en"),
                parent=entry.text(key="parent"),
            )
        )
        if found[-1].parent not in parents:
            entry.wrong(key="parent", says=f"“{found[-1].parent}” is not a key of reason_groups")
        entry.close()
    _check_keys(table=table, key="reasons", entries=found)
    return tuple(found)


def _check_keys(*, table: Table, key: str, entries: Sequence[Choice]) -> None:
    for word in repeated(items=[entry.key for entry in entries]):
        table.wrong(key=key, says=f"the key “{word}” stands twice")


def _age_bands(*, table: Table) -> tuple[AgeBand, ...]:
    entries = table.tables(key="age_bands")
    found = tuple(_age_band(table=entry) for entry in entries)
    for entry, (before, after) in zip(entries[1:], pairwise(found), strict=True):
        if before.to_years is None:
            entry.wrong(key="from_years", says="comes after a band that has no end")
        elif after.from_years != before.to_years + 1:
            entry.wrong(key="from_years", says=f"does not follow on {before.key}")
    if found and found[-1].to_years is not None:
        entries[-1].wrong(key="to_years", says="the last band must have no end")
    _check_keys(table=table, key="age_bands", entries=found)
    return found


def _age_band(*, table: Table) -> AgeBand:
    found = AgeBand(
        key=table.text(key="key"),
        name_zh=table.text(key="name_zh"),
        name_en=table.text(key="name_en"),
        from_years=table.integer(key="from_years", least=0),
        to_years=table.integer(key="to_years", least=0) if table.has(key="to_years") else None,
    )
    if found.to_years is not None and found.to_years < found.from_years:
        table.wrong(key="to_years", says="lies before from_years")
    table.close()
    return found
