"""A conversation as the page shows it: bubbles, what became of each text, and its version."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from wellbeing.accounts.queries import people as accounts
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.queries import media
from wellbeing.contacts.rules.conversations import Author, BodyFlag, MessageRow
from wellbeing.contacts.rules.media import MediumRow
from wellbeing.messaging import queries as messaging
from wellbeing.messaging.queries import OrderRow
from wellbeing.messaging.rules import DeliveryStatus, OrderState
from wellbeing.portal import filters

PAGE = 200

STATE_WORDS: Mapping[OrderState, Any] = {
    OrderState.QUEUED: _("waiting to be sent"),
    OrderState.SENDING: _("being sent"),
    OrderState.IN_DOUBT: _("checking with the carrier whether it went out"),
    OrderState.ACCEPTED: _("being sent"),
    OrderState.FAILED: _("not delivered"),
    OrderState.WITHDRAWN: _("not sent: withdrawn"),
}
SAID_BY_MEDIA = {BodyFlag.MEDIA, BodyFlag.EMPTY}
NOT_REACHED = {DeliveryStatus.UNDELIVERED, DeliveryStatus.FAILED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bubble:
    """One message as it is shown."""

    key: int
    direction: str
    body: str
    at: datetime
    sender: str
    state_words: str
    automatic: bool
    failed: bool
    media: tuple[MediumRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """All bubbles of a conversation; the version changes with every text and every receipt."""

    bubbles: tuple[Bubble, ...]
    version: str


def thread(*, contact_id: int) -> Thread:
    """Open a whole conversation, oldest first."""
    messages = tuple(_messages(contact_id))
    orders = messaging.orders(
        outbound_ids=[one.outbound_id for one in messages if one.outbound_id is not None]
    )
    names = accounts.names_of(user_ids={one.author_id for one in messages if one.author_id})
    shown = media.of_contact(contact_id=contact_id)
    bubbles = tuple(_bubble(one, orders, names, shown.get(one.message_id, ())) for one in messages)
    return Thread(bubbles=bubbles, version=_version(bubbles))


def _messages(contact_id: int) -> Iterable[MessageRow]:
    after = 0
    while True:
        page = contacts.thread(contact_id=contact_id, after_id=after, limit=PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].message_id


def _bubble(
    message: MessageRow,
    orders: Mapping[int, OrderRow],
    names: Mapping[int, Any],
    media: tuple[MediumRow, ...],
) -> Bubble:
    order = orders.get(message.outbound_id) if message.outbound_id is not None else None
    return Bubble(
        key=message.message_id,
        direction=message.direction.value,
        body=message.body,
        at=message.at,
        sender=_sender(message, names),
        state_words=_state(order) if order else _flags(message, media),
        automatic=message.author is Author.AUTOMATIC,
        failed=order is not None and _has_failed(order),
        media=media,
    )


def _sender(message: MessageRow, names: Mapping[int, Any]) -> str:
    if message.author is Author.STUDENT:
        return gettext("Student")
    if message.author_id is not None and message.author_id in names:
        return filters.in_language(names[message.author_id], "display_name")
    return gettext("The line")


def _state(order: OrderRow) -> str:
    words = _whereabouts(order)
    if order.via_number is None:
        return words
    return gettext(
        "%(state)s · from our second number %(number)s", state=words, number=order.via_number
    )


def _whereabouts(order: OrderRow) -> str:
    if order.status is not None and order.state in {OrderState.ACCEPTED, OrderState.SETTLED}:
        return filters.words(order.status)
    return str(STATE_WORDS[order.state])


def _has_failed(order: OrderRow) -> bool:
    return order.state is OrderState.FAILED or order.status in NOT_REACHED


def _flags(message: MessageRow, media: tuple[MediumRow, ...]) -> str:
    """Say what was done to a text; what came with it speaks for itself where it is shown."""
    shown = (flag for flag in message.flags if not (media and flag in SAID_BY_MEDIA))
    return " · ".join(filters.words(flag) for flag in shown)


def _version(bubbles: Iterable[Bubble]) -> str:
    shown = "\n".join(
        f"{one.key}:{one.state_words}:{'+'.join(medium.state for medium in one.media)}"
        for one in bubbles
    )
    return f"{zlib.crc32(shown.encode()):08x}"
