"""Write down in a case's timeline what happened, for this room and every higher one."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
    words = {name: text for name, text in (details or {}).items() if text}
    plain = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in facts.items()
    }
    values = {
        "case_id": case_id,
        "at": now,
        "kind": str(kind),
        "actor_id": actor_id,
        "facts": plain,
        "details_sealed": _sealed(case_id, words) if words else None,
    }
    # Values beside the statement, not in it: SQLAlchemy then finds it compiled in its cache.
    statement = insert(ENTRY).returning(ENTRY.c.id)
    return int(session().execute(statement, values).scalar_one())


def _sealed(case_id: int, words: Mapping[str, str]) -> bytes:
    key_id = keys.key_of(case_id=case_id)
    text = json.dumps(words, ensure_ascii=False)
    return sealed.seal(text, key_id=key_id, place=queries.ENTRY_PLACE)
