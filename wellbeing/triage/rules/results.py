"""What an instrument says, and the errors of asking it. How it is read stands beside. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wellbeing.foundation.errors import DomainError
from wellbeing.policy.model import RiskLevel

YES, NO, REFUSED = "yes", "no", "refused"


class UnknownScreener(DomainError):
    """This screener is not in use here."""


class NotAnAnswer(DomainError):
    """Some of these answers are not among the choices."""


class OutsideBranch(DomainError):
    """This question does not follow from the answers before it. Please look again."""

    def __init__(self, *, keys: tuple[str, ...]) -> None:
        super().__init__(keys=keys)
        self.keys = keys


class Result(StrEnum):
    """What a screener of suicide risk says, in its own words; a note says a band of its own."""

    NEGATIVE = "negative"
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    NON_ACUTE_POSITIVE = "non_acute_positive"
    ACUTE_POSITIVE = "acute_positive"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenerResult:
    """What a screener says so far; `level` None means that a person must set it by hand.

    An incomplete one is treated as at least the level so far; `missing` is what to ask again.
    `asks_further` makes a C-SSRS or ASQ due; `points` are of a note that is summed.
    """

    result: str
    highest_item: int | None
    level: RiskLevel | None
    complete: bool
    missing: tuple[str, ...]
    refused: tuple[str, ...]
    points: int | None = None
    asks_further: bool = False
