"""How well the word list reads labelled messages: recall, precision, and every miss. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wellbeing.policy.model import RiskLevel
from wellbeing.triage.rules.conversation import Turn, marks_of
from wellbeing.triage.rules.tables import MARKS, Labelled


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Hits and errors of one question; a share of nothing is None."""

    hits: int
    missed: int
    false: int

    @property
    def recall(self) -> float | None:
        """Tell the share found of what should be found."""
        wanted = self.hits + self.missed
        return self.hits / wanted if wanted else None

    @property
    def precision(self) -> float | None:
        """Tell the share of what was found that should be found."""
        found = self.hits + self.false
        return self.hits / found if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What a set of labelled messages shows; levels count as "at least this level"."""

    count: int
    flagged: int
    """Messages read as orange or red."""
    levels: dict[RiskLevel, Figures]
    marks: dict[str, Figures]
    missed: tuple[Labelled, ...]
    """Orange or red by label, and read as less."""
    false: tuple[Labelled, ...]
    """Read as orange or red, and less by label."""
    acts_missed: tuple[Labelled, ...]


def evaluate(*, labelled: Sequence[Labelled], turns: Sequence[Turn]) -> Evaluation:
    """Compare what was read with what persons judged."""
    pairs = list(zip(labelled, turns, strict=True))
    urgent = RiskLevel.HIGH
    return Evaluation(
        count=len(pairs),
        flagged=sum(turn.level >= urgent for turn in turns),
        levels={
            level: _figures([(one.level >= level, turn.level >= level) for one, turn in pairs])
            for level in RiskLevel
            if level > RiskLevel.LOW
        },
        marks={
            mark: _figures([(mark in one.marks, marks_of(turn=turn)[mark]) for one, turn in pairs])
            for mark in MARKS
        },
        missed=tuple(one for one, turn in pairs if one.level >= urgent > turn.level),
        false=tuple(one for one, turn in pairs if turn.level >= urgent > one.level),
        acts_missed=tuple(
            one for one, turn in pairs if "act_now" in one.marks and not turn.act_now
        ),
    )


def by_group(
    *, labelled: Sequence[Labelled], turns: Sequence[Turn]
) -> Mapping[str, Mapping[str, Figures]]:
    """Tell orange or above apart by language, dialect and age band: a list must serve them all."""
    answers: dict[str, dict[str, list[tuple[bool, bool]]]] = {}
    for one, turn in zip(labelled, turns, strict=True):
        answer = (one.level >= RiskLevel.HIGH, turn.level >= RiskLevel.HIGH)
        for column, value in one.groups.items():
            answers.setdefault(column, {}).setdefault(value, []).append(answer)
    return {
        column: {value: _figures(found) for value, found in sorted(values.items())}
        for column, values in answers.items()
    }


def _figures(answers: Sequence[tuple[bool, bool]]) -> Figures:
    return Figures(
        hits=sum(wanted and found for wanted, found in answers),
        missed=sum(wanted and not found for wanted, found in answers),
        false=sum(found and not wanted for wanted, found in answers),
    )
