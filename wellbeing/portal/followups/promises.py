"""A promise to get back as pages show it: words and clocks. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext

from wellbeing.cases.queries import cases
from wellbeing.followups import queries as followups
from wellbeing.followups.queries import CallerRow, FollowUpRow
from wellbeing.followups.rules import FollowUpState, next_tell
from wellbeing.policy import current as policy
from wellbeing.policy.model import FollowUpKind, RiskLevel
from wellbeing.portal import filters, pages
from wellbeing.portal.cases.naming import Names, look_up
from wellbeing.portal.followups import words

WORDINGS = {FollowUpKind.CHECK_IN: "check_in", FollowUpKind.CARING_CONTACT: "caring_contact"}
"""Keys of the sentences that go out by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One promise in a list.

    `name` is the reference of its case, or for a call-back without one a masked number;
    `reached_at` is when the student whom we call back reached us, and `contact_url` leads there.
    """

    id: int
    name: str
    url: str
    contact_url: str
    reached_at: datetime | None
    level: RiskLevel
    kind_words: str
    state_words: str
    state_tone: str
    is_open: bool
    due_at: datetime
    owner: str
    outcome_words: str
    later_words: str


def card(
    *, row: FollowUpRow, names: Names, reference: str | None = None, caller: CallerRow | None = None
) -> Card:
    """Word one promise of a case, of a caller, or of both."""
    contact_url = url_for("contacts.show", public_id=caller.public_id) if caller else ""
    state_words, tone = words.STATES[row.state]
    return Card(
        id=row.follow_up_id,
        name=reference or (caller.masked_number if caller else ""),
        url=url_for("cases.show", reference=reference) if reference else contact_url,
        contact_url=contact_url,
        reached_at=caller.reached_at if caller else None,
        level=row.level,
        kind_words=words.kind(row=row),
        state_words=str(state_words),
        state_tone=tone,
        is_open=row.is_open,
        due_at=row.due_at,
        owner=names.user(row.owner_id),
        outcome_words=_outcome(row),
        later_words=_later(row) if row.is_open else "",
    )


def cards(*, rows: Collection[FollowUpRow]) -> tuple[Card, ...]:
    """Word a list of promises: three questions, however many they are."""
    known = cases.many(case_ids=[row.case_id for row in rows if row.case_id is not None])
    callers = followups.callers_of(rows=rows)
    names = look_up(users={row.owner_id for row in rows}, organizations_=[])
    return tuple(
        card(
            row=row,
            names=names,
            reference=known[row.case_id].reference if row.case_id is not None else None,
            caller=callers.get(row.promised_contact_id or 0),
        )
        for row in rows
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
    return gettext(
        "%(time)s, if nothing happens: %(who)s",
        time=filters.local_time(told.at),
        who=str(words.TOLD[told.holder]),
    )
