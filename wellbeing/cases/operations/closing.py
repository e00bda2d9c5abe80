"""Note what closing a case asks for: that the student was reached, declined, and who signed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert

from wellbeing.cases.models.referrals import MOMENT, SIGNATURE
from wellbeing.cases.operations import entries, holds
from wellbeing.cases.queries import cases
from wellbeing.cases.queries import closing as queries
from wellbeing.cases.rules.cases import CaseIsClosed, EntryKind, NothingWritten
from wellbeing.cases.rules.closing import (
    MomentInFuture,
    MomentKind,
    MomentTooOld,
    OwnerCannotSign,
    SupervisorSigns,
    check_signature,
)
from wellbeing.contacts.rules.conversations import clean_body
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session
from wellbeing.policy import current as policy
from wellbeing.triage.rules.levels import Decider


def note_reached(*, case_id: int, by: int, has_declined: bool, now: datetime) -> None:
    """Count a promise that was kept as a contact, or as the student's wish for no more of them."""
    kind = MomentKind.DECLINED if has_declined else MomentKind.REACHED
    _insert(case_id, kind, by, now, None)


def note_declined(*, case_id: int, by: int, note: str, at: datetime, now: datetime) -> None:
    """Write down that the student wanted no more of us, with their words.

    Raises:
        NotFound: there is no such case.
        CaseIsClosed: nobody works on it any more.
        NothingWritten: it does not say how.
        MomentInFuture: that has not happened yet.
        MomentTooOld: that was before the case was opened.

    """
    words = _words(note)
    case = cases.case_by_id(case_id=case_id)
    if at > now:
        raise MomentInFuture
    if at < case.opened_at:
        raise MomentTooOld
    if not holds.is_living(case_id=case_id):
        raise CaseIsClosed
    blob = sealed.seal(words, key_id=case.data_key_id, place=queries.MOMENT_PLACE)
    _insert(case_id, MomentKind.DECLINED, by, at, blob)
    entries.add_entry(
        case_id=case_id,
        kind=EntryKind.STUDENT_DECLINED,
        actor_id=by,
        facts={"declined_at": at},
        details={"note": words},
        now=now,
    )


def sign_closing(*, case_id: int, by: Decider, reason: str, now: datetime) -> None:
    """Let a supervisor sign that a case may be closed although the student declined.

    Raises:
        NotFound: there is no such case.
        CaseIsClosed: nobody works on it any more.
        SupervisorSigns: a counselor cannot.
        OwnerCannotSign: four eyes are needed, also where a supervisor owns the case.
        NotDeclinedOften: the student did not decline often enough (policy).
        NothingWritten: no reason is given.

    """
    words = _words(reason)
    case = cases.case_by_id(case_id=case_id)
    if not by.is_supervisor:
        raise SupervisorSigns
    if by.user_id == case.owner_id:
        raise OwnerCannotSign
    if not holds.is_living(case_id=case_id):
        raise CaseIsClosed
    facts = queries.facts_of(case=case, told=False)
    check_signature(facts=facts, policy=policy.current().cases.closing)
    session().execute(
        insert(SIGNATURE).values(
            case_id=case_id,
            by_user_id=by.user_id,
            reason_sealed=sealed.seal(
                words, key_id=case.data_key_id, place=queries.SIGNATURE_PLACE
            ),
            at=now,
        )
    )
    entries.add_entry(
        case_id=case_id,
        kind=EntryKind.CLOSING_SIGNED,
        actor_id=by.user_id,
        facts={},
        details={"reason": words},
        now=now,
    )


def _insert(
    case_id: int, kind: MomentKind, by: int, at: datetime, note_sealed: bytes | None
) -> None:
    session().execute(
        insert(MOMENT).values(
            case_id=case_id, kind=kind.value, at=at, by_user_id=by, note_sealed=note_sealed
        )
    )


def _words(typed: str) -> str:
    words = clean_body(raw=typed).text.strip()
    if not words:
        raise NothingWritten
    return words
