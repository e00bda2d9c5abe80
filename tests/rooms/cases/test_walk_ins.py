"""Contacts made elsewhere: written down once, with level and case, all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.factories import cases as factory
from tests.factories.contacts import STUDENT, make_contact
from tests.factories.moments import NOW
from tests.rooms.cases.conftest import People
from wellbeing.cases.operations import walk_ins
from wellbeing.cases.queries import cases, closing
from wellbeing.cases.rules.walk_ins import NewWalkIn, Recorded
from wellbeing.contacts.operations import conversations as contacts_operations
from wellbeing.contacts.operations import handing_over
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.conversations import (
    Channel,
    ContactFacts,
    ContactState,
    Disposition,
    NotAnAnswer,
    NotYours,
)
from wellbeing.contacts.rules.walk_ins import NotYetHappened, TooLongAgo, WalkIn
from wellbeing.foundation.database import transaction
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import Language, RiskLevel
from wellbeing.triage import queries as triage
from wellbeing.triage.rules.levels import NoteMissing

YESTERDAY = NOW - timedelta(days=1)


def walk_in(**changes: Any) -> NewWalkIn:
    place = organizations.by_code(code="S1")
    of_contact = {
        "origin": "hand:1:invented",
        "channel": Channel.WALK_IN,
        "happened_at": YESTERDAY,
        "minutes": 40,
        "number": None,
        "language": Language.ZH,
        "organization_id": place.id,
        "organization_path": place.path,
        "facts": ContactFacts(caller_type="self", reasons=("school_bullying",), distress_start=70),
    }
    mine = {name: changes.pop(name) for name in list(changes) if name in of_contact}
    wanted: dict[str, Any] = {"ending": Disposition.SUPPORTED, "wrap_up": "示例：谈了很久。"}
    return NewWalkIn(walk_in=WalkIn(**(of_contact | mine)), **(wanted | changes))


def record(people: People, new: NewWalkIn) -> Recorded:
    with transaction():
        return walk_ins.record(new=new, by=factory.counselor_decides(people.counselor), now=NOW)


def test_what_was_written_down_stands_in_the_record(people: People):
    done = record(people, walk_in())

    row = contacts.contact_by_id(contact_id=done.contact_id)
    assert (row.channel, row.state, row.disposition) == (
        Channel.WALK_IN, ContactState.CLOSED, Disposition.SUPPORTED,
    )  # fmt: skip
    assert (row.arrived_at, row.ended_at) == (YESTERDAY, YESTERDAY + timedelta(minutes=40))
    assert (row.facts.caller_type, row.facts.reasons) == ("self", ("school_bullying",))
    assert row.facts.distress_start == 70
    assert row.wrap_up == "示例：谈了很久。"
    assert row.has_number is False


def test_the_same_record_sent_twice_is_one_contact(people: People):
    first = record(people, walk_in(number=STUDENT))

    again = record(people, walk_in(number=STUDENT))

    assert (first.is_new, again.is_new) == (True, False)
    assert again.contact_id == first.contact_id


def test_somebody_who_texted_before_is_the_same_caller(people: People):
    texted = contacts.contact_by_id(contact_id=make_contact(sender=STUDENT))

    done = record(people, walk_in(number=STUDENT))

    came = contacts.contact_by_id(contact_id=done.contact_id)
    assert came.caller_id == texted.caller_id
    earlier = contacts.previous_of(caller_id=came.caller_id, before=came.contact_id)
    assert [one.contact_id for one in earlier] == [texted.contact_id]


def test_two_who_left_no_number_are_two_callers(people: People):
    one = record(people, walk_in(origin="hand:1:one"))
    other = record(people, walk_in(origin="hand:1:other"))

    callers = {contacts.contact_by_id(contact_id=it.contact_id).caller_id for it in (one, other)}
    assert len(callers) == 2


def test_a_level_with_its_reason_is_the_contacts_level(people: People):
    done = record(people, walk_in(level=RiskLevel.MODERATE, level_note="示例：睡不着。"))

    assert triage.current_level(contact_ids=[done.contact_id]) is RiskLevel.MODERATE
    assert triage.last_reason(contact_id=done.contact_id) == "示例：睡不着。"


def test_a_case_begins_with_the_contact_level_and_reason(people: People):
    new = walk_in(level=RiskLevel.HIGH, level_note="示例：想过。", opens_case=True, ending=None)

    done = record(people, new)

    case = cases.case_of_contact(contact_id=done.contact_id)
    assert case is not None
    assert (case.reference, case.level, case.owner_id) == (
        done.reference, RiskLevel.HIGH, people.counselor,
    )  # fmt: skip
    assert contacts.contact_by_id(contact_id=done.contact_id).disposition == "case_opened"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"happened_at": NOW - timedelta(minutes=10)}, NotYetHappened),
        ({"happened_at": NOW - timedelta(days=400)}, TooLongAgo),
        ({"facts": ContactFacts(reasons=("invented",))}, NotAnAnswer),
        ({"facts": ContactFacts(hope_end=101)}, NotAnAnswer),
        ({"level": RiskLevel.HIGH}, NoteMissing),
        ({"opens_case": True, "level_note": "示例"}, NoteMissing),
    ],
    ids=["in the future", "long ago", "no such reason", "too much hope", "no reason", "no level"],
)
def test_what_cannot_be_leaves_nothing_behind(
    people: People, changes: dict[str, Any], error: type[Exception]
):
    with pytest.raises(error):
        record(people, walk_in(**changes))

    done = record(people, walk_in())
    assert done.is_new is True
    earlier = contacts.previous_of(
        caller_id=contacts.contact_by_id(contact_id=done.contact_id).caller_id,
        before=done.contact_id,
    )
    assert earlier == ()


def test_without_an_ending_it_stays_with_whoever_wrote_it_down(people: People):
    done = record(people, walk_in(ending=None))

    row = contacts.contact_by_id(contact_id=done.contact_id)
    assert (row.state, row.claimed_by) == (ContactState.IN_CONVERSATION, people.counselor)
    assert row.unanswered_since is None


def test_nobody_waits_for_it_so_it_never_goes_to_the_queue(people: People):
    done = record(people, walk_in(ending=None))

    with pytest.raises(NotYours), transaction():
        contacts_operations.return_to_queue(
            contact_id=done.contact_id, by=people.counselor, now=NOW
        )

    assert contacts.contact_by_id(contact_id=done.contact_id).waiting_since is None


def test_a_colleague_who_takes_it_over_owes_nobody_an_answer(
    people: People, scope_of: Callable[[int], Scope]
):
    done = record(people, walk_in(ending=None))
    to = scope_of(people.district)

    with transaction():
        handing_over.hand_over(
            contact_id=done.contact_id, by=people.counselor, to=to, note="", now=NOW
        )

    row = contacts.contact_by_id(contact_id=done.contact_id)
    assert (row.claimed_by, row.unanswered_since) == (people.district, None)


@pytest.mark.parametrize(
    ("channel", "met"), [(Channel.WALK_IN, (YESTERDAY,)), (Channel.LETTER, ())]
)
def test_who_came_in_person_was_met_and_whoever_wrote_a_letter_was_not(
    people: People, channel: Channel, met: tuple[object, ...]
):
    """Closing asks for two contacts at blue: a letter that nobody answered is none."""
    new = walk_in(
        channel=channel, level=RiskLevel.LOW, level_note="示例", opens_case=True, ending=None
    )
    done = record(people, new)

    case = cases.case_of_contact(contact_id=done.contact_id)
    assert case is not None
    assert closing.facts_of(case=case, told=True).met == met
