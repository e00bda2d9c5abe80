"""Reads `screeners/*.toml`: one file for each instrument whose branching `triage` knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from wellbeing.policy.reading.table import Table, repeated
from wellbeing.policy.shapes.screeners import (
    ScreenerAnswer,
    ScreenerBand,
    ScreenerDefinition,
    ScreenerItem,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Logic:
    """What the rules of triage need of a definition: its questions, and which must lead further."""

    items: tuple[str, ...]
    tripwires: tuple[str, ...] = ()
    is_summed: bool = False


def _numbered(count: int) -> tuple[str, ...]:
    return tuple(f"q{number}" for number in range(1, count + 1))


LOGIC: Mapping[str, _Logic] = MappingProxyType({
    "cssrs": _Logic(items=(*_numbered(6), "q6_when", "means_at_hand")),
    "asq": _Logic(items=(*_numbered(5), "safety_agreed")),
    "beijing": _Logic(items=("plan_72h", "attempt_2_weeks", "act_now")),
    "phq9": _Logic(items=_numbered(9), tripwires=("q9",), is_summed=True),
    "phqa": _Logic(
        items=(*_numbered(9), "past_year", "difficulty", "thoughts_month", "ever_tried"),
        tripwires=("q9", "thoughts_month", "ever_tried"),
        is_summed=True,
    ),
    "gad7": _Logic(items=_numbered(7), is_summed=True),
})  # fmt: skip
"""Instruments whose branching `triage` knows, in the order shown; the wording is the site's."""
OF_SUICIDE_RISK = ("cssrs", "asq")
"""At least one must be offered: whoever answers a tripwire is asked it (facts.md 1.3)."""


def read_screeners(*, tables: Mapping[str, Table]) -> Mapping[str, ScreenerDefinition]:
    """Read every file; mistakes go to their table's list."""
    found = {key: _screener(table=table, key=key) for key, table in tables.items()}
    if not any(found[key].offered for key in OF_SUICIDE_RISK):
        says = "cssrs or asq must be offered: a tripwire leads to one of them"
        tables[OF_SUICIDE_RISK[0]].wrong(key="offered", says=says)
    return MappingProxyType(found)


def _screener(*, table: Table, key: str) -> ScreenerDefinition:
    logic = LOGIC[key]
    answers = {one.key: one for one in (_answer(table=one) for one in table.tables(key="answers"))}
    found = ScreenerDefinition(
        key=key,
        version=table.text(key="version"),
        offered=table.flag(key="offered"),
        title_zh=table.text(key="title_zh"),
        title_en=table.text(key="title_en"),
        source_zh=table.text(key="source_zh"),
        source_en=table.text(key="source_en"),
        answers=MappingProxyType(answers),
        items=tuple(_item(table=one, answers=answers) for one in table.tables(key="items")),
        bands=_bands(table=table) if logic.is_summed else (),
    )
    _check_keys(table=table, items=found.items, logic=logic)
    table.close()
    return found


def _answer(*, table: Table) -> ScreenerAnswer:
    found = ScreenerAnswer(
        key=table.text(key="key"),
        name_zh=table.text(key="name_zh"),
        name_en=table.text(key="name_en"),
        points=table.integer(key="points", least=0) if table.has(key="points") else None,
    )
    table.close()
    return found


def _item(*, table: Table, answers: Mapping[str, ScreenerAnswer]) -> ScreenerItem:
    found = ScreenerItem(
        key=table.text(key="key"),
        text_zh=table.text(key="text_zh"),
        text_en=table.text(key="text_en"),
        answers=table.texts(key="answers"),
        tripwire=table.texts(key="tripwire") if table.has(key="tripwire") else (),
    )
    for one in found.answers:
        if one not in answers:
            table.wrong(key="answers", says=f"“{one}” is not a key of answers")
    for one in found.tripwire:
        if one not in found.answers:
            table.wrong(key="tripwire", says=f"“{one}” is not an answer of this question")
    table.close()
    return found


def _bands(*, table: Table) -> tuple[ScreenerBand, ...]:
    entries = table.tables(key="bands")
    found = tuple(_band(table=one) for one in entries)
    if found and found[0].from_points:
        entries[0].wrong(key="from_points", says="the first band must begin at 0")
    for entry, (before, after) in zip(entries[1:], pairwise(found), strict=True):
        if after.from_points <= before.from_points:
            entry.wrong(key="from_points", says=f"does not rise above {before.key}")
    return found


def _band(*, table: Table) -> ScreenerBand:
    found = ScreenerBand(
        key=table.text(key="key"),
        from_points=table.integer(key="from_points", least=0),
        name_zh=table.text(key="name_zh"),
        name_en=table.text(key="name_en"),
    )
    table.close()
    return found


def _check_keys(*, table: Table, items: Sequence[ScreenerItem], logic: _Logic) -> None:
    """The branching relies on its questions; a site words them, and adds or drops none."""
    if not items:
        return
    keys = [item.key for item in items]
    for word in repeated(items=keys):
        table.wrong(key="items", says=f"the key “{word}” stands twice")
    for key in (one for one in logic.items if one not in keys):
        table.wrong(key="items", says=f"the question “{key}” is missing")
    for key in (one for one in keys if one not in logic.items):
        table.wrong(key="items", says=f"no rule reads the question “{key}”")
    for item in items:
        if item.key in logic.tripwires and not item.tripwire:
            table.wrong(key="items", says=f"“{item.key}” needs a tripwire: it asks about suicide")
