"""What goes over the carrier's REST API fits Twilio's own OpenAPI description."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.contracts import ContractBroken, needs_contract, request_fits, response_fits
from wellbeing.simulator.app import create_simulator
from wellbeing.simulator.core import Core
from wellbeing.simulator.journal import Entry
from wellbeing.simulator.pictures import Attachment
from wellbeing.simulator.settings import Settings
from wellbeing.simulator.web import EXTENSION
from wellbeing.simulator.webhooks import Answer, Outgoing

pytestmark = needs_contract

ACCOUNT = "AC" + "1" * 32
BASE = f"/2010-04-01/Accounts/{ACCOUNT}"
LINE = "+8602388880000"
STUDENT = "+8613900000001"
CALL = {"To": STUDENT, "From": LINE, "Url": "http://127.0.0.1:5000/answer"}
TEXT = {"To": STUDENT, "From": LINE, "Body": "你好"}


class Silence:
    """A product that answers every webhook with the same document."""

    document = "<Response><Pause length='5'/></Response>"

    def send(self, *, request: Outgoing, connect_seconds: float, read_seconds: float) -> Answer:
        del request, connect_seconds, read_seconds
        return Answer(200, "text/xml", self.document.encode())


class Desk:
    """The simulator, its REST API without a socket, and its time."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
        settings = Settings(account_sid=ACCOUNT, auth_token="invented", numbers=(LINE,))
        self.product = Silence()
        app = create_simulator(settings, now=lambda: self.moment, transport=self.product)
        self.core: Core = app.extensions[EXTENSION]
        self.client = app.test_client()
        self.phone = self.core.add_handset(number=STUDENT, label="学生小明")

    def ask(self, method: str, path: str, **parts: object) -> dict[str, object]:
        answer = self.client.open(BASE + path, method=method, auth=(ACCOUNT, "invented"), **parts)
        return answer.json if answer.data else {}

    def call_in(self, document: str) -> None:
        self.product.document = f"<Response>{document}</Response>"
        self.phone.call(to=LINE)
        self.forward(1)

    def forward(self, seconds: float) -> None:
        for _ in range(int(seconds * 10)):
            self.moment += timedelta(seconds=0.1)
            self.core.process_due()


def fits(entry: Entry) -> None:
    """Hold one exchange of the journal to the description."""
    parts = urlsplit(entry.url)
    document = json.loads(entry.answer) if entry.answer else None
    if entry.method != "DELETE" and (entry.status or 0) < 400:
        sent = entry.body if entry.method == "POST" else parts.query
        request_fits(entry.method, parts.path, parse_qsl(sent, keep_blank_values=True))
    assert entry.status is not None
    response_fits(entry.method, parts.path, entry.status, document)


def texts(desk: Desk) -> None:
    sid = desk.ask("POST", "/Messages.json", data=TEXT)["sid"]
    desk.phone.text(to=LINE, body="在吗")
    desk.ask("GET", f"/Messages/{sid}.json")
    desk.forward(3)
    desk.ask("GET", "/Messages.json", query_string={"To": STUDENT, "PageSize": "1"})
    desk.ask("GET", "/Messages.json", query_string={"DateSent>": "2026-03-02"})
    desk.ask("POST", f"/Messages/{sid}.json", data={"Body": ""})
    desk.ask("DELETE", f"/Messages/{sid}.json")


def calls(desk: Desk) -> None:
    events = {"StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"]}
    sid = desk.ask("POST", "/Calls.json", data={**CALL, **events, "Timeout": "20"})["sid"]
    desk.ask("GET", f"/Calls/{sid}.json")
    desk.forward(2)
    desk.phone.answer()
    desk.forward(1)
    desk.ask("GET", "/Calls.json", query_string={"Status": "in-progress", "To": STUDENT})
    desk.ask("POST", f"/Calls/{sid}.json", data={"Twiml": "<Response><Hangup/></Response>"})
    desk.ask("GET", "/Calls.json", query_string={"StartTime>": "2026-03-02", "PageSize": "1"})
    canceled = desk.ask("POST", "/Calls.json", data=CALL)["sid"]
    desk.ask("POST", f"/Calls/{canceled}.json", data={"Status": "canceled"})
    desk.ask("DELETE", f"/Calls/{canceled}.json")


def refusals(desk: Desk) -> None:
    desk.ask("POST", "/Messages.json", data=TEXT | {"To": "+15005550001"})
    desk.ask("POST", "/Calls.json", data=CALL | {"Url": "nowhere"})
    desk.ask("GET", "/Calls/CA" + "0" * 32 + ".json")
    desk.client.get(f"{BASE}/Messages.json", auth=(ACCOUNT, "wrong"))
    for status in ("429", "500", "503"):
        desk.client.post("/control/faults", json={"kind": f"rest_{status}"})
        desk.ask("POST", "/Messages.json", data=TEXT)


def queues(desk: Desk) -> None:
    made = desk.ask("POST", "/Queues.json", data={"FriendlyName": "c-2", "MaxSize": "5"})["sid"]
    desk.ask("POST", f"/Queues/{made}.json", data={"MaxSize": "9"})
    desk.call_in('<Enqueue waitUrl="">c-1</Enqueue>')
    listed = desk.ask("GET", "/Queues.json", query_string={"PageSize": "9"})["queues"]
    waited = next(row["sid"] for row in listed if row["friendly_name"] == "c-1")
    desk.ask("GET", f"/Queues/{waited}.json")
    desk.ask("GET", f"/Queues/{waited}/Members.json")
    desk.ask("GET", f"/Queues/{waited}/Members/Front.json")
    desk.ask("DELETE", f"/Queues/{waited}.json")
    away = {"Url": "http://127.0.0.1:5000/away", "Method": "POST"}
    desk.ask("POST", f"/Queues/{waited}/Members/Front.json", data=away)
    desk.ask("DELETE", f"/Queues/{made}.json")


def conferences(desk: Desk) -> None:
    desk.call_in("<Dial><Conference participantLabel='student'>c-1</Conference></Dial>")
    sid = desk.ask("GET", "/Conferences.json", query_string={"Status": "init"})["conferences"][0][
        "sid"
    ]
    desk.ask("GET", f"/Conferences/{sid}/Participants.json", query_string={"Muted": "false"})
    one = f"/Conferences/{sid}/Participants/student.json"
    desk.ask("GET", one)
    desk.ask("POST", one, data={"Muted": "true", "Hold": "true"})
    desk.ask("DELETE", one)
    desk.ask("GET", f"/Conferences/{sid}.json")
    desk.ask("POST", f"/Conferences/{sid}.json", data={"Status": "completed"})


def recordings(desk: Desk) -> None:
    desk.call_in("<Record/>")
    desk.phone.speak("你好")
    desk.phone.press(digits="#")
    sid = desk.ask("GET", "/Recordings.json", query_string={"DateCreated>": "2026-03-01"})[
        "recordings"
    ][0]["sid"]
    desk.forward(2)
    desk.ask("GET", f"/Recordings/{sid}.json")
    desk.ask("DELETE", f"/Recordings/{sid}.json")


def media(desk: Desk) -> None:
    sent = desk.phone.text(to=LINE, body="", attachments=[Attachment("image/png", b"dots")])
    (one,) = desk.ask("GET", f"/Messages/{sent.sid}/Media.json")["media_list"]
    desk.ask("GET", f"/Messages/{sent.sid}/Media/{one['sid']}.json")
    desk.ask("DELETE", f"/Messages/{sent.sid}/Media/{one['sid']}.json")


def numbers(desk: Desk) -> None:
    row = desk.ask("GET", "/IncomingPhoneNumbers.json", query_string={"PhoneNumber": LINE})
    sid = row["incoming_phone_numbers"][0]["sid"]
    desk.ask("GET", f"/IncomingPhoneNumbers/{sid}.json")
    voice = {"VoiceUrl": "http://127.0.0.1:5000/voice", "VoiceMethod": "GET"}
    desk.ask("POST", f"/IncomingPhoneNumbers/{sid}.json", data=voice)


def dialed(desk: Desk) -> None:
    desk.call_in("<Dial><Number>+8613900000002</Number></Dial>")
    parent = desk.phone.current_call.sid
    desk.ask("GET", "/Calls.json", query_string={"ParentCallSid": parent})


@pytest.mark.parametrize(
    ("story", "statuses"),
    [
        (texts, [201, 200, 200, 200, 200, 204]),
        (calls, [201, 200, 200, 200, 200, 201, 200, 204]),
        (refusals, [400, 400, 404, 401, 429, 500, 503]),
        (queues, [201, 200, 200, 200, 200, 200, 409, 200, 204]),
        (conferences, [200, 200, 200, 200, 204, 200, 200]),
        (recordings, [200, 200, 204]),
        (media, [200, 200, 204]),
        (numbers, [200, 200, 200]),
        (dialed, [200]),
    ],
)
def test_the_simulators_answers_fit_the_description(story: object, statuses: list[int]):
    desk = Desk()

    story(desk)

    exchanged = [entry for entry in desk.core.journal.entries() if entry.direction == "in"]
    for entry in exchanged:
        fits(entry)
    assert [entry.status for entry in exchanged] == statuses


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        ([("To", STUDENT), ("Frm", LINE)], "knows no field 'Frm'"),
        ([("From", LINE), ("Body", "x")], r"missing: \['To'\]"),
        ([("To", STUDENT), ("Body", "a"), ("Body", "b")], "it is no array"),
        ([("To", STUDENT), ("Attempt", "many")], "is no integer"),
        ([("To", STUDENT), ("StatusCallback", "/status")], "is no URL"),
        ([("To", STUDENT), ("ScheduleType", "soon")], "not one of"),
    ],
)
def test_a_request_that_twilio_would_not_know_is_found(pairs: list[tuple[str, str]], reason: str):
    with pytest.raises(ContractBroken, match=reason):
        request_fits("POST", f"{BASE}/Messages.json", pairs)


def test_an_array_is_sent_as_repeated_keys():
    events = [("StatusCallbackEvent", "initiated"), ("StatusCallbackEvent", "completed")]

    request_fits("POST", f"{BASE}/Calls.json", [*CALL.items(), *events])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "initiated"}, "not one of"),
        ({"sid": "CA123"}, "sid"),
        ({"mood": "good"}, "knows no"),
        ({"queue_time": 7}, "is not of type"),
        ({"date_created": "2026-03-02T01:00:00Z"}, "no RFC 2822 date"),
    ],
)
def test_an_answer_that_twilio_would_not_give_is_found(change: dict[str, object], reason: str):
    desk = Desk()
    call = desk.ask("POST", "/Calls.json", data=CALL)

    with pytest.raises(ContractBroken, match=reason):
        response_fits("POST", f"{BASE}/Calls.json", 201, call | change)


def test_a_status_that_twilio_does_not_answer_is_found():
    with pytest.raises(ContractBroken, match="Twilio answers"):
        response_fits("POST", f"{BASE}/Calls.json", 200, {})


def test_a_path_that_twilio_does_not_have_is_found():
    with pytest.raises(ContractBroken, match="Twilio has no POST"):
        request_fits("POST", f"{BASE}/Telegrams.json", [])
