"""A counselor calls a student: their own phone first; the student sees the hotline's number."""

from __future__ import annotations

from datetime import datetime

from wellbeing.audit import operations as audit
from wellbeing.audit.rules import Actor, ActorKind, AuditAction, Subject
from wellbeing.cases.operations import opening
from wellbeing.cases.queries import cases
from wellbeing.contacts.operations import calls, legs
from wellbeing.contacts.queries import calls as queries
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.calls import BusyNow, CallEnd, CallRow, LegKind, LegRow, LegState
from wellbeing.contacts.rules.conversations import ContactRow, IncomingCall, NoNumber
from wellbeing.escalation import queries as pages
from wellbeing.hotline.voice import endings, ringing
from wellbeing.hotline.voice.bringing_in import CannotBeReached
from wellbeing.hotline.voice.saying import path, prompt
from wellbeing.policy import current as policy
from wellbeing.roster.queries import phones as roster
from wellbeing.telephony.steps import Dial, Document, HangUp

STUDENT_RINGS_S = 30


def call_student(*, contact_id: int, by: int, now: datetime) -> int:
    """Begin a call to the student of a contact; give the new contact's id.

    Raises:
        NoNumber: the number was withheld, or cannot be dialled.
        CannotBeReached: the counselor has no phone that could ring.
        BusyNow: the counselor's phone rings or talks.

    """
    contact = contacts.contact_by_id(contact_id=contact_id)
    number = contacts.number_of(contact_id=contact_id)
    if number is None or not number.startswith("+"):
        raise NoNumber
    person = roster.reachable(user_id=by, at=now)
    if person is None:
        raise CannotBeReached
    new_id = _begin(contact, number, by, now)
    call = queries.get(contact_id=new_id)
    if ringing.place(call=call, who=person, kind=LegKind.OUT, now=now) is None:
        raise BusyNow
    _belong(contact_id, new_id, by, now)
    audit.record(
        action=AuditAction.CALLED_STUDENT,
        subject=Subject(kind="contact", id=new_id),
        actor=Actor(kind=ActorKind.USER, user_id=by),
        details={"after": contact_id},
        now=now,
    )
    return new_id


def accepted(*, leg: LegRow, call: CallRow, now: datetime) -> Document:
    """Dial the student now that the counselor is on the line."""
    number = contacts.number_of(contact_id=call.contact_id)
    if call.is_over or number is None:
        ringing.end_leg(leg=leg, to=LegState.GONE, now=now)
        return (HangUp(),)
    legs.move(leg=leg, to=LegState.TALKING, now=now)
    return (
        Dial(
            number=number,
            caller_id=call.line_number,
            action=path(call, "outcome"),
            timeout_s=STUDENT_RINGS_S,
            limit_s=int(policy.current().line.voice.talk_limit.total_seconds()),
        ),
    )


def after_dial(*, public_id: str, was_answered: bool, now: datetime) -> Document:
    """End a call to a student; a counselor who reached nobody hears so."""
    call = queries.by_public_id(public_id=public_id)
    talking = [
        leg for leg in queries.legs_of(contact_id=call.contact_id) if leg.state is LegState.TALKING
    ]
    ended_as = CallEnd.ANSWERED if was_answered else CallEnd.FAILED
    endings.settle(call=call, ended_as=ended_as, now=now)
    for leg in talking:
        legs.move(leg=leg, to=LegState.ENDED, now=now)
    if was_answered or not talking:
        return (HangUp(),)
    language = pages.language_of(user_id=talking[0].user_id)
    return (prompt("leg_student_no_answer", language), HangUp())


def _begin(contact: ContactRow, number: str, by: int, now: datetime) -> int:
    call = IncomingCall(
        call_sid="",
        sender=number,
        line_number=contact.line_number,
        organization_id=contact.organization_id,
        organization_path=contact.organization_path,
        language=contact.language,
    )
    return calls.begin_outgoing(call=call, caller_id=contact.caller_id, by=by, now=now)


def _belong(contact_id: int, new_id: int, by: int, now: datetime) -> None:
    """Let the new contact stand in the case of the one that it follows."""
    case = cases.case_of_contact(contact_id=contact_id)
    if case is not None and case.closed_at is None:
        opening.attach_contact(case_id=case.case_id, contact_id=new_id, by=by, now=now)
