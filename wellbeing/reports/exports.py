"""A report as a file for a spreadsheet: the same object that its page shows, word for word.

What is open right now is not in it: a list of single cases is no figure and stays in the portal.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wellbeing.policy.model import RiskLevel, Tier
from wellbeing.reports.rules.figures import (
    TIERS,
    EscalationReport,
    Measure,
    Percentiles,
    Row,
    Timing,
)

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Programs run a cell that begins so, full-width ones too under a Chinese locale."""
Cell = str | int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the portal says for each key, in the reader's language."""

    heading: Sequence[tuple[str, str]]
    """Lines on top: what this is, for which unit, which days, made when and by which rule."""
    levels: Mapping[RiskLevel | None, str]
    tiers: Mapping[Tier | None, str]
    measures: Mapping[Measure, str]
    times: Mapping[tuple[Timing, str], str]
    """By timing and `p50` or `p90`; the unit, seconds, stands in the words."""
    level: str
    tier: str
    flows: str
    before: str
    hidden: str
    nothing: str
    definitions: Sequence[tuple[str, str]]


def escalation_csv(*, report: EscalationReport, words: Words) -> bytes:
    """Write a report as CSV in UTF-8 with the mark that spreadsheets need to read Chinese."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    for line in _lines(report, words):
        writer.writerow([inert(cell=cell) for cell in line])
    return file.getvalue().encode("utf-8-sig")


def inert(*, cell: Cell) -> str | int:
    """Give a cell that no spreadsheet takes for a formula."""
    if cell is None or isinstance(cell, int):
        return "" if cell is None else cell
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA_STARTS) else cell


def _lines(report: EscalationReport, words: Words) -> Iterable[Sequence[Cell]]:
    yield from words.heading
    yield ()
    yield (
        words.level,
        words.tier,
        *(words.measures[one] for one in Measure),
        *words.times.values(),
    )
    for row in report.current.rows:
        if not row.is_empty:
            yield _row(row, words)
    yield (words.before, "", *_figures(report.previous.total, words))
    if report.current.flows:
        yield ()
        yield (words.flows, *(words.tiers[one] for one in (*TIERS, None)))
        for flow in report.current.flows:
            counts = (_count(flow.accepted[one], words) for one in (*TIERS, None))
            yield (words.tiers[flow.sender], *counts)
    yield ()
    yield from words.definitions


def _row(row: Row, words: Words) -> Sequence[Cell]:
    return (words.levels[row.level], words.tiers[row.tier], *_figures(row, words))


def _figures(row: Row, words: Words) -> Sequence[Cell]:
    counts = (_count(row.counts[one], words) for one in Measure)
    times = (_seconds(row.times[timing], part, words) for timing, part in words.times)
    return (*counts, *times)


def _count(count: int | None, words: Words) -> Cell:
    return words.hidden if count is None else count


def _seconds(time: Percentiles | None, part: str, words: Words) -> Cell:
    return words.nothing if time is None else round(time.p50 if part == "p50" else time.p90)
