"""A promise to get back as pages show it: words and clocks. Nothing is decided here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from wellbeing.followups.queries import FollowUpRow
from wellbeing.followups.rules import FollowUpState, next_tell
from wellbeing.policy import current as policy
from wellbeing.policy.model import FollowUpKind, RiskLevel
from wellbeing.portal import filters, pages
from wellbeing.portal.cases.naming import Names
from wellbeing.portal.followups import words

WORDINGS = {FollowUpKind.CHECK_IN: "check_in", FollowUpKind.CARING_CONTACT: "caring_contact"}
"""Keys of the sentences that go out by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One promise in a list."""

    id: int
    reference: str
    level: RiskLevel
    kind_words: str
    state_words: str
    state_tone: str
    is_open: bool
    due_at: datetime
    owner: str
    outcome_words: str
    later_words: str


def card(*, row: FollowUpRow, names: Names, reference: str = "") -> Card:
    """Word one promise."""
    state_words, tone = words.STATES[row.state]
    return Card(
        id=row.follow_up_id,
        reference=reference,
        level=row.level,
        kind_words=str(words.KINDS[row.kind]),
        state_words=str(state_words),
        state_tone=tone,
        is_open=row.is_open,
        due_at=row.due_at,
        owner=names.user(row.owner_id),
        outcome_words=_outcome(row),
        later_words=_later(row) if row.is_open else "",
    )


def wording(*, row: FollowUpRow) -> str:
    """Give the neutral sentence that a student reads; nothing for what a person does."""
    key = WORDINGS.get(row.kind)
    if key is None:
        return ""
    return policy.current().prompts.text(key=key, language=pages.language())


def _outcome(row: FollowUpRow) -> str:
    if row.outcome is not None:
        return str(words.OUTCOMES[row.outcome])
    return str(words.ANSWERS[row.answer]) if row.answer is not None else ""


def _later(row: FollowUpRow) -> str:
    if row.kind in WORDINGS and row.state is FollowUpState.PLANNED:
        return gettext("It goes out by itself at its time.")
    told = next_tell(policy=policy.current().followups, window_end=row.window_end, told=row.told)
    if told is None:
        return gettext("Everybody who must know has been told.")
    return gettext(
        "%(time)s, if nothing happens: %(who)s",
        time=filters.local_time(told.at),
        who=str(words.TOLD[told.holder]),
    )
