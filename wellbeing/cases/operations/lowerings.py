"""Set levels with four eyes for leaving red: what one person may not do alone becomes a proposal.

Who else is told of a proposal is decided above, in `reactions`.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import update

from wellbeing.cases.events import LoweringDecided, LoweringProposed
from wellbeing.cases.models.lowerings import LOWERING
from wellbeing.cases.operations import changes, entries, keys
from wellbeing.cases.queries import cases
from wellbeing.cases.queries import lowerings as queries
from wellbeing.cases.rules.cases import EntryKind
from wellbeing.cases.rules.lowerings import (
    About,
    AlreadyDecided,
    AlreadyProposed,
    Done,
    LoweringRow,
    Outcome,
    check_decision,
)
from wellbeing.contacts.operations import conversations as contact_operations
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.foundation import events
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import changed, session
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel
from wellbeing.triage import operations as triage
from wellbeing.triage import queries as levels
from wellbeing.triage.rules.levels import Decider, Source, SupervisorNeeded


def set_contact_level(
    *, contact_id: int, level: RiskLevel, source: Source, note: str, by: Decider, now: datetime
) -> Done:
    """Set a contact's level, or propose it where a second pair of eyes is needed.

    Raises:
        NoteMissing: no reason is given.
        OnlyCounselorLowers: a third party's report would lower the level.
        AlreadyProposed: a proposal waits already.

    """
    about = About(contact_id=contact_id)
    try:
        triage.assess(contact_id=contact_id, level=level, source=source, note=note, by=by, now=now)
    except SupervisorNeeded:
        _propose(about, level, note, by, now)
        return Done.PROPOSED
    _overtake(about, by.user_id, now)
    return Done.SET


def set_case_level(
    *, case_id: int, level: RiskLevel, by: Decider, note: str, version: int | None, now: datetime
) -> Done:
    """Set a case's level, or propose it where a second pair of eyes is needed.

    Raises:
        NotFound: there is no such case.
        CaseIsClosed: nobody works on it any more.
        NoteMissing: it would fall without a reason.
        StaleCase: somebody else changed the case in the meantime.
        AlreadyProposed: a proposal waits already.

    """
    about = About(case_id=case_id)
    try:
        is_changed = changes.change_level(
            case_id=case_id, level=level, by=by, note=note, version=version, now=now
        )
    except SupervisorNeeded:
        _propose(about, level, note, by, now)
        return Done.PROPOSED
    if not is_changed:
        return Done.UNCHANGED
    _overtake(about, by.user_id, now)
    return Done.SET


def decide(*, lowering_id: int, lower: bool, note: str, by: Decider, now: datetime) -> Outcome:
    """Decide about a proposal, once; of two supervisors at the same moment one decides.

    Raises:
        NoSuchLowering: there is none.
        SupervisorNeeded: only a supervisor decides.
        OwnProposal: they proposed it themselves.
        NoteMissing: no reason is given.
        AlreadyDecided: somebody else did, or the level was set anew.

    """
    row = queries.get(lowering_id=lowering_id)
    check_decision(row=row, note=note, by=by)
    outcome = Outcome.LOWERED if lower else Outcome.KEPT
    words = sealed.seal(note.strip(), key_id=_key_of(row.about), place=queries.NOTE_PLACE)
    decided = _close(row.lowering_id, outcome, by.user_id, now, decision_note_sealed=words)
    if not decided:
        raise AlreadyDecided
    if lower:
        _lower(row, note.strip(), by, now)
    elif row.about.case_id is not None:
        entries.add_entry(
            case_id=row.about.case_id,
            kind=EntryKind.LOWERING_REFUSED,
            actor_id=by.user_id,
            facts={"to_level": row.to_level.value},
            details={"note": note.strip()},
            now=now,
        )
    _tell_decided(row, outcome, by.user_id, now)
    return outcome


def _lower(row: LoweringRow, note: str, by: Decider, now: datetime) -> None:
    if row.about.case_id is not None:
        case = cases.case_by_id(case_id=row.about.case_id)
        _refuse_overtaken(case.level)
        changes.lower_by_two(case=case, proposal=row, note=note, by=by, now=now)
        return
    contact_id = row.about.contact_id or 0
    _refuse_overtaken(levels.current_level(contact_ids=[contact_id]))
    triage.lower_by_two(
        contact_id=contact_id,
        level=row.to_level,
        note=note,
        proposed_by=row.proposed_by,
        by=by,
        now=now,
    )


def _refuse_overtaken(level: RiskLevel | None) -> None:
    if level is not RiskLevel.IMMINENT:
        raise AlreadyDecided


def _propose(about: About, level: RiskLevel, note: str, by: Decider, now: datetime) -> None:
    decide_by = now + policy.current().safety.lowering.decide_within
    reason = sealed.seal(note.strip(), key_id=_key_of(about), place=queries.REASON_PLACE)
    statement = contact_operations.meeting(LOWERING).values(
        case_id=about.case_id,
        contact_id=about.contact_id,
        to_level=level.value,
        reason_sealed=reason,
        proposed_by=by.user_id,
        proposed_at=now,
        decide_by=decide_by,
    )
    made = session().execute(statement.on_conflict_do_nothing().returning(LOWERING.c.id)).scalar()
    if made is None:
        raise AlreadyProposed
    if about.case_id is not None:
        entries.add_entry(
            case_id=about.case_id,
            kind=EntryKind.LOWERING_PROPOSED,
            actor_id=by.user_id,
            facts={"to_level": level.value, "by_at": decide_by},
            details={"note": note.strip()},
            now=now,
        )
    events.publish(
        LoweringProposed(
            lowering_id=int(made),
            case_id=about.case_id,
            contact_id=about.contact_id,
            organization_id=_place_of(about),
            by_user_id=by.user_id,
            decide_by=decide_by,
            at=now,
        )
    )


def _overtake(about: About, by: int, now: datetime) -> None:
    """End a proposal that waits, because the level was set anew with all that this asks for."""
    waiting = queries.open_of(about=about)
    if waiting is not None and _close(waiting.lowering_id, Outcome.OVERTAKEN, by, now):
        _tell_decided(waiting, Outcome.OVERTAKEN, by, now)


def _close(lowering_id: int, outcome: Outcome, by: int, now: datetime, **values: bytes) -> bool:
    statement = (
        update(LOWERING)
        .where(LOWERING.c.id == lowering_id, LOWERING.c.decided_at.is_(None))
        .values(outcome=outcome.value, decided_by=by, decided_at=now, **values)
    )
    return changed(statement) == 1


def _tell_decided(row: LoweringRow, outcome: Outcome, by: int, now: datetime) -> None:
    events.publish(
        LoweringDecided(
            lowering_id=row.lowering_id,
            case_id=row.about.case_id,
            contact_id=row.about.contact_id,
            outcome=outcome.value,
            by_user_id=by,
            at=now,
        )
    )


def _key_of(about: About) -> uuid.UUID:
    if about.case_id is not None:
        return keys.key_of(case_id=about.case_id)
    return contacts.contact_by_id(contact_id=about.contact_id or 0).data_key_id


def _place_of(about: About) -> int:
    if about.case_id is not None:
        return cases.case_by_id(case_id=about.case_id).organization_id
    return contacts.contact_by_id(contact_id=about.contact_id or 0).organization_id
