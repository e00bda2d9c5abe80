"""Calls at the portal: the live board, taking one, talking, the voicemail, the softphone's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.doors.portal.conftest import City, Person, Reached
from tests.factories import calls as made
from tests.factories import portal as portal_made
from tests.factories.calls import Call
from tests.house import page_gate
from wellbeing.contacts.queries import calls
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.calls import CallEnd, CallState, LegKind, LegState
from wellbeing.contacts.rules.conversations import ContactState, Disposition
from wellbeing.foundation.database import session
from wellbeing.messaging.rules import OrderKind
from wellbeing.portal import headers
from wellbeing.portal.calls import words
from wellbeing.roster import queries as roster
from wellbeing.roster.rules import PhoneKind

Clients = Callable[..., Any]
People = Callable[[str], Person]
Post = Callable[..., Any]

VOICEMAIL = b"RIFF" + bytes(range(256)) * 4
ROUTES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("GET", "fragment", {}),
    ("GET", "recording", {}),
    ("POST", "take", {}),
    ("POST", "bring-in", {"user_id": "1"}),
    ("POST", "hold", {"held": "yes"}),
    ("POST", "hang-up", {}),
    ("POST", "call-student", {}),
)


@pytest.fixture
def waiting(app: Flask, city: City) -> Callable[..., Call]:
    """Give a caller of a unit who waits."""

    def caller(*, unit: str = "north", is_danger: bool = False) -> Call:
        with app.app_context():
            return made.make_queued(
                organization_id=city.ids[unit],
                organization_path=city.paths[unit],
                is_danger=is_danger,
            )

    return caller


@pytest.fixture
def talking(app: Flask, people: People) -> Callable[..., Call]:
    """Give a call that somebody answers now."""

    def call(label: str = "district counselor", *, voicemail: bytes | None = None) -> Call:
        with app.app_context():
            return made.make_call(holder=people(label), voicemail=voicemail)

    return call


def call_of(app: Flask, call: Call) -> Any:
    with app.app_context():
        return calls.get(contact_id=call.contact_id)


def legs_of(app: Flask, call: Call) -> Any:
    with app.app_context():
        return calls.legs_of(contact_id=call.contact_id)


def events(app: Flask, action: str) -> list[Any]:
    with app.app_context():
        statement = text("SELECT subject_id, details FROM audit_event WHERE action = :action")
        return list(session().execute(statement, {"action": action}))


def orders(app: Flask) -> list[str]:
    with app.app_context():
        found = session().execute(text("SELECT kind FROM outbound ORDER BY id"))
        return list(found.scalars())


def send(browser: Any, post: Post, method: str, url: str, data: dict[str, str]) -> Any:
    return browser.get(url) if method == "GET" else post(browser, url, data)


@pytest.mark.parametrize(
    ("kind", "worded"),
    [
        (CallState, words.STATES),
        (CallEnd, words.ENDS),
        (LegState, words.LEGS),
        (LegKind, words.KINDS),
        (PhoneKind, words.PHONES),
    ],
)
def test_everything_of_a_call_has_its_words(kind: Any, worded: Any):
    assert set(worded) == set(kind)


def test_every_route_of_a_call_is_tried_below(app: Flask):
    rules = {
        (method, rule.rule.removeprefix("/calls/<public_id>/"))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("calls.") and "public_id" in rule.arguments
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert {(method, path) for method, path, _data in ROUTES} == rules


@pytest.mark.parametrize("label", ["other district counselor", "other district supervisor"])
@pytest.mark.parametrize(("method", "path", "data"), ROUTES)
def test_another_unit_meets_404_and_leaves_a_trace(
    app: Flask,
    clients: Clients,
    talking: Any,
    post: Post,
    label: str,
    method: str,
    path: str,
    data: dict[str, str],
):
    call = talking(voicemail=VOICEMAIL)
    before = call_of(app, call)

    answer = send(clients(label), post, method, f"/calls/{call.public_id}/{path}", data)

    assert answer.status_code == 404
    assert len(events(app, "refused")) == 1
    assert call_of(app, call) == before


@pytest.mark.parametrize("label", ["principal", "auditor", "administrator"])
@pytest.mark.parametrize(("method", "path", "data"), ROUTES)
def test_who_does_not_answer_the_line_meets_404(
    clients: Clients,
    talking: Any,
    post: Post,
    label: str,
    method: str,
    path: str,
    data: dict[str, str],
):
    call = talking(voicemail=VOICEMAIL)

    answer = send(clients(label), post, method, f"/calls/{call.public_id}/{path}", data)

    assert answer.status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_queue_with_calls_is_a_sound_page(
    app: Flask, clients: Clients, people: People, waiting: Any, talking: Any, language: str
):
    call = waiting(is_danger=True)
    with app.app_context():
        made.ring(call, people("district supervisor"), to=LegState.DECLINED)
        made.ring(call, people("district counselor"), to=LegState.RINGING)
    talking("municipal counselor")

    page = clients("district counselor", language=language).get("/").text

    page_gate.check_html(page, url="/")


def test_the_queue_says_who_is_rung_and_who_declined(
    app: Flask, clients: Clients, people: People, waiting: Any
):
    call = waiting(is_danger=True)
    with app.app_context():
        made.ring(call, people("district supervisor"), to=LegState.DECLINED)
        made.ring(call, people("municipal counselor"), to=LegState.RINGING)

    page = clients("district counselor", language="en").get("/").text

    assert "pressed 9: danger" in page
    assert "District Supervisor <span" in page
    assert "declined" in page
    assert "Municipal Counselor <span" in page
    assert call.number not in page


def test_a_caller_who_waits_is_news_of_the_queue(clients: Clients, waiting: Any):
    browser = clients("district counselor")
    first = browser.get("/queue/fragment?since=")
    call = waiting()

    answer = browser.get(f"/queue/fragment?since={first.headers['X-Version']}")

    assert answer.status_code == 200
    assert f'data-queue-item="{call.public_id}"' in answer.text
    page_gate.check_fragment(answer.text, url="/queue/fragment")


def test_the_queue_holds_only_calls_of_ones_own_units(clients: Clients, waiting: Any):
    ours, theirs = waiting(unit="north"), waiting(unit="south")

    page = clients("district counselor").get("/").text

    assert ours.public_id in page
    assert theirs.public_id not in page


def test_a_call_that_is_over_waits_for_its_closing_note(app: Flask, clients: Clients, talking: Any):
    call = talking()
    with app.app_context():
        made.end(call)

    page = clients("district counselor", language="en").get("/").text

    assert "call over, to be closed" in page
    assert page.count(f'-{call.public_id}"') == 1


def test_taking_a_call_rings_ones_own_phone(
    app: Flask, clients: Clients, people: People, waiting: Any, post: Post
):
    call = waiting()
    browser = clients("district counselor", language="en")

    answer = post(browser, f"/calls/{call.public_id}/take")

    (leg,) = legs_of(app, call)
    assert (answer.status_code, answer.location) == (303, "/")
    assert leg.user_id == people("district counselor").user_id
    assert orders(app) == [OrderKind.CALL.value]
    assert "Your phone rings now." in browser.get("/").text


def test_a_call_that_a_colleague_has_is_not_taken(
    app: Flask, clients: Clients, talking: Any, post: Post
):
    call = talking("municipal counselor")
    browser = clients("municipal supervisor", language="en")

    answer = post(browser, f"/calls/{call.public_id}/take")

    assert answer.location == "/"
    assert orders(app) == []


def test_who_is_rung_already_is_told_so(clients: Clients, waiting: Any, post: Post):
    call = waiting()
    browser = clients("district counselor", language="en")
    post(browser, f"/calls/{call.public_id}/take")

    post(browser, f"/calls/{call.public_id}/take")

    assert "Your phone is ringing or in a call already." in browser.get("/").text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_of_a_call_is_sound(clients: Clients, talking: Any, language: str):
    call = talking(voicemail=VOICEMAIL)

    answer = clients("district counselor", language=language).get(f"/contacts/{call.public_id}")

    assert answer.status_code == 200
    page_gate.check_html(answer.text, url="/contacts")


def test_the_page_of_a_call_is_kept_fresh_until_nothing_changes(
    app: Flask, clients: Clients, talking: Any, post: Post
):
    call = talking()
    browser = clients("district counselor", language="en")
    first = browser.get(f"/calls/{call.public_id}/fragment")
    since = f"/calls/{call.public_id}/fragment?since={first.headers['X-Version']}"

    unchanged = browser.get(since)
    post(browser, f"/calls/{call.public_id}/hang-up")
    changed = browser.get(since)

    assert (unchanged.status_code, changed.status_code) == (204, 200)
    assert "Write the closing note" in changed.text
    page_gate.check_fragment(changed.text, url="/calls/fragment")


def test_a_call_is_not_closed_while_it_goes_on(clients: Clients, talking: Any):
    call = talking()

    page = clients("district counselor").get(f"/contacts/{call.public_id}").text

    assert "/close" not in page


def test_hanging_up_leads_to_the_closing_note(
    app: Flask, clients: Clients, talking: Any, post: Post
):
    call = talking()
    browser = clients("district counselor")

    answer = post(browser, f"/calls/{call.public_id}/hang-up")
    closed = post(
        browser,
        f"/contacts/{call.public_id}/close",
        {"close-disposition": "supported", "close-wrap_up": "约好再联系。"},
    )

    with app.app_context():
        contact = contacts.contact_by_id(contact_id=call.contact_id)
    assert answer.location == f"/contacts/{call.public_id}?open=ending#ending"
    assert call_of(app, call).state is CallState.ENDED
    assert closed.location == "/"
    assert (contact.state, contact.disposition) == (ContactState.CLOSED, Disposition.SUPPORTED)


def test_a_caller_on_hold_is_said_to_be(app: Flask, clients: Clients, talking: Any, post: Post):
    call = talking()
    browser = clients("district counselor", language="en")

    post(browser, f"/calls/{call.public_id}/hold", {"held": "yes"})

    page = browser.get(f"/contacts/{call.public_id}").text
    assert call_of(app, call).is_on_hold
    assert "The caller is on hold" in page
    assert "Talk with the caller again" in page


def test_whoever_does_not_talk_cannot_hang_up(
    app: Flask, clients: Clients, talking: Any, post: Post
):
    call = talking()

    answer = post(clients("district supervisor"), f"/calls/{call.public_id}/hang-up")

    assert answer.status_code == 409
    assert call_of(app, call).state is CallState.ANSWERED


def test_a_colleague_on_duty_is_brought_in(
    app: Flask, clients: Clients, people: People, talking: Any, post: Post
):
    call, colleague = talking(), people("municipal supervisor")
    with app.app_context():
        portal_made.put_on_duty(colleague, desk="supervisor")
    browser = clients("district counselor", language="en")

    page = browser.get(f"/contacts/{call.public_id}").text
    post(browser, f"/calls/{call.public_id}/bring-in", {"user_id": str(colleague.user_id)})

    legs = legs_of(app, call)
    assert "Bring in Municipal Supervisor" in page
    assert [(one.user_id, one.kind) for one in legs[1:]] == [(colleague.user_id, LegKind.JOIN)]
    assert [one.subject_id for one in events(app, "brought_in")] == [call.contact_id]


def test_nobody_off_duty_is_brought_in(
    app: Flask, clients: Clients, people: People, talking: Any, post: Post
):
    call, colleague = talking(), people("municipal supervisor")
    browser = clients("district counselor", language="en")

    post(browser, f"/calls/{call.public_id}/bring-in", {"user_id": str(colleague.user_id)})

    assert len(legs_of(app, call)) == 1
    assert "not on duty any more" in browser.get(f"/contacts/{call.public_id}").text


def test_a_student_who_texted_is_called(
    app: Flask, clients: Clients, claimed: Callable[..., Reached], post: Post
):
    reached = claimed("district counselor")
    browser = clients("district counselor", language="en")

    answer = post(browser, f"/calls/{reached.public_id}/call-student")

    page = browser.get(answer.location).text
    assert answer.location != f"/contacts/{reached.public_id}"
    assert "Your phone rings first" in page
    assert "Outgoing call" in page
    assert len(events(app, "called_student")) == 1
    page_gate.check_html(page, url="/contacts")


def test_whoever_promised_a_call_back_sees_it_and_may_call(
    app: Flask, clients: Clients, people: People, talking: Any, post: Post
):
    call, owner = talking("district supervisor"), people("municipal counselor")
    with app.app_context():
        made.end(call)
        made.promise_call_back(call, owner)
    browser = clients("municipal counselor", language="en")

    page = browser.get(f"/contacts/{call.public_id}").text
    answer = post(browser, f"/calls/{call.public_id}/call-student")

    assert "Call back: asked for it" in page
    assert "the call-back is due" in page
    assert answer.location != f"/contacts/{call.public_id}"
    page_gate.check_html(page, url="/contacts")


def test_a_voicemail_is_heard_and_each_time_is_written_down(
    app: Flask, clients: Clients, talking: Any
):
    call = talking(voicemail=VOICEMAIL)
    browser = clients("district counselor")

    answer = browser.get(f"/calls/{call.public_id}/recording")

    assert (answer.status_code, answer.data, answer.mimetype) == (200, VOICEMAIL, "audio/wav")
    assert answer.headers["Cache-Control"] == "no-store"
    assert [one.subject_id for one in events(app, "heard_recording")] == [call.contact_id]


def test_a_player_may_go_back_within_a_voicemail(clients: Clients, talking: Any):
    call = talking(voicemail=VOICEMAIL)

    answer = clients("district counselor").get(
        f"/calls/{call.public_id}/recording", headers={"Range": "bytes=4-7"}
    )

    assert (answer.status_code, answer.data) == (206, VOICEMAIL[4:8])


def test_a_voicemail_still_at_the_carrier_is_said_to_be(app: Flask, clients: Clients, talking: Any):
    call = talking()
    with app.app_context():
        made.leave_voicemail(call, media=None)
    browser = clients("district counselor", language="en")

    page = browser.get(f"/contacts/{call.public_id}").text

    assert "still being fetched from the carrier" in page
    assert "<audio" not in page
    assert browser.get(f"/calls/{call.public_id}/recording").status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_softphone_is_a_sound_page(clients: Clients, language: str):
    answer = clients("district counselor", language=language).get("/calls/phone")

    assert answer.status_code == 200
    page_gate.check_html(answer.text, url="/calls/phone")


def test_the_softphone_alone_may_reach_the_carrier(clients: Clients):
    browser = clients("district counselor")

    phone = browser.get("/calls/phone").headers["Content-Security-Policy"]
    others = {browser.get(url).headers["Content-Security-Policy"] for url in ("/", "/my-work")}

    assert "wss://*.twilio.com" in phone
    assert "script-src 'self';" in phone
    assert others == {headers.CONTENT_SECURITY_POLICY}
    assert "twilio" not in headers.CONTENT_SECURITY_POLICY


def test_with_the_pretend_carrier_the_softphone_speaks_to_it_alone(
    app: Flask, clients: Clients, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(app.config, "TELEPHONY_BASE_URL", "http://127.0.0.1:8026/twilio")

    answer = clients("district counselor").get("/calls/phone")

    policy = answer.headers["Content-Security-Policy"]
    assert "connect-src 'self' http://127.0.0.1:8026;" in policy
    assert "twilio.com" not in policy
    assert 'data-adapter="simulator"' in answer.text
    assert "twilio.min.js" not in answer.text


def test_a_heartbeat_lets_the_browser_ring_first(
    app: Flask, clients: Clients, people: People, post: Post
):
    person = people("district counselor")

    answer = post(clients("district counselor"), "/calls/phone/beat")

    with app.app_context():
        from wellbeing.foundation import clock

        reachable = roster.reachable(user_id=person.user_id, at=clock.now())
    assert answer.status_code == 204
    assert reachable is not None
    assert reachable.address == f"client:counselor_{person.user_id}"


def test_the_token_is_the_readers_own(
    app: Flask,
    clients: Clients,
    people: People,
    post: Post,
    monkeypatch: pytest.MonkeyPatch,
):
    asked: list[tuple[str, int]] = []

    class Gateway:
        def client_token(self, *, identity: str, seconds: int) -> str:
            asked.append((identity, seconds))
            return "invented"

    monkeypatch.setitem(app.extensions, "telephony", Gateway())

    answer = post(clients("district counselor"), "/calls/phone/token")

    assert answer.json == {"token": "invented"}
    assert asked == [(f"counselor_{people('district counselor').user_id}", 3600)]


def test_without_keys_for_the_browser_the_token_says_that_it_cannot(clients: Clients, post: Post):
    answer = post(clients("district counselor"), "/calls/phone/token")

    assert answer.status_code == 503


@pytest.mark.parametrize("path", ["token", "beat"])
def test_a_phone_whose_session_ended_is_told_so(app: Flask, city: City, post: Post, path: str):
    assert post(app.test_client(), f"/calls/phone/{path}").status_code == 401


def test_from_the_phone_one_comes_to_the_callers_page(clients: Clients, talking: Any):
    browser = clients("district counselor", language="en")

    without = browser.get("/calls/phone/caller")
    call = talking()
    during = browser.get("/calls/phone/caller")

    assert "You are not in a call now" in without.text
    assert "Refresh" not in without.headers
    assert during.location == f"/contacts/{call.public_id}"
    page_gate.check_html(without.text, url="/calls/phone/caller")


def test_the_callers_page_is_awaited_while_the_call_is_being_connected(
    app: Flask, clients: Clients, people: People, waiting: Any
):
    call = waiting()
    with app.app_context():
        made.ring(call, people("district counselor"), to=LegState.RINGING)

    page = clients("district counselor", language="en").get("/calls/phone/caller")

    assert "You are being connected" in page.text
    assert page.headers["Refresh"] == "1"
