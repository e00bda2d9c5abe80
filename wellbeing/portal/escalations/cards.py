"""An escalation as pages show it: words, clocks, desks and rings. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from wellbeing.escalation.rules.rows import (
    AttemptRow,
    EscalationRow,
    ReceiverRow,
)
from wellbeing.escalation.rules.words import AttemptOutcome, EscalationState, PageChannel
from wellbeing.policy.model import RiskLevel
from wellbeing.portal import filters
from wellbeing.portal.cases.naming import Names, look_up
from wellbeing.portal.escalations import words


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One escalation in a list, or at the head of its page."""

    id: int
    title: str
    level: RiskLevel
    state_words: str
    state_tone: str
    direction_words: str
    sender: str
    asked: str
    owner: str
    sent_at: datetime
    deadline: datetime
    """When it moves by itself, if nobody does anything."""
    next_words: str
    then_words: str
    """The other times that run: for an answer, for acceptance, for reaching the student."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One desk of the chain, planned and asked."""

    place: str
    desk: str
    planned_at: datetime
    joined_at: datetime | None
    state_words: str
    state_tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """One person at one desk: how often they were rung, and what came of the last time."""

    who: str
    desk: str
    texts: int
    calls: int
    last_at: datetime
    outcome_words: str
    has_answered: bool
    is_silent: bool
    """They did not answer, and were not called off before they could."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """One text or call to one person, planned and made."""

    who: str
    desk: str
    channel_words: str
    planned_at: datetime
    at: datetime
    outcome_words: str


def names_for(
    *,
    escalations: Iterable[EscalationRow],
    receivers: Iterable[ReceiverRow] = (),
    rings: Iterable[AttemptRow] = (),
    places: Iterable[int] = (),
) -> Names:
    """Find the names that these rows need."""
    rows, attempts = tuple(escalations), tuple(rings)
    users = {one.user_id for one in attempts} | {
        user
        for row in rows
        for user in (row.from_user_id, row.acknowledged_by, row.accepted_by, row.declined_by)
    }
    found = {place.organization_id for row in rows for place in row.chain}
    found |= {row.from_organization_id for row in rows} | set(places)
    found |= {one.organization_id for one in receivers}
    found |= {one.organization_id for one in attempts}
    return look_up(users=users, organizations_=found)


def card(*, row: EscalationRow, names: Names) -> Card:
    """Word one escalation."""
    state_words, tone = words.STATES[row.state]
    sender = names.user(row.from_user_id)
    return Card(
        id=row.escalation_id,
        title=gettext("Escalation %(number)s", number=row.escalation_id),
        level=row.level,
        state_words=str(state_words),
        state_tone=tone,
        direction_words=str(words.DIRECTIONS[row.direction]),
        sender=f"{names.place(row.from_organization_id)} · {sender}",
        asked=_asked(row, names),
        owner=sender if row.accepted_by is None else names.user(row.accepted_by),
        sent_at=row.sent_at,
        deadline=row.next_step_at or row.acknowledge_by,
        next_words=_next(row, names),
        then_words=_then(row, names),
    )


def desks(*, receivers: Sequence[ReceiverRow], names: Names) -> tuple[Desk, ...]:
    """Word the desks of the chain, in the order of the plan."""
    return tuple(
        Desk(
            place=names.place(one.organization_id),
            desk=names.desk(one.organization_id, one.desk),
            planned_at=one.planned_at,
            joined_at=one.joined_at,
            state_words=_receiver_words(one),
            state_tone=_receiver_tone(one),
        )
        for one in receivers
    )


def rings(*, attempts: Iterable[AttemptRow], names: Names) -> tuple[Ring, ...]:
    """Word everyone who was texted or called, also those who did not answer."""
    return tuple(
        Ring(
            who=names.user(one.user_id),
            desk=_desk(one.organization_id, one.desk, names),
            channel_words=str(words.CHANNELS[one.channel]),
            planned_at=one.planned_at,
            at=one.at,
            outcome_words=str(words.OUTCOMES[one.outcome]) if one.outcome else gettext("Under way"),
        )
        for one in attempts
    )


def called(*, attempts: Sequence[AttemptRow], names: Names) -> tuple[Called, ...]:
    """Sum up for each person and desk how often they were rung, who did not answer first."""
    found: dict[tuple[int, int, str], list[AttemptRow]] = {}
    for one in attempts:
        found.setdefault((one.user_id, one.organization_id, one.desk), []).append(one)
    people = [_called(rings_, names) for rings_ in found.values()]
    return tuple(sorted(people, key=lambda one: not one.is_silent))


def _called(rings_: Sequence[AttemptRow], names: Names) -> Called:
    last = rings_[-1]
    has_answered = any(one.outcome is AttemptOutcome.ACKNOWLEDGED for one in rings_)
    outcome = AttemptOutcome.ACKNOWLEDGED if has_answered else last.outcome
    return Called(
        who=names.user(last.user_id),
        desk=_desk(last.organization_id, last.desk, names),
        texts=sum(one.channel is PageChannel.TEXT for one in rings_),
        calls=sum(one.channel is PageChannel.CALL for one in rings_),
        last_at=last.at,
        outcome_words=str(words.OUTCOMES[outcome]) if outcome else gettext("Under way"),
        has_answered=has_answered,
        is_silent=not has_answered and last.outcome is not AttemptOutcome.WITHDRAWN,
    )


def _asked(row: EscalationRow, names: Names) -> str:
    places = row.chain[: max(1, row.step)]
    return gettext(", ").join(_desk(one.organization_id, one.desk, names) for one in places)


def _desk(organization_id: int, key: str, names: Names) -> str:
    return f"{names.place(organization_id)} · {names.desk(organization_id, key)}"


def _next(row: EscalationRow, names: Names) -> str:
    if row.is_late:
        return gettext("whoever is above is called too, until somebody reached the student")
    if row.state is EscalationState.ACCEPTED:
        return gettext("the supervisor is called if the student was not reached")
    coming = [
        names.desk(place.organization_id, place.desk)
        for place in row.chain[row.step :]
        if row.next_step_at is not None and place.planned_at <= row.next_step_at
    ]
    if not coming:
        return gettext("everyone on the list is called once more")
    return gettext("%(desk)s is asked as well", desk=gettext(", ").join(coming))


def _then(row: EscalationRow, names: Names) -> str:
    if row.state is EscalationState.SENT:
        return gettext(
            "Answer by %(time)s; student contacted by %(contact)s.",
            time=filters.local_time(row.acknowledge_by),
            contact=filters.local_time(row.contact_by),
        )
    if row.state is EscalationState.ACKNOWLEDGED:
        return gettext(
            "Seen by %(name)s at %(time)s, not yet accepted; student contacted by %(contact)s.",
            name=names.user(row.acknowledged_by),
            time=filters.local_time(row.acknowledged_at),
            contact=filters.local_time(row.contact_by),
        )
    if row.is_late:
        return gettext(
            "The student should have been contacted by %(contact)s and is not reached yet.",
            contact=filters.local_time(row.contact_by),
        )
    return ""


def _receiver_words(one: ReceiverRow) -> str:
    if one.declined_at is not None:
        return gettext("Declined")
    if one.joined_at is None:
        return gettext("Not asked yet")
    return gettext("Nobody on duty") if one.is_covered is False else gettext("Asked")


def _receiver_tone(one: ReceiverRow) -> str:
    if one.joined_at is None:
        return "neutral"
    return "attention" if one.declined_at is not None or one.is_covered is False else "active"
