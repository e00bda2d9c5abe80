"""Store what was read from words, asked in screeners and judged by persons.

Reading a message only returns a level: who is told of it is decided in `hotline`.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import insert, select

from wellbeing.contacts.operations import conversations as contact_operations
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.foundation import events
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session
from wellbeing.policy import current as policy
from wellbeing.policy.model import Lexicon, RiskLevel, ScreenerDefinition
from wellbeing.triage import queries
from wellbeing.triage.events import AbuseSuspected, LevelAssessed
from wellbeing.triage.models import ASSESSMENT, SCREENING, SIGNAL, WORDING
from wellbeing.triage.rules import (
    completing,
    levels,
    ngrams,
    score,
    screeners,
    wordings,
    wrapping_up,
)
from wellbeing.triage.rules.levels import Decider, Source
from wellbeing.triage.rules.records import (
    OF_ANOTHER,
    AssessmentRow,
    Reading,
    ScreeningRow,
    SignalResult,
)
from wellbeing.triage.rules.results import UnknownScreener

logger = logging.getLogger(__name__)

NOTHING = SignalResult(
    level=RiskLevel.LOW, act_now=False, abuse=False, third_party=False, matches=()
)
PHRASE_LIMIT = 200
"""Characters kept of a matched phrase; enough to recognise it in its message."""


def read_signals(*, reading: Reading, data_key_id: uuid.UUID, now: datetime) -> SignalResult:
    """Read a message, keep each sign with the student's own words, and weigh the conversation.

    Costs no statement when nothing is found. The level is of the conversation so far; it orders
    the queue and decides nothing else (product.md 4.1).
    """
    _keep_hint(reading, data_key_id, now)
    lexicon = policy.current().triage.lexicon
    matches = score.scan(text=reading.text, lexicon=lexicon)
    history = _history(reading, matches, lexicon)
    matches = completing.completed(
        text=reading.text, matches=matches, history=history, lexicon=lexicon
    )
    if not matches:
        return NOTHING
    session().execute(
        insert(SIGNAL), [_signal(match, reading, data_key_id, now) for match in matches]
    )
    result = SignalResult(
        level=score.conversation_level(matches=matches, history=history, scoring=lexicon.scoring),
        act_now=score.is_act_now(matches=matches),
        abuse=score.is_abuse(matches=matches),
        third_party=score.is_third_party(matches=matches),
        matches=matches,
    )
    if result.abuse:
        events.publish(
            AbuseSuspected(contact_id=reading.contact_id, message_id=reading.message_id, at=now)
        )
    return result


def _history(
    reading: Reading, matches: tuple[score.Match, ...], lexicon: Lexicon
) -> tuple[score.Earlier, ...]:
    """Ask what was said before only where it can change what this message means."""
    is_told = bool(matches) or completing.may_complete(text=reading.text, lexicon=lexicon)
    if reading.is_first or not is_told:
        return ()
    return queries.earlier_signals(contact_id=reading.contact_id)


def record_screening(
    *, contact_id: int, screener: str, answers: Mapping[str, str], by: int, now: datetime
) -> ScreeningRow:
    """Keep a screener as it was answered, complete or not, with the level that it suggests.

    Once a person has judged, a higher result raises the level at once (product.md 4.3).

    Raises:
        UnknownScreener: the policy does not offer it.
        NotAnAnswer: an answer is not among the item's choices.
        OutsideBranch: a question was answered that does not follow from those before it.

    """
    definition = policy.current().triage.screeners.get(screener)
    if definition is None or not definition.offered:
        raise UnknownScreener
    read = screeners.read(definition=definition, answers=answers)
    row = ScreeningRow(
        screening_id=0,
        contact_id=contact_id,
        screener=screener,
        wording=definition.version,
        answers=dict(answers),
        result=read.result,
        complete=read.complete,
        suggested_level=read.level,
        by_user_id=by,
        at=now,
        asks_further=read.asks_further,
        definition=replace(definition, offered=False),
    )
    kept = replace(row, screening_id=_insert_screening(row, _wording_id(definition, now)))
    _raise_by(kept)
    return kept


def check_wrap_up(*, contact_id: int) -> None:
    """Refuse to let a contact be closed while a question about suicide stands open.

    Raises:
        ScreenerDue: an answer of a note asks for a C-SSRS or ASQ.
        LevelDue: a screener found something or was left off, and nobody set the level since.

    """
    screenings, judged = queries.screened_and_judged(contact_id=contact_id)
    wrapping_up.check(screenings=screenings, judged=judged)


def assess(
    *, contact_id: int, level: RiskLevel, source: Source, note: str, by: Decider, now: datetime
) -> AssessmentRow:
    """Set a contact's risk level by a person's judgement (product.md 4.3).

    Raises:
        NoteMissing: no reason is given.
        OnlyCounselorLowers: a screener or a third party's report would lower the level.
        SupervisorNeeded: a counselor would lower a red that a person set.
        AnotherSupervisorNeeded: a supervisor would lower a red that they set themselves.

    """
    standing = queries.standing(contact_ids=[contact_id])
    levels.check_assessment(standing=standing, level=level, source=source, note=note, by=by)
    row = AssessmentRow(
        assessment_id=0,
        contact_id=contact_id,
        level=level,
        source=source,
        note=note,
        by_user_id=by.user_id,
        at=now,
    )
    return _keep(row)


def lower_by_two(
    *, contact_id: int, level: RiskLevel, note: str, proposed_by: int, by: Decider, now: datetime
) -> AssessmentRow:
    """Let a red fall that one person proposed to lower and a supervisor decided about.

    Raises:
        NoteMissing: no reason is given.
        SupervisorNeeded: whoever decides is no supervisor, or proposed it themselves.

    """
    if not note.strip():
        raise levels.NoteMissing
    if not by.is_supervisor or by.user_id == proposed_by:
        raise levels.SupervisorNeeded
    row = AssessmentRow(
        assessment_id=0,
        contact_id=contact_id,
        level=level,
        source=Source.COUNSELOR,
        note=note,
        by_user_id=by.user_id,
        at=now,
    )
    return _keep(row)


def _raise_by(screening: ScreeningRow) -> None:
    standing = queries.current_level(contact_ids=[screening.contact_id])
    level = levels.raised_by_screener(standing=standing, suggested=screening.suggested_level)
    if level is not None:
        row = AssessmentRow(
            assessment_id=0,
            contact_id=screening.contact_id,
            level=level,
            source=Source.SCREENER,
            note="",
            by_user_id=screening.by_user_id,
            at=screening.at,
            screening_id=screening.screening_id,
        )
        _keep(row)


def _keep(row: AssessmentRow) -> AssessmentRow:
    statement = insert(ASSESSMENT).values(
        contact_id=row.contact_id,
        level=row.level.value,
        source=row.source.value,
        note_sealed=sealed.seal(row.note, key_id=_key_of(row.contact_id), place="assessment.note"),
        screening_id=row.screening_id,
        by_user_id=row.by_user_id,
        at=row.at,
    )
    new_id = session().execute(statement.returning(ASSESSMENT.c.id)).scalar_one()
    events.publish(
        LevelAssessed(
            contact_id=row.contact_id,
            level=row.level,
            source=row.source.value,
            by_user_id=row.by_user_id,
            at=row.at,
        )
    )
    return replace(row, assessment_id=new_id)


def _wording_id(definition: ScreenerDefinition, now: datetime) -> int:
    """Keep a wording once, however many screenings use it and however many start at once."""
    content = wordings.content_of(definition=definition)
    digest = wordings.digest_of(content=content)
    statement = contact_operations.meeting(WORDING).values(
        screener=definition.key,
        version=definition.version,
        digest=digest,
        content=content,
        first_used_at=now,
    )
    session().execute(statement.on_conflict_do_nothing())
    known = select(WORDING.c.id).where(
        WORDING.c.screener == definition.key, WORDING.c.digest == digest
    )
    return int(session().execute(known).scalar_one())


def _keep_hint(reading: Reading, key_id: uuid.UUID, now: datetime) -> None:
    """Keep what the site's model says, if there is one; only the order of the queue reads it."""
    chosen = policy.current().triage.model
    model = _site_model(chosen.path) if chosen.enabled else None
    if model is None:
        return
    hint = ngrams.score(model=model, text=reading.text)
    if hint < ngrams.THRESHOLD:
        return
    row = {
        "contact_id": reading.contact_id,
        "message_id": reading.message_id,
        "level": RiskLevel.LOW.value,
        "kind": ngrams.MODEL_KIND,
        "rule": "site_model",
        "contexts": "",
        "score": hint,
        "phrase_sealed": sealed.seal("", key_id=key_id, place="signal.phrase"),
        "at": now,
    }
    session().execute(insert(SIGNAL), [row])


@lru_cache(maxsize=2)
def _site_model(path: str) -> ngrams.Model | None:
    """Read the model once for a process; a broken file must never stop a student's text."""
    try:
        return ngrams.from_document(document=json.loads(Path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError, ngrams.NotAModel):
        logger.exception("the site's model cannot be used; the word list reads on without it")
        return None


def _insert_screening(row: ScreeningRow, wording_id: int) -> int:
    answers = json.dumps(dict(row.answers))
    statement = insert(SCREENING).values(
        contact_id=row.contact_id,
        screener=row.screener,
        wording=row.wording,
        wording_id=wording_id,
        asks_further=row.asks_further,
        answers_sealed=sealed.seal(
            answers, key_id=_key_of(row.contact_id), place="screening.answers"
        ),
        result=row.result,
        complete=row.complete,
        suggested_level=row.suggested_level.value if row.suggested_level else None,
        by_user_id=row.by_user_id,
        at=row.at,
    )
    return int(session().execute(statement.returning(SCREENING.c.id)).scalar_one())


def _signal(
    match: score.Match, reading: Reading, key_id: uuid.UUID, now: datetime
) -> dict[str, object]:
    phrase = match.phrase[:PHRASE_LIMIT]
    return {
        "contact_id": reading.contact_id,
        "message_id": reading.message_id,
        "level": match.level.value,
        "kind": match.kind.value,
        "rule": match.rule,
        "contexts": ",".join(
            [*(kind.value for kind in match.contexts), *([OF_ANOTHER] if match.of_another else [])]
        ),
        "score": match.score,
        "phrase_sealed": sealed.seal(phrase, key_id=key_id, place="signal.phrase"),
        "at": now,
    }


def _key_of(contact_id: int) -> uuid.UUID:
    return contacts.contact_by_id(contact_id=contact_id).data_key_id
