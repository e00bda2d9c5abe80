"""Texts that were promised go out: many at once, each checked at the last moment, each once.

What all of them need is read with a fixed number of queries, and what they leave is written with
one statement each, whatever their number: the evening brings thousands at the same minute.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, update

from wellbeing.cases.operations import entries
from wellbeing.cases.queries import cases, consents, unasked
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.conversations import ContactRow
from wellbeing.followups import queries
from wellbeing.followups.models import FOLLOW_UP, FOLLOW_UP_ATTEMPT
from wellbeing.followups.operations import hours, moves
from wellbeing.followups.queries import FollowUpRow
from wellbeing.followups.rules import Entry, FollowUpState, is_allowed, sensible_moment
from wellbeing.foundation.crypto import ring
from wellbeing.foundation.database import RowsMoved, changed_many, session
from wellbeing.messaging import operations as messaging
from wellbeing.messaging.operations import UnsafeText, together
from wellbeing.messaging.rules import NewText, Purpose
from wellbeing.policy import current as policy
from wellbeing.policy.model import FollowUpKind, FollowUpPolicy, RiskLevel

logger = logging.getLogger(__name__)

PURPOSES = {
    FollowUpKind.CHECK_IN: (Purpose.CHECK_IN, "check_in"),
    FollowUpKind.CARING_CONTACT: (Purpose.CARING, "caring_contact"),
}
"""Why a text goes out, and the key of its wording."""
_SENT = (
    update(FOLLOW_UP)
    .where(
        FOLLOW_UP.c.id == bindparam("this"),
        FOLLOW_UP.c.version == bindparam("seen"),
        FOLLOW_UP.c.settled_at.is_(None),
    )
    .values(
        state=FollowUpState.SENT.value,
        version=FOLLOW_UP.c.version + 1,
        step=FOLLOW_UP.c.step + 1,
        next_step_at=FOLLOW_UP.c.window_end,
    )
)
_TRIED = insert(FOLLOW_UP_ATTEMPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What one promise is judged by at the moment of sending."""

    row: FollowUpRow
    case: CaseRow
    hours: FollowUpPolicy
    contact: ContactRow | None
    number: str | None
    is_unwished: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """A text that may go: to whom, what it says, what it may on no account contain."""

    facts: _Facts
    contact: ContactRow
    number: str
    body: str
    never: tuple[str, ...]


def send(*, rows: Sequence[FollowUpRow], now: datetime) -> frozenset[int]:
    """Send the texts of due promises, or do what is done instead; give the ids of those that moved.

    Instead: cancelled with a closed case, planned anew outside of the hours, turned into a call
    where a text is not wished, cannot reach anybody, or would say too much.

    Raises:
        RowsMoved: another process did one of them; nothing of this may be committed.

    """
    facts = _facts(rows)
    alone = [row for row in rows if row.follow_up_id not in facts]
    moved = {
        row.follow_up_id for row in alone if moves.turn_into_call(row=row, cause="no_case", now=now)
    }
    fit = []
    for one in facts.values():
        if _is_fit(one, now):
            fit.append(one)
        elif _instead(one, now):
            moved.add(one.row.follow_up_id)
    texts = []
    for text in _texts(fit):
        if _is_safe(text):
            texts.append(text)
        elif moves.turn_into_call(row=text.facts.row, cause="unsafe_wording", now=now):
            moved.add(text.facts.row.follow_up_id)
    return frozenset(moved) | _send(texts, now)


def _facts(rows: Iterable[FollowUpRow]) -> Mapping[int, _Facts]:
    """Read what is needed to know of these promises, by promise; not of those without a case."""
    of_case = {row.follow_up_id: row for row in rows if row.case_id is not None}
    found = cases.many(case_ids=[row.case_id for row in of_case.values() if row.case_id])
    linked = cases.contacts_of_many(case_ids=found)
    ids = sorted({one for several in linked.values() for one in several})
    known = {one.contact_id: one for one in contacts.contacts_by_id(contact_ids=ids)}
    heard = {case_id: [known[one] for one in several] for case_id, several in linked.items()}
    allowed = hours.of_cases(known=found, heard=heard)
    # The newest conversation that has a number is the one that is answered.
    reached = {
        case_id: next((one for one in reversed(several) if one.has_number), None)
        for case_id, several in heard.items()
    }
    numbers = contacts.numbers_of(contact_ids=[one.contact_id for one in reached.values() if one])
    of_cases = {
        case_id: numbers[one.contact_id]
        for case_id, one in reached.items()
        if one is not None and one.contact_id in numbers
    }
    unwished = consents.forbidding_texts(numbers=of_cases)
    return {
        follow_up_id: _Facts(
            row=row,
            case=found[row.case_id],
            hours=allowed[row.case_id],
            contact=reached[row.case_id],
            number=of_cases.get(row.case_id),
            is_unwished=row.case_id in unwished,
        )
        for follow_up_id, row in of_case.items()
        if row.case_id is not None
    }


def _is_fit(one: _Facts, now: datetime) -> bool:
    is_reachable = one.contact is not None and one.number is not None and not one.is_unwished
    return one.case.closed_at is None and is_allowed(policy=one.hours, moment=now) and is_reachable


def _instead(one: _Facts, now: datetime) -> bool:
    if one.case.closed_at is not None:
        return moves.settle(row=one.row, state=FollowUpState.CANCELLED, now=now)
    if not is_allowed(policy=one.hours, moment=now):
        # The sweep came late; the hour has passed, the promise has not.
        later = sensible_moment(policy=one.hours, earliest=now, latest=one.row.window_end)
        return moves.replan(row=one.row, due_at=later)
    cause = "not_wished" if one.number else "no_number"
    return moves.turn_into_call(row=one.row, cause=cause, now=now)


def _texts(fit: Sequence[_Facts]) -> list[_Text]:
    asked = [
        unasked.Asked(contact=one.contact, case=one.case, user_ids=(one.row.owner_id,))
        for one in fit
        if one.contact is not None
    ]
    said = unasked.never_said_to_many(asked=asked) if asked else ()
    return [
        _Text(
            facts=one,
            contact=text.contact,
            number=one.number or "",
            body=policy.current().prompts.text(
                key=PURPOSES[one.row.kind][1], language=text.contact.language
            ),
            never=never,
        )
        for one, text, never in zip(fit, asked, said, strict=True)
    ]


def _is_safe(text: _Text) -> bool:
    try:
        messaging.refuse_unsafe(body=text.body, never_say=text.never)
    except UnsafeText:
        promise = text.facts.row.follow_up_id
        logger.exception("a template says too much", extra={"follow_up_id": promise})
        return False
    return True


def _send(texts: Sequence[_Text], now: datetime) -> frozenset[int]:
    """Queue the texts and note them; the rows are held, and the version fences them besides."""
    if not texts:
        return frozenset()
    orders = together.queue_all(orders=[_order(text) for text in texts], now=now)
    sent = list(zip(texts, orders, strict=True))
    if not changed_many(_SENT, [_claim(text, outbound_id, now) for text, outbound_id in sent]):
        raise RowsMoved
    ids = frozenset(text.facts.row.follow_up_id for text in texts)
    before = queries.last_attempts(follow_up_ids=ids)
    session().execute(
        _TRIED,
        [
            {
                "follow_up_id": text.facts.row.follow_up_id,
                "number": before.get(text.facts.row.follow_up_id, 0) + 1,
                "at": now,
                "outbound_id": outbound_id,
            }
            for text, outbound_id in sent
        ],
    )
    entries.add_entries(rows=[_entry(text.facts, outbound_id, now) for text, outbound_id in sent])
    return ids


def _claim(text: _Text, outbound_id: int, now: datetime) -> dict[str, Any]:
    return {
        "this": text.facts.row.follow_up_id,
        "seen": text.facts.row.version,
        "sent_at": now,
        "outbound_id": outbound_id,
        "contact_id": text.contact.contact_id,
        "number_index": ring.blind_index(purpose="phone", value=text.number),
        "line_number": text.contact.line_number,
    }


def _order(text: _Text) -> NewText:
    row = text.facts.row
    return NewText(
        to=text.number,
        from_number=text.contact.line_number,
        body=text.body,
        purpose=PURPOSES[row.kind][0],
        purpose_id=row.follow_up_id,
        data_key_id=text.contact.data_key_id,
        urgency=RiskLevel.LOW,
        scheduled=True,
        expires_at=row.window_end,
        never_say=text.never,
        has_lessons=bool(text.facts.hours.class_hours),
    )


def _entry(facts: _Facts, outbound_id: int, now: datetime) -> dict[str, Any]:
    row = facts.row
    return entries.entry(
        case_id=facts.case.case_id,
        kind=Entry.SENT,
        actor_id=None,
        facts={
            "follow_up_id": row.follow_up_id,
            "kind": row.kind.value,
            "outbound_id": outbound_id,
        },
        now=now,
    )
