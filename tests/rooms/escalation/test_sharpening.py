"""A case that grows more dangerous while it is being passed on; edits that bend nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest

from tests.factories.cases import make_case
from tests.factories.escalation import forward, make_escalation, rings_of
from tests.factories.moments import NOW
from tests.rooms.escalation.conftest import Staff
from wellbeing.accounts.queries import people as accounts
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.escalation import queries
from wellbeing.escalation.operations import escalations, sharpening
from wellbeing.escalation.rules.words import AcknowledgedVia
from wellbeing.foundation.database import transaction
from wellbeing.organizations.rules import Scope
from wellbeing.policy import current as policy
from wellbeing.policy.model import Clock, PageOrder, RiskLevel
from wellbeing.roster.operations import shifts as roster
from wellbeing.roster.queries import shifts as shifts_of
from wellbeing.roster.rules.shifts import Interval

HOUR = timedelta(hours=1)


@pytest.fixture
def edit() -> Iterator[Callable[..., None]]:
    """Edit the tiers' policy as a restart with another file would, and put it back."""
    before = policy.current()

    def change(**parts: object) -> None:
        policy.install(policy=replace(before, tiers=replace(before.tiers, **parts)))  # type: ignore[arg-type]

    yield change
    policy.install(policy=before)


@pytest.fixture
def orange(staff: Staff) -> CaseRow:
    return make_case(owner_id=staff.sender, level=RiskLevel.HIGH)


def sharpen(case: CaseRow, by: int, *, after: timedelta) -> int:
    with transaction():
        return sharpening.sharpen(
            case_id=case.case_id, level=RiskLevel.IMMINENT, by=by, now=NOW + after
        )


def joined_at(escalation_id: int) -> list[tuple[str, float | None]]:
    row = queries.by_id(escalation_id=escalation_id)
    return [
        (one.desk, (one.joined_at - NOW) / timedelta(minutes=1) if one.joined_at else None)
        for one in queries.receivers(row=row)
    ]


def test_an_escalation_whose_case_turns_red_runs_on_red_clocks_from_then_on(
    staff: Staff, orange: CaseRow
):
    escalation_id = make_escalation(case_id=orange.case_id, by=staff.sender)
    forward(until=NOW + timedelta(minutes=60))

    assert sharpen(orange, staff.sender, after=HOUR) == 1
    forward(until=NOW + timedelta(minutes=91))

    row = queries.by_id(escalation_id=escalation_id)
    assert row.level is RiskLevel.IMMINENT
    assert row.acknowledge_by == NOW + timedelta(minutes=75)
    assert row.contact_by == NOW + timedelta(minutes=120)
    desks = dict(joined_at(escalation_id)[1:])
    assert desks["duty_lead"] is not None
    assert desks["duty_lead"] <= 75
    assert desks["director"] == 90
    again = [ring for ring in rings_of(escalation_id) if ring.at == NOW + HOUR]
    assert {ring.user_id for ring in again} == {staff.district}
    kinds = [entry.kind for entry in cases.timeline(case_id=orange.case_id, limit=50)]
    assert kinds.count("escalation_sharpened") == 1


def test_one_that_was_seen_must_be_accepted_sooner(staff: Staff, orange: CaseRow):
    escalation_id = make_escalation(case_id=orange.case_id, by=staff.sender)
    with transaction():
        escalations.acknowledge(
            escalation_id=escalation_id, by=staff.district, via=AcknowledgedVia.KEY, now=NOW
        )

    sharpen(orange, staff.sender, after=HOUR)

    assert queries.by_id(escalation_id=escalation_id).next_step_at == NOW + timedelta(minutes=75)


def test_one_that_was_accepted_owes_the_student_a_sooner_contact(staff: Staff, orange: CaseRow):
    escalation_id = make_escalation(case_id=orange.case_id, by=staff.sender)
    with transaction():
        escalations.accept(escalation_id=escalation_id, by=staff.district, now=NOW)

    sharpen(orange, staff.district, after=HOUR)

    row = queries.by_id(escalation_id=escalation_id)
    assert row.contact_by == row.next_step_at == NOW + timedelta(minutes=120)


def test_a_level_never_puts_anybody_off_and_is_noted_once(staff: Staff, orange: CaseRow):
    escalation_id = make_escalation(case_id=orange.case_id, by=staff.sender)
    sharpen(orange, staff.sender, after=timedelta())
    before = queries.by_id(escalation_id=escalation_id)

    assert sharpen(orange, staff.sender, after=HOUR) == 0
    assert queries.by_id(escalation_id=escalation_id) == before


def test_whoever_passes_it_on_before_reaching_the_student_passes_the_clock_on(
    staff: Staff, orange: CaseRow
):
    first = make_escalation(case_id=orange.case_id, by=staff.sender)
    with transaction():
        escalations.accept(escalation_id=first, by=staff.district, now=NOW)
    second = make_escalation(case_id=orange.case_id, by=staff.district, now=NOW + HOUR)
    with transaction():
        escalations.accept(escalation_id=second, by=staff.municipal, now=NOW + HOUR)

    earlier, later = (queries.by_id(escalation_id=one) for one in (first, second))
    assert earlier.next_step_at is None
    assert later.contact_by == later.next_step_at == NOW + timedelta(hours=24)
    forward(until=NOW + timedelta(hours=26))
    assert queries.by_id(escalation_id=first).contact_missed_at is None
    assert queries.by_id(escalation_id=second).contact_missed_at == NOW + timedelta(hours=24)


def test_an_edit_of_the_policy_bends_no_escalation_that_runs(
    staff: Staff, case: CaseRow, edit: Callable[..., None]
):
    """Fault 33: clocks, chain and the way of ringing are those of its start."""
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    tiers = policy.current().tiers
    slow = Clock(acknowledge=timedelta(days=3), contact=timedelta(days=9))
    edit(
        clocks=MappingProxyType(dict.fromkeys(RiskLevel, slow)),
        chain=MappingProxyType(dict.fromkeys(RiskLevel, ())),
        paging=replace(
            tiers.paging,
            attempts_per_person=1,
            repeat_every=timedelta(hours=5),
            next_person_after=timedelta(hours=9),
            call_after=dict.fromkeys(RiskLevel, timedelta(hours=2)),
            order=dict.fromkeys(RiskLevel, PageOrder.TOGETHER),
        ),
    )

    forward(until=NOW + timedelta(minutes=31))

    desks = dict(joined_at(escalation_id)[1:])
    assert desks["director"] == 30
    mine = [ring for ring in rings_of(escalation_id) if ring.user_id == staff.district][:3]
    assert [(ring.at - NOW) / timedelta(minutes=1) for ring in mine] == [0, 0, 2]
    assert queries.by_id(escalation_id=escalation_id).acknowledge_by == NOW + timedelta(minutes=15)


def test_a_roster_that_is_emptied_meanwhile_ends_with_every_supervisor_of_the_city(
    staff: Staff, case: CaseRow
):
    """Fault 21: a hole in every roster, and at the end there is a human all the same."""
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    scope = _everything(staff)
    with transaction():
        within = Interval(starts_at=NOW, ends_at=NOW + timedelta(days=2))
        for shift in shifts_of.shifts_between(scope=scope, within=within):
            roster.remove_shift(shift_id=shift.shift_id, scope=scope, now=NOW)

    forward(until=NOW + timedelta(minutes=31))

    rung = {ring.user_id for ring in rings_of(escalation_id)}
    assert {staff.duty_lead, staff.director, staff.supervisor} <= rung
    assert queries.by_id(escalation_id=escalation_id).next_step_at is not None


def test_where_all_decline_the_senders_supervisor_is_called_and_the_sender_still_owns_it(
    staff: Staff, case: CaseRow
):
    """Fault 21, the other way: nobody wants it, and still somebody has it."""
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    over = False
    for who in (staff.district, staff.municipal, staff.duty_lead, staff.director):
        if over:
            break
        with transaction():
            over = escalations.decline(
                escalation_id=escalation_id, by=who, reason="虚构：现在没有人手。", now=NOW
            )

    assert over
    assert cases.case_by_id(case_id=case.case_id).owner_id == staff.sender
    assert [duty.kind for duty in cases.duties(scope=_everything(staff))] == ["escalation_declined"]


def _everything(staff: Staff) -> Scope:
    return accounts.scope_of(user_id=staff.director)
