"""The adapter that speaks to Twilio speaks to the pretend carrier, errand by errand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.serving import make_server

from tests.doors.carrier.conftest import ACCOUNT, TOKEN
from tests.factories.pictures import photograph
from wellbeing.carrier.gateway import TwilioGateway
from wellbeing.simulator.app import create_simulator
from wellbeing.simulator.core import Core
from wellbeing.simulator.pictures import Attachment
from wellbeing.simulator.settings import Settings
from wellbeing.simulator.web import EXTENSION
from wellbeing.simulator.webhooks import Answer, Outgoing
from wellbeing.telephony.gateway import TelephonyError

LINE = "+862300000000"
STUDENT = "+8613800000001"
BEGIN = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


class Product:
    """A product that answers every webhook with the same document."""

    document = ""

    def send(self, *, request: Outgoing, connect_seconds: float, read_seconds: float) -> Answer:
        del request, connect_seconds, read_seconds
        return Answer(200, "text/xml", f"<Response>{self.document}</Response>".encode())


class Pretend:
    """The pretend carrier on 127.0.0.1, its time, and our adapter to it."""

    def __init__(self, product: Product) -> None:
        self.product, self.moment = product, BEGIN
        settings = Settings(account_sid=ACCOUNT, auth_token=TOKEN, numbers=(LINE,))
        app = create_simulator(settings, now=lambda: self.moment, transport=product)
        self.core: Core = app.extensions[EXTENSION]
        self.student = self.core.add_handset(number=STUDENT, label="学生小明")
        self.server = make_server("127.0.0.1", 0, app, threaded=True)
        self.gateway = TwilioGateway(
            account_sid=ACCOUNT,
            auth_token=TOKEN,
            public_base_url="https://line.example.test",
            telephony_base_url=f"http://127.0.0.1:{self.server.port}",
        )

    def calls(self, document: str) -> str:
        """Let the student call and hear this; give the call's sid."""
        self.product.document = document
        self.student.call(to=LINE)
        self.passes(3)
        return self.gateway.inbound_calls(since=BEGIN - timedelta(minutes=1))[0].sid

    def passes(self, seconds: float) -> None:
        for _ in range(int(seconds * 10)):
            self.moment += timedelta(seconds=0.1)
            self.core.process_due()


@pytest.fixture
def pretend() -> Iterator[Pretend]:
    made = Pretend(Product())
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def test_a_message_is_fetched_and_then_forgotten(pretend: Pretend):
    pretend.calls("<Record timeout='5' maxLength='20' action='https://line.example.test/x'/>")
    pretend.product.document = "<Hangup/>"
    pretend.student.speak("请给我回电话")
    pretend.passes(30)
    (sid,) = pretend.core.board.recordings

    sound = pretend.gateway.fetch_recording(sid=sid)
    pretend.gateway.delete_recording(sid=sid)
    pretend.gateway.delete_recording(sid=sid)

    assert sound
    with pytest.raises(TelephonyError):
        pretend.gateway.fetch_recording(sid=sid)


def test_the_queue_of_a_call_that_is_over_is_forgotten(pretend: Pretend):
    sid = pretend.calls("<Enqueue waitUrl=''>c-abc</Enqueue>")
    pretend.gateway.hang_up(sid=sid)
    pretend.passes(1)

    pretend.gateway.delete_queue(name="c-abc")
    pretend.gateway.delete_queue(name="c-abc")

    assert list(pretend.core.board.queues) == []


def test_a_caller_in_a_conference_is_held_and_taken_back(pretend: Pretend):
    sid = pretend.calls("<Dial><Conference waitUrl=''>c-abc</Conference></Dial>")
    (conference,) = pretend.core.board.conferences.values()

    held = []
    for wish in (True, False):
        pretend.gateway.hold_participant(conference_sid=conference.sid, call_sid=sid, held=wish)
        held.append([one.is_held for one in conference.participants])

    assert held == [[True], [False]]


def test_what_came_in_is_listed(pretend: Pretend):
    pretend.calls("<Pause length='1'/>")
    pretend.student.text(to=LINE, body="在吗")
    pretend.passes(2)

    (call,) = pretend.gateway.inbound_calls(since=BEGIN)
    (text,) = pretend.gateway.inbound_texts(since=BEGIN)

    assert (call.sender, call.line_number) == (STUDENT, LINE)
    assert (text.sender, text.line_number, text.body) == (STUDENT, LINE, "在吗")


def test_our_numbers_are_listed(pretend: Pretend):
    assert [one.number for one in pretend.gateway.numbers()] == [LINE]


def test_a_picture_from_a_handset_is_fetched_and_then_forgotten(pretend: Pretend):
    attachment = Attachment("image/jpeg", photograph())
    pretend.student.text(to=LINE, body="看", attachments=[attachment])
    pretend.passes(1)
    (text,) = pretend.gateway.inbound_texts(since=BEGIN)
    (sid,) = text.media_sids

    raw = pretend.gateway.fetch_medium(message_sid=text.sid, sid=sid)
    for _ in range(2):
        pretend.gateway.delete_medium(message_sid=text.sid, sid=sid)

    assert raw == photograph()
    with pytest.raises(TelephonyError):
        pretend.gateway.fetch_medium(message_sid=text.sid, sid=sid)
