"""Every document that any webhook of a call can give, in any state of the call, fits its place.

Nothing is listed by hand: the routes are the application's own, the states those of the rules.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from tests import twiml as held
from tests.doors.carrier.conftest import Post
from tests.doors.carrier.test_calls import Line, line
from wellbeing.carrier.voice_webhooks import blueprint
from wellbeing.contacts.models import CALL, CALLER, CONTACT, LEG
from wellbeing.contacts.rules.calls import ACTIVE, CallEnd, CallState, LegKind, LegState
from wellbeing.escalation.models import PAGE_METHOD
from wellbeing.escalation.operations import reach
from wellbeing.escalation.rules.words import PageChannel
from wellbeing.foundation import clock
from wellbeing.foundation.database import session, transaction
from wellbeing.policy.model import Language

__all__ = ["line"]

EXAMPLES = 200
OPEN_RESULTS = (
    "", "bridged", "bridging-in-process", "error", "hangup", "leave", "redirected",
    "redirected-from-bridged", "queue-full", "system-error", "a word of tomorrow",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Where a call and its one leg stand when a webhook comes."""

    state: CallState
    leg: LegState
    kind: LegKind
    phone: str
    language: Language
    is_danger: bool
    is_direct: bool
    is_conference: bool
    is_on_hold: bool
    is_outgoing: bool
    has_winner: bool
    has_number: bool
    stage: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the carrier tells with its request."""

    digits: str
    queue_result: str
    dial_status: str
    call_status: str
    turn: int


moments = st.builds(
    Moment,
    state=st.sampled_from((*CallState, *[CallState.QUEUED] * 4, *[CallState.ANSWERED] * 2)),
    leg=st.sampled_from((*LegState, *ACTIVE, *ACTIVE)),
    kind=st.sampled_from((*LegKind, *[LegKind.RING] * 4)),
    phone=st.sampled_from(["mobile", "landline", "client"]),
    language=st.sampled_from(Language),
    is_danger=st.booleans(),
    is_direct=st.booleans(),
    is_conference=st.booleans(),
    is_on_hold=st.booleans(),
    is_outgoing=st.booleans(),
    has_winner=st.sampled_from([True, False, False]),
    has_number=st.booleans(),
    stage=st.integers(-1, 3),
)
tellings = st.builds(
    Told,
    digits=st.sampled_from(["", *"1111", *"222", *"0123456789*#", "12", "光"]),
    queue_result=st.sampled_from(OPEN_RESULTS),
    dial_status=st.sampled_from(["completed", "answered", "busy", "no-answer", "failed"]),
    call_status=st.sampled_from(["ringing", "in-progress", "completed"]),
    turn=st.sampled_from([0, 1, 2, 10, 11]),
)


def routes(app: Flask) -> list[str]:
    """Give the address of every webhook that speaks: the others are told of texts and receipts."""
    found = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(f"{blueprint.name}.") and "<int:outbound_id>" not in rule.rule
    ]
    assert len(found) > 25
    return sorted(found)


def awaits_a_code(*, public_id: str, user_id: int) -> None:
    """Let a code be read out at this address, too."""
    with transaction():
        reach.set_method(
            user_id=user_id, channel=PageChannel.CALL, number="+862388880000", now=clock.now()
        )
        session().execute(update(PAGE_METHOD).values(call_public_id=public_id))


def stands(moment: Moment, *, contact_id: int, leg_id: int) -> None:
    """Put the call and its leg where they could be."""
    now = clock.now()
    is_over = moment.state is CallState.ENDED
    with transaction():
        session().execute(
            update(CALL).where(CALL.c.contact_id == contact_id).values(
                state=moment.state.value,
                is_danger=moment.is_danger,
                is_direct=moment.is_direct,
                is_conference=moment.is_conference,
                is_on_hold=moment.is_on_hold,
                is_outgoing=moment.is_outgoing,
                winner_leg_id=leg_id if moment.has_winner else None,
                answered_at=now if moment.has_winner else None,
                left_at=now if is_over else None,
                ended_at=now if is_over else None,
                ended_as=CallEnd.ABANDONED.value if is_over else None,
                stage=moment.stage,
                stage_ends_at=None,
            )
        )  # fmt: skip
        session().execute(
            update(LEG).where(LEG.c.id != leg_id, LEG.c.ended_at.is_(None)).values(
                state=LegState.CANCELED.value, ended_at=now
            )
        )  # fmt: skip
        session().execute(
            update(LEG).where(LEG.c.id == leg_id).values(
                state=moment.leg.value,
                kind=moment.kind.value,
                phone_kind=moment.phone,
                answered_at=None,
                ended_at=None if moment.leg in ACTIVE else now,
            )
        )  # fmt: skip
        session().execute(update(CONTACT).values(language=moment.language.value))
        number = b"invented" if moment.has_number else None
        caller = select(CONTACT.c.caller_id).where(CONTACT.c.id == contact_id).scalar_subquery()
        session().execute(update(CALLER).where(CALLER.c.id == caller).values(number_index=number))


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_whatever_a_webhook_says_fits_the_place_where_it_is_heard(line: Line, post: Post) -> None:
    public_id = line.is_queued()
    leg, sid = line.rings()
    with line.app.app_context():
        ids = select(LEG.c.id, LEG.c.contact_id, LEG.c.user_id).where(LEG.c.public_id == leg)
        leg_id, contact_id, user_id = session().execute(ids).one()
        awaits_a_code(public_id=public_id, user_id=user_id)
    assert "/twilio/code/<public_id>" in routes(line.app)
    spoken: set[str] = set()

    @given(route=st.sampled_from(routes(line.app)), moment=moments, told=tellings)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def any_webhook(route: str, moment: Moment, told: Told) -> None:
        with line.app.app_context():
            stands(moment, contact_id=contact_id, leg_id=leg_id)
        path = (
            route.replace("<public_id>", public_id)
            .replace("<leg_id>", leg)
            .replace("<int:turn>", str(told.turn))
        )
        form = {
            "CallSid": sid if "/leg/" in path else "CA" + "1" * 32,
            "From": "+8613800000001",
            "To": "+862300000000",
            "MessageSid": "SM" + "1" * 32,
            "Digits": told.digits,
            "QueueResult": told.queue_result,
            "DialCallStatus": told.dial_status,
            "CallStatus": told.call_status,
        }

        answer = post(path, form)

        assert answer.status_code in {200, 204}, path
        if answer.mimetype == "text/xml":
            held.fits_place(answer.text, path=path)
            spoken.update(part.partition(">")[0].split()[0] for part in answer.text.split("<")[2:])

    any_webhook()

    # What is rarer is heard in the journeys, where the wire holds each document to its place, too.
    assert {"Say", "Gather", "Enqueue", "Dial", "Hangup"} <= spoken
