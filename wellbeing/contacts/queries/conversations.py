"""Questions about contacts: one of them, its thread, the live queue. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, func, select

from wellbeing.accounts.queries import grants as accounts
from wellbeing.accounts.rules.roles import Permission
from wellbeing.contacts.models import CALLER, CONTACT, DRAFT, MESSAGE, QUEUE_VERSION
from wellbeing.contacts.rules.conversations import (
    Author,
    BodyFlag,
    Channel,
    ContactFacts,
    ContactRow,
    ContactState,
    Direction,
    DraftRow,
    DuePage,
    MessageRow,
    QueueRow,
)
from wellbeing.foundation import phone
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session
from wellbeing.foundation.errors import NotFound
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import Language, RiskLevel

GRANT_SUBJECT = "contact"
_QUEUE_VERSION = select(func.coalesce(func.sum(QUEUE_VERSION.c.value), 0))
"""Built once: every open queue asks it every few seconds."""
FACTS = tuple(field.name for field in fields(ContactFacts))


def contact(*, public_id: str, scope: Scope, now: datetime) -> ContactRow:
    """Give a contact to somebody who may open it: by a grant, or supervising its organization.

    Raises:
        NotFound: there is none, or this reader may not know of it.

    """
    row = session().execute(_with_number().where(CONTACT.c.public_id == public_id)).mappings()
    found = row.first()
    if found is None or not _may_open(found, scope, now):
        raise NotFound
    return _contact(found)


def contact_by_id(*, contact_id: int) -> ContactRow:
    """Give a contact to a room that has decided itself that it may be opened (its case may).

    Raises:
        NotFound: there is none.

    """
    row = session().execute(_with_number().where(CONTACT.c.id == contact_id)).mappings().first()
    if row is None:
        raise NotFound
    return _contact(row)


def contacts_by_id(*, contact_ids: Sequence[int]) -> tuple[ContactRow, ...]:
    """Give several contacts in the order of their ids' list, as `contact_by_id` gives one."""
    statement = _with_number().where(CONTACT.c.id.in_(contact_ids))
    rows = session().execute(statement).mappings().all()
    sealed.prefetch(key_ids=[row[name] for row in rows for name in ("data_key_id", "caller_key")])
    found = {row["id"]: _contact(row) for row in rows}
    return tuple(found[one] for one in contact_ids if one in found)


def open_id(*, public_id: str, scope: Scope) -> int:
    """Tell which contact of these units an address names; the live queue shows them as much.

    Raises:
        NotFound: no open contact of these units has this address.

    """
    statement = select(CONTACT.c.id).where(
        CONTACT.c.public_id == public_id,
        CONTACT.c.state.in_([state.value for state in _OPEN]),
        within(scope=scope),
    )
    found = session().execute(statement).scalar_one_or_none()
    if found is None:
        raise NotFound
    return int(found)


def number_of(*, contact_id: int) -> str | None:
    """Open the number behind a contact; None when it was withheld. Revealing it is audited."""
    return numbers_of(contact_ids=[contact_id]).get(contact_id)


def numbers_of(*, contact_ids: Sequence[int]) -> Mapping[int, str]:
    """Open the numbers behind several contacts with one query; not those that were withheld."""
    statement = (
        select(CONTACT.c.id, CALLER.c.number_sealed, CALLER.c.data_key_id)
        .join(CALLER, CONTACT.c.caller_id == CALLER.c.id)
        .where(CONTACT.c.id.in_(contact_ids), CALLER.c.number_sealed.is_not(None))
    )
    rows = session().execute(statement).all()
    sealed.prefetch(key_ids=[row.data_key_id for row in rows])
    return {row.id: sealed.open_sealed(row.number_sealed, place="caller.number") for row in rows}


def thread(*, contact_id: int, after_id: int = 0, limit: int = 200) -> tuple[MessageRow, ...]:
    """Open the messages after `after_id`, in the order of arrival; the reader was let in before."""
    statement = (
        select(MESSAGE)
        .where(MESSAGE.c.contact_id == contact_id, MESSAGE.c.id > after_id)
        .order_by(MESSAGE.c.id)
        .limit(limit)
    )
    return tuple(_message(row) for row in session().execute(statement).mappings())


def contact_of_message(*, message_id: int) -> int:
    """Tell whose conversation a message belongs to."""
    statement = select(MESSAGE.c.contact_id).where(MESSAGE.c.id == message_id)
    return int(session().execute(statement).scalar_one())


def inbound_ids_since(*, contact_id: int, message_id: int) -> tuple[int, ...]:
    """List the student's messages from this one on, in the order of arrival."""
    statement = (
        select(MESSAGE.c.id)
        .where(
            MESSAGE.c.contact_id == contact_id,
            MESSAGE.c.id >= message_id,
            MESSAGE.c.direction == Direction.IN.value,
        )
        .order_by(MESSAGE.c.id)
    )
    return tuple(session().execute(statement).scalars())


def live(*, scope: Scope, limit: int = 200) -> tuple[QueueRow, ...]:
    """List who waits and who is being answered: most urgent first, then longest waiting."""
    given = organizations.given_paths(scope=scope) | {"at_most": limit}
    return _queue(_live(len(scope.paths)), given)


def waiting(*, scope: Scope, limit: int = 200) -> tuple[QueueRow, ...]:
    """List who waits for a counselor: most urgent first, then longest waiting."""
    return _queue(_open_in(scope, ContactState.WAITING).limit(limit))


def conversations_of(*, user_id: int) -> tuple[QueueRow, ...]:
    """List the conversations that a counselor holds, most urgent first."""
    return _queue(
        _ordered(_with_number()).where(
            CONTACT.c.claimed_by == user_id,
            CONTACT.c.state == ContactState.IN_CONVERSATION.value,
        )
    )


def next_waiting_ids(*, scope: Scope, limit: int) -> tuple[int, ...]:
    """Tell whom to answer first, as contact ids."""
    chosen = _ordered(select(CONTACT.c.id)).where(
        CONTACT.c.state == ContactState.WAITING.value, within(scope=scope)
    )
    return tuple(session().execute(chosen.limit(limit)).scalars())


def state_of(*, contact_id: int, scope: Scope) -> ContactState:
    """Tell where a contact of this scope stands.

    Raises:
        NotFound: there is none in this scope.

    """
    statement = select(CONTACT.c.state).where(CONTACT.c.id == contact_id, within(scope=scope))
    state = session().execute(statement).scalar_one_or_none()
    if state is None:
        raise NotFound
    return ContactState(state)


def conversations_held(*, user_id: int) -> int:
    """Count the conversations that a counselor holds."""
    statement = select(func.count()).where(
        CONTACT.c.claimed_by == user_id,
        CONTACT.c.state == ContactState.IN_CONVERSATION.value,
    )
    return session().execute(statement).scalar_one()


def queue_version() -> int:
    """Tell a number that grows with every change of the live queue."""
    return int(session().execute(_QUEUE_VERSION).scalar_one())


def previous_of(*, caller_id: int, before: int, limit: int = 20) -> tuple[ContactRow, ...]:
    """List earlier contacts of the same number, newest first; phones are shared, so offer only."""
    statement = (
        _with_number()
        .where(CONTACT.c.caller_id == caller_id, CONTACT.c.id < before)
        .order_by(CONTACT.c.id.desc())
        .limit(limit)
    )
    return tuple(_contact(row) for row in session().execute(statement).mappings())


def draft_of(*, contact_id: int, user_id: int) -> DraftRow | None:
    """Open what a counselor was typing to this student."""
    statement = select(DRAFT).where(DRAFT.c.contact_id == contact_id, DRAFT.c.user_id == user_id)
    row = session().execute(statement).mappings().first()
    if row is None:
        return None
    body = sealed.open_sealed(row["body_sealed"], place="draft.body")
    return DraftRow(body=body, saved_at=row["saved_at"])


def due_page_ids(*, now: datetime, limit: int) -> tuple[int, ...]:
    """List waiting contacts whose next paging step is due, the most urgent first."""
    statement = (
        select(CONTACT.c.id)
        .where(CONTACT.c.state == ContactState.WAITING.value, CONTACT.c.next_page_at <= now)
        .order_by(CONTACT.c.urgency.desc(), CONTACT.c.next_page_at, CONTACT.c.id)
        .limit(limit)
    )
    return tuple(session().execute(statement).scalars())


def due_page(*, contact_id: int, now: datetime) -> DuePage | None:
    """Tell the paging step of one contact; None when it does not wait, or its step not yet."""
    statement = select(
        CONTACT.c.id.label("contact_id"),
        CONTACT.c.organization_id,
        CONTACT.c.urgency,
        CONTACT.c.urgency_at,
        CONTACT.c.page_step,
        CONTACT.c.next_page_at,
    ).where(
        CONTACT.c.id == contact_id,
        CONTACT.c.state == ContactState.WAITING.value,
        CONTACT.c.next_page_at <= now,
    )
    row = session().execute(statement).mappings().first()
    return DuePage(**{**row, "urgency": RiskLevel(row["urgency"])}) if row else None


def unanswered_ids(*, levels: Iterable[RiskLevel], since: datetime, limit: int) -> tuple[int, ...]:
    """List conversations of these levels whose counselor owes an answer since then."""
    statement = (
        select(CONTACT.c.id)
        .where(unanswered(levels=levels), CONTACT.c.unanswered_since <= since)
        .order_by(CONTACT.c.unanswered_since, CONTACT.c.id)
        .limit(limit)
    )
    return tuple(session().execute(statement).scalars())


def next_page_at() -> datetime | None:
    """Tell when the first paging step of a waiting contact is due."""
    statement = select(func.min(CONTACT.c.next_page_at)).where(
        CONTACT.c.state == ContactState.WAITING.value
    )
    return session().execute(statement).scalar()


def unanswered_since(*, levels: Iterable[RiskLevel]) -> datetime | None:
    """Tell since when the longest unanswered conversation of these levels waits."""
    return (
        session()
        .execute(select(func.min(CONTACT.c.unanswered_since)).where(unanswered(levels=levels)))
        .scalar()
    )


def within(*, scope: Scope) -> ColumnElement[bool]:
    """Limit a statement on contacts to the reader's subtrees; no path means nothing."""
    return organizations.within(path=CONTACT.c.organization_path, scope=scope)


def unanswered(*, levels: Iterable[RiskLevel]) -> ColumnElement[bool]:
    """Limit a statement to conversations of these levels whose counselor owes an answer."""
    return and_(
        CONTACT.c.state == ContactState.IN_CONVERSATION.value,
        CONTACT.c.unanswered_since.is_not(None),
        CONTACT.c.urgency.in_([level.value for level in levels]),
    )


_OPEN = (ContactState.WAITING, ContactState.IN_CONVERSATION)


def _may_open(row: Mapping[Any, Any], scope: Scope, now: datetime) -> bool:
    if scope.may(Permission.SUPERVISE) and scope.covers(row["organization_path"]):
        return True
    return accounts.has_grant(
        user_id=scope.user_id, subject_kind=GRANT_SUBJECT, subject_id=row["id"], now=now
    )


def _with_number() -> Select[Any]:
    return select(CONTACT, CALLER.c.number_sealed, CALLER.c.data_key_id.label("caller_key")).join(
        CALLER, CALLER.c.id == CONTACT.c.caller_id
    )


def _ordered(statement: Select[Any]) -> Select[Any]:
    return statement.order_by(
        CONTACT.c.urgency.desc(),
        func.coalesce(CONTACT.c.waiting_since, CONTACT.c.arrived_at),
        CONTACT.c.id,
    )


def _open_in(scope: Scope, *states: ContactState) -> Select[Any]:
    return _ordered(_with_number()).where(
        CONTACT.c.state.in_([state.value for state in states]), within(scope=scope)
    )


@cache
def _live(many_paths: int) -> Select[Any]:
    within_reach = organizations.within_given(path=CONTACT.c.organization_path, many=many_paths)
    is_open = CONTACT.c.state.in_([state.value for state in _OPEN])
    live = _ordered(_with_number()).where(is_open, within_reach)
    return live.limit(bindparam("at_most", type_=Integer))


def _queue(statement: Select[Any], values: Mapping[str, Any] | None = None) -> tuple[QueueRow, ...]:
    rows = session().execute(statement, values).mappings().all()
    sealed.prefetch(key_ids=[row["caller_key"] for row in rows])
    return tuple(
        QueueRow(
            contact_id=row["id"],
            channel=Channel(row["channel"]),
            urgency=RiskLevel(row["urgency"]),
            state=ContactState(row["state"]),
            language=Language(row["language"]),
            masked_number=phone.masked(_number(row)),
            **{name: row[name] for name in _QUEUE_AS_STORED},
        )
        for row in rows
    )


_QUEUE_AS_STORED = (
    "public_id", "caller_id", "organization_id", "arrived_at", "waiting_since", "claimed_by",
    "unanswered_since", "returned_at",
)  # fmt: skip
_CONTACT_AS_STORED = (
    "public_id", "caller_id", "line_number", "organization_id", "organization_path", "urgency_at",
    "data_key_id", "arrived_at", "waiting_since", "claimed_by", "claimed_at",
    "first_human_reply_at", "last_inbound_at", "unanswered_since", "returned_at", "ended_at",
    "next_page_at", "disposition", "version",
)  # fmt: skip


def _contact(row: Mapping[Any, Any]) -> ContactRow:
    wrap_up = row["wrap_up_sealed"]
    facts = {name: row[name] for name in FACTS} | {"reasons": tuple(row["reasons"])}
    return ContactRow(
        contact_id=row["id"],
        channel=Channel(row["channel"]),
        urgency=RiskLevel(row["urgency"]),
        state=ContactState(row["state"]),
        language=Language(row["language"]),
        masked_number=phone.masked(_number(row)),
        has_number=row["number_sealed"] is not None,
        facts=ContactFacts(**facts),
        wrap_up=sealed.open_sealed(wrap_up, place="contact.wrap_up") if wrap_up else "",
        **{name: row[name] for name in _CONTACT_AS_STORED},
    )


def _number(row: Mapping[Any, Any]) -> str | None:
    blob = row["number_sealed"]
    return sealed.open_sealed(blob, place="caller.number") if blob else None


def _message(row: Mapping[Any, Any]) -> MessageRow:
    return MessageRow(
        message_id=row["id"],
        direction=Direction(row["direction"]),
        author=Author(row["author"]),
        author_id=row["author_id"],
        body=sealed.open_sealed(row["body_sealed"], place="contact_message.body"),
        outbound_id=row["outbound_id"],
        at=row["at"],
        flags=tuple(BodyFlag(flag) for flag in row["flags"].split(",") if flag),
    )
