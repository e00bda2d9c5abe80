"""The rings of a page: what was tried, in which order people are called, the orders that go out."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from wellbeing.escalation import queries
from wellbeing.escalation.models import ATTEMPT
from wellbeing.escalation.operations.desks import Person
from wellbeing.escalation.queries import reach
from wellbeing.escalation.rules.paging import PagePlan, Rings, Tried, patience, plan_of
from wellbeing.escalation.rules.reach import in_order
from wellbeing.escalation.rules.rows import PageRow
from wellbeing.escalation.rules.words import AttemptOutcome, PageChannel, PageSubjectKind
from wellbeing.foundation.database import session
from wellbeing.messaging import operations as messaging
from wellbeing.messaging.rules import NewCall, NewText, Purpose
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel


def tried(*, page_id: int) -> tuple[Tried, ...]:
    """List the rings of a page, first to last."""
    statement = select(ATTEMPT).where(ATTEMPT.c.page_id == page_id).order_by(ATTEMPT.c.number)
    return tuple(
        Tried(
            user_id=row["user_id"],
            at=row["at"],
            is_dead=row["channel"] == PageChannel.CALL.value
            and row["outcome"] == AttemptOutcome.FAILED.value,
        )
        for row in session().execute(statement).mappings()
    )


def awake_first(*, people: list[int], urgency: RiskLevel, now: datetime) -> tuple[int, ...]:
    """Put whoever asked for quiet at this hour last; red lets nobody sleep."""
    if urgency is RiskLevel.IMMINENT or len(people) < 2:  # noqa: PLR2004 - one has no order
        return tuple(people)
    resting = reach.quiet_of(user_ids=people)
    zone = policy.current().tiers.paging.quiet_hours.zone

    def is_quiet(user_id: int) -> bool:
        return user_id in resting and resting[user_id].covers(moment=now, zone=zone)

    return in_order(people=people, is_quiet=is_quiet, urgency=urgency)


def plan(*, page: PageRow) -> PagePlan:
    """Give the plan that a page began with, else today's."""
    return page.plan or plan_of(paging=policy.current().tiers.paging)


def ring(
    *, page: PageRow, rings: Rings, known: Mapping[int, Person], made: int, now: datetime
) -> None:
    """Text and call the people whose turn it is; `made` counts the rings before these."""
    # Everybody's text goes out before the first call, so that nobody waits for a slow one.
    wanted = [(channel, one) for channel in rings.channels for one in rings.user_ids]
    attempts: list[dict[str, Any]] = []
    for number, (channel, user_id) in enumerate(wanted, start=made):
        person = known.get(user_id)
        # The number of a person who left is gone; the ring is listed as one that failed.
        public_id = secrets.token_urlsafe(16)
        attempts.append({
            "page_id": page.page_id,
            "number": number,
            "user_id": user_id,
            "channel": channel.value,
            "public_id": public_id,
            "planned_at": page.next_step_at or now,
            "at": now,
            "outbound_id": (
                None if person is None else _order(page, person, channel, public_id, now)
            ),
            "outcome": AttemptOutcome.FAILED.value if person is None else None,
        })  # fmt: skip
    session().execute(insert(ATTEMPT), attempts)


def _order(
    page: PageRow, person: Person, channel: PageChannel, public_id: str, now: datetime
) -> int:
    current = policy.current()
    shared: dict[str, Any] = {
        "to": person.numbers.get(channel, person.phone),
        "from_number": current.line.numbers[0].number,
        "purpose_id": page.page_id,
        "data_key_id": person.data_key_id,
        "urgency": page.urgency,
    }
    if channel is PageChannel.CALL:
        # A call that could not go out in its time would ring beside the next person's.
        late = now + patience(paging=plan(page=page), urgency=page.urgency)
        call = NewCall(purpose=Purpose.PAGE_CALL, public_id=public_id, expires_at=late, **shared)
        return messaging.queue_call(order=call, now=now)
    word = queries.code_word(desk=page.desk, language=person.language)
    key = "page_test_text" if page.subject.kind is PageSubjectKind.TEST else "page_text"
    body = current.prompts.text(key=key, language=person.language, code_word=word)
    text = NewText(purpose=Purpose.PAGE_TEXT, body=body, **shared)
    return messaging.queue_text(order=text, now=now)
