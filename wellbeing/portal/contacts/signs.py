"""Why a contact has its urgency, as the workspace shows it: the words, and whom they are about."""

from __future__ import annotations

from typing import Any

from wellbeing.contacts.rules.conversations import ContactRow
from wellbeing.policy.model import ContextKind, PhraseKind
from wellbeing.triage import queries as triage
from wellbeing.triage.rules.records import SignalRow

WRITER_THEMSELVES = "self"
"""Key of the caller type that a counselor sets when the writer is the student in question."""


def shown(*, contact: ContactRow) -> dict[str, Any]:
    """List the signs, and tell whether the writer seems to worry about somebody else.

    A third party and the student whom they worry about are two persons (product.md 12), so the
    counselor is told before a case is opened for the wrong one, until the record says otherwise.
    """
    signals = triage.signals_of(contact_id=contact.contact_id)
    is_worry = any(one.of_another for one in signals)
    return {
        "signals": [_signal(one) for one in signals],
        "is_worry": is_worry and contact.facts.caller_type != WRITER_THEMSELVES,
    }


def _signal(row: SignalRow) -> dict[str, Any]:
    return {
        "level": row.level,
        "kind": PhraseKind(row.kind),
        "rule": row.rule,
        "contexts": [ContextKind(one) for one in row.contexts],
        "phrase": row.phrase,
        "at": row.at,
    }
