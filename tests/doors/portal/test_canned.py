"""Ready-made replies: proposed by one, approved by another, used in a conversation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.doors.portal.conftest import Person, Reached
from tests.factories import portal as made
from wellbeing.contacts.operations import canned
from wellbeing.contacts.queries import canned as queries
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.canned import AlreadyDecided, CannedState
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction

Clients = Callable[..., Any]
Claimed = Callable[..., Reached]
People = Callable[[str], Person]
Post = Callable[..., Any]
WORDS = {
    "canned-shortcut": "here",
    "canned-text_zh": "示例：我在，慢慢说。",
    "canned-text_en": "Example: I am here, take your time.",
}


@pytest.fixture
def proposed(app: Flask, people: People) -> int:
    """A proposal of the district counselor."""
    person = people("district counselor")
    with app.app_context():
        return made.canned_reply(person)


@pytest.fixture
def approved(app: Flask, people: People, proposed: int) -> int:
    supervisor = people("district supervisor")
    with app.app_context(), transaction():
        canned.approve(canned_id=proposed, scope=supervisor.scope, now=clock.now())
    return proposed


def state(app: Flask, canned_id: int) -> CannedState:
    with app.app_context():
        return queries.one(canned_id=canned_id).state


def test_a_proposal_waits_and_cannot_be_used(
    app: Flask, clients: Clients, claimed: Claimed, post: Post
):
    browser = clients("district counselor")

    answer = post(browser, "/canned-replies", WORDS)

    assert answer.status_code == 303
    page = browser.get("/canned-replies").text
    assert "示例：我在，慢慢说。" in page
    assert "Example: I am here, take your time." in page
    reached = claimed("district counselor")
    assert "data-canned" not in browser.get(f"/contacts/{reached.public_id}").text


@pytest.mark.parametrize(
    "changes",
    [
        {"canned-text_en": ""},
        {"canned-text_zh": "   "},
        {"canned-shortcut": "Not Good"},
        {"canned-shortcut": "在"},
        {"canned-shortcut": ""},
        {"canned-text_zh": "长" * 601},
        {"canned-version": "999999"},
    ],
)
def test_an_unfit_proposal_is_refused(
    app: Flask, clients: Clients, post: Post, changes: dict[str, str], people: People
):
    answer = post(clients("district counselor"), "/canned-replies", WORDS | changes)

    assert answer.status_code in {400, 404, 422}
    with app.app_context():
        scope = people("district counselor").scope
        assert queries.listed(path=scope.paths[0], scope=scope) == ()


def test_a_supervisor_approves_and_it_is_offered(
    app: Flask, clients: Clients, claimed: Claimed, post: Post, proposed: int
):
    answer = post(clients("district supervisor"), f"/canned-replies/{proposed}/approve")

    assert answer.status_code == 303
    assert state(app, proposed) is CannedState.APPROVED
    reached = claimed("district counselor")
    page = clients("district counselor").get(f"/contacts/{reached.public_id}").text
    assert 'data-shortcut="here"' in page


def test_nobody_approves_their_own(app: Flask, clients: Clients, post: Post, people: People):
    with app.app_context():
        own = made.canned_reply(people("district supervisor"))

    post(clients("district supervisor"), f"/canned-replies/{own}/approve")

    assert state(app, own) is CannedState.PROPOSED


@pytest.mark.parametrize(
    "label", ["district counselor", "other district supervisor", "auditor", "principal"]
)
def test_who_does_not_supervise_the_unit_decides_nothing(
    app: Flask, clients: Clients, post: Post, proposed: int, label: str
):
    for what in ("approve", "retire"):
        answer = post(clients(label), f"/canned-replies/{proposed}/{what}")
        assert answer.status_code == 404

    assert state(app, proposed) is CannedState.PROPOSED


def test_of_two_who_decide_at_once_the_second_is_told(
    app: Flask, people: People, proposed: int, approved: int
):
    supervisor = people("municipal supervisor")

    with app.app_context(), pytest.raises(AlreadyDecided), transaction():
        canned.decline(canned_id=proposed, scope=supervisor.scope, now=clock.now())

    assert state(app, approved) is CannedState.APPROVED


def test_a_better_wording_takes_the_place_of_the_old_one_once_approved(
    app: Flask, clients: Clients, post: Post, people: People, approved: int
):
    better = WORDS | {"canned-text_zh": "示例：我在听。", "canned-version": str(approved)}
    form = clients("district counselor").get(f"/canned-replies/{approved}/change").text
    post(clients("district counselor"), "/canned-replies", better)
    person = people("district supervisor")
    with app.app_context():
        newest = max(
            one.canned_id for one in queries.listed(path=person.scope.paths[0], scope=person.scope)
        )

    post(clients("district supervisor"), f"/canned-replies/{newest}/approve")

    assert f'value="{approved}"' in form
    assert state(app, newest) is CannedState.APPROVED
    assert state(app, approved) is CannedState.RETIRED


def test_of_two_better_wordings_at_once_the_second_loses_no_word(
    app: Flask, clients: Clients, post: Post, people: People, approved: int
):
    """Both saw the same reply: one takes its place, the other's words wait beside what stands."""
    for words in ("示例：我在听。", "示例：我听着呢。"):
        better = WORDS | {"canned-text_zh": words, "canned-version": str(approved)}
        post(clients("district counselor"), "/canned-replies", better)
    reader = people("district supervisor")
    with app.app_context():
        rows = queries.listed(path=reader.organization_path, scope=reader.scope)
        first, second = sorted(one.canned_id for one in rows if one.replaces_id == approved)
    supervisor = clients("district supervisor", language="en")

    post(supervisor, f"/canned-replies/{first}/approve")
    post(supervisor, f"/canned-replies/{second}/approve")
    page = supervisor.get("/canned-replies").text

    assert state(app, first) is CannedState.APPROVED
    assert state(app, second) is CannedState.PROPOSED
    assert "What this was to replace is no longer in use" in page
    assert "示例：我听着呢。" in page


def test_a_wording_for_a_reply_that_went_meanwhile_is_kept_on_the_page(
    clients: Clients, post: Post, approved: int
):
    better = WORDS | {"canned-text_zh": "示例：我在听。", "canned-version": str(approved)}
    post(clients("district supervisor"), f"/canned-replies/{approved}/retire")

    stale = post(clients("district counselor"), "/canned-replies", better)
    again = post(clients("district counselor"), "/canned-replies", better | {"canned-version": "0"})

    assert stale.status_code == 409
    assert "示例：我在听。" in stale.text
    assert f'value="{approved}"' not in stale.text
    assert again.status_code == 303


def test_a_units_wording_takes_nothing_from_the_units_above_and_beside_it(
    app: Flask, clients: Clients, post: Post, people: People
):
    """A district's supervisor has no say about what the whole city uses."""
    author, city = people("municipal counselor"), people("municipal supervisor")
    with app.app_context():
        of_city = made.canned_reply(author)
        with transaction():
            canned.approve(canned_id=of_city, scope=city.scope, now=clock.now())
    post(
        clients("district counselor"),
        "/canned-replies",
        WORDS | {"canned-text_zh": "示例：北区的说法。", "canned-version": str(of_city)},
    )
    with app.app_context():
        reader = people("district supervisor")
        (own,) = [
            one
            for one in queries.listed(path=reader.organization_path, scope=reader.scope)
            if one.replaces_id == of_city
        ]

    post(clients("district supervisor"), f"/canned-replies/{own.canned_id}/approve")

    assert state(app, own.canned_id) is CannedState.APPROVED
    assert state(app, of_city) is CannedState.APPROVED


def test_a_unit_uses_its_own_and_those_from_above_never_a_neighbours(
    app: Flask, people: People, approved: int
):
    paths = {
        label: people(label).organization_path
        for label in ("district counselor", "school counselor", "other district counselor")
    }

    with app.app_context():
        offered = {label: len(queries.usable(path=path)) for label, path in paths.items()}

    assert offered == {
        "district counselor": 1, "school counselor": 1, "other district counselor": 0,
    }  # fmt: skip


def test_without_a_script_it_stands_behind_what_was_typed(
    app: Flask, clients: Clients, claimed: Claimed, post: Post, people: People, approved: int
):
    reached, me = claimed("district counselor"), people("district counselor").user_id

    answer = post(
        clients("district counselor"),
        f"/contacts/{reached.public_id}/canned",
        {"reply-body": "你好", "canned": str(approved)},
    )

    assert answer.status_code == 303
    with app.app_context():
        draft = contacts.draft_of(contact_id=reached.contact_id, user_id=me)
    assert draft is not None
    assert draft.body == "你好\n示例：我在，慢慢说。"


@pytest.mark.parametrize("chosen", ["0", "999999", "x", ""])
def test_an_unknown_one_loses_nothing_that_was_typed(
    app: Flask, clients: Clients, claimed: Claimed, post: Post, people: People, chosen: str
):
    reached, me = claimed("district counselor"), people("district counselor").user_id

    answer = post(
        clients("district counselor"),
        f"/contacts/{reached.public_id}/canned",
        {"reply-body": "你好", "canned": chosen},
    )

    assert answer.status_code == 303
    with app.app_context():
        draft = contacts.draft_of(contact_id=reached.contact_id, user_id=me)
    assert draft is not None
    assert draft.body == "你好"
