"""Who accepted and has not met the caller yet follows them into a conference, and no one twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories.accounts import make_counselor
from tests.factories.moments import NOW
from tests.factories.roster import make_shift
from tests.rooms.hotline.calling import Caller
from wellbeing.contacts.rules.calls import LegKind
from wellbeing.foundation.database import session, transaction
from wellbeing.hotline.voice import bringing_in, screening
from wellbeing.messaging.models import OUTBOUND
from wellbeing.messaging.rules import Purpose
from wellbeing.organizations.queries import OrganizationRow
from wellbeing.telephony.steps import Document, JoinConference

pytestmark = pytest.mark.usefixtures("supervisor")
FIRST, SECOND = "CAfirst", "CAsecond"


@pytest.fixture
def colleague(municipality: OrganizationRow) -> int:
    user_id = make_counselor(username="colleague", phone="+8613900000003")
    make_shift(user_id=user_id, organization_id=municipality.id, position=2)
    return user_id


@pytest.fixture
def caller(counselor: int, colleague: int) -> Caller:
    """Give a caller whose winner brought a colleague in, who has just accepted."""
    caller = Caller().queued()
    caller.taken_by(counselor)
    placed(caller, counselor, FIRST)
    with transaction():
        bringing_in.bring_in(
            contact_id=caller.call.contact_id,
            by=counselor,
            user_id=colleague,
            kind=LegKind.TRANSFER,
            now=NOW,
        )
    caller.taken_by(colleague)
    placed(caller, colleague, SECOND)
    return caller


def placed(caller: Caller, user_id: int, sid: str) -> None:
    """Let the carrier have told the id of a leg's call."""
    order = OUTBOUND.c.id == caller.leg_of(user_id).outbound_id
    with transaction():
        session().execute(OUTBOUND.update().where(order).values(sid=sid))


def moves(caller: Caller) -> None:
    """Let the caller fetch the document that leads them into the conference."""
    public_id = caller.public_id
    with transaction():
        bringing_in.moved(public_id=public_id, now=NOW)


def led_on() -> Mapping[str, tuple[str, timedelta | None]]:
    """Give the state of each order that leads a colleague elsewhere, and when it goes out."""
    session().rollback()
    legs = OUTBOUND.c.purpose == Purpose.RING.value
    orders = session().execute(
        select(OUTBOUND.c.target_sid, OUTBOUND.c.state, OUTBOUND.c.due_at).where(
            legs, OUTBOUND.c.kind == "redirect"
        )
    )
    return {row.target_sid: (row.state, row.due_at and row.due_at - NOW) for row in orders}


def done(caller: Caller, user_id: int) -> Document:
    leg_id = caller.leg_of(user_id).public_id
    with transaction():
        return screening.done(leg_id=leg_id, now=NOW)


def test_the_winner_alone_is_led_on_once_the_caller_is_in_the_conference(caller: Caller):
    before = led_on()

    moves(caller)
    moves(caller)

    assert before == {}
    assert led_on() == {FIRST: ("queued", timedelta(seconds=2))}


def test_whose_bridge_ended_is_led_on_no_more(caller: Caller, counselor: int):
    moves(caller)

    document = done(caller, counselor)

    assert isinstance(document[-1], JoinConference)
    assert led_on() == {FIRST: ("withdrawn", None)}


def test_who_is_led_on_is_asked_for_no_key_and_comes_into_the_conference(
    caller: Caller, counselor: int
):
    moves(caller)
    leg_id = caller.leg_of(counselor).public_id

    with transaction():
        document = screening.answered(leg_id=leg_id, call_sid=FIRST, now=NOW)

    assert isinstance(document[0], JoinConference)
    assert caller.leg_of(counselor).is_in_conference


def test_nobody_is_led_on_before_the_caller_was(caller: Caller):
    """A refused order to move the caller leaves the talk as it is: nobody leaves its bridge."""
    assert led_on() == {}


@pytest.mark.parametrize(("seconds", "orders"), [(4, 1), (20, 0)])
def test_a_winner_is_led_on_whose_caller_was_hung_up_on_before_they_met(
    counselor: int, seconds: int, orders: int
):
    """The carrier tells of a queue only to whoever was in it; of a long talk the bridge tells."""
    caller = Caller().queued()
    caller.taken_by(counselor)
    placed(caller, counselor, FIRST)
    contact_id = caller.call.contact_id

    with transaction():
        bringing_in.hang_up(
            contact_id=contact_id, by=counselor, now=NOW + timedelta(seconds=seconds)
        )

    assert len(led_on()) == orders
