"""Ask that a record at rest is destroyed, decide it with other eyes, hold it for the law.

Destroying takes the keys of the case, its contacts and its people, and with them every word, name,
number, voice, picture and document, also in backups without the wrapped keys. Ids, times, levels
and figures stay, and so does the audit log, which never held a word (PIPL 47, 54).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError

from wellbeing.accounts.operations import grants
from wellbeing.cases.events import CaseErased
from wellbeing.cases.models.cases import CASE
from wellbeing.cases.models.documents import DOCUMENT
from wellbeing.cases.models.erasures import ERASURE, LEGAL_HOLD
from wellbeing.cases.models.plans import DRAFT
from wellbeing.cases.operations import entries, people, searches
from wellbeing.cases.queries import cases
from wellbeing.cases.queries import erasures as queries
from wellbeing.cases.queries import people as named
from wellbeing.cases.rules.cases import CaseRow, CaseStatus, check_transition
from wellbeing.cases.rules.erasures import (
    AskedAlready,
    ErasureEntry,
    ErasureRow,
    ErasureSettled,
    ErasureState,
    Ground,
    HeldAlready,
    NotHeld,
    check_four_eyes,
    check_obstacles,
)
from wellbeing.cases.rules.people import check_reason
from wellbeing.contacts.operations import erasing as contacts
from wellbeing.foundation import events
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import changed, session


def ask(*, case: CaseRow, ground: Ground, reason: str, by: int, now: datetime) -> int:
    """Ask that a closed or sealed record is destroyed; give the id of what was asked.

    Raises:
        ReasonMissing: nothing says why.
        MustStay: something stands in the way already now.
        AskedAlready: somebody asked before, and it is not decided.

    """
    why = check_reason(reason=reason)
    check_obstacles(found=queries.obstacles_of(case=case, now=now))
    statement = insert(ERASURE).values(
        case_id=case.case_id,
        ground=ground.value,
        state=ErasureState.WAITING.value,
        reason_sealed=sealed.seal(why, key_id=case.data_key_id, place=queries.REASON_PLACE),
        asked_by=by,
        asked_at=now,
    )
    try:
        with session().begin_nested():
            made = int(session().execute(statement.returning(ERASURE.c.id)).scalar_one())
    except IntegrityError as error:
        raise AskedAlready from error
    _enter(case.case_id, ErasureEntry.ASKED, by, now, erasure_id=made, ground=ground.value)
    return made


def withdraw(*, row: ErasureRow, by: int, now: datetime) -> None:
    """Take back what one asked for.

    Raises:
        ErasureSettled: it was decided, or somebody else asked.

    """
    if row.asked_by != by:
        raise ErasureSettled
    _settle(row, {"state": ErasureState.WITHDRAWN.value})
    _enter(row.case_id, ErasureEntry.WITHDRAWN, by, now, erasure_id=row.erasure_id)


def refuse(*, row: ErasureRow, case: CaseRow, reason: str, by: int, now: datetime) -> None:
    """Say no in writing, with the reasons that whoever asked must be told (PIPL 50, minors 34).

    Raises:
        ReasonMissing: nothing was said.
        OwnErasure: it is the decider's own.
        ErasureSettled: it was decided or withdrawn.

    """
    why = check_reason(reason=reason)
    check_four_eyes(row=row, by=by)
    blob = sealed.seal(why, key_id=case.data_key_id, place=queries.DECISION_PLACE)
    _settle(row, _decided(ErasureState.REFUSED, by, now) | {"decision_sealed": blob})
    _enter(row.case_id, ErasureEntry.REFUSED, by, now, erasure_id=row.erasure_id)


def carry_out(*, row: ErasureRow, by: int, now: datetime) -> None:
    """Destroy the record, now and for good.

    Raises:
        OwnErasure: it is the decider's own.
        ErasureSettled: it was decided or withdrawn.
        MustStay: something stands in the way, and says what.

    """
    check_four_eyes(row=row, by=by)
    _lock(row.case_id)
    case = cases.case_by_id(case_id=row.case_id)
    check_obstacles(found=queries.obstacles_of(case=case, now=now))
    check_transition(old=case.status, new=CaseStatus.ERASED)
    _settle(row, _decided(ErasureState.DONE, by, now))
    facts = {"erasure_id": row.erasure_id, "ground": row.ground.value}
    _enter(case.case_id, ErasureEntry.DONE, by, now, **facts)
    _destroy(case, now)
    events.publish(CaseErased(case_id=case.case_id, by_user_id=by, at=now))


def hold(*, case: CaseRow, reason: str, by: int, now: datetime) -> None:
    """Keep a record for a court, the police or a complaint, whatever its time.

    Raises:
        ReasonMissing: nothing says for whom.
        HeldAlready: it is held.

    """
    why = check_reason(reason=reason)
    statement = insert(LEGAL_HOLD).values(
        case_id=case.case_id,
        reason_sealed=sealed.seal(why, key_id=case.data_key_id, place=queries.HOLD_PLACE),
        by_user_id=by,
        at=now,
    )
    try:
        with session().begin_nested():
            session().execute(statement)
    except IntegrityError as error:
        raise HeldAlready from error
    _enter(case.case_id, ErasureEntry.HELD, by, now)


def release(*, case: CaseRow, by: int, now: datetime) -> None:
    """Let a held record go its way again.

    Raises:
        NotHeld: it is not held.

    """
    held = update(LEGAL_HOLD).where(
        LEGAL_HOLD.c.case_id == case.case_id, LEGAL_HOLD.c.lifted_at.is_(None)
    )
    if changed(held.values(lifted_at=now, lifted_by=by)) != 1:
        raise NotHeld
    _enter(case.case_id, ErasureEntry.RELEASED, by, now)


def _lock(case_id: int) -> None:
    """Of two decisions at once the second waits here, and then finds it settled."""
    session().execute(CASE.select().where(CASE.c.id == case_id).with_for_update())


def _destroy(case: CaseRow, now: datetime) -> None:
    searches.forget_names(names=named.names_in(case_id=case.case_id))
    people.erase_people_of(case_id=case.case_id, now=now)
    contacts.erase_contacts(contact_ids=list(cases.contacts_of(case_id=case.case_id)), now=now)
    session().execute(delete(DRAFT).where(DRAFT.c.case_id == case.case_id))
    session().execute(
        update(DOCUMENT)
        .where(DOCUMENT.c.case_id == case.case_id)
        .values(name_sealed=None, content_sealed=None, content_index=None, reason_sealed=None)
    )
    grants.end_grants(subject_kind=cases.GRANT_SUBJECT, subject_id=case.case_id, now=now)
    session().execute(
        update(CASE)
        .where(CASE.c.id == case.case_id)
        .values(status=CaseStatus.ERASED.value, version=case.version + 1)
    )
    sealed.erase_data_key(key_id=case.data_key_id, now=now)


def _decided(state: ErasureState, by: int, now: datetime) -> dict[str, object]:
    return {"state": state.value, "decided_by": by, "decided_at": now}


def _settle(row: ErasureRow, values: dict[str, object]) -> None:
    still = update(ERASURE).where(
        ERASURE.c.id == row.erasure_id, ERASURE.c.state == ErasureState.WAITING.value
    )
    if changed(still.values(values)) != 1:
        raise ErasureSettled


def _enter(case_id: int, kind: ErasureEntry, by: int, now: datetime, **facts: object) -> None:
    entries.add_entry(case_id=case_id, kind=kind, actor_id=by, facts=facts, now=now)
