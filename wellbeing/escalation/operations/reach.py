"""A person says how pages reach them: a number, proved by a code that was texted to it, and hours.

Nothing of it makes a desk empty: a number counts once it is proved, and quiet hours only decide
who is rung first.
"""

from __future__ import annotations

import secrets
from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, insert, update

from wellbeing.accounts.queries import people as accounts
from wellbeing.escalation.models import PAGE_METHOD, PAGE_QUIET
from wellbeing.escalation.queries import pages, reach
from wellbeing.escalation.rules.reach import (
    CODE_DIGITS,
    CODE_EVERY,
    TRIES,
    CodeTooSoon,
    NoCodeWaits,
    NotHours,
)
from wellbeing.escalation.rules.words import PageChannel
from wellbeing.foundation import phone
from wellbeing.foundation.crypto import ring, sealed
from wellbeing.foundation.database import changed, session
from wellbeing.messaging import operations as messaging
from wellbeing.messaging.rules import NewText, Purpose
from wellbeing.policy import current as policy
from wellbeing.policy.model import Language, RiskLevel


def set_method(*, user_id: int, channel: PageChannel, number: str, now: datetime) -> None:
    """Keep a number and text a code to it; until that is typed in, the account's number rings.

    Raises:
        NotAPhoneNumber: it is no telephone number.
        CodeTooSoon: a code was sent a moment ago.

    """
    e164 = phone.normalised(number)
    before = reach.method(user_id=user_id, channel=channel)
    if before and before.code_sent_at and now - before.code_sent_at < CODE_EVERY:
        raise CodeTooSoon
    key = accounts.data_key_of(user_id=user_id)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    values: dict[str, Any] = {
        "number_sealed": sealed.seal(e164, key_id=key, place=reach.NUMBER_PLACE),
        "number_index": ring.blind_index(purpose="phone", value=e164),
        "code_index": _code_index(user_id, channel, code),
        "code_sent_at": now,
        "tries": 0,
        "verified_at": None,
    }
    mine = update(PAGE_METHOD).where(_is(user_id, channel))
    if changed(mine.values(values)) == 0:
        new = {"user_id": user_id, "channel": channel.value, **values}
        session().execute(insert(PAGE_METHOD).values(new))
    current = policy.current()
    language = _language(user_id)
    order = NewText(
        to=e164,
        from_number=current.line.numbers[0].number,
        body=current.prompts.text(key="page_code", language=language, code=code),
        purpose=Purpose.STAFF,
        purpose_id=user_id,
        data_key_id=key,
        urgency=RiskLevel.MODERATE,
    )
    messaging.queue_text(order=order, now=now)


def verify(*, user_id: int, channel: PageChannel, code: str, now: datetime) -> bool:
    """Take the code that arrived there: from now on pages go to that number. False if wrong.

    A wrong code counts, so it must be committed: the caller says so to the person.

    Raises:
        NoCodeWaits: none was sent lately, it was proved already, or too many guesses were made.

    """
    before = reach.method(user_id=user_id, channel=channel)
    if before is None or not before.takes_a_code(now=now):
        raise NoCodeWaits
    counted = (
        update(PAGE_METHOD)
        .where(_is(user_id, channel), PAGE_METHOD.c.tries < TRIES)
        .values(tries=PAGE_METHOD.c.tries + 1)
    )
    if changed(counted) != 1:
        raise NoCodeWaits
    proved = (
        update(PAGE_METHOD)
        .where(
            _is(user_id, channel),
            PAGE_METHOD.c.code_index == _code_index(user_id, channel, code.strip()),
            PAGE_METHOD.c.verified_at.is_(None),
        )
        .values(verified_at=now, code_index=None)
    )
    return changed(proved) == 1


def forget(*, user_id: int, channel: PageChannel) -> bool:
    """Page the account's number again; tell whether there was another."""
    return changed(delete(PAGE_METHOD).where(_is(user_id, channel))) == 1


def set_quiet(*, user_id: int, starts: time | None, ends: time | None) -> None:
    """Keep the hours in which a person would rather not be rung; both None: none.

    Raises:
        NotHours: only one of them was given, or they are the same.

    """
    if (starts is None) != (ends is None) or (starts is not None and starts == ends):
        raise NotHours
    session().execute(delete(PAGE_QUIET).where(PAGE_QUIET.c.user_id == user_id))
    if starts is not None and ends is not None:
        values = {"user_id": user_id, "starts": f"{starts:%H:%M}", "ends": f"{ends:%H:%M}"}
        session().execute(insert(PAGE_QUIET).values(values))


def _is(user_id: int, channel: PageChannel) -> ColumnElement[bool]:
    return and_(PAGE_METHOD.c.user_id == user_id, PAGE_METHOD.c.channel == channel.value)


def _code_index(user_id: int, channel: PageChannel, code: str) -> bytes:
    # Keyed, and bound to person and channel: a stolen table tells no code, and fits no other row.
    return ring.blind_index(purpose="page_code", value=f"{user_id}:{channel.value}:{code}")


def _language(user_id: int) -> Language:
    return pages.language_of(user_id=user_id)
