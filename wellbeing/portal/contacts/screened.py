"""Screeners that were asked, in the words they were asked with. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from wellbeing.accounts.queries import people as accounts
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel, ScreenerDefinition
from wellbeing.portal import filters, pages
from wellbeing.portal.contacts import branching
from wellbeing.triage import queries as triage
from wellbeing.triage.rules import wrapping_up
from wellbeing.triage.rules.records import ScreeningRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A screening as it is shown, in the words that it was asked with."""

    at: datetime
    by: str
    title: str
    wording: str
    result: str
    level: RiskLevel | None
    complete: bool
    asks_further: bool
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What must be done before the contact may be closed."""

    screener: bool
    level: bool


def due(*, contact_id: int) -> Due:
    """Tell what a contact still waits for."""
    screenings, judged = triage.screened_and_judged(contact_id=contact_id)
    return Due(
        screener=wrapping_up.is_screener_due(screenings=screenings),
        level=wrapping_up.is_level_due(screenings=screenings, judged=judged),
    )


def shown(*, rows: Iterable[ScreeningRow]) -> list[Shown]:
    """Word screenings for the reader, oldest first."""
    found = list(rows)
    names = accounts.names_of(user_ids={row.by_user_id for row in found})
    return [
        _shown(row, filters.in_language(names[row.by_user_id], "display_name")) for row in found
    ]


def _shown(row: ScreeningRow, by: str) -> Shown:
    # One from before wordings were kept is read with the wording of its version, if that stands.
    definition = row.definition or policy.current().triage.screeners.get(row.screener)
    return Shown(
        at=row.at,
        by=by,
        title=definition.title(language=pages.language()) if definition else row.screener,
        wording=row.wording,
        result=branching.result_words(row=row, definition=definition),
        level=row.suggested_level,
        complete=row.complete,
        asks_further=row.asks_further,
        answers=tuple(_answers(row, definition)),
    )


def _answers(row: ScreeningRow, definition: ScreenerDefinition | None) -> Iterable[tuple[str, str]]:
    if definition is None:
        yield from row.answers.items()
        return
    for item in definition.items:
        if item.key in row.answers:
            answer = definition.answers.get(row.answers[item.key])
            said = answer.name(language=pages.language()) if answer else row.answers[item.key]
            yield item.text(language=pages.language()), said
