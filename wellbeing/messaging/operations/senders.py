"""Which number a thread's texts go from, and what is remembered of numbers that fail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from wellbeing.foundation.database import changed, session
from wellbeing.messaging.models import OUTBOUND, SENDING_NUMBER, THREAD_SENDER
from wellbeing.messaging.rules import OrderKind, senders
from wellbeing.messaging.rules.senders import Trouble
from wellbeing.policy import current as policy
from wellbeing.telephony.gateway import TelephonyError


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The spare that carries a text, by its order's id, and the numbers that failed lately."""

    spares: Mapping[int, str]
    failing: frozenset[str]


def choose(*, rows: Collection[Any], now: datetime) -> Chosen:
    """Choose the number for each text about to be sent.

    A thread that moves stays with its new number; the choice is written, so that whoever asks
    the carrier about an order asks for the pair of numbers that it knows.
    """
    texts = [row for row in rows if _has_spares(row)]
    if not texts:
        return Chosen(spares={}, failing=frozenset())
    troubles = _troubles()
    troubled = _troubled(troubles, now)
    moved = _moved({row["ordering_key"] for row in texts if row["ordering_key"]})
    spares = {}
    for row in texts:
        used = row["via_number"] or row["from_number"]
        current = moved.get(row["ordering_key"], used)
        number = senders.sender(senders=_pool(row), current=current, troubled=troubled)
        if number != current and row["ordering_key"]:
            _move(row["ordering_key"], number, now)
            moved[row["ordering_key"]] = number
        if number != used:
            _carry_from(row, number)
        if number != row["from_number"]:
            spares[row["id"]] = number
    return Chosen(spares=spares, failing=frozenset(troubles))


def note_failure(*, number: str, error: TelephonyError, now: datetime) -> None:
    """Count a failure that may be the number's own."""
    home = policy.current().line.home_of(number=number)
    if not has_spares(number=home) or not senders.is_held_against_number(error=error):
        return
    statement = _meeting(SENDING_NUMBER).values(number=number, failures=1, failed_at=now)
    session().execute(
        statement.on_conflict_do_update(
            index_elements=["number"],
            set_={"failures": SENDING_NUMBER.c.failures + 1, "failed_at": now},
        )
    )


def note_success(*, number: str) -> None:
    """Forget the failures of a number from which a text just went."""
    changed(
        update(SENDING_NUMBER)
        .where(SENDING_NUMBER.c.number == number, SENDING_NUMBER.c.failures > 0)
        .values(failures=0)
    )


def move_on(*, row: Any, code: int | None, now: datetime) -> str | None:
    """Let a thread's texts go from the next number if the carrier refuses the one that sent.

    Gives that number; None when the sender is not to blame, or was the last.
    """
    if code not in senders.SENDERS_FAULT or not _has_spares(row):
        return None
    used = row["via_number"] or row["from_number"]
    number = senders.next_sender(senders=_pool(row), after=used)
    if number is not None and row["ordering_key"]:
        _move(row["ordering_key"], number, now)
    return number


def has_spares(*, number: str) -> bool:
    """Tell whether the line of a number has others to send from."""
    return len(policy.current().line.senders_of(number=number)) > 1


def _has_spares(row: Any) -> bool:
    return row["kind"] == OrderKind.TEXT.value and has_spares(number=row["from_number"] or "")


def _pool(row: Any) -> tuple[str, ...]:
    return policy.current().line.senders_of(number=row["from_number"])


def _troubles() -> dict[str, Trouble]:
    failing = select(SENDING_NUMBER).where(SENDING_NUMBER.c.failures > 0)
    return {
        row["number"]: Trouble(failures=row["failures"], failed_at=row["failed_at"])
        for row in session().execute(failing).mappings()
    }


def _troubled(troubles: Mapping[str, Trouble], now: datetime) -> frozenset[str]:
    limits = policy.current().line.text
    after, rest = limits.second_number_after, limits.second_number_rest
    return frozenset(
        number
        for number, trouble in troubles.items()
        if trouble.is_on(after=after, rest=rest, now=now)
    )


def _moved(keys: set[str]) -> dict[str, str]:
    if not keys:
        return {}
    statement = select(THREAD_SENDER).where(THREAD_SENDER.c.ordering_key.in_(keys))
    return {row["ordering_key"]: row["number"] for row in session().execute(statement).mappings()}


def _move(ordering_key: str, number: str, now: datetime) -> None:
    statement = _meeting(THREAD_SENDER).values(ordering_key=ordering_key, number=number, since=now)
    session().execute(
        statement.on_conflict_do_update(
            index_elements=["ordering_key"], set_={"number": number, "since": now}
        )
    )


def _carry_from(row: Any, number: str) -> None:
    via = None if number == row["from_number"] else number
    changed(update(OUTBOUND).where(OUTBOUND.c.id == row["id"]).values(via_number=via))


def _meeting(table: Table) -> postgresql.Insert | sqlite.Insert:
    """Begin an INSERT that may meet a row already there, on either database."""
    is_postgresql = session().get_bind().dialect.name == "postgresql"
    return postgresql.insert(table) if is_postgresql else sqlite.insert(table)
