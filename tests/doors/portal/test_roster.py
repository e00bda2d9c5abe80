"""The duty roster: who is on which desk, and where nobody is."""

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
from wellbeing.portal.forms.roster import ZONE
from wellbeing.roster import queries as roster
from wellbeing.roster.rules import Interval, ShiftRow

SHIFT = {
    "starts_at": "2036-11-24T08:00",
    "ends_at": "2036-11-24T20:00",
    "position": "1",
}


def events(app: Flask, action: AuditAction) -> list[Any]:
    with app.app_context():
        return list(audit.events(wanted=EventFilter(action=action), limit=10))


def on_duty(app: Flask, person: Any) -> ShiftRow:
    with app.app_context():
        made.put_on_duty(person)
        now = clock.now()
        (shift,) = roster.shifts_between(
            scope=person.scope, within=Interval(starts_at=now, ends_at=now.replace(year=2040))
        )
    return shift


def filled(city: Any, person: Any, **changes: str) -> dict[str, Any]:
    desk = f"{city.ids['north']}:line"
    return {**SHIFT, "desk": desk, "user_id": person.user_id} | changes


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("label", ["municipal supervisor", "district supervisor"])
def test_the_roster_passes_the_gate(
    app: Flask, clients: Any, people: Any, label: str, language: str
):
    on_duty(app, people("district counselor"))

    answer = clients(label, language=language).get("/roster")

    page_gate.check_html(answer.text, url="/roster")
    assert answer.status_code == 200


def test_the_roster_names_who_is_on_call_and_where_nobody_is(app: Flask, clients: Any, people: Any):
    on_duty(app, people("municipal counselor"))

    text = clients("municipal supervisor", language="en").get("/roster").text

    assert "Municipal Counselor" in text
    assert "on call now" in text
    assert "Director of the municipal center" in text


def test_a_shift_is_put_on_the_roster(app: Flask, clients: Any, people: Any, city: Any, post: Any):
    person = people("district counselor")

    answer = post(clients("district supervisor"), "/roster/shifts", filled(city, person))

    assert answer.status_code == 303
    assert len(events(app, AuditAction.SHIFT_ADDED)) == 1


def test_a_night_is_shown_in_the_week_where_it_begins_and_where_it_ends(
    clients: Any, people: Any, city: Any, post: Any
):
    """20:00 to 08:00 under both days would read as two nights."""
    person, browser = people("district counselor"), clients("district supervisor")
    day = clock.now().astimezone(ZONE).date() + timedelta(days=2)
    times = {"starts_at": f"{day}T20:00", "ends_at": f"{day + timedelta(days=1)}T08:00"}
    post(browser, "/roster/shifts", filled(city, person, **times))

    week = browser.get("/roster").text.partition('id="week"')[2].partition('id="shifts"')[0]

    assert week.count("20:00–24:00") == 1
    assert week.count("00:00–08:00") == 1
    assert "20:00–08:00" not in week


def test_a_shift_that_ends_before_it_begins_is_told_by_its_field_and_kept(
    clients: Any, people: Any, city: Any, post: Any
):
    data = filled(city, people("district counselor"), ends_at="2036-11-24T07:00")

    answer = post(clients("district supervisor", language="en"), "/roster/shifts", data)

    assert answer.status_code == 400
    assert "A shift ends after it begins" in answer.text
    assert "2036-11-24T07:00" in answer.text
    page_gate.check_html(answer.text, url="/roster/shifts")


def test_a_shift_without_a_start_is_told_by_its_field(
    clients: Any, people: Any, city: Any, post: Any
):
    data = filled(city, people("district counselor"), starts_at="")

    answer = post(clients("district supervisor", language="en"), "/roster/shifts", data)

    assert answer.status_code == 422
    assert "Please give the start." in answer.text


def test_a_shift_is_taken_off_the_roster(app: Flask, clients: Any, people: Any, post: Any):
    shift = on_duty(app, people("district counselor"))

    answer = post(clients("district supervisor"), f"/roster/shifts/{shift.shift_id}/remove")

    assert answer.status_code == 303
    with app.app_context():
        left = roster.on_call_at(organization_id=shift.organization_id, desk="line", at=clock.now())
    assert left == ()
    assert len(events(app, AuditAction.SHIFT_REMOVED)) == 1


def test_another_districts_shifts_are_neither_seen_nor_removed(
    app: Flask, clients: Any, people: Any, post: Any
):
    shift = on_duty(app, people("district counselor"))
    stranger = clients("other district supervisor", language="en")

    page = stranger.get("/roster")
    answer = post(stranger, f"/roster/shifts/{shift.shift_id}/remove")

    assert "District Counselor" not in page.text
    assert answer.status_code == 404
    assert len(events(app, AuditAction.REFUSED)) == 1


def test_nobody_is_put_on_a_desk_of_another_unit(
    app: Flask, clients: Any, people: Any, city: Any, post: Any
):
    data = filled(city, people("district counselor"), desk=f"{city.ids['south']}:line")

    answer = post(clients("district supervisor"), "/roster/shifts", data)

    assert answer.status_code == 422
    assert events(app, AuditAction.SHIFT_ADDED) == []


@pytest.mark.parametrize("label", ["municipal counselor", "principal", "auditor"])
def test_nobody_but_supervisors_finds_the_roster(app: Flask, clients: Any, label: str):
    answer = clients(label).get("/roster")

    assert answer.status_code == 404
    assert len(events(app, AuditAction.REFUSED)) == 1
