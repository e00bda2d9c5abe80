"""What counselors do with contacts: claim, answer, return, record, close. Nobody is paged here.

How a text or a call comes in is told in `text`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Table, Update, bindparam, case, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningUpdate

from wellbeing.accounts.operations import grants as accounts
from wellbeing.accounts.rules.grants import GrantKind
from wellbeing.contacts.events import (
    ContactClaimed,
    ContactClosed,
    ContactReturned,
    UrgencyRaised,
)
from wellbeing.contacts.models import CALLER, CONTACT, MESSAGE, QUEUE_VERSION
from wellbeing.contacts.operations import drafts, rows
from wellbeing.contacts.queries import conversations as queries
from wellbeing.contacts.queries import words
from wellbeing.contacts.rules.conversations import (
    QUEUE_SHARDS,
    AlreadyClaimed,
    Author,
    Channel,
    ContactState,
    Direction,
    Disposition,
    Ended,
    NobodyWaits,
    NoNumber,
    NothingToSend,
    NotYours,
    TooManyConversations,
    clean_body,
)
from wellbeing.foundation import events
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import before_commit, changed, session
from wellbeing.messaging import operations as messaging
from wellbeing.messaging.rules import NewText, Purpose
from wellbeing.organizations.rules import Scope
from wellbeing.policy import current as policy
from wellbeing.policy.model import Language, RiskLevel

TRIES = 5
"""How often "next" looks again after a colleague was faster."""
WRAP_UP_PLACE = "contact.wrap_up"
RAISE = (
    update(CONTACT)
    .where(
        CONTACT.c.id == bindparam("which"),
        CONTACT.c.urgency < bindparam("level"),
        CONTACT.c.state != ContactState.CLOSED.value,
    )
    .values(
        urgency=bindparam("level"),
        urgency_at=bindparam("moment"),
        page_step=0,
        next_page_at=case((CONTACT.c.state == ContactState.WAITING.value, bindparam("moment"))),
    )
)
"""Built once: it runs with every text that is read as urgent."""


def claim(*, contact_id: int, scope: Scope, user_id: int, now: datetime) -> None:
    """Take a waiting contact; of several who try at once, one wins (promise P3).

    Raises:
        NotFound: it does not wait within this scope.
        AlreadyClaimed: a colleague was faster.
        TooManyConversations: this counselor's hands are full; red is never refused.

    """
    lowest = _lowest_urgency_for(user_id)
    statement = (
        update(CONTACT)
        .where(
            CONTACT.c.id == contact_id,
            CONTACT.c.state == ContactState.WAITING.value,
            CONTACT.c.urgency >= lowest.value,
            queries.within(scope=scope),
        )
        .values(
            state=ContactState.IN_CONVERSATION.value,
            claimed_by=user_id,
            claimed_at=now,
            unanswered_since=now,
            next_page_at=None,
            version=CONTACT.c.version + 1,
        )
    )
    if changed(statement) != 1:
        state = queries.state_of(contact_id=contact_id, scope=scope)
        raise TooManyConversations if state is ContactState.WAITING else AlreadyClaimed
    accounts.grant_access(
        user_id=user_id,
        subject_kind=queries.GRANT_SUBJECT,
        subject_id=contact_id,
        kind=GrantKind.ASSIGNMENT,
        now=now,
    )
    count_change(contact_id)
    events.publish(ContactClaimed(contact_id=contact_id, user_id=user_id, at=now))


def claim_next(*, scope: Scope, user_id: int, now: datetime) -> int:
    """Take the most urgent, then longest waiting contact; give its id.

    Raises:
        NobodyWaits: nobody waits within this scope.
        TooManyConversations: this counselor's hands are full and nobody red waits.

    """
    for _ in range(TRIES):
        chosen = queries.next_waiting_ids(scope=scope, limit=1)
        if not chosen:
            raise NobodyWaits
        try:
            claim(contact_id=chosen[0], scope=scope, user_id=user_id, now=now)
        except AlreadyClaimed:
            continue
        return chosen[0]
    raise NobodyWaits


def return_to_queue(*, contact_id: int, by: int, now: datetime, note: str = "") -> None:
    """Give a conversation back to the queue, at the place its student had waited for.

    A note joins the wrap-up note, so that whoever takes over need not ask again.

    Raises:
        NotYours: it is not this counselor's conversation (any more).

    """
    if not _return(contact_id, by, now):
        raise NotYours
    if note.strip():
        add_note(contact_id=contact_id, note=note)
    _told_returned([Ended(contact_id=contact_id, user_id=by)], now)


def return_unanswered(
    *, contact_id: int, levels: Iterable[RiskLevel], since: datetime, now: datetime
) -> Ended | None:
    """Give a conversation of these levels back if its counselor owes an answer since then."""
    due = select(CONTACT.c.claimed_by).where(
        CONTACT.c.id == contact_id,
        queries.unanswered(levels=levels),
        CONTACT.c.unanswered_since <= since,
    )
    holder = session().execute(due.with_for_update()).scalar_one_or_none()
    if holder is None or not _return(contact_id, holder, now):
        return None
    ended = Ended(contact_id=contact_id, user_id=holder)
    _told_returned([ended], now)
    return ended


def write_reply(
    *, contact_id: int, by: int, body: str, now: datetime, never_say: Iterable[str] = ()
) -> int:
    """Queue a counselor's text to the student; give the message's id.

    `never_say` are names that it must not contain once the student is long gone.

    Raises:
        NothingToSend: the text is blank.
        NotYours: it is not this counselor's conversation (any more).
        NoNumber: the student's number is withheld or cannot be texted.
        UnsafeText: the student last wrote long ago, and whoever holds the phone may read this.

    """
    text = clean_body(raw=body).text
    if not text.strip():
        raise NothingToSend
    row = session().execute(_answered(contact_id, by, now)).mappings().first()
    if row is None:
        raise NotYours
    number = queries.number_of(contact_id=contact_id)
    if number is None or not number.startswith("+"):
        raise NoNumber
    if row["heard_at"] <= now - policy.current().line.text.unasked_after:
        names = (*never_say, *words.never_said_to(contact_id=contact_id))
        messaging.refuse_unsafe(body=text, never_say=names)
    message_id = _write_out(contact_id, row["data_key_id"], text, now, author_id=by)
    order = _chat(contact_id, message_id, row, number, text)
    outbound_id = messaging.queue_text(order=order, now=now)
    changed(update(MESSAGE).where(MESSAGE.c.id == message_id).values(outbound_id=outbound_id))
    drafts.throw_away(contact_id=contact_id, user_id=by)
    count_change(contact_id)
    return message_id


def note_automatic(
    *, contact_id: int, data_key_id: uuid.UUID, body: str, outbound_id: int, now: datetime
) -> int:
    """Show an automatic text in the thread, marked as such; give the message's id."""
    return _write_out(contact_id, data_key_id, body, now, outbound_id=outbound_id)


def raise_urgency(*, contact_id: int, level: RiskLevel, now: datetime) -> bool:
    """Make an open contact more urgent, never less; tell whether it was news."""
    values = {"which": contact_id, "level": level.value, "moment": now}
    if changed(RAISE, values) != 1:
        return False
    count_change(contact_id)
    events.publish(UrgencyRaised(contact_id=contact_id, urgency=level, at=now))
    return True


def close_contact(
    *, contact_id: int, disposition: Disposition, wrap_up: str, by: int, now: datetime
) -> None:
    """End a conversation, with a note for whoever meets this student next.

    Raises:
        NotYours: it is not this counselor's conversation (any more).

    """
    key = select(CONTACT.c.data_key_id).where(CONTACT.c.id == contact_id)
    key_id = session().execute(key).scalar_one_or_none()
    if key_id is None:
        raise NotYours
    note = clean_body(raw=wrap_up).text
    statement = _held(contact_id, by).values(
        state=ContactState.CLOSED.value,
        ended_at=now,
        disposition=disposition.value,
        wrap_up_sealed=sealed.seal(note, key_id=key_id, place=WRAP_UP_PLACE) if note else None,
        unanswered_since=None,
        version=CONTACT.c.version + 1,
    )
    if changed(statement) != 1:
        raise NotYours
    _let_go([Ended(contact_id=contact_id, user_id=by)], now)
    events.publish(ContactClosed(contact_id=contact_id, user_id=by, at=now))


def set_language(*, contact_id: int, language: Language, now: datetime) -> None:
    """Answer this contact in another language, and remember it for the caller's next one."""
    del now
    changed(update(CONTACT).where(CONTACT.c.id == contact_id).values(language=language.value))
    caller = select(CONTACT.c.caller_id).where(CONTACT.c.id == contact_id).scalar_subquery()
    changed(update(CALLER).where(CALLER.c.id == caller).values(language=language.value))


def count_change(*contact_ids: int) -> None:
    """Count a change of the live queue, so that every open screen looks again.

    Counted once for all, when the transaction ends: the rows are shared by everybody.
    """
    before_commit(_count, *(contact_id % QUEUE_SHARDS for contact_id in contact_ids))


def _count(shards: Iterable[int]) -> None:
    statement = _counting(session().get_bind().dialect.name)
    # Always locked in the same order, so that two never wait for each other.
    for shard in sorted(shards):
        session().execute(statement, {"id": shard, "value": 1})


@cache
def _counting(dialect: str) -> postgresql.Insert | sqlite.Insert:
    start = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return start(QUEUE_VERSION).on_conflict_do_update(
        index_elements=["id"], set_={"value": QUEUE_VERSION.c.value + 1}
    )


def meeting(table: Table) -> postgresql.Insert | sqlite.Insert:
    """Begin an INSERT that may meet a row already there (ON CONFLICT) on both databases."""
    return rows.meeting(table)


def _lowest_urgency_for(user_id: int) -> RiskLevel:
    cap = policy.current().line.text.counselor_thread_cap
    full = queries.conversations_held(user_id=user_id) >= cap
    return RiskLevel.IMMINENT if full else RiskLevel.LOW


def _held(contact_id: int, by: int) -> Update:
    return update(CONTACT).where(
        CONTACT.c.id == contact_id,
        CONTACT.c.claimed_by == by,
        CONTACT.c.state == ContactState.IN_CONVERSATION.value,
    )


def _answered(contact_id: int, by: int, now: datetime) -> ReturningUpdate[Any]:
    first_at = func.coalesce(CONTACT.c.first_human_reply_at, now)
    answered = _held(contact_id, by).values(
        first_human_reply_at=first_at, unanswered_since=None, waiting_since=None
    )
    return answered.returning(
        CONTACT.c.data_key_id,
        CONTACT.c.line_number,
        CONTACT.c.urgency,
        func.coalesce(CONTACT.c.last_inbound_at, CONTACT.c.arrived_at).label("heard_at"),
    )


def _chat(contact_id: int, message_id: int, row: Any, number: str, text: str) -> NewText:
    return NewText(
        to=number,
        from_number=row["line_number"],
        body=text,
        purpose=Purpose.CHAT,
        purpose_id=message_id,
        data_key_id=row["data_key_id"],
        urgency=RiskLevel(row["urgency"]),
        ordering_key=f"contact:{contact_id}",
    )


def _return(contact_id: int, by: int, now: datetime) -> bool:
    # Nobody waits at the other end of what was written down by hand.
    on_line = CONTACT.c.channel.in_([one.value for one in Channel if one.is_on_line])
    statement = (
        _held(contact_id, by)
        .where(on_line)
        .values(
            state=ContactState.WAITING.value,
            claimed_by=None,
            claimed_at=None,
            # Who was never answered keeps the old place in the queue.
            waiting_since=func.coalesce(CONTACT.c.waiting_since, CONTACT.c.unanswered_since, now),
            unanswered_since=None,
            returned_at=now,
            urgency_at=now,
            page_step=0,
            next_page_at=now,
            version=CONTACT.c.version + 1,
        )
    )
    return changed(statement) == 1


def add_note(*, contact_id: int, note: str) -> None:
    """Put a note for the next colleague behind those that are there."""
    row = session().execute(
        select(CONTACT.c.data_key_id, CONTACT.c.wrap_up_sealed).where(CONTACT.c.id == contact_id)
    )
    key_id, before = row.one()
    earlier = sealed.open_sealed(before, place=WRAP_UP_PLACE) if before else ""
    joined = clean_body(raw="\n\n".join(filter(None, (earlier, note.strip())))).text
    blob = sealed.seal(joined, key_id=key_id, place=WRAP_UP_PLACE)
    changed(update(CONTACT).where(CONTACT.c.id == contact_id).values(wrap_up_sealed=blob))


def _let_go(ended: Sequence[Ended], now: datetime) -> None:
    for one in ended:
        accounts.end_grants(
            subject_kind=queries.GRANT_SUBJECT,
            subject_id=one.contact_id,
            user_id=one.user_id,
            now=now,
        )
        drafts.throw_away(contact_id=one.contact_id, user_id=one.user_id)
    count_change(*(one.contact_id for one in ended))


def _told_returned(ended: Sequence[Ended], now: datetime) -> None:
    _let_go(ended, now)
    for one in ended:
        events.publish(ContactReturned(contact_id=one.contact_id, user_id=one.user_id, at=now))


def _write_out(
    contact_id: int, key_id: uuid.UUID, body: str, now: datetime, **who: int | None
) -> int:
    author = Author.AUTOMATIC if who.get("author_id") is None else Author.COUNSELOR
    row = {
        "contact_id": contact_id,
        "direction": Direction.OUT.value,
        "author": author.value,
        "body_sealed": sealed.seal(body, key_id=key_id, place="contact_message.body"),
        "at": now,
        **who,
    }
    statement = insert(MESSAGE).returning(MESSAGE.c.id)
    return int(session().execute(statement, row).scalar_one())
