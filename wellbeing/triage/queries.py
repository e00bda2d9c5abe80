"""Questions to triage: signals, screenings, assessments, the level that stands.

Who may read them is decided by whoever opened the contact or its case.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, func, select

from wellbeing.contacts.queries import conversations as contacts
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session
from wellbeing.policy.model import PhraseKind, RiskLevel
from wellbeing.triage.models import ASSESSMENT, SCREENING, SIGNAL, WORDING
from wellbeing.triage.rules.levels import Assessed, Source, Standing, standing_of
from wellbeing.triage.rules.ngrams import MODEL_KIND
from wellbeing.triage.rules.records import OF_ANOTHER, AssessmentRow, ScreeningRow, SignalRow
from wellbeing.triage.rules.score import Earlier
from wellbeing.triage.rules.wordings import definition_from
from wellbeing.triage.rules.wrapping_up import Judged, Screened


def signals_of(*, contact_id: int) -> tuple[SignalRow, ...]:
    """List the signs in a contact's messages with the words that showed them, oldest first."""
    statement = (
        select(SIGNAL)
        .where(SIGNAL.c.contact_id == contact_id, SIGNAL.c.kind != MODEL_KIND)
        .order_by(SIGNAL.c.id)
    )
    return tuple(
        SignalRow(
            signal_id=row["id"],
            message_id=row["message_id"],
            level=RiskLevel(row["level"]),
            kind=row["kind"],
            rule=row["rule"],
            contexts=tuple(
                one for one in row["contexts"].split(",") if one not in {"", OF_ANOTHER}
            ),
            of_another=OF_ANOTHER in row["contexts"].split(","),
            phrase=sealed.open_sealed(row["phrase_sealed"], place="signal.phrase"),
            at=row["at"],
        )
        for row in session().execute(statement).mappings()
    )


_WHY = (
    select(SIGNAL.c.contact_id, SIGNAL.c.rule, func.max(SIGNAL.c.score).label("most"))
    .where(
        SIGNAL.c.contact_id.in_(bindparam("contact_ids", expanding=True)),
        SIGNAL.c.kind != MODEL_KIND,
    )
    .group_by(SIGNAL.c.contact_id, SIGNAL.c.rule)
    .order_by(SIGNAL.c.contact_id, func.max(SIGNAL.c.score).desc(), SIGNAL.c.rule)
)
"""Built once: the live queue asks it at every change."""


def why(*, contact_ids: Iterable[int]) -> Mapping[int, tuple[str, ...]]:
    """Name the rules behind many contacts' urgency, strongest first, without a word of theirs."""
    found: dict[int, tuple[str, ...]] = {}
    for row in session().execute(_WHY, {"contact_ids": list(contact_ids)}):
        found[row.contact_id] = (*found.get(row.contact_id, ()), row.rule)
    return found


def earlier_signals(*, contact_id: int) -> tuple[Earlier, ...]:
    """Tell what earlier messages of a conversation were worth, and how long ago they came."""
    statement = select(SIGNAL).where(SIGNAL.c.contact_id == contact_id, SIGNAL.c.kind != MODEL_KIND)
    rows = session().execute(statement).all()
    if not rows:
        return ()
    first = min(row.message_id for row in rows)
    came = contacts.inbound_ids_since(contact_id=contact_id, message_id=first)
    return tuple(
        Earlier(
            rule=row.rule,
            score=row.score,
            messages_ago=sum(message_id > row.message_id for message_id in came),
            kind=PhraseKind(row.kind),
            level=RiskLevel(row.level),
            of_another=OF_ANOTHER in row.contexts.split(","),
        )
        for row in rows
    )


def order_hints(*, contact_ids: Iterable[int]) -> Mapping[int, float]:
    """Tell what the site's model, where it is enabled, gave to many contacts: 0.5 to 1.

    It may only put one before another at the same level; contacts without a hint are left out.
    """
    statement = (
        select(SIGNAL.c.contact_id, func.max(SIGNAL.c.score))
        .where(SIGNAL.c.contact_id.in_(list(contact_ids)), SIGNAL.c.kind == MODEL_KIND)
        .group_by(SIGNAL.c.contact_id)
    )
    return {row[0]: row[1] for row in session().execute(statement)}


def screenings_of(*, contact_ids: Iterable[int]) -> tuple[ScreeningRow, ...]:
    """Open the screeners that were filled in during these contacts, oldest first."""
    statement = (
        select(SCREENING, WORDING.c.content)
        .outerjoin(WORDING, WORDING.c.id == SCREENING.c.wording_id)
        .where(SCREENING.c.contact_id.in_(list(contact_ids)))
        .order_by(SCREENING.c.id)
    )
    return tuple(_screening(row) for row in session().execute(statement).mappings())


def assessments_of(*, contact_ids: Iterable[int]) -> tuple[AssessmentRow, ...]:
    """Open the levels that persons set during these contacts, oldest first."""
    statement = (
        select(ASSESSMENT)
        .where(ASSESSMENT.c.contact_id.in_(list(contact_ids)))
        .order_by(ASSESSMENT.c.id)
    )
    return tuple(_assessment(row) for row in session().execute(statement).mappings())


def current_level(*, contact_ids: Iterable[int]) -> RiskLevel | None:
    """Tell the level that stands over these contacts; None before the first human assessment."""
    found = standing(contact_ids=contact_ids)
    return found.level if found else None


def standing(*, contact_ids: Iterable[int]) -> Standing | None:
    """Tell the level that stands and which person set it; None before the first assessment."""
    columns = (ASSESSMENT.c.level, ASSESSMENT.c.source, ASSESSMENT.c.by_user_id, ASSESSMENT.c.at)
    statement = (
        select(*columns)
        .where(ASSESSMENT.c.contact_id.in_(list(contact_ids)))
        .order_by(ASSESSMENT.c.id)
    )
    found = [
        Assessed(
            level=RiskLevel(row["level"]),
            source=Source(row["source"]),
            by_user_id=row["by_user_id"],
            at=row["at"],
        )
        for row in session().execute(statement).mappings()
    ]
    return standing_of(assessments=found)


def last_reason(*, contact_id: int) -> str:
    """Open the reason of the level that was set last in a contact; empty after a screener."""
    statement = (
        select(ASSESSMENT.c.note_sealed)
        .where(ASSESSMENT.c.contact_id == contact_id)
        .order_by(ASSESSMENT.c.id.desc())
        .limit(1)
    )
    blob = session().execute(statement).scalar()
    return sealed.open_sealed(blob, place="assessment.note") if blob else ""


def screened_and_judged(*, contact_id: int) -> tuple[tuple[Screened, ...], tuple[Judged, ...]]:
    """Tell what was asked and judged in a contact, without an answer or a word of it."""
    asked = (
        select(
            SCREENING.c.screener,
            SCREENING.c.suggested_level,
            SCREENING.c.complete,
            SCREENING.c.asks_further,
            SCREENING.c.at,
        )
        .where(SCREENING.c.contact_id == contact_id)
        .order_by(SCREENING.c.id)
    )
    judged = (
        select(ASSESSMENT.c.level, ASSESSMENT.c.at)
        .where(ASSESSMENT.c.contact_id == contact_id, ASSESSMENT.c.source != Source.SCREENER.value)
        .order_by(ASSESSMENT.c.id)
    )
    screenings = tuple(
        Screened(
            screener=row.screener,
            level=RiskLevel(row.suggested_level) if row.suggested_level else None,
            complete=row.complete,
            asks_further=row.asks_further,
            at=row.at,
        )
        for row in session().execute(asked)
    )
    levels = tuple(
        Judged(level=RiskLevel(row.level), at=row.at) for row in session().execute(judged)
    )
    return screenings, levels


def _screening(row: Mapping[Any, Any]) -> ScreeningRow:
    level = row["suggested_level"]
    return ScreeningRow(
        screening_id=row["id"],
        contact_id=row["contact_id"],
        screener=row["screener"],
        wording=row["wording"],
        answers=json.loads(sealed.open_sealed(row["answers_sealed"], place="screening.answers")),
        result=row["result"],
        complete=row["complete"],
        suggested_level=RiskLevel(level) if level else None,
        by_user_id=row["by_user_id"],
        at=row["at"],
        asks_further=row["asks_further"],
        definition=definition_from(content=row["content"]) if row["content"] else None,
    )


def _assessment(row: Mapping[Any, Any]) -> AssessmentRow:
    return AssessmentRow(
        assessment_id=row["id"],
        contact_id=row["contact_id"],
        level=RiskLevel(row["level"]),
        source=Source(row["source"]),
        note=sealed.open_sealed(row["note_sealed"], place="assessment.note"),
        by_user_id=row["by_user_id"],
        at=row["at"],
        screening_id=row["screening_id"],
    )
