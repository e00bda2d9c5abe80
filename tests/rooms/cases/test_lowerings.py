"""A red that a person set falls by two pairs of eyes, both written down (product.md 4.3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import cases as factory
from tests.factories.accounts import make_supervisor
from tests.factories.cases import counselor_decides, supervisor_decides
from tests.factories.contacts import make_contact
from tests.factories.moments import NOW
from tests.factories.triage import assess
from tests.rooms.cases.conftest import People
from wellbeing.cases.events import LoweringDecided, LoweringProposed
from wellbeing.cases.operations import lowerings as operations
from wellbeing.cases.queries import cases
from wellbeing.cases.queries import lowerings as queries
from wellbeing.cases.rules.lowerings import (
    About,
    AlreadyDecided,
    AlreadyProposed,
    Done,
    Outcome,
    OwnProposal,
)
from wellbeing.foundation.database import transaction
from wellbeing.policy.model import RiskLevel
from wellbeing.triage import queries as triage
from wellbeing.triage.rules.levels import Decider, NoteMissing, Source, SupervisorNeeded

RED, ORANGE, YELLOW = RiskLevel.IMMINENT, RiskLevel.HIGH, RiskLevel.MODERATE
WHY = "虚构：家人陪着，已约好明天见。"


def set_case(case_id: int, level: RiskLevel, by: Decider, **changes: Any) -> Done:
    known = {"note": WHY, "version": None, "now": NOW} | changes
    with transaction():
        return operations.set_case_level(case_id=case_id, level=level, by=by, **known)


def set_contact(contact_id: int, level: RiskLevel, by: Decider, **changes: Any) -> Done:
    known = {"note": WHY, "source": Source.COUNSELOR, "now": NOW} | changes
    with transaction():
        return operations.set_contact_level(contact_id=contact_id, level=level, by=by, **known)


def decide(lowering_id: int, by: Decider, *, lower: bool = True, note: str = WHY) -> Outcome:
    with transaction():
        return operations.decide(lowering_id=lowering_id, lower=lower, note=note, by=by, now=NOW)


def proposal(about: About) -> int:
    found = queries.open_of(about=about)
    assert found is not None
    return found.lowering_id


def test_a_counselor_proposes_and_it_stays_red_until_a_supervisor_decided(
    people: People, told: list[object]
):
    made = factory.make_case(owner_id=people.counselor, level=RED)

    done = set_case(made.case_id, ORANGE, counselor_decides(people.counselor))
    before = cases.case_by_id(case_id=made.case_id).level
    lowering_id = proposal(About(case_id=made.case_id))
    decide(lowering_id, supervisor_decides(people.supervisor), note="虚构：同意。")

    latest = cases.level_changes(case_id=made.case_id)[0]
    assert (done, before) == (Done.PROPOSED, RED)
    assert cases.case_by_id(case_id=made.case_id).level is ORANGE
    assert (latest.level, latest.by_user_id, latest.proposed_by) == (
        ORANGE, people.supervisor, people.counselor,
    )  # fmt: skip
    assert latest.note == f"{WHY}\n虚构：同意。"
    kinds = [type(one) for one in told]
    assert LoweringProposed in kinds
    assert LoweringDecided in kinds


def test_a_supervisor_may_keep_it_red_and_both_reasons_are_kept(people: People):
    made = factory.make_case(owner_id=people.counselor, level=RED)
    set_case(made.case_id, YELLOW, counselor_decides(people.counselor))

    outcome = decide(
        proposal(About(case_id=made.case_id)), supervisor_decides(people.supervisor), lower=False
    )

    (row,) = queries.of(about=About(case_id=made.case_id))
    assert outcome is Outcome.KEPT
    assert (row.reason, row.decision_note, row.outcome) == (WHY, WHY, Outcome.KEPT)
    assert cases.case_by_id(case_id=made.case_id).level is RED


def test_a_contact_without_a_case_needs_two_as_well(people: People):
    contact_id = make_contact()
    assess(contact_id=contact_id, by=people.counselor)

    done = set_contact(contact_id, ORANGE, counselor_decides(people.counselor))
    before = triage.current_level(contact_ids=[contact_id])
    decide(proposal(About(contact_id=contact_id)), supervisor_decides(people.supervisor))

    assert (done, before) == (Done.PROPOSED, RED)
    assert triage.current_level(contact_ids=[contact_id]) is ORANGE


def test_a_supervisor_who_set_the_red_needs_another_one(people: People):
    other = make_supervisor(organization_id=people.city.municipality.id)
    made = factory.make_case(owner_id=people.supervisor, level=RED)

    done = set_case(made.case_id, ORANGE, supervisor_decides(people.supervisor))
    with pytest.raises(OwnProposal):
        decide(proposal(About(case_id=made.case_id)), supervisor_decides(people.supervisor))
    decide(proposal(About(case_id=made.case_id)), supervisor_decides(other))

    assert done is Done.PROPOSED
    assert cases.case_by_id(case_id=made.case_id).level is ORANGE


def test_a_supervisor_lowers_at_once_what_somebody_else_set_and_ends_the_proposal(
    people: People, told: list[object]
):
    made = factory.make_case(owner_id=people.counselor, level=RED)
    set_case(made.case_id, ORANGE, counselor_decides(people.counselor))

    done = set_case(made.case_id, YELLOW, supervisor_decides(people.supervisor))

    (row,) = queries.of(about=About(case_id=made.case_id))
    assert (done, row.outcome) == (Done.SET, Outcome.OVERTAKEN)
    assert [one.outcome for one in told if isinstance(one, LoweringDecided)] == ["overtaken"]


def test_a_red_of_a_screener_alone_falls_by_a_counselor(people: People):
    contact_id = make_contact()
    assess(contact_id=contact_id, by=people.counselor, level=RiskLevel.LOW)
    made = factory.make_case(owner_id=people.counselor, contact_id=contact_id)
    with transaction():
        operations.changes.raise_level(
            case_id=made.case_id, level=RED, by=people.counselor, source=Source.SCREENER, now=NOW
        )

    assert cases.case_by_id(case_id=made.case_id).level_set_by is None
    assert set_case(made.case_id, ORANGE, counselor_decides(people.counselor)) is Done.SET


@pytest.mark.parametrize("who", ["counselor", "colleague"])
def test_no_counselor_decides(people: People, who: str):
    made = factory.make_case(owner_id=people.counselor, level=RED)
    set_case(made.case_id, ORANGE, counselor_decides(people.counselor))

    with pytest.raises(SupervisorNeeded):
        decide(proposal(About(case_id=made.case_id)), counselor_decides(getattr(people, who)))

    assert cases.case_by_id(case_id=made.case_id).level is RED


def test_a_decision_is_taken_once_and_needs_a_reason(people: People):
    other = make_supervisor(organization_id=people.city.municipality.id)
    made = factory.make_case(owner_id=people.counselor, level=RED)
    set_case(made.case_id, ORANGE, counselor_decides(people.counselor))
    lowering_id = proposal(About(case_id=made.case_id))

    with pytest.raises(NoteMissing):
        decide(lowering_id, supervisor_decides(people.supervisor), note=" ")
    decide(lowering_id, supervisor_decides(people.supervisor), lower=False)
    with pytest.raises(AlreadyDecided):
        decide(lowering_id, supervisor_decides(other))

    assert cases.case_by_id(case_id=made.case_id).level is RED


def test_a_second_proposal_waits_for_the_first(people: People):
    made = factory.make_case(owner_id=people.counselor, level=RED)
    set_case(made.case_id, ORANGE, counselor_decides(people.counselor))

    with pytest.raises(AlreadyProposed):
        set_case(made.case_id, YELLOW, counselor_decides(people.colleague))

    assert len(queries.of(about=About(case_id=made.case_id))) == 1


def test_a_proposal_without_a_reason_is_none(people: People):
    made = factory.make_case(owner_id=people.counselor, level=RED)

    with pytest.raises(NoteMissing):
        set_case(made.case_id, ORANGE, counselor_decides(people.counselor), note="")

    assert queries.of(about=About(case_id=made.case_id)) == ()
