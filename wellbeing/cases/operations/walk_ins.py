"""Write down a contact made elsewhere with its level and, if wanted, its case. All or nothing."""

from __future__ import annotations

from datetime import datetime

from wellbeing.cases.operations import lowerings, opening
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.walk_ins import NewWalkIn, Recorded
from wellbeing.contacts.operations import conversations as contacts
from wellbeing.contacts.operations import walk_ins
from wellbeing.contacts.queries import walk_ins as known
from wellbeing.contacts.rules.conversations import Disposition
from wellbeing.triage.rules.levels import Decider, NoteMissing, Source


def record(*, new: NewWalkIn, by: Decider, now: datetime) -> Recorded:
    """Write a contact down, once, whoever sends it twice.

    Raises:
        NotYetHappened: it begins or ends in the future.
        TooLongAgo: it is more than a year ago.
        NotAnAnswer: an answer is not among the choices.
        NoteMissing: a level or a case has no reason.
        AlreadyRecorded: the same record is being written at this moment.

    """
    before = known.recorded(origin=new.walk_in.origin)
    if before is not None:
        return _known(before)
    if new.opens_case and (new.level is None or not new.level_note.strip()):
        raise NoteMissing
    contact_id = walk_ins.record(walk_in=new.walk_in, by=by.user_id, now=now)
    if new.level is not None:
        lowerings.set_contact_level(
            contact_id=contact_id,
            level=new.level,
            source=Source.COUNSELOR,
            note=new.level_note,
            by=by,
            now=now,
        )
    reference = _open_case(new, contact_id, by, now) if new.opens_case else None
    _end(new, contact_id, by, now)
    return Recorded(contact_id=contact_id, reference=reference, is_new=True)


def _known(contact_id: int) -> Recorded:
    case = cases.case_of_contact(contact_id=contact_id)
    reference = case.reference if case else None
    return Recorded(contact_id=contact_id, reference=reference, is_new=False)


def _open_case(new: NewWalkIn, contact_id: int, by: Decider, now: datetime) -> str | None:
    if new.level is None:
        raise NoteMissing
    case = opening.open_case(
        contact_id=contact_id,
        by=by.user_id,
        organization_id=new.walk_in.organization_id,
        level=new.level,
        note=new.level_note,
        now=now,
    )
    return case.reference


def _end(new: NewWalkIn, contact_id: int, by: Decider, now: datetime) -> None:
    ending = Disposition.CASE_OPENED if new.opens_case else new.ending
    if ending is None:
        if new.wrap_up.strip():
            contacts.add_note(contact_id=contact_id, note=new.wrap_up)
        return
    contacts.close_contact(
        contact_id=contact_id, disposition=ending, wrap_up=new.wrap_up, by=by.user_id, now=now
    )
    walk_ins.set_ended(contact_id=contact_id, at=new.walk_in.ended_at)
