"""Many cases, fast: copies of one case that the real operations opened, with their own keys apart.

Every copy has its contact, caller, note, level, timeline, owner's grant and promises; every fifth
has a student with a sealed name and the blind indexes by which the name is found. Copies share the
data keys of the original: no page of a list opens a key, and a case's page opens the same few.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
from rich.progress import Progress

from wellbeing.accounts.models import GRANT
from wellbeing.cases.models.cases import CASE, CASE_CONTACT, ENTRY, LEVEL_CHANGE, NOTE
from wellbeing.cases.models.people import NAME_INDEX, PERSON
from wellbeing.cases.queries import people
from wellbeing.cases.rules import names
from wellbeing.cases.rules.cases import ALPHABET, PREFIX, REFERENCE_LENGTH
from wellbeing.contacts.models import CALLER, CONTACT
from wellbeing.foundation.crypto import ring
from wellbeing.foundation.database import db, schema_changes

BATCH = 10_000
OPEN_SHARE = 10
"""Every tenth case is open; the others were closed in the three years before."""
NAMED_SHARE = 5
FIRST = 1_000
SPAN = timedelta(days=3 * 365)
SURNAMES = "甲乙丙丁戊己庚辛壬癸"
GIVEN = "子丑寅卯辰巳午未申酉戌亥"
"""Invented names, and obviously so: 10 × 12 × 12."""
ORDER = (CALLER, CONTACT, CASE, CASE_CONTACT, NOTE, LEVEL_CHANGE, ENTRY, GRANT, PERSON, NAME_INDEX)
"""Parents first."""

Rows = dict[str, list[dict[str, Any]]]


Place = tuple[int, int, str, int]
"""Unit, branch, path and owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The rows of the one real case, by table; `places` are where and with whom copies lie.

    Of the first thousand, fifty open ones lie at `home`, where the reader is: a page of a list is
    then as long at the smaller size as at the larger, and what grows is the city around it.
    """

    case_id: int
    rows: Mapping[str, list[dict[str, Any]]]
    places: tuple[Place, ...]
    home: Place


def number_of(position: int) -> str:
    """Give the number of a copy's caller (E.164), an invented one."""
    return f"+86199{position:08d}"


def name_of(position: int) -> str:
    """Give the name of a copy's student; names repeat, as names do."""
    one, two = divmod(position, len(GIVEN))
    return SURNAMES[position % len(SURNAMES)] + GIVEN[one % len(GIVEN)] + GIVEN[two % len(GIVEN)]


def reference_of(position: int) -> str:
    """Give the reference of a copy, spread over the whole range and never twice."""
    spread = (position * 7_368_787 + 1) % len(ALPHABET) ** REFERENCE_LENGTH
    letters = []
    for _ in range(REFERENCE_LENGTH):
        spread, one = divmod(spread, len(ALPHABET))
        letters.append(ALPHABET[one])
    return PREFIX + "".join(letters)


def read_original(*, case_id: int, places: tuple[Place, ...], home_id: int) -> Original:
    """Read everything that belongs to the case to be copied."""
    with db.engine.connect() as connection:

        def found(table: sa.Table, condition: Any) -> list[dict[str, Any]]:
            return [
                dict(row) for row in connection.execute(table.select().where(condition)).mappings()
            ]

        (link,) = found(CASE_CONTACT, CASE_CONTACT.c.case_id == case_id)
        (contact,) = found(CONTACT, CONTACT.c.id == link["contact_id"])
        rows = {
            CALLER.name: found(CALLER, CALLER.c.id == contact["caller_id"]),
            CONTACT.name: [contact],
            CASE_CONTACT.name: [link],
            **{
                table.name: found(table, table.c.case_id == case_id)
                for table in (NOTE, LEVEL_CHANGE, ENTRY, PERSON)
            },
            CASE.name: found(CASE, CASE.c.id == case_id),
            GRANT.name: found(
                GRANT, (GRANT.c.subject_kind == "case") & (GRANT.c.subject_id == case_id)
            ),
        }
    home = next(place for place in places if place[0] == home_id)
    return Original(case_id=case_id, rows=rows, places=places, home=home)


def grow(*, original: Original, start: int, stop: int, now: datetime) -> None:
    """Add the copies from position `start` to before `stop`, and let the planner look again."""
    with Progress() as progress:
        task = progress.add_task(f"cases up to {stop:,}", total=stop - start)
        for first in range(start, stop, BATCH):
            last = min(first + BATCH, stop)
            _write(_copies(original, range(first, last), now))
            progress.update(task, advance=last - first)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql(
            "ANALYZE" if connection.dialect.name == "sqlite" else "VACUUM ANALYZE"
        )


def _copies(original: Original, positions: range, now: datetime) -> Rows:
    rows: Rows = {table.name: [] for table in ORDER}
    for position in positions:
        for table, row in _one(original, position, now):
            rows[table.name].append(row)
    return rows


def _one(
    original: Original, position: int, now: datetime
) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
    dice = Random(position)  # noqa: S311 - the same cases in every run
    is_home = position < FIRST and position % (2 * OPEN_SHARE) == 0
    place = original.home if is_home else original.places[position % len(original.places)]
    unit, branch, path, owner = place
    # Copies begin far above the ids that the service gives out by itself while the bench runs.
    number, opened_at = position + 1_000_000, now - SPAN * dice.random()
    is_open = position % OPEN_SHARE == 0
    at = {"at": opened_at}
    source = original.rows
    yield (
        CALLER,
        source[CALLER.name][0]
        | {
            "id": number,
            "number_index": ring.blind_index(purpose="phone", value=number_of(position)),
        },
    )
    yield (
        CONTACT,
        source[CONTACT.name][0]
        | {
            "id": number,
            "public_id": f"bench{position:012d}",
            "caller_id": number,
            "organization_id": unit,
            "organization_path": path,
            "arrived_at": opened_at,
        },
    )
    yield (
        CASE,
        source[CASE.name][0]
        | {
            "id": number,
            "reference": reference_of(position),
            "organization_id": unit,
            "organization_path": path,
            "branch_id": branch,
            "owner_id": owner,
            "owned_since": opened_at,
            "level": dice.choices((1, 2, 3, 4), weights=(55, 30, 12, 3))[0],
            "status": "in_care" if is_open else "closed",
            "opened_at": opened_at,
            "closed_at": None if is_open else opened_at + timedelta(days=60),
            "next_step_at": None,
        },
    )
    yield CASE_CONTACT, {"contact_id": number, "case_id": number, "attached_at": opened_at}
    yield NOTE, source[NOTE.name][0] | at | {"id": number, "case_id": number}
    yield LEVEL_CHANGE, source[LEVEL_CHANGE.name][0] | at | {"id": number, "case_id": number}
    for index, entry in enumerate(source[ENTRY.name][:2]):
        yield ENTRY, entry | at | {"id": number * 2 + index, "case_id": number}
    if is_open:
        yield GRANT, source[GRANT.name][0] | {
            "id": number, "user_id": owner, "subject_id": number, "starts_at": opened_at,
        }  # fmt: skip
    if position % NAMED_SHARE == 0:
        yield from _named(source[PERSON.name][0], position, number)


_TOKENS: dict[str, list[tuple[str, bytes]]] = {}


def _named(
    person: Mapping[str, Any], position: int, number: int
) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
    name = name_of(position // NAMED_SHARE)
    if name not in _TOKENS:
        found = names.tokens(name=name)
        _TOKENS[name] = [
            (kind.value, people.token_hmac(token=(kind, text))) for kind, text in found
        ]
    yield PERSON, dict(person) | {"id": number, "case_id": number}
    for kind, token in _TOKENS[name]:
        yield NAME_INDEX, {
            "person_id": number, "kind": kind, "token_hmac": token, "case_id": number,
        }  # fmt: skip


def _write(rows: Rows) -> None:
    # Below the guard of `transaction()`: a bench fills tables, no door is open.
    with schema_changes(), db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            _copy(connection, rows)
        else:
            for table in ORDER:
                if rows[table.name]:
                    connection.execute(sa.insert(table), rows[table.name])
            connection.commit()


def _copy(connection: sa.Connection, rows: Rows) -> None:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        for table in ORDER:
            if not rows[table.name]:
                continue
            columns = list(rows[table.name][0])
            named = ", ".join(f'"{one}"' for one in columns)
            with cursor.copy(f'COPY "{table.name}" ({named}) FROM STDIN') as copy:
                for row in rows[table.name]:
                    copy.write_row([_plain(row[one]) for one in columns])
    driver.commit()


def _plain(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return value


def moment() -> datetime:
    """Tell the time of the bench."""
    return datetime.now(tz=UTC)
