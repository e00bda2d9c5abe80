"""A conversation goes to a colleague: one holder always, and an answer is awaited from them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from tests.factories.accounts import make_counselor
from tests.factories.contacts import claim, make_conversation, receive, scope_of
from tests.factories.moments import NOW
from tests.factories.organizations import City
from tests.rooms.contacts.test_texts_coming_in import at_once
from wellbeing.contacts.events import ContactClaimed
from wellbeing.contacts.operations import conversations as operations
from wellbeing.contacts.operations import drafts
from wellbeing.contacts.operations.handing_over import hand_over
from wellbeing.contacts.queries import conversations as queries
from wellbeing.contacts.rules.conversations import (
    ContactState,
    NotYours,
    SameCounselor,
    TheirHandsAreFull,
)
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.policy.model import RiskLevel

LATER = NOW + timedelta(minutes=5)


def gives(contact_id: int, *, by: int, to: int, note: str = "", **scope: object) -> None:
    with transaction():
        hand_over(
            contact_id=contact_id,
            by=by,
            to=scope_of(user_id=to, **scope),  # type: ignore[arg-type]  # paths only
            note=note,
            now=LATER,
        )


def opens(user_id: int, contact_id: int) -> None:
    public_id = queries.contact_by_id(contact_id=contact_id).public_id
    queries.contact(public_id=public_id, scope=scope_of(user_id=user_id), now=LATER)


def test_the_colleague_holds_it_and_alone_may_open_it(
    city: City, counselor: int, told: list[object]
):
    colleague = make_counselor()
    contact_id = make_conversation(user_id=counselor)

    gives(contact_id, by=counselor, to=colleague, note="说好了等她放学")

    contact = queries.contact_by_id(contact_id=contact_id)
    assert (contact.state, contact.claimed_by) == (ContactState.IN_CONVERSATION, colleague)
    assert contact.wrap_up == "说好了等她放学"
    opens(colleague, contact_id)
    with pytest.raises(NotFound):
        opens(counselor, contact_id)
    assert told[-1] == ContactClaimed(contact_id=contact_id, user_id=colleague, at=LATER)


def test_the_colleagues_answer_is_awaited_from_then_on(city: City, counselor: int):
    """Whoever does not notice a red conversation loses it to the queue by the usual rule."""
    colleague = make_counselor()
    contact_id = make_conversation(user_id=counselor, urgency=RiskLevel.IMMINENT)
    with transaction():
        operations.write_reply(contact_id=contact_id, by=counselor, body="我在", now=NOW)

    gives(contact_id, by=counselor, to=colleague)

    left = queries.unanswered_ids(levels=[RiskLevel.IMMINENT], since=LATER, limit=10)
    assert left == (contact_id,)


def test_what_the_student_waited_for_is_not_reset(city: City, counselor: int):
    colleague = make_counselor()
    contact_id = make_conversation(user_id=counselor)
    with transaction():
        operations.write_reply(contact_id=contact_id, by=counselor, body="我在", now=NOW)
    receive(now=NOW + timedelta(minutes=1))

    gives(contact_id, by=counselor, to=colleague)

    waited = queries.contact_by_id(contact_id=contact_id).unanswered_since
    assert waited == NOW + timedelta(minutes=1)


def test_only_the_holder_hands_over_and_not_to_themselves(city: City, counselor: int):
    colleague, stranger = make_counselor(), make_counselor()
    contact_id = make_conversation(user_id=counselor)

    with pytest.raises(NotYours):
        gives(contact_id, by=stranger, to=colleague)
    with pytest.raises(SameCounselor):
        gives(contact_id, by=counselor, to=counselor)


def test_nobody_outside_of_the_unit_is_given_a_child(city: City, counselor: int):
    colleague = make_counselor()
    contact_id = make_conversation(user_id=counselor)

    with pytest.raises(NotFound):
        gives(contact_id, by=counselor, to=colleague, paths=("/999/",))

    assert queries.contact_by_id(contact_id=contact_id).claimed_by == counselor


def test_full_hands_are_given_nothing_but_red(city: City, counselor: int):
    colleague = make_counselor()
    for number in range(4):
        make_conversation(user_id=colleague, sender=f"+86138000001{number:02d}")
    blue = make_conversation(user_id=counselor, sender="+8613800000201")
    red = make_conversation(user_id=counselor, sender="+8613800000202", urgency=RiskLevel.IMMINENT)

    with pytest.raises(TheirHandsAreFull):
        gives(blue, by=counselor, to=colleague)
    gives(red, by=counselor, to=colleague)

    assert queries.contact_by_id(contact_id=blue).claimed_by == counselor
    assert queries.contact_by_id(contact_id=red).claimed_by == colleague


def test_handed_to_many_at_once_it_has_one_holder(city: City, counselor: int, database: Flask):
    colleagues = [make_counselor() for _ in range(6)]
    contact_id = make_conversation(user_id=counselor)
    refused: list[int] = []

    def give(to: int) -> None:
        try:
            gives(contact_id, by=counselor, to=to)
        except DomainError:
            refused.append(to)

    at_once(database, [lambda to=one: give(to) for one in colleagues])

    holder = queries.contact_by_id(contact_id=contact_id).claimed_by
    assert len(refused) == 5
    assert {holder, *refused} == set(colleagues)


def test_a_draft_does_not_stay_behind(city: City, counselor: int):
    colleague = make_counselor()
    contact_id = make_conversation(user_id=counselor)
    with transaction():
        drafts.save_draft(contact_id=contact_id, user_id=counselor, body="半句", now=NOW)

    gives(contact_id, by=counselor, to=colleague)

    assert queries.draft_of(contact_id=contact_id, user_id=counselor) is None


def test_it_can_be_handed_on_again(city: City, counselor: int):
    colleague = make_counselor()
    contact_id = make_conversation(user_id=counselor)

    gives(contact_id, by=counselor, to=colleague, note="一")
    gives(contact_id, by=colleague, to=counselor, note="二")

    contact = queries.contact_by_id(contact_id=contact_id)
    assert (contact.claimed_by, contact.wrap_up) == (counselor, "一\n\n二")
    claimed = [make_counselor()]
    assert claimed
    with pytest.raises(DomainError):
        claim(contact_id=contact_id, user_id=claimed[0])
