"""Rotations, replacements and swaps, as a supervisor plans them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.factories import portal as made
from tests.house import page_gate
from wellbeing.audit import queries as audit
from wellbeing.audit.queries import EventFilter
from wellbeing.audit.rules import AuditAction
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction
from wellbeing.roster import queries as roster
from wellbeing.roster.operations import phones, swaps
from wellbeing.roster.queries import overrides, rotations
from wellbeing.roster.rules import Interval, ShiftRow
from wellbeing.roster.rules.overrides import SwapState


def today(app: Flask, *, days: int = 0) -> str:
    with app.app_context():
        return (clock.now() + timedelta(days=days)).date().isoformat()


def changes(app: Flask) -> int:
    with app.app_context():
        wanted = EventFilter(action=AuditAction.ROSTER_CHANGED)
        return len(audit.events(wanted=wanted, limit=20))


def shifts_of(app: Flask, person: Any) -> tuple[ShiftRow, ...]:
    with app.app_context():
        now = clock.now()
        within = Interval(starts_at=now, ends_at=now + timedelta(days=60))
        return tuple(
            one
            for one in roster.shifts_between(scope=person.scope, within=within)
            if one.user_id == person.user_id
        )


def rotation_of(app: Flask, city: Any, *people: Any) -> dict[str, Any]:
    return {
        "desk": f"{city.ids['north']}:line",
        "weekdays": [str(day) for day in range(7)],
        "starts": "08:00",
        "ends": "08:00",
        "turn": "day",
        **dict(
            zip(
                ("first", "second", "third"),
                (str(person.user_id) for person in people),
                strict=False,
            )
        ),
        "valid_from": today(app, days=-2),
        "position": "1",
    }


def first_rotation(app: Flask, person: Any) -> int:
    with app.app_context():
        found = rotations.rotations(scope=person.scope, today=clock.now().date())
        return found[0].rotation_id


@pytest.fixture
def planned(app: Flask, clients: Any, people: Any, city: Any, post: Any) -> Any:
    """Let two people of the north district take turns."""
    data = rotation_of(app, city, people("district counselor"), people("district supervisor"))
    answer = post(clients("district supervisor"), "/roster/rotations", data)
    assert answer.status_code == 303
    return people("district supervisor")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("url", ["/roster", "/roster/rotations", "/roster/replacements"])
def test_the_pages_of_plans_pass_the_gate(
    app: Flask, clients: Any, planned: Any, url: str, language: str
):
    answer = clients("district supervisor", language=language).get(url)

    page_gate.check_html(answer.text, url=url)
    assert answer.status_code == 200


def test_a_rotation_puts_its_people_on_the_roster(
    app: Flask, clients: Any, people: Any, planned: Any
):
    page = clients("district supervisor", language="en").get("/roster/rotations")

    assert len(shifts_of(app, people("district counselor"))) > 15
    assert "District Counselor" in page.text
    assert "(next day)" in page.text
    assert changes(app) == 1


def test_a_rotation_without_days_or_people_is_told_by_its_fields(
    app: Flask, clients: Any, people: Any, city: Any, post: Any
):
    data = rotation_of(app, city, people("district counselor")) | {"weekdays": [], "starts": ""}

    answer = post(clients("district supervisor", language="en"), "/roster/rotations", data)

    assert answer.status_code == 422
    assert "Please choose at least one day." in answer.text
    page_gate.check_html(answer.text, url="/roster/rotations")


def test_a_rotation_that_cannot_be_is_told_and_kept(
    app: Flask, clients: Any, people: Any, city: Any, post: Any
):
    twice = rotation_of(app, city, people("district counselor"), people("district counselor"))

    answer = post(clients("district supervisor", language="en"), "/roster/rotations", twice)

    assert answer.status_code == 400
    assert "nobody in it twice" in answer.text


def test_a_holiday_is_set_and_taken_back(app: Flask, clients: Any, planned: Any, post: Any):
    client, rotation_id = clients("district supervisor"), first_rotation(app, planned)
    data = {
        "holiday-rotation_id": rotation_id,
        "holiday-day": today(app, days=3),
        "holiday-who": "0",
    }
    before = len(shifts_of(app, planned))

    closed = post(client, "/roster/rotations/holiday", data)
    with app.app_context():
        (one,) = rotations.rotations(scope=planned.scope, today=clock.now().date())
    page = clients("district supervisor", language="en").get("/roster/rotations")
    ordinary = post(client, "/roster/rotations/holiday", data | {"holiday-who": "-1"})

    assert (closed.status_code, ordinary.status_code) == (303, 303)
    assert list(one.pattern.holidays.values()) == [None]
    assert today(app, days=3) in page.text
    assert len(shifts_of(app, planned)) == before


def test_a_rotation_ends_with_a_day(app: Flask, clients: Any, planned: Any, post: Any):
    data = {"end-rotation_id": first_rotation(app, planned), "end-last_day": today(app, days=1)}

    answer = post(clients("district supervisor"), "/roster/rotations/end", data)

    assert answer.status_code == 303
    assert len(shifts_of(app, planned)) <= 2


def test_an_end_before_the_beginning_is_told_by_its_field(
    app: Flask, clients: Any, planned: Any, post: Any
):
    data = {"end-rotation_id": first_rotation(app, planned), "end-last_day": "2020-01-01"}

    answer = post(clients("district supervisor", language="en"), "/roster/rotations/end", data)

    assert answer.status_code == 400
    assert "not before its first" in answer.text


def test_another_district_cannot_choose_this_rotation(
    app: Flask, clients: Any, planned: Any, post: Any
):
    stranger = clients("other district supervisor", language="en")
    data = {"end-rotation_id": first_rotation(app, planned), "end-last_day": today(app)}

    page = stranger.get("/roster/rotations")
    answer = post(stranger, "/roster/rotations/end", data)

    assert "District Counselor" not in page.text
    assert answer.status_code == 422
    assert shifts_of(app, planned) != ()


def replacement(app: Flask, city: Any, who: Any, whom: Any | None) -> dict[str, Any]:
    return {
        "desk": f"{city.ids['north']}:line",
        "user_id": who.user_id,
        "replaced_id": whom.user_id if whom else 0,
        "starts_at": f"{today(app, days=2)}T09:00",
        "ends_at": f"{today(app, days=2)}T11:00",
        "position": "2",
    }


def standing(app: Flask, person: Any) -> tuple[Any, ...]:
    with app.app_context():
        return overrides.overrides(scope=person.scope, now=clock.now())


def test_a_colleague_is_put_in_and_taken_back(
    app: Flask, clients: Any, people: Any, city: Any, post: Any
):
    client, person = clients("district supervisor", language="en"), people("district supervisor")
    data = replacement(app, city, people("district counselor"), None)

    added = post(client, "/roster/replacements", data)
    (one,) = standing(app, person)
    page = client.get("/roster/replacements")
    back = post(client, "/roster/replacements/withdraw", {"row_id": one.override_id})

    assert (added.status_code, back.status_code) == (303, 303)
    assert "one person more" in page.text
    assert standing(app, person) == ()
    assert changes(app) == 2


def test_a_replacement_for_somebody_who_is_not_there_is_told(
    app: Flask, clients: Any, people: Any, city: Any, post: Any
):
    data = replacement(app, city, people("district counselor"), people("district supervisor"))

    answer = post(clients("district supervisor", language="en"), "/roster/replacements", data)

    assert answer.status_code == 400
    assert "nobody can take their place" in answer.text
    assert standing(app, people("district supervisor")) == ()


def test_another_district_takes_no_replacement_back(
    app: Flask, clients: Any, people: Any, city: Any, post: Any
):
    data = replacement(app, city, people("district counselor"), None)
    post(clients("district supervisor"), "/roster/replacements", data)
    (one,) = standing(app, people("district supervisor"))

    answer = post(
        clients("other district supervisor"),
        "/roster/replacements/withdraw",
        {"row_id": one.override_id},
    )

    assert answer.status_code == 404
    assert len(standing(app, people("district supervisor"))) == 1


@pytest.mark.parametrize("row_id", ["", "0", "-1", "x", "9" * 30])
def test_a_button_without_its_row_is_refused(clients: Any, post: Any, row_id: str):
    answer = post(
        clients("district supervisor"), "/roster/replacements/withdraw", {"row_id": row_id}
    )

    assert answer.status_code == 400


def agreed_swap(app: Flask, asker: Any, asked: Any) -> int:
    shift = shifts_of(app, asker)[0]
    with app.app_context(), transaction():
        now = clock.now()
        swap_id = swaps.ask_swap(
            shift_id=shift.shift_id, asker_id=asker.user_id, asked_id=asked.user_id, now=now
        )
        swaps.answer_swap(swap_id=swap_id, user_id=asked.user_id, agrees=True, now=now)
    return swap_id


def state_of(app: Flask, swap_id: int, person: Any) -> SwapState:
    with app.app_context():
        return overrides.swap_within(swap_id=swap_id, scope=person.scope).state


@pytest.mark.parametrize(
    ("word", "state"), [("approve", SwapState.APPROVED), ("refuse", SwapState.DECLINED)]
)
def test_a_supervisor_decides_about_a_swap(
    app: Flask, clients: Any, people: Any, post: Any, word: str, state: SwapState
):
    asker, asked = people("second municipal counselor"), people("municipal counselor")
    client = clients("municipal supervisor", language="en")
    with app.app_context():
        made.put_on_duty(asker)
    swap_id = agreed_swap(app, asker, asked)

    page = client.get("/roster")
    answer = post(client, f"/roster/swaps/{word}", {"row_id": swap_id})

    assert "Swaps that wait for you" in page.text
    page_gate.check_html(page.text, url="/roster")
    assert answer.status_code == 303
    assert state_of(app, swap_id, people("municipal supervisor")) is state


def test_another_unit_decides_about_no_swap_of_ours(
    app: Flask, clients: Any, people: Any, post: Any
):
    asker, asked = people("second municipal counselor"), people("municipal counselor")
    with app.app_context():
        made.put_on_duty(asker)
    swap_id = agreed_swap(app, asker, asked)

    answer = post(clients("district supervisor"), "/roster/swaps/approve", {"row_id": swap_id})

    assert answer.status_code == 404
    assert state_of(app, swap_id, people("municipal supervisor")) is SwapState.AGREED


def test_who_is_away_or_at_the_computer_is_seen(app: Flask, clients: Any, people: Any):
    away, here = people("municipal counselor"), people("second municipal counselor")
    with app.app_context():
        made.put_on_duty(away)
        made.put_on_duty(here)
        with transaction():
            phones.go_away(user_id=away.user_id, now=clock.now())
            phones.beat(user_id=here.user_id, now=clock.now())

    text = clients("municipal supervisor", language="en").get("/roster").text

    assert "at the computer" in text
    assert "away</span>" in text


@pytest.mark.parametrize("url", ["/roster/rotations", "/roster/replacements"])
@pytest.mark.parametrize("label", ["district counselor", "principal", "auditor"])
def test_nobody_but_supervisors_plans(clients: Any, label: str, url: str):
    assert clients(label).get(url).status_code == 404
