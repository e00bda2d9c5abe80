"""Cases that a contact may join, in words: one closed not long ago says so, when and by whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext

from wellbeing.accounts.queries import people as accounts
from wellbeing.cases.queries import entries
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.portal import filters


def worded(*, cases: Iterable[CaseRow]) -> list[Mapping[str, Any]]:
    """Word the cases on offer; joining a closed one opens it again."""
    rows = tuple(cases)
    ends = entries.closed_by(case_ids=[one.case_id for one in rows if one.closed_at is not None])
    names = accounts.names_of(user_ids=set(ends.values())) if ends else {}
    known = {one: filters.in_language(name, "display_name") for one, name in names.items()}
    return [
        {
            "reference": one.reference,
            "is_closed": one.closed_at is not None,
            "words": _words(one, known.get(ends.get(one.case_id, 0), "")),
        }
        for one in rows
    ]


def _words(case: CaseRow, by: str) -> str:
    if case.closed_at is None:
        return gettext("This number has a case: %(reference)s.", reference=case.reference)
    return gettext(
        "This number had a case: %(reference)s, closed on %(day)s by %(name)s.",
        reference=case.reference,
        day=filters.local_date(case.closed_at),
        name=by or gettext("somebody who is not known here"),
    )
