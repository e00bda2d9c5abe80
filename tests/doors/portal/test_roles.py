"""People and roles: who gives them, after which proof, and what they never leave behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from tests.factories.accounts import make_user
from tests.factories.records import case_of, events
from tests.house import page_gate
from wellbeing.accounts.models import SESSION
from wellbeing.accounts.operations import roles as operations
from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.people import LastAdministrator
from wellbeing.accounts.rules.roles import Role
from wellbeing.foundation import clock
from wellbeing.foundation.database import session, transaction

ADMIN, SOMEBODY = "administrator", "school counselor"


def role_of(app: Flask, user_id: int) -> tuple[Role, int, bool]:
    with app.app_context():
        row = accounts.user(user_id=user_id)
        return row.role, row.organization_id, row.is_active


def version_of(app: Flask, user_id: int) -> str:
    with app.app_context():
        return str(accounts.user(user_id=user_id).version)


def test_a_role_is_given_audited_and_ends_the_old_sessions(
    app: Flask, clients: Any, post: Any, people: Any, city: Any
):
    person, theirs = people(SOMEBODY), clients(SOMEBODY)
    form = {"role": "supervisor", "place": "north", "version": version_of(app, person.user_id)}

    answer = post(clients(ADMIN), f"/people/{person.user_id}", form)

    assert answer.status_code == 303
    assert role_of(app, person.user_id) == (Role.SUPERVISOR, city.ids["north"], True)
    assert theirs.get("/cases").status_code == 302
    (event,) = events(app, "user_changed")
    assert event["subject_id"] == person.user_id
    assert event["details"] == {
        "role": "supervisor",
        "at": city.ids["north"],
        "was": "counselor",
        "was_at": city.ids["north-school"],
    }


def test_whoever_holds_a_case_is_not_moved_away_from_it(
    app: Flask, clients: Any, post: Any, people: Any, claimed: Any
):
    case_of(app, people, claimed)
    holder, client = people("district counselor"), clients(ADMIN)
    url, version = f"/people/{holder.user_id}", version_of(app, holder.user_id)

    moved = post(client, url, {"role": "counselor", "place": "south", "version": version})
    barred = post(client, url, {"role": "auditor", "place": "north", "version": version})
    left = post(client, f"{url}/leave")
    raised = post(client, url, {"role": "supervisor", "place": "north", "version": version})

    assert [one.status_code for one in (moved, barred, left, raised)] == [409, 409, 409, 303]
    assert "请先交接" in moved.text
    assert role_of(app, holder.user_id)[2] is True


def test_somebody_who_leaves_cannot_come_back_in(app: Flask, clients: Any, post: Any, people: Any):
    person, theirs, client = people(SOMEBODY), clients(SOMEBODY), clients(ADMIN)

    answer = post(client, f"/people/{person.user_id}/leave")

    assert answer.status_code == 303
    assert theirs.get("/cases").status_code == 302
    assert role_of(app, person.user_id)[2] is False
    assert [one["subject_id"] for one in events(app, "user_disabled")] == [person.user_id]
    assert "已离职" in client.get("/people").text


def test_nobody_changes_their_own_role(app: Flask, clients: Any, post: Any, people: Any):
    me, client = people(ADMIN), clients(ADMIN)
    form = {"role": "supervisor", "place": "city", "version": version_of(app, me.user_id)}

    changed = post(client, f"/people/{me.user_id}", form)
    left = post(client, f"/people/{me.user_id}/leave")

    assert [changed.status_code, left.status_code] == [409, 409]
    assert role_of(app, me.user_id)[0] is Role.ADMINISTRATOR


def test_the_last_administrator_stays(app: Flask, people: Any, city: Any):
    """Of two, one may go; the other may not, whoever asks."""
    first = people(ADMIN).user_id
    with app.app_context():
        second = make_user(role=Role.ADMINISTRATOR, organization_id=city.ids["city"])
        with transaction():
            operations.take_access_away(user_id=second, by=first, real_now=clock.real_now())

        with pytest.raises(LastAdministrator), transaction():
            operations.take_access_away(user_id=first, by=second, real_now=clock.real_now())


def test_two_administrators_at_once_are_told_of_each_other(
    app: Flask, clients: Any, post: Any, people: Any
):
    person, client = people(SOMEBODY), clients(ADMIN)
    form = {"role": "supervisor", "place": "north", "version": version_of(app, person.user_id)}

    first, second = (post(client, f"/people/{person.user_id}", form) for _ in range(2))

    assert [first.status_code, second.status_code] == [303, 409]


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"place": "nowhere"}, 400), ({"role": "king"}, 422), ({"place": ""}, 422)],
)
def test_what_is_unfit_is_told_by_its_field(
    app: Flask, clients: Any, post: Any, people: Any, changes: dict[str, str], status: int
):
    person = people(SOMEBODY)
    form = {"role": "supervisor", "place": "north", "version": "1"} | changes

    answer = post(clients(ADMIN), f"/people/{person.user_id}", form)

    assert answer.status_code == status
    assert role_of(app, person.user_id)[0] is Role.COUNSELOR


def test_it_wants_a_fresh_proof(app: Flask, clients: Any, post: Any, people: Any):
    person, client = people(SOMEBODY), clients(ADMIN)
    long_ago = clock.real_now() - timedelta(days=1)
    with app.app_context(), transaction():
        session().execute(update(SESSION).values(stepped_up_at=long_ago))

    answers = [
        client.get(f"/people/{person.user_id}"),
        post(client, f"/people/{person.user_id}/leave"),
    ]

    assert ["/step-up" in one.location for one in answers] == [True, True]
    assert role_of(app, person.user_id)[2] is True


@pytest.mark.parametrize(
    "label", ["district counselor", "municipal supervisor", "principal", "auditor"]
)
def test_nobody_but_an_administrator_finds_it(clients: Any, post: Any, people: Any, label: str):
    person, client = people(SOMEBODY), clients(label)

    assert client.get("/people").status_code == 404
    assert client.get(f"/people/{person.user_id}").status_code == 404
    assert post(client, f"/people/{person.user_id}/leave").status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
def test_its_pages_pass_the_gate(clients: Any, people: Any, language: str):
    person, client = people(SOMEBODY), clients(ADMIN, language=language)

    for url in ("/people", "/people?begins=school&role=counselor", f"/people/{person.user_id}"):
        answer = client.get(url)
        assert answer.status_code == 200
        page_gate.check_html(answer.text, url=url)
    assert "school.counselor" in client.get("/people?begins=school").text
    assert "school.counselor" not in client.get("/people?role=auditor").text
