"""What an answer in a file of contacts may be called, for the page and the command alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import force_locale

from wellbeing.cases.rules.contact_cells import Answers, answers_of
from wellbeing.cases.rules.walk_ins import ENDINGS
from wellbeing.contacts.rules.walk_ins import ELSEWHERE
from wellbeing.policy import current as policy
from wellbeing.policy.model import Choice, Language, RiskLevel
from wellbeing.portal import filters


def understood() -> Answers:
    """Gather the words that mean an answer: the key, and its Chinese and its English name."""
    triage = policy.current().triage
    return answers_of(
        words={
            "channel": {one.value: _both(one) for one in ELSEWHERE},
            "language": {one.value: _both(one) for one in Language},
            "ending": {one.value: _both(one) for one in ENDINGS},
            "caller_type": _named(triage.caller_types),
            "age_band": _named(triage.age_bands),
            "reasons": _named(triage.reasons),
            "level": {
                str(one.value): (
                    one.name, triage.levels[one].name_zh, triage.levels[one].name_en
                )
                for one in RiskLevel
            },
        }
    )  # fmt: skip


def _named(choices: Sequence[Choice]) -> dict[str, tuple[str, str]]:
    return {one.key: (one.name_zh, one.name_en) for one in choices}


def _both(value: Any) -> tuple[str, ...]:
    found = []
    for language in Language:
        with force_locale(language.value):
            found.append(str(filters.words(value)))
    return tuple(found)
