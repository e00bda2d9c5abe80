"""The rings of pages: what was tried, and the orders that go out."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from wellbeing.escalation import queries
from wellbeing.escalation.models import ATTEMPT
from wellbeing.escalation.operations.desks import Person
from wellbeing.escalation.rules.paging import PagePlan, Rings, Tried, patience
from wellbeing.escalation.rules.words import AttemptOutcome, PageChannel, PageSubjectKind
from wellbeing.foundation.database import session
from wellbeing.messaging.operations import together
from wellbeing.messaging.rules import NewCall, NewText, Purpose
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing:
    """A page whose next rings are due: `made` counts those before, `planned_at` is their time."""

    page_id: int
    kind: PageSubjectKind
    desk: str
    urgency: RiskLevel
    plan: PagePlan
    planned_at: datetime
    rings: Rings
    known: Mapping[int, Person]
    made: int


def tried_of(*, page_ids: Collection[int]) -> Mapping[int, tuple[Tried, ...]]:
    """List the rings of pages with one query, of each first to last."""
    found: dict[int, tuple[Tried, ...]] = dict.fromkeys(page_ids, ())
    statement = select(ATTEMPT).where(ATTEMPT.c.page_id.in_(page_ids)).order_by(ATTEMPT.c.number)
    for row in session().execute(statement).mappings():
        is_call = row["channel"] == PageChannel.CALL.value
        one = Tried(
            user_id=row["user_id"],
            at=row["at"],
            is_dead=is_call and row["outcome"] == AttemptOutcome.FAILED.value,
        )
        found[row["page_id"]] += (one,)
    return found


def ring_all(*, ringing: Sequence[Ringing], now: datetime) -> None:
    """Text and call the people whose turn it is, each ring under its number, so once."""
    wanted = [
        (one, number, channel, user_id)
        for one in ringing
        for number, (channel, user_id) in enumerate(_wanted(one.rings), start=one.made)
    ]
    # Everybody's text goes out before the first call, so that nobody waits for a slow one.
    wanted.sort(key=lambda ring: ring[2] is PageChannel.CALL)
    attempts: list[dict[str, Any]] = []
    orders: list[NewText | NewCall] = []
    for one, number, channel, user_id in wanted:
        attempt: dict[str, Any] = {
            "page_id": one.page_id,
            "number": number,
            "user_id": user_id,
            "channel": channel.value,
            "public_id": secrets.token_urlsafe(16),
            "planned_at": one.planned_at,
            "at": now,
            "outcome": None,
        }
        person = one.known.get(user_id)
        if person is None:
            # The number of a person who left is gone; the ring is listed as one that failed.
            attempt["outcome"] = AttemptOutcome.FAILED.value
        else:
            orders.append(_order(one, person, channel, attempt["public_id"], now))
        attempts.append(attempt)
    ids = iter(together.queue_all(orders=orders, now=now))
    rows = [one | {"outbound_id": None if one["outcome"] else next(ids)} for one in attempts]
    if rows:
        session().execute(_ATTEMPTS, rows)


_ATTEMPTS = insert(ATTEMPT)


def _wanted(rings: Rings) -> list[tuple[PageChannel, int]]:
    return [(channel, one) for channel in rings.channels for one in rings.user_ids]


def _order(
    one: Ringing, person: Person, channel: PageChannel, public_id: str, now: datetime
) -> NewText | NewCall:
    current = policy.current()
    shared: dict[str, Any] = {
        "to": person.numbers.get(channel, person.phone),
        "from_number": current.line.numbers[0].number,
        "purpose_id": one.page_id,
        "data_key_id": person.data_key_id,
        "urgency": one.urgency,
    }
    if channel is PageChannel.CALL:
        # A call that could not go out in its time would ring beside the next person's.
        late = now + patience(paging=one.plan, urgency=one.urgency)
        return NewCall(purpose=Purpose.PAGE_CALL, public_id=public_id, expires_at=late, **shared)
    word = queries.code_word(desk=one.desk, language=person.language)
    key = "page_test_text" if one.kind is PageSubjectKind.TEST else "page_text"
    body = current.prompts.text(key=key, language=person.language, code_word=word)
    return NewText(purpose=Purpose.PAGE_TEXT, body=body, **shared)
