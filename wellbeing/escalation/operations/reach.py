"""A person says how pages reach them: a number, proved by a code that was sent to it, and hours.

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
    CODE_IS_GOOD_FOR,
    TRIES,
    CodeTooSoon,
    NoCodeWaits,
    NotHours,
    TakesNoTexts,
)
from wellbeing.escalation.rules.words import PageChannel
from wellbeing.foundation import phone
from wellbeing.foundation.crypto import ring, sealed
from wellbeing.foundation.database import changed, session
from wellbeing.messaging import operations as messaging
from wellbeing.messaging.rules import NewCall, NewText, Purpose
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel


def set_method(
    *, user_id: int, channel: PageChannel, number: str, now: datetime, by_call: bool = False
) -> bool:
    """Keep a number and send a code to it; until that is typed in, the account's number rings.

    The code is texted; on a landline, or `by_call`, it is read out by a call. Tell whether it is.

    Raises:
        NotAPhoneNumber: it is no telephone number.
        TakesNoTexts: it is meant for texts, and a text could not prove it.
        CodeTooSoon: a code was sent a moment ago.

    """
    e164 = phone.normalised(number)
    by_call = by_call or phone.is_landline(number=e164)
    if by_call and channel is PageChannel.TEXT:
        raise TakesNoTexts
    before = reach.method(user_id=user_id, channel=channel)
    if before and before.code_sent_at and now - before.code_sent_at < CODE_EVERY:
        raise CodeTooSoon
    key = accounts.data_key_of(user_id=user_id)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    public_id = secrets.token_urlsafe(16) if by_call else None
    values: dict[str, Any] = {
        "number_sealed": sealed.seal(e164, key_id=key, place=reach.NUMBER_PLACE),
        "number_index": ring.blind_index(purpose="phone", value=e164),
        "code_index": _code_index(user_id, channel, code),
        "code_sealed": sealed.seal(code, key_id=key, place=reach.CODE_PLACE) if by_call else None,
        "call_public_id": public_id,
        "code_sent_at": now,
        "tries": 0,
        "verified_at": None,
    }
    _keep(user_id, channel, values)
    if public_id is None:
        _text_code(user_id, to=e164, code=code, now=now)
    else:
        _call_with_code(user_id, to=e164, public_id=public_id, now=now)
    return by_call


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
        .values(verified_at=now, code_index=None, code_sealed=None)
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


def _keep(user_id: int, channel: PageChannel, values: dict[str, Any]) -> None:
    mine = update(PAGE_METHOD).where(_is(user_id, channel))
    if changed(mine.values(values)) == 0:
        new = {"user_id": user_id, "channel": channel.value, **values}
        session().execute(insert(PAGE_METHOD).values(new))


def _text_code(user_id: int, *, to: str, code: str, now: datetime) -> None:
    prompts, language = policy.current().prompts, pages.language_of(user_id=user_id)
    order = NewText(
        body=prompts.text(key="page_code", language=language, code=code),
        purpose=Purpose.STAFF,
        **_order(user_id, to),
    )
    messaging.queue_text(order=order, now=now)


def _call_with_code(user_id: int, *, to: str, public_id: str, now: datetime) -> None:
    # The code itself is read from its row only when somebody picks up: no order ever holds it.
    order = NewCall(
        purpose=Purpose.CODE_CALL,
        public_id=public_id,
        expires_at=now + CODE_IS_GOOD_FOR,
        **_order(user_id, to),
    )
    messaging.queue_call(order=order, now=now)


def _order(user_id: int, to: str) -> dict[str, Any]:
    return {
        "to": to,
        "from_number": policy.current().line.numbers[0].number,
        "purpose_id": user_id,
        "data_key_id": accounts.data_key_of(user_id=user_id),
        "urgency": RiskLevel.MODERATE,
    }


def _is(user_id: int, channel: PageChannel) -> ColumnElement[bool]:
    return and_(PAGE_METHOD.c.user_id == user_id, PAGE_METHOD.c.channel == channel.value)


def _code_index(user_id: int, channel: PageChannel, code: str) -> bytes:
    # Keyed, and bound to person and channel: a stolen table tells no code, and fits no other row.
    return ring.blind_index(purpose="page_code", value=f"{user_id}:{channel.value}:{code}")
