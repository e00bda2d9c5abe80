"""Write down in a case's timeline what happened, for this room and every higher one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from wellbeing.cases.models.cases import ENTRY
from wellbeing.cases.operations import keys
from wellbeing.cases.queries import cases as queries
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session


def add_entry(
    *,
    case_id: int,
    kind: str,
    actor_id: int | None,
    facts: Mapping[str, Any],
    details: Mapping[str, str] | None = None,
    now: datetime,
) -> int:
    """Add an entry; give its id. `facts` hold ids, levels and times, `details` words, sealed.

    Empty words are left out. A moment among the facts is kept as ISO 8601.
    """
    row = entry(
        case_id=case_id, kind=kind, actor_id=actor_id, facts=facts, details=details, now=now
    )
    return int(session().execute(_ONE, row).scalar_one())


def add_entries(*, rows: Sequence[dict[str, Any]]) -> None:
    """Add many entries made by `entry` with one statement."""
    if rows:
        session().execute(_MANY, list(rows))


def entry(
    *,
    case_id: int,
    kind: str,
    actor_id: int | None,
    facts: Mapping[str, Any],
    details: Mapping[str, str] | None = None,
    now: datetime,
) -> dict[str, Any]:
    """Give the row of an entry, as `add_entry` writes it; nothing is written."""
    words = {name: text for name, text in (details or {}).items() if text}
    plain = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in facts.items()
    }
    return {
        "case_id": case_id,
        "at": now,
        "kind": str(kind),
        "actor_id": actor_id,
        "facts": plain,
        "details_sealed": _sealed(case_id, words) if words else None,
    }


def _sealed(case_id: int, words: Mapping[str, str]) -> bytes:
    key_id = keys.key_of(case_id=case_id)
    text = json.dumps(words, ensure_ascii=False)
    return sealed.seal(text, key_id=key_id, place=queries.ENTRY_PLACE)


# Values beside the statement, not in it: SQLAlchemy then finds it compiled in its cache.
_MANY = insert(ENTRY)
_ONE = _MANY.returning(ENTRY.c.id)
