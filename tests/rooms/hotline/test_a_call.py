"""A caller waits, people are rung, one of them wins, and every ending is settled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.accounts import make_counselor
from tests.factories.moments import NOW
from tests.factories.roster import make_shift
from tests.rooms.contacts.test_texts_coming_in import at_once
from tests.rooms.hotline.calling import Caller, said
from wellbeing.cases.models.cases import DUTY
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.calls import CallEnd, CallState, LegKind, LegState, NoSuchCall
from wellbeing.contacts.rules.conversations import ContactState, Disposition
from wellbeing.escalation.models import PAGE
from wellbeing.followups import queries as promises
from wellbeing.followups.rules import CallBackReason
from wellbeing.foundation.database import session, transaction
from wellbeing.hotline.voice import bringing_in, endings, screening, waiting
from wellbeing.messaging.models import OUTBOUND
from wellbeing.messaging.rules import DeliveryStatus
from wellbeing.organizations.queries import OrganizationRow
from wellbeing.policy.model import RiskLevel
from wellbeing.telephony.steps import (
    Ask,
    ConnectWaiting,
    Dial,
    Go,
    HangUp,
    Hold,
    JoinConference,
    Leave,
    Stay,
)

pytestmark = pytest.mark.usefixtures("municipality", "supervisor")
Outbox = Callable[[], list[tuple[str, str, str]]]


@pytest.fixture
def colleague(municipality: OrganizationRow) -> int:
    user_id = make_counselor(username="colleague", phone="+8613900000003")
    make_shift(user_id=user_id, organization_id=municipality.id, position=2)
    return user_id


def pages_about(kind: str) -> list[str]:
    session().rollback()
    statement = select(PAGE.c.desk).where(PAGE.c.subject_kind == kind)
    return list(session().execute(statement).scalars())


def contact_of(caller: Caller) -> contacts.ContactRow:
    session().rollback()
    return contacts.contact_by_id(contact_id=caller.call.contact_id)


def test_danger_comes_first_then_each_language_names_itself():
    document = Caller().dials()

    (ask,) = document
    assert isinstance(ask, Ask)
    words = said(document)
    assert words.index("9") < words.index("English")
    assert ask.digits == 1


def test_a_repeated_webhook_hears_the_same_and_makes_nothing_new():
    caller = Caller()

    assert caller.dials() == caller.dials()


def test_two_silences_lead_straight_to_the_queue():
    caller = Caller()
    caller.dials()

    first = caller.presses("", turn=0)
    second = caller.presses("", turn=1)

    assert isinstance(first[0], Ask)
    assert isinstance(second[-1], Hold)
    assert caller.call.state is CallState.QUEUED


def test_a_returning_caller_is_greeted_in_their_language():
    first = Caller()
    first.dials()
    first.presses("2")
    first.hangs_up()

    document = Caller(sid="CA2").dials()

    (ask,) = document
    assert isinstance(ask, Ask)
    assert ask.prompts[0].language == "en"


def test_everybody_on_call_is_rung_at_once_each_by_an_order(
    counselor: int, colleague: int, outbox: Outbox
):
    caller = Caller().queued()

    assert set(caller.states()) == {counselor, colleague}
    assert sorted(sent[1] for sent in outbox() if sent[0] == "ring") == [
        "+8613900000001",
        "+8613900000003",
    ]


def test_a_second_fetch_rings_nobody_twice(counselor: int):
    caller = Caller().queued()

    caller.waits(seconds=5)
    caller.sweeps(seconds=0)

    assert len(caller.legs) == 1


def test_press_one_wins_and_the_others_fall_silent(counselor: int, colleague: int):
    caller = Caller().queued()

    document = caller.taken_by(counselor)

    assert isinstance(document[-1], ConnectWaiting)
    assert document[-1].queue == caller.call.room
    assert caller.states() == {counselor: LegState.TALKING, colleague: LegState.CANCELED}
    contact = contact_of(caller)
    assert (contact.state, contact.claimed_by) == (ContactState.IN_CONVERSATION, counselor)


def test_the_winners_repeated_key_is_answered_the_same(counselor: int):
    caller = Caller().queued()

    first = caller.taken_by(counselor)

    assert caller.key_of(counselor, "1") == first


def test_who_accepts_second_hears_that_a_colleague_has_it(counselor: int, colleague: int):
    caller = Caller().queued()
    caller.answered_by(colleague)
    caller.taken_by(counselor)

    document = caller.key_of(colleague, "1")

    assert "同事" in said(document)
    assert document[-1] == HangUp()
    assert caller.states()[colleague] is LegState.LATE


def test_of_many_who_accept_at_once_one_wins(app: Flask, counselor: int, colleague: int):
    """Promise P3: a contact never has two winners."""
    caller = Caller().queued()
    legs = [caller.leg_of(one).public_id for one in (counselor, colleague)]
    session().rollback()

    def accept(leg_id: str) -> None:
        with transaction():
            screening.key(leg_id=leg_id, turn=0, digits="1", call_sid="CAleg", now=NOW)

    at_once(app, [partial(accept, legs[number % 2]) for number in range(6)])

    talking = [one for one, state in caller.states().items() if state is LegState.TALKING]
    assert talking == [caller.call.claimed_by]


def test_a_voicemail_that_presses_nothing_ends_only_its_own_leg(counselor: int):
    caller = Caller().queued()
    caller.answered_by(counselor)

    again = caller.key_of(counselor, "", turn=0)
    over = caller.key_of(counselor, "", turn=1)

    assert isinstance(again[0], Ask)
    assert over[-1] == HangUp()
    assert caller.legs[0].state is LegState.NO_ANSWER
    assert caller.call.state is CallState.QUEUED


def test_when_all_decline_the_next_stage_rings_at_once(counselor: int, colleague: int):
    caller = Caller().queued()
    before = caller.call.stage

    for one in (counselor, colleague):
        caller.answered_by(one)
        caller.key_of(one, "2")

    assert caller.call.stage > before


@pytest.mark.parametrize(
    "status", [DeliveryStatus.BUSY, DeliveryStatus.FAILED, DeliveryStatus.NO_ANSWER]
)
def test_a_dead_phone_keeps_nobody_waiting(counselor: int, status: DeliveryStatus):
    caller = Caller().queued()
    before = caller.call.stage

    caller.settled(counselor, status)

    assert caller.call.stage > before


def test_a_late_report_does_not_turn_a_leg_back(counselor: int):
    caller = Caller().queued()
    caller.taken_by(counselor)
    caller.hangs_up()
    caller.settled(counselor, DeliveryStatus.COMPLETED)

    caller.settled(counselor, DeliveryStatus.BUSY)

    assert caller.states()[counselor] is LegState.ENDED


def test_a_counselor_in_a_call_is_not_rung_by_another(counselor: int):
    Caller().queued().taken_by(counselor)

    second = Caller(sid="CA2", sender="+8613800000002").queued()

    assert second.legs == ()
    assert second.call.state is CallState.QUEUED


def test_a_leg_of_another_call_is_refused(counselor: int):
    caller = Caller().queued()
    leg = caller.leg_of(counselor)
    with transaction():
        session().execute(
            OUTBOUND.update().where(OUTBOUND.c.id == leg.outbound_id).values(sid="CAours")
        )

    with pytest.raises(NoSuchCall), transaction():
        screening.answered(leg_id=leg.public_id, call_sid="CAforged", now=NOW)


def test_nobody_on_shift_leads_to_the_lifeline_at_once():
    caller = Caller()
    caller.dials()
    caller.presses("1")

    waited = caller.waits()
    document = caller.leaves("leave")

    assert waited == (Leave(),)
    assert isinstance(document[-1], Dial)
    assert document[-1].number == "+862300012356"
    duties = session().execute(select(DUTY.c.kind)).scalars().all()
    assert "coverage_gap" in duties


def test_a_stage_ends_by_the_sweep_alone(counselor: int):
    caller = Caller().queued()

    for _ in range(20):
        caller.sweeps(seconds=5)

    assert caller.call.stage >= len(caller.call.plan)


def test_a_caller_who_fell_silent_is_settled_by_the_sweep(counselor: int):
    """Callbacks may be lost: nothing waits for ever (promise P8)."""
    caller = Caller().queued()

    for _ in range(60):
        caller.sweeps(seconds=5)

    assert caller.call.ended_as is CallEnd.ABANDONED
    assert caller.call.next_step_at is None


def picked_up_in_the_last_second(counselor: int) -> Caller:
    """Let a counselor pick up just before the last stage is over, and the caller ask again."""
    caller = Caller().queued()
    caller.sweeps(seconds=25)
    caller.sweeps(seconds=24)
    caller.answered_by(counselor)
    caller.sweeps(seconds=2)
    return caller


def test_whoever_picked_up_keeps_their_window_when_the_plan_is_over(counselor: int):
    """A hand on the phone is worth the seconds: no lifeline, and no end, while a key may come."""
    caller = picked_up_in_the_last_second(counselor)

    told = caller.waits(seconds=1)
    for _ in range(3):
        caller.sweeps(seconds=5)
    document = caller.key_of(counselor, "1", turn=1)

    assert caller.call.stage >= len(caller.call.plan)
    assert isinstance(told[-1], Go)
    assert isinstance(document[-1], ConnectWaiting)
    assert caller.call.state is CallState.ANSWERED


def test_a_voicemail_that_picked_up_last_keeps_the_caller_no_longer_than_its_window(
    counselor: int,
):
    """Its end may be lost: after two questions it is waited for no more."""
    caller = picked_up_in_the_last_second(counselor)

    before, after = caller.waits(seconds=29), caller.waits(seconds=1)

    assert isinstance(before[-1], Go)
    assert after == (Leave(),)
    assert caller.call.state is CallState.LIFELINE


def test_when_the_last_who_picked_up_declines_the_caller_is_not_taken_for_gone(counselor: int):
    caller = picked_up_in_the_last_second(counselor)
    caller.waits()
    caller.key_of(counselor, "2")

    for _ in range(5):
        caller.sweeps(seconds=10)

    assert caller.call.state is CallState.QUEUED
    assert caller.waits() == (Leave(),)


def test_whoever_was_thought_gone_and_asks_again_waits_again(counselor: int):
    caller = Caller().queued()
    for _ in range(60):
        caller.sweeps(seconds=5)

    caller.waits()

    assert caller.call.state is CallState.QUEUED
    assert contact_of(caller).state is ContactState.CALLING


def test_a_hang_up_while_phones_ring_silences_them_and_promises_a_call(counselor: int):
    caller = Caller().queued()
    caller.at = 30

    caller.hangs_up()

    assert caller.states()[counselor] is LegState.CANCELED
    assert contact_of(caller).disposition == Disposition.ABANDONED
    assert promises.call_back_of(contact_id=caller.call.contact_id) is not None
    assert pages_about("follow_up") == ["supervisor"]


def test_a_short_ring_and_hang_up_promises_nothing(counselor: int):
    caller = Caller()
    caller.dials()
    caller.at = 3

    caller.hangs_up()

    assert promises.call_back_of(contact_id=caller.call.contact_id) is None


def test_told_twice_a_call_ends_once(counselor: int):
    caller = Caller().queued()
    caller.at = 30
    caller.hangs_up()

    caller.hangs_up()
    caller.leaves("hangup", is_over=True)

    assert pages_about("follow_up") == ["supervisor"]


def test_who_picks_up_after_the_hang_up_hears_that_the_caller_is_gone(counselor: int):
    caller = Caller().queued()
    caller.answered_by(counselor)
    caller.hangs_up()

    document = caller.key_of(counselor, "1")

    assert "同事" not in said(document)
    assert document[-1] == HangUp()
    assert caller.states()[counselor] is LegState.GONE


def test_danger_makes_it_red_pages_the_supervisor_and_rings_the_crisis_desk(counselor: int):
    caller = Caller()
    caller.dials()

    document = caller.presses("9")
    caller.waits()

    assert isinstance(document[-1], Hold)
    assert contact_of(caller).urgency is RiskLevel.IMMINENT
    assert pages_about("contact") == ["supervisor"]
    assert caller.states() == {counselor: LegState.PLACING}


def test_danger_pressed_twice_pages_once(counselor: int):
    caller = Caller()
    caller.dials()
    caller.presses("9")

    document = caller.wait_key("9")

    assert isinstance(document[-1], Go)
    assert pages_about("contact") == ["supervisor"]


def test_a_child_in_danger_whom_nobody_answered_waits_for_a_human(counselor: int):
    """No promise by itself: the phone may be shared. A human decides."""
    caller = Caller()
    caller.dials()
    caller.presses("9")
    caller.waits()
    caller.at = 60

    caller.hangs_up()

    contact = contact_of(caller)
    assert (contact.state, contact.next_page_at) == (
        ContactState.WAITING,
        NOW + timedelta(seconds=60),
    )
    assert promises.call_back_of(contact_id=contact.contact_id) is None


def test_a_call_back_ends_the_wait_with_a_promise(counselor: int):

    caller = Caller().queued()
    asked = caller.wait_key("2")

    session().rollback()
    with transaction():
        document = endings.safe_time_key(public_id=caller.public_id, digits="1", now=NOW)

    assert isinstance(asked[0], Ask)
    assert document[-1] == HangUp()
    assert caller.call.ended_as is CallEnd.CALL_BACK
    assert caller.states()[counselor] is LegState.CANCELED


@pytest.mark.parametrize(
    ("digits", "reason"),
    [
        ("1", CallBackReason.ASKED),
        ("2", CallBackReason.APPOINTED),
        ("3", CallBackReason.APPOINTED),
    ],
)
def test_who_chooses_a_time_is_not_called_before_it(
    counselor: int, digits: str, reason: CallBackReason
):
    caller = Caller().queued()
    caller.wait_key("2")

    session().rollback()
    with transaction():
        endings.safe_time_key(public_id=caller.public_id, digits=digits, now=NOW)

    promise = promises.call_back_of(contact_id=caller.call.contact_id)
    assert promise is not None
    assert promise.reason is reason
    assert (promise.window_start == NOW) is (digits == "1")


@pytest.mark.parametrize(
    "sender", ["anonymous", "+266696687", "", "12355", "sip:child@example.test", "client:page_1"]
)
def test_who_cannot_be_dialled_is_told_that_nobody_can_call_back(counselor: int, sender: str):
    """A promise to call back a short code or a SIP address could never be kept."""
    caller = Caller(sender=sender).queued()

    document = caller.wait_key("2")

    assert isinstance(document[-1], Go)
    assert caller.call.state is CallState.QUEUED


def test_after_the_bridge_the_caller_who_stays_is_reconnected_to_the_same_counselor(
    counselor: int, colleague: int
):
    caller = Caller().queued()
    caller.taken_by(counselor)
    caller.settled(counselor, DeliveryStatus.COMPLETED)

    document = caller.leaves("bridged")
    caller.waits(seconds=20)

    assert isinstance(document[-1], Hold)
    ringing = [leg.user_id for leg in caller.legs if leg.state is LegState.PLACING]
    assert ringing == [counselor]


def test_the_caller_who_hangs_up_first_ends_the_call(counselor: int):
    caller = Caller().queued()
    caller.taken_by(counselor)

    assert caller.leaves("bridged", is_over=True) == (Stay(),)

    assert caller.call.ended_as is CallEnd.ANSWERED
    assert contact_of(caller).state is ContactState.IN_CONVERSATION


def test_a_call_of_which_no_end_is_told_is_over_a_minute_after_its_last_talker(counselor: int):
    """Callbacks may be lost: the board does not show a talk that nobody has any more."""
    caller = Caller().queued()
    caller.taken_by(counselor)
    caller.settled(counselor, DeliveryStatus.COMPLETED)

    caller.sweeps(seconds=59)
    before = caller.call.state
    caller.sweeps(seconds=1)

    assert before is CallState.ANSWERED
    assert caller.call.ended_as is CallEnd.ANSWERED


def test_the_winner_who_asks_again_after_the_hang_up_hears_that_the_caller_is_gone(counselor: int):
    """A key that the carrier sends twice leads nobody to a queue that is empty."""
    caller = Caller().queued()
    caller.taken_by(counselor)
    caller.hangs_up()

    document = caller.key_of(counselor, "1")

    assert "通话已经结束" in said(document)
    assert document[-1] == HangUp()
    assert caller.states()[counselor] is LegState.ENDED


def test_who_won_a_caller_that_never_left_the_queue_is_told_once_it_is_over(counselor: int):
    caller = Caller().queued()
    caller.taken_by(counselor)
    with transaction():
        session().execute(OUTBOUND.update().values(sid="CAleg"))

    caller.leaves("hangup", is_over=True)

    kinds = session().execute(select(OUTBOUND.c.kind)).scalars().all()
    assert list(kinds).count("redirect") == 1


def test_a_queue_that_the_carrier_made_after_the_calls_end_is_cleared_away_too(counselor: int):
    """They hang up while the document that queues them is under way: the carrier queues them."""
    caller = Caller().queued()
    caller.hangs_up()

    caller.leaves("hangup", is_over=True)

    kinds = session().execute(select(OUTBOUND.c.kind)).scalars().all()
    assert list(kinds).count("delete_queue") == 2


@pytest.mark.parametrize("told_first", [True, False])
def test_nobody_is_rung_for_a_caller_who_left_their_own_document(
    counselor: int, colleague: int, *, told_first: bool
):
    caller = Caller(delivers=False)
    caller.dials()
    caller.presses("1")
    caller.waits()
    caller.leaves("leave")
    public_id = caller.public_id
    with transaction():
        waiting.direct(public_id=public_id, turn=0, is_over=False, now=NOW)

    if told_first:
        caller.hangs_up()
    with transaction():
        document = waiting.direct(public_id=public_id, turn=1, is_over=not told_first, now=NOW)

    assert document == (Stay(),)
    assert [leg.user_id for leg in caller.legs if leg.outbound_id is None] == [counselor]
    assert not [leg for leg in caller.legs if leg.is_active]
    assert caller.call.is_over


def test_a_plan_edited_in_between_does_not_bend_a_running_call(counselor: int):
    caller = Caller().queued()
    before = caller.call.plan

    caller.waits(seconds=5)

    assert caller.call.plan == before


def test_with_no_job_process_the_callers_own_document_rings_and_screens(counselor: int):

    caller = Caller(delivers=False)
    caller.dials()
    caller.presses("1")

    left = caller.waits()
    going = caller.leaves("leave")
    session().rollback()
    with transaction():
        document = waiting.direct(public_id=caller.public_id, turn=0, is_over=False, now=NOW)

    assert left == (Leave(),)
    assert isinstance(going[-1], Go)
    assert isinstance(document[-1], Dial)
    assert document[-1].number == "+8613900000001"
    assert document[-1].screen is not None


def test_a_colleague_who_is_brought_in_joins_a_conference_and_inherits_the_contact(
    counselor: int, colleague: int
):

    caller = Caller().queued()
    caller.taken_by(counselor)
    session().rollback()
    with transaction():
        bringing_in.bring_in(
            contact_id=caller.call.contact_id,
            by=counselor,
            user_id=colleague,
            kind=LegKind.TRANSFER,
            now=NOW,
        )

    document = caller.taken_by(colleague)
    caller.settled(counselor, DeliveryStatus.COMPLETED)

    assert isinstance(document[-1], JoinConference)
    kinds = session().execute(select(OUTBOUND.c.kind)).scalars().all()
    assert list(kinds).count("redirect") == 1
    assert caller.call.claimed_by == colleague


def test_who_was_not_rung_by_dead_jobs_is_not_said_to_have_missed_a_ring(
    counselor: int, colleague: int
):
    """Their orders never left: they are taken back, and the caller's document rings one of them."""
    caller = Caller(delivers=False)
    caller.dials()
    caller.presses("1")
    caller.waits()
    caller.leaves("leave")
    public_id = caller.public_id

    with transaction():
        waiting.direct(public_id=public_id, turn=0, is_over=False, now=NOW)

    ordered = [leg for leg in caller.legs if leg.outbound_id is not None]
    assert {leg.state for leg in ordered} == {LegState.CANCELED}
    states = session().execute(select(OUTBOUND.c.state).where(OUTBOUND.c.kind == "call"))
    assert set(states.scalars()) == {"withdrawn"}


def test_a_caller_of_whose_own_document_nothing_is_heard_any_more_is_settled(counselor: int):
    """Two minutes, not the hours of a talk: the board says when what comes next."""
    caller = Caller(delivers=False)
    caller.dials()
    caller.presses("1")
    caller.waits()
    caller.leaves("leave")
    public_id = caller.public_id
    with transaction():
        waiting.direct(public_id=public_id, turn=0, is_over=False, now=NOW)
    due = caller.call.next_step_at

    caller.sweeps(seconds=112)

    assert due == NOW + timedelta(seconds=112)
    assert caller.call.ended_as is CallEnd.ABANDONED
    assert not [leg for leg in caller.legs if leg.is_active]
