"""Write down consent, withdraw it, override it in an emergency and make that good afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update

from wellbeing.cases.events import TextsForbidden
from wellbeing.cases.models.people import CONSENT
from wellbeing.cases.operations import duties, entries, guardians, keys, people
from wellbeing.cases.queries import ages, cases
from wellbeing.cases.queries import consents as queries
from wellbeing.cases.rules.cases import CaseRow, DutyDone, NewDuty
from wellbeing.cases.rules.consents import (
    LATE_NOTICE,
    AlreadyApproved,
    AlreadyWithdrawn,
    Basis,
    ConsentEntry,
    ConsentRow,
    ConsentStands,
    NewConsent,
    NotYourApproval,
    Purpose,
    approval_kind,
    check_consent,
    check_guardian,
)
from wellbeing.cases.rules.people import check_reason
from wellbeing.contacts.operations import conversations as contacts
from wellbeing.foundation import events
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import changed, session
from wellbeing.policy import current as policy


def give_consent(*, case_id: int, new: NewConsent, by: int, now: datetime) -> int:
    """Write down that identity may be used for a purpose; give the id.

    In an emergency it holds at once, for life comes first (PIPL 13 (1) 4): the approver has a
    duty to confirm it, and its writer one to tell the people concerned (PIPL 18).

    Raises:
        WrongGiver, ReasonNeeded, ApproverNeeded, NotYetGiven: see `check_consent`.
        GuardianNeeded: the student is known to be under 14 and no guardian agreed.
        ConsentStands: this purpose is agreed already, and not by a child under 14 alone.
        CaseIsClosed: the case is sealed or erased.

    """
    people.lock_case(case_id=case_id)
    case = cases.case_by_id(case_id=case_id)
    _check(case, new, by, now)
    words = people.clean(text=new.words)
    key_id = keys.key_of(case_id=case_id)
    is_emergency = new.basis is Basis.EMERGENCY
    guardians.make_way(case_id=case_id, purpose=new.purpose, by=by, now=now)
    statement = contacts.meeting(CONSENT).values(
        case_id=case_id,
        purpose=new.purpose.value,
        basis=new.basis.value,
        given_by=new.given_by.value,
        given_at=new.given_at,
        words_sealed=sealed.seal(words, key_id=key_id, place=queries.WORDS_PLACE),
        by_user_id=by,
        at=now,
        approver_id=new.approver_id if is_emergency else None,
        version=1,
    )
    made = session().execute(statement.on_conflict_do_nothing().returning(CONSENT.c.id)).scalar()
    if made is None:
        raise ConsentStands
    saved = queries.consent(consent_id=int(made), case_id=case_id)
    _note(saved, ConsentEntry.EMERGENCY if is_emergency else ConsentEntry.GIVEN, by, now, words)
    if is_emergency:
        _open_duties(saved, case.organization_id, now)
    return saved.consent_id


def withdraw_consent(*, consent: ConsentRow, reason: str, by: int, now: datetime) -> None:
    """Take a consent back; texts that have not left are taken back with it.

    Raises:
        ReasonMissing: nothing says why, or who wished it.
        AlreadyWithdrawn: it was taken back before.

    """
    people.lock_case(case_id=consent.case_id)
    why = people.clean(text=check_reason(reason=reason))
    key_id = keys.key_of(case_id=consent.case_id)
    statement = (
        update(CONSENT)
        .where(
            CONSENT.c.id == consent.consent_id,
            CONSENT.c.withdrawn_at.is_(None),
        )
        .values(
            withdrawn_at=now,
            withdrawn_by=by,
            withdrawal_sealed=sealed.seal(why, key_id=key_id, place=queries.WITHDRAWAL_PLACE),
            version=CONSENT.c.version + 1,
        )
    )
    if changed(statement) != 1:
        raise AlreadyWithdrawn
    _note(consent, ConsentEntry.WITHDRAWN, by, now, why)
    _settle(consent.case_id, approval_kind(purpose=consent.purpose), by, now)
    if consent.purpose is Purpose.CONTACT_BY_TEXT:
        events.publish(TextsForbidden(case_id=consent.case_id, at=now))


def approve_emergency(*, consent: ConsentRow, by: int, now: datetime) -> None:
    """Let the approver confirm an emergency; who does not agree withdraws it with a reason.

    Raises:
        NotYourApproval: somebody else was asked.
        AlreadyApproved: it was confirmed before.
        AlreadyWithdrawn: it was taken back.

    """
    people.lock_case(case_id=consent.case_id)
    if consent.approver_id != by:
        raise NotYourApproval
    statement = (
        update(CONSENT)
        .where(
            CONSENT.c.id == consent.consent_id,
            CONSENT.c.approved_at.is_(None),
            CONSENT.c.withdrawn_at.is_(None),
        )
        .values(approved_at=now, version=CONSENT.c.version + 1)
    )
    if changed(statement) != 1:
        saved = queries.consent(consent_id=consent.consent_id, case_id=consent.case_id)
        raise AlreadyApproved if saved.is_in_force else AlreadyWithdrawn
    _note(consent, ConsentEntry.APPROVED, by, now)
    _settle(consent.case_id, approval_kind(purpose=consent.purpose), by, now)


def give_late_notice(*, case_id: int, words: str, by: int, now: datetime) -> None:
    """Write down that the people concerned were told of an emergency, whom and how (PIPL 18).

    Raises:
        ReasonMissing: nothing says whom and how.
        DutyDone: nobody waits for such a notice.

    """
    people.lock_case(case_id=case_id)
    told = people.clean(text=check_reason(reason=words))
    if not _settle(case_id, LATE_NOTICE, by, now):
        raise DutyDone
    entries.add_entry(
        case_id=case_id,
        kind=ConsentEntry.NOTICE_GIVEN,
        actor_id=by,
        facts={},
        details={"words": told},
        now=now,
    )


def _check(case: CaseRow, new: NewConsent, by: int, now: datetime) -> None:
    approvers = frozenset(one.id for one in queries.approvers_of(case=case, by=by))
    check_consent(new=new, by=by, approvers=approvers, now=now)
    alone = ages.consents_alone(case_id=case.case_id, now=now)
    check_guardian(new=new, consents_alone=alone)


def _open_duties(saved: ConsentRow, organization_id: int, now: datetime) -> None:
    within = policy.current().privacy.identity
    wanted: tuple[tuple[str, int | None, Any], ...] = (
        (LATE_NOTICE, saved.by_user_id, within.late_notice_within),
        (approval_kind(purpose=saved.purpose), saved.approver_id, within.approved_within),
    )
    for kind, holder_id, time in wanted:
        if holder_id is not None:
            duty = NewDuty(
                kind=kind,
                case_id=saved.case_id,
                holder_id=holder_id,
                organization_id=organization_id,
                by_at=now + time,
            )
            duties.open_duty(new=duty, now=now)


def _settle(case_id: int, kind: str, by: int, now: datetime) -> bool:
    found = [one for one in cases.duties_of(case_id=case_id) if one.kind == kind]
    for one in found:
        duties.settle_duty(duty_id=one.duty_id, by=by, now=now)
    return bool(found)


def _note(consent: ConsentRow, kind: ConsentEntry, by: int, now: datetime, words: str = "") -> None:
    entries.add_entry(
        case_id=consent.case_id,
        kind=kind,
        actor_id=by,
        facts={
            "consent_id": consent.consent_id,
            "purpose": consent.purpose.value,
            "basis": consent.basis.value,
            "approver_id": consent.approver_id,
        },
        details={"words": words},
        now=now,
    )
