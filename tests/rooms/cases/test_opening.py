"""A case begins with a contact, an owner, a level and a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.factories import cases as factory
from tests.factories.contacts import make_contact
from tests.factories.moments import NOW
from tests.rooms.cases.conftest import People
from wellbeing.cases.events import CaseOpened, CaseReopened
from wellbeing.cases.operations import opening
from wellbeing.cases.queries import cases as queries
from wellbeing.cases.queries import notes as note_queries
from wellbeing.cases.rules.cases import AlreadyACase, CaseIsClosed, CaseStatus
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import NotFound
from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import RiskLevel
from wellbeing.triage import operations as triage
from wellbeing.triage.rules.levels import NoteMissing, Source, SupervisorNeeded

ScopeOf = Callable[[int], Scope]


def assess(contact_id: int, *, level: RiskLevel, by: int) -> None:
    with transaction():
        triage.assess(
            contact_id=contact_id,
            level=level,
            source=Source.COUNSELOR,
            note="虚构",
            by=factory.counselor_decides(by),
            now=NOW,
        )


def test_a_case_belongs_to_whoever_opens_it_and_they_may_open_it(people: People, scope_of: ScopeOf):
    made = factory.make_case(owner_id=people.counselor, level=RiskLevel.HIGH)

    found = queries.get(reference=made.reference, scope=scope_of(people.counselor), now=NOW)

    assert found == made
    assert (found.owner_id, found.organization_id) == (people.counselor, people.city.school.id)
    assert (found.level, found.level_set_by) == (RiskLevel.HIGH, people.counselor)
    assert (found.status, found.opened_at, found.version) == (CaseStatus.OPEN, NOW, 1)


def test_what_a_case_is_about_is_its_first_note_and_the_reason_of_its_level(people: People):
    made = factory.make_case(owner_id=people.counselor, note="虚构：不想上学。")

    notes = note_queries.notes(case_id=made.case_id)
    levels = queries.level_changes(case_id=made.case_id)

    assert [note.body for note in notes] == ["虚构：不想上学。"]
    assert [(one.previous, one.level, one.note) for one in levels] == [
        (None, RiskLevel.LOW, "虚构：不想上学。")
    ]


def test_opening_is_told_once_with_its_level(people: People, told: list[object]):
    contact_id = make_contact()
    made = factory.make_case(
        owner_id=people.counselor, contact_id=contact_id, level=RiskLevel.MODERATE
    )

    assert [event for event in told if isinstance(event, CaseOpened)] == [
        CaseOpened(
            case_id=made.case_id,
            contact_id=contact_id,
            owner_id=people.counselor,
            organization_id=people.city.school.id,
            level=RiskLevel.MODERATE,
            at=NOW,
        )
    ]


def test_a_second_case_for_one_contact_is_refused_and_the_first_is_named(people: People):
    contact_id = make_contact()
    made = factory.make_case(owner_id=people.counselor, contact_id=contact_id)

    with pytest.raises(AlreadyACase) as refused:
        factory.make_case(owner_id=people.colleague, contact_id=contact_id)

    assert refused.value.reference == made.reference
    assert queries.case_of_contact(contact_id=contact_id) == made


def test_a_taken_reference_is_drawn_again(people: People):
    first = factory.make_case(owner_id=people.counselor)
    values = {
        "organization_id": first.organization_id,
        "organization_path": first.organization_path,
        "branch_id": people.city.district.id,
        "owner_id": people.counselor,
        "owned_since": NOW,
        "level": 1,
        "status": "open",
        "data_key_id": first.data_key_id,
        "opened_at": NOW,
        "version": 1,
    }

    with transaction():
        made = opening._insert(values, iter([first.reference, first.reference, "WB-222222"]))

    assert queries.case_by_id(case_id=made).reference == "WB-222222"


def test_when_every_reference_is_taken_nothing_is_opened(people: People):
    with pytest.raises(opening.NoReferenceLeft), transaction():
        opening._insert({}, iter([]))


def test_a_case_without_a_word_about_it_is_refused(people: People):
    with pytest.raises(NoteMissing):
        factory.make_case(owner_id=people.counselor, note=" ")


def test_a_case_is_no_way_around_the_supervisor_of_a_red(people: People):
    contact_id = make_contact()
    assess(contact_id, level=RiskLevel.IMMINENT, by=people.counselor)

    with pytest.raises(SupervisorNeeded):
        factory.make_case(
            owner_id=people.counselor, contact_id=contact_id, level=RiskLevel.MODERATE
        )
    made = factory.make_case(
        owner_id=people.supervisor, contact_id=contact_id, level=RiskLevel.MODERATE
    )

    assert made.level is RiskLevel.MODERATE


def test_a_further_contact_joins_a_case(people: People):
    made = factory.make_case(owner_id=people.counselor)
    first = queries.contacts_of(case_id=made.case_id)
    again = make_contact(sender="+8613900000099")

    with transaction():
        opening.attach_contact(case_id=made.case_id, contact_id=again, by=people.counselor, now=NOW)

    assert queries.contacts_of(case_id=made.case_id) == (*first, again)
    assert queries.timeline(case_id=made.case_id, limit=1)[0].facts == {"contact_id": again}


def test_a_contact_soon_after_closing_opens_the_case_again(people: People, told: list[object]):
    made = factory.make_case(owner_id=people.counselor)
    factory.close(case=made)
    again = make_contact(sender="+8613900000099")

    with transaction():
        opening.attach_contact(
            case_id=made.case_id,
            contact_id=again,
            by=people.counselor,
            now=NOW + timedelta(days=30),
        )

    found = queries.case_by_id(case_id=made.case_id)
    assert (found.status, found.closed_at) == (CaseStatus.OPEN, None)
    assert any(isinstance(one, CaseReopened) for one in told)


def test_a_contact_long_after_closing_does_not(people: People):
    made = factory.make_case(owner_id=people.counselor)
    factory.close(case=made)
    again = make_contact(sender="+8613900000099")

    with pytest.raises(CaseIsClosed), transaction():
        opening.attach_contact(
            case_id=made.case_id,
            contact_id=again,
            by=people.counselor,
            now=NOW + timedelta(days=31),
        )

    assert queries.case_of_contact(contact_id=again) is None


def test_a_contact_is_opened_by_whoever_may_open_its_case(people: People, scope_of: ScopeOf):
    made = factory.make_case(owner_id=people.counselor)
    (contact_id,) = queries.contacts_of(case_id=made.case_id)
    public_id = queries.contacts.contact_by_id(contact_id=contact_id).public_id

    found = queries.contact(public_id=public_id, scope=scope_of(people.counselor), now=NOW)

    assert found.contact_id == contact_id
    with pytest.raises(NotFound):
        queries.contact(public_id=public_id, scope=scope_of(people.colleague), now=NOW)
