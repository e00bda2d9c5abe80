"""Files of contacts: taken over whole or not at all, and twice is as once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.factories.moments import NOW
from tests.rooms.cases.conftest import People
from wellbeing.accounts.queries import people as accounts
from wellbeing.cases.operations import contact_files
from wellbeing.cases.operations.contact_files import ContactsImported
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.contact_cells import answers_of
from wellbeing.cases.rules.contact_files import ContactProblem, ContactsRefused
from wellbeing.contacts.models import CONTACT
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.foundation.database import session, transaction
from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import RiskLevel
from wellbeing.triage.rules.levels import Decider

ScopeOf = Callable[[int], Scope]
ANSWERS = answers_of(
    words={
        "channel": {"walk_in": (), "letter": ()},
        "language": {"zh": (), "en": ()},
        "ending": {"supported": (), "referred": ()},
        "caller_type": {"self": ()},
        "age_band": {},
        "reasons": {"school_bullying": ("校园欺凌",)},
        "level": {"3": ("橙",)},
    }
)
HEADING = "happened_at,channel,ending,reasons,wrap_up,level,level_note,case,organization_code\n"
TALK = "2026-03-01 10:00,walk_in,supported,校园欺凌,示例：谈过,,,,\n"
DANGER = "2026-03-02 10:00,walk_in,supported,,,橙,示例：想过,yes,\n"


@pytest.fixture
def take(people: People, scope_of: ScopeOf) -> Callable[..., ContactsImported]:
    """Take a file over as the school's counselor, or as somebody else."""

    def taken(*lines: str, user_id: int | None = None) -> ContactsImported:
        by = user_id or people.counselor
        with transaction():
            return contact_files.import_contacts(
                content=(HEADING + "".join(lines)).encode(),
                answers=ANSWERS,
                scope=scope_of(by),
                organization_id=accounts.user(user_id=by).organization_id,
                by=Decider(user_id=by, is_supervisor=False),
                now=NOW,
            )

    return taken


def count() -> int:
    return session().execute(select(func.count()).select_from(CONTACT)).scalar_one()


def mistakes(refused: pytest.ExceptionInfo[Any]) -> list[tuple[int, str, ContactProblem]]:
    return [(one.line, one.column, one.problem) for one in refused.value.errors]


def test_each_line_becomes_a_contact_of_ones_own_unit(people: People, take: Any):
    done = take(TALK, DANGER)

    rows = [contacts.contact_by_id(contact_id=one) for one in done.contact_ids]
    assert [row.organization_id for row in rows] == [people.city.school.id] * 2
    assert [row.disposition for row in rows] == ["supported", "case_opened"]
    case = cases.case_of_contact(contact_id=rows[1].contact_id)
    assert case is not None
    assert (case.level, case.owner_id) == (RiskLevel.HIGH, people.counselor)


@pytest.mark.usefixtures("people")
def test_the_same_file_twice_adds_nothing(take: Any):
    take(TALK, DANGER)

    again = take(TALK, DANGER, TALK.replace("谈过", "又谈过"))

    assert (len(again.contact_ids), again.unchanged) == (1, 2)
    assert count() == 3


@pytest.mark.usefixtures("people")
def test_one_bad_line_leaves_nothing_of_the_file_behind(take: Any):
    with pytest.raises(ContactsRefused) as refused:
        take(TALK, DANGER, TALK.replace("walk_in", "smoke"))

    assert mistakes(refused) == [(4, "channel", ContactProblem.NOT_A_CHOICE)]
    assert count() == 0


def test_a_unit_of_others_is_refused_as_if_there_were_none(take: Any):
    for code in ("S2", "900101", "nowhere"):
        with pytest.raises(ContactsRefused) as refused:
            take(TALK.replace(",,,,\n", f",,,,{code}\n"))

        assert mistakes(refused) == [(2, "organization_code", ContactProblem.UNKNOWN_UNIT)]
    assert count() == 0


def test_a_district_writes_down_for_its_schools(people: People, take: Any):
    done = take(TALK.replace(",,,,\n", ",,,,S1\n"), user_id=people.district)

    row = contacts.contact_by_id(contact_id=done.contact_ids[0])
    assert row.organization_id == people.city.school.id


def test_the_same_words_of_another_unit_are_another_contact(people: People, take: Any):
    take(TALK)

    other = take(TALK, user_id=people.district)

    assert len(other.contact_ids) == 1
    assert count() == 2


def test_looking_at_a_file_writes_nothing(people: People, scope_of: ScopeOf):
    plan = contact_files.read(
        content=(HEADING + TALK).encode(),
        answers=ANSWERS,
        scope=scope_of(people.counselor),
        organization_id=people.city.school.id,
        now=NOW,
    )

    assert (len(plan.fresh), plan.errors, count()) == (1, (), 0)
