"""A call's webhooks: TwiML for its place, the same when repeated, never an error to a caller."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import twiml as held
from tests.doors.carrier.conftest import Post
from tests.factories.accounts import make_counselor
from tests.factories.organizations import make_organization
from tests.factories.roster import make_shift
from tests.fakes import FakeTelephony
from wellbeing.carrier import answering
from wellbeing.carrier.deadline import Desk
from wellbeing.contacts.models import CALL, LEG
from wellbeing.foundation import clock
from wellbeing.foundation.database import session, transaction
from wellbeing.messaging import operations as messaging
from wellbeing.messaging.delivery import sweep
from wellbeing.messaging.models import OUTBOUND
from wellbeing.policy import current as policy

STUDENT = "+8613800000001"
SID = "CA" + "1" * 32
CONFERENCE = "CF" + "2" * 32
CALLER_ROUTES = [
    "/twilio/call/unknown/menu/0",
    "/twilio/call/unknown/left",
    "/twilio/call/unknown/lifeline",
    "/twilio/call/unknown/offer",
    "/twilio/call/unknown/safe-time",
    "/twilio/call/unknown/recorded",
    "/twilio/call/unknown/moved",
    "/twilio/call/unknown/direct/0",
]
LEG_ROUTES = [
    "/twilio/call/unknown/outcome",
    "/twilio/leg/unknown/answer",
    "/twilio/leg/unknown/key/0",
    "/twilio/leg/unknown/done",
    "/twilio/leg/unknown/direct",
    "/twilio/leg/unknown/direct-key",
]


class Line:
    """The carrier's side of one call: it posts, reads the answer, and follows where it leads."""

    def __init__(self, app: Flask, post: Post) -> None:
        self.app, self.post = app, post
        self.carrier = FakeTelephony(now=clock.now)
        self.asked = ""

    def posts(self, path: str, **fields: str) -> str:
        form = {
            "CallSid": SID, "From": STUDENT, "To": policy.current().line.numbers[0].number,
            "CallStatus": "in-progress", "Direction": "inbound",
        }  # fmt: skip
        answer = self.post(path, form | fields)
        assert (answer.status_code, answer.mimetype) == (200, "text/xml")
        held.fits_place(answer.text, path=path.partition("?")[0])
        return answer.text

    def reports(self, path: str, **fields: str) -> int:
        return self.post(path, {"CallSid": SID} | fields).status_code

    def comes_in(self) -> str:
        return self.posts("/twilio/voice/in", CallStatus="ringing")

    def is_queued(self) -> str:
        """Call, choose a language, fetch the wait document; give the call's public id."""
        asked = address(self.comes_in(), "action")
        enqueued = self.posts(asked, Digits="1")
        if "Enqueue" not in tags(enqueued):
            enqueued = self.posts(address(enqueued, "action"))
        held.fits_waiting(self.posts(address(enqueued, "waitUrl"), QueueTime="0"))
        return address(enqueued, "waitUrl").split("/")[3]

    def rings(self) -> tuple[str, str]:
        """Place the queued ring; give the leg's public id and its call's sid."""
        with self.app.app_context():
            sweep.deliver_due(gateway=self.carrier, now=clock.now, limit=10)
        place = [order.public_id for order in self.carrier.calls]
        return place[-1], self.carrier.sid_of(len(place) - 1)

    def count(self, table: object) -> int:
        with self.app.app_context():
            counted = select(func.count()).select_from(table)  # type: ignore[arg-type]  # a table
            return int(session().execute(counted).scalar_one())


@pytest.fixture
def line(app: Flask, post: Post) -> Iterator[Line]:
    """A line with one counselor on call at the municipal desk, and a process that delivers."""
    with app.app_context():
        now = clock.now()
        code = policy.current().line.numbers[0].organization_code
        city = make_organization(code=code)
        user_id = make_counselor(phone="+8613900000001")
        for desk in ("line", "crisis"):
            make_shift(
                user_id=user_id,
                organization_id=city.id,
                desk=desk,
                starts_at=now - timedelta(hours=1),
                ends_at=now + timedelta(hours=8),
            )
        with transaction():
            messaging.heartbeat(process="test", now=now)
    return Line(app, post)


def tags(document: str) -> list[str]:
    return [verb.tag for verb in ET.fromstring(document).iter()][1:]  # noqa: S314 - ours


def address(document: str, attribute: str) -> str:
    """Give the path of the first address of this kind, as the carrier would ask for it."""
    for verb in ET.fromstring(document).iter():  # noqa: S314 - ours
        found = verb.text if attribute == verb.tag else verb.get(attribute)
        if found:
            return found.partition("#")[0]
    raise AssertionError(f"no {attribute} in {document}")


def ten_times(ask: Callable[[], str]) -> set[str]:
    return {ask() for _ in range(10)}


def test_a_caller_is_asked_once_and_then_waits_for_a_human(line: Line):
    line.is_queued()

    assert line.count(LEG) == 1


def test_a_silent_caller_waits_for_a_human_after_two_silences(line: Line):
    again = line.posts(address(line.comes_in(), "action"))

    assert "Enqueue" in tags(line.posts(address(again, "action")))


def test_a_greeting_repeated_ten_times_is_one_call(line: Line):
    greetings = ten_times(line.comes_in)

    assert len(greetings) == 1
    assert line.count(CALL) == 1


def test_a_key_repeated_ten_times_leads_to_the_same_place(line: Line):
    asked = address(line.comes_in(), "action")

    answers = ten_times(lambda: line.posts(asked, Digits="9"))

    assert len({address(answer, "waitUrl") for answer in answers}) == 1


def test_a_counselor_who_presses_one_gets_the_caller_however_often_the_carrier_asks(line: Line):
    public_id = line.is_queued()
    leg, sid = line.rings()

    asked = ten_times(lambda: line.posts(f"/twilio/leg/{leg}/answer", CallSid=sid))
    taken = ten_times(lambda: line.posts(f"/twilio/leg/{leg}/key/0", CallSid=sid, Digits="1"))

    assert (len(asked), len(taken)) == (1, 1)
    assert tags(taken.pop())[-2:] == ["Dial", "Queue"]
    assert f"c-{public_id}" in line.posts(f"/twilio/leg/{leg}/key/0", CallSid=sid, Digits="1")


@pytest.mark.parametrize("path", ["answer", "key/0"])
def test_a_call_that_we_did_not_place_never_reaches_a_caller(line: Line, path: str):
    line.is_queued()
    leg, _ = line.rings()

    answer = line.posts(f"/twilio/leg/{leg}/{path}", CallSid="CA" + "9" * 32, Digits="1")

    assert tags(answer) == ["Say", "Say", "Hangup"]


def test_a_leg_is_not_opened_to_a_forged_request(line: Line, post: Post):
    line.is_queued()
    leg, sid = line.rings()

    answer = post(f"/twilio/leg/{leg}/key/0", {"CallSid": sid, "Digits": "1"}, token="guessed")

    assert answer.status_code == 403


def test_whoever_waits_is_still_waited_on_after_a_key(line: Line):
    public_id = line.is_queued()

    for digits in ("9", "2", "7", ""):
        held.fits_waiting(line.posts(f"/twilio/call/{public_id}/wait-key", Digits=digits))


@pytest.mark.parametrize("result", ["hangup", "error", "system-error", "queue-full", "leave", ""])
def test_whoever_left_the_queue_hears_something_or_is_gone(line: Line, result: str):
    public_id = line.is_queued()

    document = line.posts(f"/twilio/call/{public_id}/left", QueueResult=result)

    assert (document.count("<Dial") == 1) is (result != "hangup")


def test_after_the_lifeline_a_caller_can_leave_a_message(line: Line):
    public_id = line.is_queued()
    line.posts(f"/twilio/call/{public_id}/left", QueueResult="leave")

    offer = line.posts(f"/twilio/call/{public_id}/lifeline", DialCallStatus="no-answer")
    record = line.posts(address(offer, "action"), Digits="1")

    assert tags(record)[-1] == "Record"
    assert tags(line.posts(address(record, "action")))[-1] == "Hangup"


def test_a_message_is_fetched_once_however_often_it_is_told(line: Line):
    public_id = line.is_queued()
    told = {
        "RecordingSid": "RE" + "3" * 32,
        "RecordingStatus": "completed",
        "RecordingDuration": "12",
    }

    answers = {line.reports(f"/twilio/call/{public_id}/recording", **told) for _ in range(10)}

    with line.app.app_context():
        kinds = list(session().execute(select(OUTBOUND.c.kind)).scalars())
    assert answers == {204}
    assert kinds.count("fetch_recording") == 1


def test_the_end_of_a_call_is_settled_once_and_its_beginning_changes_nothing(line: Line):
    line.is_queued()

    answers = [
        line.reports("/twilio/voice/status", CallStatus=status)
        for status in ("in-progress", "completed", "completed")
    ]

    with line.app.app_context():
        ended = session().execute(select(CALL.c.ended_as)).scalar_one()
    assert (answers, ended) == ([204, 204, 204], "abandoned")


def test_what_happens_in_a_conference_is_noted(line: Line):
    public_id = line.is_queued()

    status = line.reports(
        f"/twilio/conference/{public_id}",
        ConferenceSid=CONFERENCE,
        StatusCallbackEvent="conference-start",
    )

    assert status == 204


@pytest.mark.parametrize("path", CALLER_ROUTES)
def test_a_caller_whom_we_do_not_know_is_led_to_the_lifeline(line: Line, path: str):
    assert tags(line.posts(path)) == ["Say", "Say", "Dial", "Hangup"]


@pytest.mark.parametrize("step", ["wait", "wait-key", "wait-time"])
def test_nobody_is_dialled_in_a_queue_which_a_lost_caller_leaves_for_the_lifeline(
    line: Line, step: str
):
    """There the carrier knows no Dial; what follows on leaving is the document above."""
    document = line.posts(f"/twilio/call/unknown/{step}")

    assert tags(document) == ["Say", "Say", "Leave"]


@pytest.mark.parametrize("path", LEG_ROUTES)
def test_a_colleague_whom_we_do_not_know_hears_where_to_look(line: Line, path: str):
    assert tags(line.posts(path)) == ["Say", "Say", "Hangup"]


def test_too_much_is_refused_before_it_is_read(post: Post):
    answer = post("/twilio/call/abc/menu/0", {"Digits": "9" * 100_000})

    assert answer.status_code == 413


class TestOneMoment:
    """Promise P7: when we are slow, a caller hears so, and nothing they pressed is lost."""

    @pytest.fixture
    def slow(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        line.asked = address(line.comes_in(), "action")
        monkeypatch.setattr(answering, "desk", Desk(seconds=0.0, threads=0))

    def test_the_same_step_is_asked_for_again_with_the_key(
        self, line: Line, slow: None, monkeypatch: pytest.MonkeyPatch
    ):
        asked = line.asked
        document = line.posts(asked, Digits="9")
        again = address(document, "Redirect")
        monkeypatch.setattr(answering, "desk", Desk())

        answer = line.posts(again)

        assert tags(document) == ["Say", "Say", "Pause", "Redirect"]
        assert again == f"{asked}?again=1&Digits=9"
        with line.app.app_context():
            assert session().execute(select(CALL.c.is_danger)).scalar_one()
        assert "Enqueue" in tags(answer)

    @pytest.mark.parametrize("digits", ["*", "#", "%", "&", "9" * 50, "光"])
    def test_no_key_breaks_the_address(self, line: Line, slow: None, digits: str):
        document = line.posts("/twilio/call/abc/wait-key", Digits=digits)

        held.fits_waiting(document)

    @pytest.mark.parametrize(
        ("step", "last"),
        [("wait", ["Say", "Say", "Leave"]), ("left", ["Say", "Say", "Dial", "Hangup"])],
    )
    def test_after_three_times_a_caller_is_led_to_the_lifeline(
        self, line: Line, slow: None, step: str, last: list[str]
    ):
        path = f"/twilio/call/abc/{step}"
        for times in (1, 2, 3):
            path = address(line.posts(path), "Redirect")
            assert path.endswith(f"again={times}")

        assert tags(line.posts(path)) == last

    def test_a_colleague_who_picked_up_is_asked_to_wait_too(self, line: Line, slow: None):
        leg = secrets.token_hex(8)

        document = line.posts(f"/twilio/leg/{leg}/key/0", Digits="1")

        assert address(document, "Redirect").endswith("key/0?again=1&Digits=1")
