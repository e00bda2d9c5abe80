"""Level, status, owner and end of a case; every change leaves its traces."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask

from tests.factories import cases as factory
from tests.factories.moments import NOW
from tests.rooms.cases.conftest import People
from wellbeing.cases.events import CaseClosed, LevelChanged, OwnerChanged
from wellbeing.cases.operations import changes, duties, holds
from wellbeing.cases.queries import cases as queries
from wellbeing.cases.rules.cases import (
    CaseIsClosed,
    CaseStatus,
    HoldsRemain,
    IllegalTransition,
    NotByHand,
    OwnedBySomebodyElse,
    StaleCase,
)
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import NotFound
from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import RiskLevel
from wellbeing.triage.rules.levels import NoteMissing, SupervisorNeeded

ScopeOf = Callable[[int], Scope]


def change_level(case_id: int, level: RiskLevel, *, by: int, **more: object) -> bool:
    said = {"note": "虚构：好些了。", "by": factory.counselor_decides(by), "now": NOW} | more
    with transaction():
        return changes.change_level(case_id=case_id, level=level, **said)  # type: ignore[arg-type]


def change_status(case_id: int, status: CaseStatus, *, by: int, **more: object) -> None:
    with transaction():
        changes.change_status(
            case_id=case_id,
            status=status,
            by=by,
            now=NOW,
            **more,  # type: ignore[arg-type]
        )


def test_a_level_that_rises_is_recorded_told_and_shown(people: People, told: list[object]):
    made = factory.make_case(owner_id=people.counselor)

    is_changed = change_level(made.case_id, RiskLevel.IMMINENT, by=people.colleague, note="")

    found = queries.case_by_id(case_id=made.case_id)
    latest = queries.level_changes(case_id=made.case_id)[0]
    entry = queries.timeline(case_id=made.case_id, limit=1)[0]
    assert is_changed
    assert (found.level, found.level_set_by) == (RiskLevel.IMMINENT, people.colleague)
    assert (latest.previous, latest.level, latest.note) == (RiskLevel.LOW, RiskLevel.IMMINENT, "")
    assert (entry.kind, entry.facts) == ("level_changed", {"from_level": 1, "to_level": 4})
    assert told[-1] == LevelChanged(
        case_id=made.case_id,
        level=RiskLevel.IMMINENT,
        previous=RiskLevel.LOW,
        by_user_id=people.colleague,
        at=NOW,
    )


def test_a_level_falls_with_its_reason_kept(people: People):
    made = factory.make_case(owner_id=people.counselor, level=RiskLevel.HIGH)

    change_level(made.case_id, RiskLevel.MODERATE, by=people.counselor)

    entry = queries.timeline(case_id=made.case_id, limit=1)[0]
    assert queries.level_changes(case_id=made.case_id)[0].note == "虚构：好些了。"
    assert entry.details == {"note": "虚构：好些了。"}


def test_a_level_does_not_fall_without_a_reason(people: People):
    made = factory.make_case(owner_id=people.counselor, level=RiskLevel.HIGH)

    with pytest.raises(NoteMissing):
        change_level(made.case_id, RiskLevel.LOW, by=people.counselor, note=" ")

    assert queries.case_by_id(case_id=made.case_id).level is RiskLevel.HIGH


def test_only_a_supervisor_takes_back_a_red(people: People):
    made = factory.make_case(owner_id=people.counselor, level=RiskLevel.IMMINENT)

    with pytest.raises(SupervisorNeeded):
        change_level(made.case_id, RiskLevel.HIGH, by=people.counselor)
    with transaction():
        changes.change_level(
            case_id=made.case_id,
            level=RiskLevel.HIGH,
            by=factory.supervisor_decides(people.supervisor),
            note="虚构：家人陪着。",
            now=NOW,
        )

    assert queries.case_by_id(case_id=made.case_id).level is RiskLevel.HIGH


def test_the_same_level_again_is_no_change(people: People, told: list[object]):
    made = factory.make_case(owner_id=people.counselor, level=RiskLevel.HIGH)
    before = len(told)

    is_changed = change_level(made.case_id, RiskLevel.HIGH, by=people.counselor)

    assert not is_changed
    assert len(told) == before
    assert len(queries.level_changes(case_id=made.case_id)) == 1


def test_a_level_set_from_an_old_page_is_a_conflict(people: People):
    made = factory.make_case(owner_id=people.counselor)
    change_level(made.case_id, RiskLevel.HIGH, by=people.counselor, version=made.version)

    with pytest.raises(StaleCase):
        change_level(made.case_id, RiskLevel.LOW, by=people.counselor, version=made.version)


def test_what_is_found_in_a_contact_lifts_its_case_and_never_lowers_it(people: People):
    made = factory.make_case(owner_id=people.counselor, level=RiskLevel.MODERATE)

    moved = []
    for level in (RiskLevel.HIGH, RiskLevel.LOW):
        with transaction():
            moved.append(
                changes.raise_level(case_id=made.case_id, level=level, by=people.colleague, now=NOW)
            )

    assert moved == [True, False]
    assert queries.case_by_id(case_id=made.case_id).level is RiskLevel.HIGH


def test_a_status_changes_along_the_table(people: People):
    made = factory.make_case(owner_id=people.counselor)

    change_status(made.case_id, CaseStatus.IN_CARE, by=people.counselor, note="虚构：开始面谈。")

    entry = queries.timeline(case_id=made.case_id, limit=1)[0]
    assert queries.case_by_id(case_id=made.case_id).status is CaseStatus.IN_CARE
    assert entry.facts == {"from_status": "open", "to_status": "in_care"}
    assert entry.details == {"note": "虚构：开始面谈。"}


def test_a_status_that_stands_already_is_no_step(people: People):
    made = factory.make_case(owner_id=people.counselor)

    with pytest.raises(IllegalTransition):
        change_status(made.case_id, CaseStatus.OPEN, by=people.counselor)


@pytest.mark.parametrize("status", [CaseStatus.CLOSED, CaseStatus.SEALED, CaseStatus.ERASED])
def test_ends_are_not_chosen_by_hand(people: People, status: CaseStatus):
    made = factory.make_case(owner_id=people.counselor)

    with pytest.raises(NotByHand):
        change_status(made.case_id, status, by=people.counselor)


def test_a_case_with_nothing_left_closes(people: People, told: list[object]):
    made = factory.make_case(owner_id=people.counselor)

    factory.close(case=made)

    found = queries.case_by_id(case_id=made.case_id)
    assert (found.status, found.closed_at) == (CaseStatus.CLOSED, NOW)
    assert told[-1] == CaseClosed(case_id=made.case_id, by_user_id=people.counselor, at=NOW)


def test_what_stops_a_case_is_named_and_it_stays_open(people: People):
    made = factory.make_case(owner_id=people.counselor, level=RiskLevel.HIGH)
    with transaction():
        holds.place_hold(case_id=made.case_id, kind="escalation", source_id=7, now=NOW)
        holds.place_hold(case_id=made.case_id, kind="escalation", source_id=7, now=NOW)
    factory.make_duty(
        holder_id=people.counselor, organization_id=people.city.school.id, case_id=made.case_id
    )

    with pytest.raises(HoldsRemain) as refused:
        factory.close(case=made)

    assert refused.value.kinds == ("safety_plan", "duty", "escalation")
    assert queries.case_by_id(case_id=made.case_id).status is CaseStatus.OPEN
    assert [hold.kind for hold in queries.holds(case_id=made.case_id)] == ["escalation", "duty"]


def test_when_every_hold_is_lifted_the_case_closes(people: People):
    made = factory.make_case(owner_id=people.counselor)
    duty_id = factory.make_duty(
        holder_id=people.counselor, organization_id=people.city.school.id, case_id=made.case_id
    )
    with transaction():
        holds.place_hold(case_id=made.case_id, kind="escalation", source_id=7, now=NOW)
    with transaction():
        lifted = [
            holds.lift_hold(case_id=made.case_id, kind="escalation", source_id=7, now=NOW)
            for _ in range(2)
        ]
        duties.settle_duty(duty_id=duty_id, by=people.counselor, now=NOW)

    factory.close(case=made)

    assert lifted == [True, False]
    assert queries.case_by_id(case_id=made.case_id).status is CaseStatus.CLOSED


def test_a_closed_case_is_neither_held_nor_changed_nor_handed_over(people: People):
    made = factory.make_case(owner_id=people.counselor)
    factory.close(case=made)

    with pytest.raises(CaseIsClosed), transaction():
        holds.place_hold(case_id=made.case_id, kind="escalation", source_id=7, now=NOW)
    with pytest.raises(CaseIsClosed):
        change_level(made.case_id, RiskLevel.HIGH, by=people.counselor)
    with pytest.raises(CaseIsClosed):
        factory.hand_over(case=made, to_user_id=people.district)
    with pytest.raises(CaseIsClosed):
        factory.close(case=made)


def test_a_closed_case_is_opened_again_by_its_status(people: People):
    made = factory.make_case(owner_id=people.counselor)
    factory.close(case=made)

    change_status(made.case_id, CaseStatus.OPEN, by=people.counselor)

    found = queries.case_by_id(case_id=made.case_id)
    assert (found.status, found.closed_at) == (CaseStatus.OPEN, None)


def test_a_case_goes_to_its_new_owner_with_access_and_duties(
    people: People, scope_of: ScopeOf, told: list[object]
):
    made = factory.make_case(owner_id=people.counselor)
    factory.make_duty(
        holder_id=people.counselor, organization_id=people.city.school.id, case_id=made.case_id
    )
    later = NOW + timedelta(hours=1)

    factory.hand_over(case=made, to_user_id=people.district, now=later)

    found = queries.get(case_id=made.case_id, scope=scope_of(people.district), now=later)
    (duty,) = queries.duties_of(case_id=made.case_id)
    assert (found.owner_id, found.owned_since) == (people.district, later)
    assert found.organization_path == people.city.district.path
    assert (duty.holder_id, duty.organization_id) == (people.district, people.city.district.id)
    assert told[-1] == OwnerChanged(
        case_id=made.case_id,
        from_user_id=people.counselor,
        from_organization_id=people.city.school.id,
        user_id=people.district,
        organization_id=people.city.district.id,
        at=later,
    )
    with pytest.raises(NotFound):
        queries.get(case_id=made.case_id, scope=scope_of(people.counselor), now=later)


def test_who_no_longer_owns_a_case_cannot_hand_it_over(people: People):
    made = factory.make_case(owner_id=people.counselor)
    factory.hand_over(case=made, to_user_id=people.district)

    with pytest.raises(OwnedBySomebodyElse):
        factory.hand_over(case=made, to_user_id=people.colleague)

    assert queries.case_by_id(case_id=made.case_id).owner_id == people.district


def test_of_two_who_take_a_case_at_once_one_becomes_its_owner(people: People, database: Flask):
    """P3: a case never has two owners, nor none."""
    made = factory.make_case(owner_id=people.counselor)
    start, outcomes = Barrier(2), []

    def take(user_id: int) -> None:
        with database.app_context():
            start.wait()
            try:
                factory.hand_over(case=made, to_user_id=user_id)
            except OwnedBySomebodyElse:
                outcomes.append("lost")
            else:
                outcomes.append("won")

    threads = [Thread(target=take, args=[one]) for one in (people.colleague, people.district)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    transferred = queries.timeline(case_id=made.case_id, kinds=["transferred"], limit=9)
    assert sorted(outcomes) == ["lost", "won"]
    assert len(transferred) == 1
    assert queries.case_by_id(case_id=made.case_id).owner_id == transferred[0].actor_id


def test_the_next_step_is_shown_in_lists(people: People):
    made = factory.make_case(owner_id=people.counselor)

    with transaction():
        changes.set_next_step(case_id=made.case_id, at=NOW + timedelta(days=1))

    assert queries.case_by_id(case_id=made.case_id).next_step_at == NOW + timedelta(days=1)
