"""Send a student on, note what became of it, and raise a duty when nobody says."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import insert, update

from wellbeing.cases.models.referrals import REFERRAL
from wellbeing.cases.operations import duties, entries, holds, keys
from wellbeing.cases.queries import cases
from wellbeing.cases.queries import referrals as queries
from wellbeing.cases.rules.cases import CaseIsClosed, EntryKind, NewDuty
from wellbeing.cases.rules.referrals import (
    HOLD,
    OVERDUE_DUTY,
    NewReferral,
    NoSuchReferralKind,
    ReferralNotFilled,
    ReferralRow,
    ReferralState,
    StaleReferral,
    check_step,
    due_at,
)
from wellbeing.contacts.rules.conversations import clean_body
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import changed, session
from wellbeing.policy import current as policy
from wellbeing.policy.model import ReferralKind


def refer(*, new: NewReferral, by: int, now: datetime) -> int:
    """Send a student on; the case stays open until the outcome is known. Give the referral's id.

    Raises:
        NotFound: there is no such case.
        CaseIsClosed: nobody works on it any more.
        NoSuchReferralKind: the policy knows no such place.
        ReferralNotFilled: it does not say where and why.

    """
    kind, to, reason = _kind(new.kind), _clean(new.to), _clean(new.reason)
    if not to or not reason:
        raise ReferralNotFilled
    keys.key_of(case_id=new.case_id)
    if not holds.is_living(case_id=new.case_id):
        raise CaseIsClosed
    statement = insert(REFERRAL).values(
        case_id=new.case_id,
        kind=new.kind,
        state=ReferralState.SENT.value,
        agreed=new.agreed.value,
        words_sealed=_sealed(new.case_id, to=to, reason=reason),
        by_user_id=by,
        sent_at=now,
        due_at=due_at(state=ReferralState.SENT, kind=kind, since=now),
        version=1,
    )
    made = int(session().execute(statement.returning(REFERRAL.c.id)).scalar_one())
    holds.place_hold(case_id=new.case_id, kind=HOLD, source_id=made, now=now)
    _note(new.case_id, made, new.kind, ReferralState.SENT, by, now)
    return made


def settle(
    *, row: ReferralRow, state: ReferralState, words: str, by: int, version: int, now: datetime
) -> None:
    """Note the next step of a referral; an outcome lets its case go and ends its duty.

    Raises:
        ReferralOver: there is no such step from here.
        OutcomeNeedsWords: it did not come about, and nothing says why.
        StaleReferral: somebody else noted a step since `version`.

    """
    check_step(old=row.state, new=state, words=words)
    due = due_at(state=state, kind=_kind(row.kind), since=now)
    statement = (
        update(REFERRAL)
        .where(REFERRAL.c.id == row.referral_id, REFERRAL.c.version == version)
        .values(
            state=state.value,
            words_sealed=_sealed(row.case_id, to=row.to, reason=row.reason, outcome=_clean(words)),
            due_at=due,
            overdue_since=None,
            settled_at=None if due else now,
            version=version + 1,
        )
    )
    if changed(statement) != 1:
        raise StaleReferral
    if due is None:
        holds.lift_hold(case_id=row.case_id, kind=HOLD, source_id=row.referral_id, now=now)
    _end_duty(row.case_id, by, now)
    _note(row.case_id, row.referral_id, row.kind, state, by, now)


def advance(referral_id: int, *, now: datetime) -> bool:
    """Make an overdue answer a duty of whoever owns the case, once; tell whether it was."""
    statement = (
        update(REFERRAL)
        .where(REFERRAL.c.id == referral_id, REFERRAL.c.due_at <= now)
        .values(due_at=None, overdue_since=now)
    )
    if changed(statement) != 1:
        return False
    case = cases.case_by_id(case_id=queries.case_of(referral_id=referral_id))
    duty = NewDuty(
        kind=OVERDUE_DUTY,
        case_id=case.case_id,
        holder_id=case.owner_id,
        organization_id=case.organization_id,
        by_at=now + policy.current().cases.overdue_duty_within,
    )
    duties.open_duty(new=duty, now=now)
    return True


def _end_duty(case_id: int, by: int, now: datetime) -> None:
    """Settle the duty when it was the last overdue referral: one duty stands for all of a case."""
    if queries.has_overdue(case_id=case_id):
        return
    for duty in cases.duties_of(case_id=case_id):
        if duty.kind == OVERDUE_DUTY:
            duties.settle_duty(duty_id=duty.duty_id, by=by, now=now)


def _kind(key: str) -> ReferralKind:
    found = policy.current().cases.referral_kinds.get(key)
    if found is None:
        raise NoSuchReferralKind
    return found


def _clean(typed: str) -> str:
    return clean_body(raw=typed).text.strip()


def _sealed(case_id: int, *, to: str, reason: str, outcome: str = "") -> bytes:
    text = json.dumps({"to": to, "reason": reason, "outcome": outcome}, ensure_ascii=False)
    return sealed.seal(text, key_id=keys.key_of(case_id=case_id), place=queries.PLACE)


def _note(
    case_id: int, referral_id: int, kind: str, state: ReferralState, by: int, now: datetime
) -> None:
    entries.add_entry(
        case_id=case_id,
        kind=EntryKind.REFERRED if state is ReferralState.SENT else EntryKind.REFERRAL_MOVED,
        actor_id=by,
        facts={
            "referral_id": referral_id,
            "referral_kind": kind,
            "referral_state": state.value,
        },
        now=now,
    )
