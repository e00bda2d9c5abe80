"""Questions about how one person is reached: numbers, proved or not, and their quiet hours."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, time
from typing import Any

from sqlalchemy import select

from wellbeing.escalation.models import PAGE_METHOD, PAGE_QUIET
from wellbeing.escalation.queries import pages
from wellbeing.escalation.rules.reach import Method, Quiet, SpokenCode
from wellbeing.escalation.rules.words import PageChannel
from wellbeing.foundation import phone
from wellbeing.foundation.crypto import ring, sealed
from wellbeing.foundation.database import session

NUMBER_PLACE = "page_method.number"
CODE_PLACE = "page_method.code"


def methods(*, user_id: int) -> tuple[Method, ...]:
    """List the numbers that a person gave for pages, proved or not; masked."""
    statement = select(PAGE_METHOD).where(PAGE_METHOD.c.user_id == user_id)
    found = session().execute(statement.order_by(PAGE_METHOD.c.channel.desc())).mappings()
    return tuple(_method(row) for row in found)


def method(*, user_id: int, channel: PageChannel) -> Method | None:
    """Give the number of one channel; None where the account's is used."""
    return next((one for one in methods(user_id=user_id) if one.channel is channel), None)


def numbers(*, user_ids: Collection[int]) -> Mapping[int, Mapping[PageChannel, str]]:
    """Open the proved numbers of people, by channel; the others are paged on the account's."""
    statement = select(PAGE_METHOD).where(
        PAGE_METHOD.c.user_id.in_(user_ids), PAGE_METHOD.c.verified_at.is_not(None)
    )
    found: dict[int, dict[PageChannel, str]] = {}
    for row in session().execute(statement).mappings():
        number = sealed.open_sealed(row["number_sealed"], place=NUMBER_PLACE)
        found.setdefault(row["user_id"], {})[PageChannel(row["channel"])] = number
    return found


def quiet_of(*, user_ids: Collection[int]) -> Mapping[int, Quiet]:
    """Give the quiet hours of those who have any."""
    statement = select(PAGE_QUIET).where(PAGE_QUIET.c.user_id.in_(user_ids))
    return {
        row["user_id"]: Quiet(
            starts=time.fromisoformat(row["starts"]), ends=time.fromisoformat(row["ends"])
        )
        for row in session().execute(statement).mappings()
    }


def person_texting_from(*, number: str) -> int | None:
    """Tell who proved that this number is theirs, so that their "1" counts; None if nobody did."""
    statement = select(PAGE_METHOD.c.user_id).where(
        PAGE_METHOD.c.number_index == ring.blind_index(purpose="phone", value=number),
        PAGE_METHOD.c.verified_at.is_not(None),
    )
    found = session().execute(statement.limit(2)).scalars().all()
    return found[0] if len(found) == 1 else None


def code_to_read(*, public_id: str, now: datetime) -> SpokenCode | None:
    """Open the code that a call reads out; None once it was used, is too old or replaced."""
    statement = select(PAGE_METHOD).where(PAGE_METHOD.c.call_public_id == public_id)
    row = session().execute(statement).mappings().one_or_none()
    if row is None or row["code_sealed"] is None or not _method(row).takes_a_code(now=now):
        return None
    return SpokenCode(
        code=sealed.open_sealed(row["code_sealed"], place=CODE_PLACE),
        language=pages.language_of(user_id=row["user_id"]),
    )


def _method(row: Any) -> Method:
    number = sealed.open_sealed(row["number_sealed"], place=NUMBER_PLACE)
    return Method(
        channel=PageChannel(row["channel"]),
        masked_number=phone.masked(number),
        verified_at=row["verified_at"],
        code_sent_at=row["code_sent_at"],
        tries=row["tries"],
    )
