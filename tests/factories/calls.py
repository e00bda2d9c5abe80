"""Invented calls, by the operations of contacts: no carrier takes part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

from wellbeing.contacts import voice
from wellbeing.contacts.operations import calls, legs, recordings
from wellbeing.contacts.queries import calls as queries
from wellbeing.contacts.rules.calls import CallEnd, LegKind, LegState, NewLeg, Place, Stage
from wellbeing.contacts.rules.conversations import IncomingCall
from wellbeing.followups.operations import plans
from wellbeing.followups.rules import CallBackReason, Owner
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction
from wellbeing.policy.model import Language, RiskLevel

LINE = "+862300000000"

_numbers = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call as a test needs it."""

    contact_id: int
    public_id: str
    number: str


def make_queued(*, organization_id: int, organization_path: str, is_danger: bool = False) -> Call:
    """Let somebody call the line and wait for a human."""
    position = next(_numbers)
    number, now = f"+86137{position:08d}", clock.now()
    place = Place(organization_id=organization_id, desk="line")
    plan = (Stage(key="desk", places=(place,), lasts=timedelta(seconds=25)),)
    incoming = IncomingCall(
        call_sid=f"CA{position:032x}",
        sender=number,
        line_number=LINE,
        organization_id=organization_id,
        organization_path=organization_path,
        language=Language.ZH,
    )
    with transaction():
        started = voice.receive_call(call=incoming, plan=plan, now=now)
        calls.queue(contact_id=started.contact_id, plan=plan, is_danger=is_danger, now=now)
    return Call(contact_id=started.contact_id, public_id=started.public_id, number=number)


def ring(call: Call, person: Any, *, to: LegState | None = None) -> int:
    """Ring a person's mobile for a call and, if wanted, move the leg on; give the leg's id."""
    new = NewLeg(
        contact_id=call.contact_id,
        user_id=person.user_id,
        kind=LegKind.RING,
        phone_kind="mobile",
        stage=0,
    )
    with transaction():
        leg = legs.place(new=new, now=clock.now())
        assert leg is not None
        if to is not None:
            legs.move(leg=leg, to=to, now=clock.now())
    return leg.leg_id


def answer(call: Call, person: Any) -> None:
    """Let a person pick up and win."""
    leg_id = ring(call, person, to=LegState.TALKING)
    with transaction():
        row = queries.get(contact_id=call.contact_id)
        assert calls.win(call=row, leg_id=leg_id, user_id=person.user_id, now=clock.now())


def put_down(person: Any) -> None:
    """Let a person's phone fall out of every call; the calls go on."""
    with transaction():
        for call in queries.live(scope=person.scope):
            for leg in call.legs:
                if leg.user_id == person.user_id:
                    legs.move(leg=leg, to=LegState.ENDED, now=clock.now())


def end(call: Call) -> None:
    """Let the call be over; its counselor has still to close it."""
    with transaction():
        calls.end(contact_id=call.contact_id, ended_as=CallEnd.ANSWERED, now=clock.now())
        for leg in queries.legs_of(contact_id=call.contact_id):
            legs.move(leg=leg, to=LegState.ENDED, now=clock.now())


def leave_voicemail(call: Call, *, media: bytes | None) -> None:
    """Let a voicemail be at the carrier and, if there is sound, here."""
    with transaction():
        row = queries.get(contact_id=call.contact_id)
        sid = f"RE{call.contact_id:032x}"
        recording_id = recordings.note(call=row, sid=sid, seconds=42, now=clock.now())
        assert recording_id is not None
        if media is not None:
            recordings.keep(recording_id=recording_id, media=media)


def promise_call_back(call: Call, person: Any) -> None:
    """Let a person promise the caller to call back within the hour."""
    owner = Owner(user_id=person.user_id, organization_id=person.organization_id)
    with transaction():
        plans.promise_call_back(
            contact_id=call.contact_id,
            owner=owner,
            level=RiskLevel.HIGH,
            due_at=clock.now() + timedelta(hours=1),
            reason=CallBackReason.ASKED,
            now=clock.now(),
        )


def make_call(*, holder: Any, voicemail: bytes | None = None) -> Call:
    """Give a call that somebody answers now, with a voicemail from before if wanted."""
    call = make_queued(
        organization_id=holder.organization_id, organization_path=holder.organization_path
    )
    if voicemail is not None:
        leave_voicemail(call, media=voicemail)
    answer(call, holder)
    return call
