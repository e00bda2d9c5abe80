"""How pages word the reports that the law requires. What may be done with one is in `cases`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _

from wellbeing.cases.rules.reporting import ReportRow, ReportState
from wellbeing.policy import current as policy
from wellbeing.portal import pages

STATES: Mapping[ReportState, tuple[Any, str]] = {
    ReportState.OPEN: (_("A supervisor decides"), "attention"),
    ReportState.TO_REPORT: (_("To be reported today"), "attention"),
    ReportState.FILED: (_("Reported; a supervisor closes it"), "waiting"),
    ReportState.REPORTED: (_("Reported and closed"), "done"),
    ReportState.NOT_REPORTABLE: (_("Decided: not to be reported"), "neutral"),
    ReportState.MERGED: (_("Went into the report of the case"), "neutral"),
}
"""Words and tone of each state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A report as the pages of its case and conversation name it."""

    report_id: int
    state_words: str
    is_waiting: bool
    by_at: datetime


def shown(*, rows: Iterable[ReportRow]) -> list[Shown]:
    """Word reports in one line each."""
    return [
        Shown(
            report_id=row.report_id,
            state_words=str(STATES[row.state][0]),
            is_waiting=row.is_waiting,
            by_at=row.by_at,
        )
        for row in rows
    ]


def organ(*, key: str) -> str:
    """Name an organ; one that the policy dropped keeps its key."""
    organs = {one.key: one for one in policy.current().safety.report.organs}
    return organs[key].name(language=pages.language()) if key in organs else key
