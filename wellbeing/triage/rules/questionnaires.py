"""Notes that are summed: PHQ-9, PHQ-A, GAD-7. They set no level; an answer about suicide leads on.

facts.md 1.3: their cut-offs hardly tell anything among Chinese minors (AUC 0.62 to 0.71), so only
item 9 and the supplements of PHQ-A count, and they only make a C-SSRS or ASQ due. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

from wellbeing.policy.model import RiskLevel, ScreenerDefinition
from wellbeing.triage.rules.results import REFUSED, ScreenerResult

PENDING = RiskLevel.MODERATE
"""At least this until somebody has asked C-SSRS or ASQ (facts.md 1.3, item 9 rule)."""


def required(*, definition: ScreenerDefinition) -> tuple[str, ...]:
    """Name the questions of a note: all of them, in their order."""
    return tuple(item.key for item in definition.items)


def read_note(*, definition: ScreenerDefinition, answers: Mapping[str, str]) -> ScreenerResult:
    """Sum the points, name their band, and tell whether an answer makes a screener due."""
    asked = required(definition=definition)
    points = sum(definition.answers[one].points or 0 for one in answers.values())
    band = [one for one in definition.bands if one.from_points <= points][-1]
    is_tripped = any(answers.get(item.key) in item.tripwire for item in definition.items)
    missing = tuple(key for key in asked if key not in answers)
    refused = tuple(key for key in asked if answers.get(key) == REFUSED)
    return ScreenerResult(
        result=band.key,
        highest_item=None,
        level=PENDING if is_tripped else None,
        complete=not missing and not refused,
        missing=missing,
        refused=refused,
        points=points,
        asks_further=is_tripped,
    )
