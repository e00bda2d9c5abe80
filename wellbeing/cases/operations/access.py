"""Access to a case beyond its owner: asked for, decided, taken in an emergency, reviewed.

Law: each access of staff to minors' data is approved by a responsible person, logged and
technically enforced (Regulation on the Protection of Minors in Cyberspace, Art. 36).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from wellbeing.accounts.operations import requests
from wellbeing.accounts.operations.requests import Asked, Decision
from wellbeing.accounts.queries import people
from wellbeing.accounts.queries import requests as asked_for
from wellbeing.accounts.rules.grants import EmergencyRow, NoSuchView, ReasonMissing, Verdict
from wellbeing.cases.events import CaseOpenedInEmergency, EmergencyReviewMissed
from wellbeing.cases.models.cases import CASE, DUTY
from wellbeing.cases.operations import duties, entries
from wellbeing.cases.queries import access as queries
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.access import (
    REVIEW_DUTY,
    SHUT_FOR_GOOD,
    AccessEntry,
    MayOpenAlready,
    NoCaseNamed,
    NotAReference,
    SealedOpensInEmergency,
)
from wellbeing.cases.rules.cases import CaseRow, normalised_reference
from wellbeing.foundation import events
from wellbeing.foundation.database import session
from wellbeing.organizations.rules import Scope


def ask(*, typed: str, reason: str, scope: Scope, now: datetime) -> int:
    """Ask to open the case that a reference names; give the request's id.

    A reference that nobody has is kept the same way: the asker must not learn that.

    Raises:
        NotAReference: nothing can be called so.
        MayOpenAlready: the reader needs to ask nobody.
        ReasonMissing: nothing was said.
        TooManyRequests: as many as one person may have are waiting.
        AskedAlready: the same request waits already.

    """
    reference = normalised_reference(typed=typed)
    if reference is None:
        raise NotAReference
    case = _beyond(typed, scope, now)
    asked = Asked(
        subject_kind=cases.GRANT_SUBJECT,
        subject_id=case.case_id if case else None,
        name=reference,
        reason=reason,
        data_key_id=case.data_key_id if case else people.data_key_of(user_id=scope.user_id),
    )
    request_id = requests.ask(asked=asked, by=scope.user_id, now=now)
    if case is not None:
        _enter(case, AccessEntry.ASKED, scope.user_id, scope.user_id, reason, now)
    return request_id


def approve(
    *, request_id: int, scope: Scope, reason: str, ends_at: datetime, now: datetime
) -> None:
    """Let the asker open the case until `ends_at`, at most as long as the policy says.

    Raises:
        NoSuchRequest: there is none that this supervisor may decide.
        OwnRequest: it is their own.
        ReasonMissing: nothing was said.
        RequestSettled: it was decided or has run out.
        SealedOpensInEmergency: its time is over; no approval opens it any more.

    """
    item = queries.request(request_id=request_id, scope=scope)
    if item.case.status in SHUT_FOR_GOOD:
        raise SealedOpensInEmergency
    decision = _decision(item.case, scope, reason, now)
    requests.approve(row=item.row, decision=decision, ends_at=ends_at)
    _enter(item.case, AccessEntry.GIVEN, scope.user_id, item.row.user_id, reason, now)


def refuse(*, request_id: int, scope: Scope, reason: str, now: datetime) -> None:
    """Say no to a request, with the reason that the asker reads.

    Raises:
        NoSuchRequest: there is none that this supervisor may decide.
        OwnRequest: it is their own.
        ReasonMissing: nothing was said.
        RequestSettled: it was decided or has run out.

    """
    item = queries.request(request_id=request_id, scope=scope)
    requests.refuse(row=item.row, decision=_decision(item.case, scope, reason, now))
    _enter(item.case, AccessEntry.REFUSED, scope.user_id, item.row.user_id, reason, now)


def open_in_emergency(
    *, typed: str, reason: str, scope: Scope, now: datetime
) -> tuple[CaseRow, EmergencyRow]:
    """Open a case at once without asking, for as long as the policy says; its owner hears of it.

    Raises:
        NoCaseNamed: no case has this reference.
        MayOpenAlready: the reader may open it, perhaps by an emergency view that still lasts.
        ReasonMissing: nothing was said.

    """
    if not reason.strip():
        raise ReasonMissing
    case = _held(typed, scope, now)
    asked = Asked(
        subject_kind=cases.GRANT_SUBJECT,
        subject_id=case.case_id,
        name=case.reference,
        reason=reason,
        data_key_id=case.data_key_id,
    )
    row = requests.open_in_emergency(asked=asked, by=scope.user_id, now=now)
    _enter(case, AccessEntry.BROKEN, scope.user_id, scope.user_id, reason, now)
    events.publish(
        CaseOpenedInEmergency(
            case_id=case.case_id,
            view_id=row.view_id,
            user_id=scope.user_id,
            owner_id=case.owner_id,
            organization_id=case.organization_id,
            at=now,
        )
    )
    return case, row


def _held(typed: str, scope: Scope, now: datetime) -> CaseRow:
    case_id = queries.named(typed=typed)
    if case_id is None:
        raise NoCaseNamed
    # Of two clicks at once the second waits here, and then may open it already.
    session().execute(select(CASE.c.id).where(CASE.c.id == case_id).with_for_update())
    case = _beyond(typed, scope, now)
    if case is None:
        raise NoCaseNamed
    return case


def review(*, view_id: int, scope: Scope, verdict: Verdict, words: str, now: datetime) -> None:
    """Write down what a supervisor thinks of an emergency view; not justified closes it at once.

    Raises:
        NoSuchView: there is none that this supervisor may review.
        OwnRequest: it is their own.
        ReasonMissing: nothing was said.
        ReviewedAlready: somebody was faster.

    """
    item = queries.view(view_id=view_id, scope=scope)
    decision = _decision(item.case, scope, words, now)
    requests.review(row=item.row, decision=decision, verdict=verdict)
    entries.add_entry(
        case_id=item.case.case_id,
        kind=AccessEntry.REVIEWED,
        actor_id=scope.user_id,
        facts={"user_id": item.row.user_id, "verdict": verdict.value},
        details={"review": words.strip()},
        now=now,
    )
    _settle_duty(item.case.case_id, scope.user_id, now)


def advance_review(view_id: int, *, now: datetime) -> bool:
    """Tell the supervisors above of an emergency view that nobody reviewed in time.

    Raises:
        NoSuchView: there is none with this id.

    """
    row = asked_for.view(view_id=view_id)
    if row is None:
        raise NoSuchView
    if not requests.mark_overdue(view_id=view_id, now=now):
        return False
    case = cases.case_by_id(case_id=row.subject_id)
    events.publish(
        EmergencyReviewMissed(
            case_id=case.case_id,
            view_id=view_id,
            user_id=row.user_id,
            organization_id=case.organization_id,
            at=now,
        )
    )
    return True


def _beyond(typed: str, scope: Scope, now: datetime) -> CaseRow | None:
    """Give the case that is named; refuse whoever may open it anyway."""
    case_id = queries.named(typed=typed)
    if case_id is None:
        return None
    if queries.may_open(case_id=case_id, scope=scope, now=now):
        raise MayOpenAlready
    return cases.case_by_id(case_id=case_id)


def _decision(case: CaseRow, scope: Scope, words: str, now: datetime) -> Decision:
    return Decision(by=scope.user_id, words=words, data_key_id=case.data_key_id, now=now)


def _enter(
    case: CaseRow, kind: AccessEntry, actor_id: int, user_id: int, reason: str, now: datetime
) -> None:
    entries.add_entry(
        case_id=case.case_id,
        kind=kind,
        actor_id=actor_id,
        facts={"user_id": user_id},
        details={"reason": reason.strip()},
        now=now,
    )


def _settle_duty(case_id: int, by: int, now: datetime) -> None:
    """The duty is about every late view of the case: it is done with the last one."""
    if queries.unreviewed_of(case_id=case_id):
        return
    late = select(DUTY.c.id).where(
        DUTY.c.case_id == case_id, DUTY.c.kind == REVIEW_DUTY, DUTY.c.done_at.is_(None)
    )
    duty_id = session().execute(late).scalar()
    if duty_id is not None:
        duties.settle_duty(duty_id=duty_id, by=by, now=now)
