"""One's own duty: on or away, telephones, requests, hand-over, and the calendar."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.factories import portal as made
from tests.house import page_gate
from wellbeing.accounts.operations import people as accounts
from wellbeing.accounts.queries import people as known
from wellbeing.audit import queries as audit
from wellbeing.audit.queries import EventFilter
from wellbeing.audit.rules import AuditAction
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction
from wellbeing.policy.model import Language
from wellbeing.roster import operations
from wellbeing.roster import queries as roster
from wellbeing.roster.queries import coverage, overrides, phones
from wellbeing.roster.rules import Interval, NewShift, ShiftRow
from wellbeing.roster.rules.overrides import SwapState

ME, COLLEAGUE = "municipal counselor", "second municipal counselor"
NUMBER = "13912345678"


@pytest.fixture
def me(app: Flask, people: Any) -> Any:
    """Put the reader on the line desk."""
    person = people(ME)
    people(COLLEAGUE)
    with app.app_context():
        made.put_on_duty(person)
    return person


def shift_of(app: Flask, person: Any) -> ShiftRow:
    with app.app_context():
        now = clock.now()
        within = Interval(starts_at=now, ends_at=now + timedelta(days=60))
        return roster.shifts_between(scope=person.scope, within=within)[0]


def is_rung(app: Flask, person: Any) -> bool:
    with app.app_context():
        found = roster.available_at(
            organization_id=person.organization_id, desk="line", at=clock.now()
        )
    return [one.user_id for one in found] == [person.user_id]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("label", [ME, "district supervisor", "school counselor"])
def test_the_page_passes_the_gate(clients: Any, me: Any, label: str, language: str):
    answer = clients(label, language=language).get("/roster/mine")

    page_gate.check_html(answer.text, url="/roster/mine")
    assert answer.status_code == 200


@pytest.mark.parametrize("label", ["principal", "auditor", "administrator"])
def test_who_answers_no_line_has_no_duty(clients: Any, label: str):
    assert clients(label).get("/roster/mine").status_code == 404


def test_one_goes_away_and_comes_back(app: Flask, clients: Any, me: Any, post: Any):
    client = clients(ME, language="en")

    away = post(client, "/roster/mine/away")
    page = client.get("/roster/mine")
    was_rung = is_rung(app, me)
    back = post(client, "/roster/mine/back")

    assert (away.status_code, back.status_code) == (303, 303)
    assert "/roster/mine/back" in page.text
    assert (was_rung, is_rung(app, me)) == (False, True)
    with app.app_context():
        wanted = EventFilter(action=AuditAction.ROSTER_CHANGED)
        assert len(audit.events(wanted=wanted, limit=9)) == 2


def test_somebody_who_missed_rings_is_told_kindly(app: Flask, clients: Any, me: Any):
    with app.app_context(), transaction():
        for _ in range(3):
            operations.note_missed_ring(user_id=me.user_id, now=clock.now())

    page = clients(ME, language="en").get("/roster/mine")

    assert "That happens." in page.text
    page_gate.check_html(page.text, url="/roster/mine")


def test_a_telephone_is_kept_shown_by_two_digits_and_forgotten(
    app: Flask, clients: Any, me: Any, post: Any
):
    client = clients(ME, language="en")
    data = {"kind": "mobile", "number": NUMBER, "position": "1"}

    kept = post(client, "/roster/mine/phones", data)
    page = client.get("/roster/mine")
    with app.app_context():
        (phone,) = phones.phones_of(user_id=me.user_id)
    removed = post(client, "/roster/mine/phones/remove", {"row_id": phone.phone_id})

    assert (kept.status_code, removed.status_code) == (303, 303)
    assert "•••• 78" in page.text
    assert NUMBER not in page.text
    with app.app_context():
        assert phones.phones_of(user_id=me.user_id) == ()


def test_what_somebody_speaks_is_kept_and_shown_to_who_plans(
    app: Flask, clients: Any, me: Any, post: Any
):
    client = clients(ME, language="en")

    kept = post(client, "/roster/mine/languages", {"languages": "en,zh"})
    page = client.get("/roster/mine")

    assert kept.status_code == 303
    assert '<option selected value="en,zh">' in page.text
    page_gate.check_html(page.text, url="/roster/mine")
    with app.app_context():
        assert known.languages_of(user_ids=[me.user_id]) == {me.user_id: (Language.EN, Language.ZH)}


@pytest.mark.parametrize("sent", ["", "fr", "zh,fr", "zh,zh"])
def test_a_language_that_is_not_offered_is_refused(
    app: Flask, clients: Any, me: Any, post: Any, sent: str
):
    answer = post(clients(ME), "/roster/mine/languages", {"languages": sent})

    assert answer.status_code == 422
    with app.app_context():
        assert known.languages_of(user_ids=[me.user_id]) == {me.user_id: (Language.ZH,)}


@pytest.mark.parametrize(("number", "status"), [("12356", 400), ("", 422)])
def test_what_cannot_be_dialled_is_told_by_its_field(
    clients: Any, me: Any, post: Any, number: str, status: int
):
    data = {"kind": "mobile", "number": number, "position": "1"}

    answer = post(clients(ME), "/roster/mine/phones", data)

    assert answer.status_code == status
    page_gate.check_html(answer.text, url="/roster/mine/phones")


def test_another_persons_telephone_is_not_there(app: Flask, clients: Any, me: Any, post: Any):
    data = {"kind": "mobile", "number": NUMBER, "position": "1"}
    post(clients(ME), "/roster/mine/phones", data)
    with app.app_context():
        (phone,) = phones.phones_of(user_id=me.user_id)

    answer = post(clients(COLLEAGUE), "/roster/mine/phones/remove", {"row_id": phone.phone_id})

    assert answer.status_code == 404


def asked(app: Flask, clients: Any, people: Any, me: Any, post: Any) -> int:
    data = {"shift_id": shift_of(app, me).shift_id, "asked_id": people(COLLEAGUE).user_id}
    assert post(clients(ME), "/roster/mine/swaps", data).status_code == 303
    with app.app_context():
        (swap,) = overrides.swaps_for(user_id=me.user_id, now=clock.now())
    return swap.swap_id


def state_of(app: Flask, swap_id: int, me: Any) -> SwapState:
    with app.app_context():
        return overrides.swap_of(swap_id=swap_id, user_id=me.user_id).state


@pytest.mark.parametrize(
    ("who", "word", "state"),
    [
        (COLLEAGUE, "agree", SwapState.AGREED),
        (COLLEAGUE, "decline", SwapState.DECLINED),
        (ME, "withdraw", SwapState.WITHDRAWN),
    ],
)
def test_a_colleague_is_asked_and_each_side_answers(
    app: Flask, clients: Any, people: Any, me: Any, post: Any, who: str, word: str, state: SwapState
):
    swap_id = asked(app, clients, people, me, post)
    client = clients(who, language="en")

    page = client.get("/roster/mine")
    answer = post(client, f"/roster/mine/swaps/{word}", {"row_id": swap_id})

    page_gate.check_html(page.text, url="/roster/mine")
    assert "Requests to swap" in page.text
    assert answer.status_code == 303
    assert state_of(app, swap_id, me) is state


def test_a_third_person_answers_nothing(app: Flask, clients: Any, people: Any, me: Any, post: Any):
    swap_id = asked(app, clients, people, me, post)

    answer = post(clients("municipal supervisor"), "/roster/mine/swaps/agree", {"row_id": swap_id})

    assert answer.status_code == 404
    assert state_of(app, swap_id, me) is SwapState.ASKED


def test_another_persons_shift_cannot_be_asked_about(
    app: Flask, clients: Any, people: Any, me: Any, post: Any
):
    data = {"shift_id": shift_of(app, me).shift_id, "asked_id": me.user_id}

    answer = post(clients(COLLEAGUE), "/roster/mine/swaps", data)

    assert answer.status_code == 422


def ending(app: Flask, person: Any) -> int:
    with app.app_context():
        now = clock.now()
        new = NewShift(
            organization_id=person.organization_id,
            desk="crisis",
            user_id=person.user_id,
            starts_at=now - timedelta(hours=8),
            ends_at=now + timedelta(minutes=10),
            by_user_id=person.user_id,
        )
        with transaction():
            return operations.add_shift(new=new, now=now)


def test_a_shift_is_handed_over_at_its_end(
    app: Flask, clients: Any, people: Any, me: Any, post: Any
):
    shift_id, client = ending(app, me), clients(ME, language="en")

    page = client.get("/roster/mine")
    answer = post(client, "/roster/mine/hand-over", {"row_id": shift_id})
    again = post(client, "/roster/mine/hand-over", {"row_id": shift_id})
    stranger = post(clients(COLLEAGUE), "/roster/mine/hand-over", {"row_id": shift_id})

    assert "Hand over your shift" in page.text
    page_gate.check_html(page.text, url="/roster/mine")
    assert (answer.status_code, again.status_code, stranger.status_code) == (303, 409, 404)
    with app.app_context():
        assert coverage.handover(shift_id=shift_id) is not None


def address(clients: Any, post: Any) -> str:
    text = post(clients(ME), "/roster/mine/calendar").text
    page_gate.check_html(text, url="/roster/mine/calendar")
    return "/roster/calendar/" + text.split("/roster/calendar/")[1].split("<")[0]


def test_a_calendar_shows_desk_and_times_and_nobody(app: Flask, clients: Any, me: Any, post: Any):
    answer = app.test_client().get(address(clients, post))

    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    assert "SUMMARY:市级值班台" in answer.text
    assert "示例" not in answer.text
    assert NUMBER not in answer.text


def test_a_new_address_ends_the_old_one(app: Flask, clients: Any, me: Any, post: Any):
    old = address(clients, post)
    new = address(clients, post)

    stranger = app.test_client()

    assert stranger.get(old).status_code == 404
    assert stranger.get(new).status_code == 200


def test_a_calendar_is_taken_off_the_net_or_goes_with_its_person(
    app: Flask, clients: Any, me: Any, post: Any
):
    first = address(clients, post)
    post(clients(ME), "/roster/mine/calendar/end")
    after_end = app.test_client().get(first)
    second = address(clients, post)
    with app.app_context(), transaction():
        accounts.disable_user(user_id=me.user_id, real_now=clock.real_now())

    assert after_end.status_code == 404
    assert app.test_client().get(second).status_code == 404


def test_a_guessed_address_shows_nothing(app: Flask):
    assert app.test_client().get("/roster/calendar/guess.ics").status_code == 404
