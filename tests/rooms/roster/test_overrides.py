"""One person in the place of another, by a supervisor's word or by a swap."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.factories.accounts import make_counselor, make_supervisor
from tests.factories.moments import NOW
from tests.factories.organizations import City
from tests.factories.roster import EVERYWHERE, make_override, make_rotation, make_shift
from wellbeing.foundation.database import transaction
from wellbeing.organizations.rules import NoSuchOrganization, Scope
from wellbeing.roster import queries
from wellbeing.roster.operations import overrides, swaps
from wellbeing.roster.queries import overrides as override_queries
from wellbeing.roster.rules import AlreadyOnCall, NoSuchShift, NotAnInterval, ShiftOver
from wellbeing.roster.rules.overrides import (
    NewOverride,
    NoSuchOverride,
    NoSuchSwap,
    NotOnDesk,
    OverrideBuiltOn,
    OverrideOver,
    OwnSwap,
    ReplacesItself,
    SwapMoved,
    SwapOver,
    SwapState,
)

HOUR = timedelta(hours=1)


def stranger(city: City) -> Scope:
    return Scope(user_id=0, paths=(city.other_district.path,), permissions=frozenset())


def on_line(city: City, *hours: float) -> list[list[int]]:
    return [
        [
            one.user_id
            for one in queries.on_call_at(
                organization_id=city.municipality.id, desk="line", at=NOW + hour * HOUR
            )
        ]
        for hour in hours
    ]


def by_hand(city: City, person: int) -> int:
    return make_shift(user_id=person, organization_id=city.municipality.id)


def withdraw(override_id: int, *, by: int, now: Any = NOW, scope: Scope = EVERYWHERE) -> None:
    with transaction():
        overrides.withdraw_override(override_id=override_id, by=by, scope=scope, now=now)


def ask(shift_id: int, asker: int, asked: int, *, now: Any = NOW) -> int:
    with transaction():
        return swaps.ask_swap(shift_id=shift_id, asker_id=asker, asked_id=asked, now=now)


def answer(swap_id: int, person: int, *, agrees: bool = True) -> None:
    with transaction():
        swaps.answer_swap(swap_id=swap_id, user_id=person, agrees=agrees, now=NOW)


def settle(
    swap_id: int, by: int, *, approves: bool = True, scope: Scope = EVERYWHERE, now: Any = NOW
) -> None:
    with transaction():
        swaps.settle_swap(swap_id=swap_id, by=by, approves=approves, scope=scope, now=now)


def state_of(swap_id: int) -> SwapState:
    return override_queries.swap_within(swap_id=swap_id, scope=EVERYWHERE).state


def test_somebody_takes_the_place_of_another_for_a_while(city: City):
    person, substitute = make_counselor(), make_counselor()
    by_hand(city, person)

    make_override(user_id=substitute, replaced_id=person)

    assert on_line(city, 0, 1, 3.9, 4) == [[person], [substitute], [substitute], [person]]


def test_somebody_comes_besides(city: City):
    person, second = make_counselor(), make_counselor()
    by_hand(city, person)

    make_override(user_id=second, replaced_id=None, position=2)

    assert on_line(city, 0, 2) == [[person], [person, second]]


def test_what_was_until_now_is_kept(city: City):
    person, substitute = make_counselor(), make_counselor()
    by_hand(city, person)

    make_override(user_id=substitute, replaced_id=person, starts_at=NOW - 2 * HOUR)

    assert on_line(city, -1, 0) == [[person], [substitute]]


def test_an_override_is_taken_back(city: City):
    person, substitute = make_counselor(), make_counselor()
    by_hand(city, person)
    override_id = make_override(user_id=substitute, replaced_id=person)

    withdraw(override_id, by=person)

    assert on_line(city, 0, 2, 5) == [[person]] * 3
    assert override_queries.overrides(scope=EVERYWHERE, now=NOW) == ()


def test_a_running_override_is_taken_back_from_now_on(city: City):
    person, substitute = make_counselor(), make_counselor()
    by_hand(city, person)
    override_id = make_override(user_id=substitute, replaced_id=person)

    withdraw(override_id, by=person, now=NOW + 2 * HOUR)

    assert on_line(city, 1.5, 2, 3) == [[substitute], [person], [person]]


def test_an_override_of_a_rotation_is_taken_back(city: City):
    person, substitute = make_counselor(), make_counselor()
    make_rotation(people=(person,))
    override_id = make_override(user_id=substitute, replaced_id=person)

    withdraw(override_id, by=person, now=NOW + 2 * HOUR)

    assert on_line(city, 1.5, 2, 5) == [[substitute], [person], [person]]


@pytest.mark.parametrize(("now", "expected"), [(NOW, []), (NOW + 2 * HOUR, ["then"])])
def test_somebody_who_came_besides_goes_again(city: City, now: Any, expected: list[str]):
    second = make_counselor()
    override_id = make_override(user_id=second, replaced_id=None)

    withdraw(override_id, by=second, now=now)

    assert on_line(city, 1.5, 3) == [[second] if expected else [], []]


def test_a_replacement_is_replaced_in_turn_and_given_back_in_turn(city: City):
    person, second, third = make_counselor(), make_counselor(), make_counselor()
    by_hand(city, person)
    first_one = make_override(user_id=second, replaced_id=person)
    second_one = make_override(user_id=third, replaced_id=second)

    with pytest.raises(OverrideBuiltOn):
        withdraw(first_one, by=person)
    in_turn = on_line(city, 2)
    withdraw(second_one, by=person)
    back_once = on_line(city, 2)
    withdraw(first_one, by=person)

    assert (in_turn, back_once, on_line(city, 2)) == ([[third]], [[second]], [[person]])


def test_an_override_that_is_over_stays(city: City):
    person, substitute = make_counselor(), make_counselor()
    by_hand(city, person)
    override_id = make_override(user_id=substitute, replaced_id=person)

    with pytest.raises(OverrideOver):
        withdraw(override_id, by=person, now=NOW + 5 * HOUR)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"starts_at": NOW + 4 * HOUR}, NotAnInterval),
        ({"starts_at": NOW - 4 * HOUR, "ends_at": NOW - HOUR}, OverrideOver),
        ({"starts_at": NOW + 9 * HOUR, "ends_at": NOW + 10 * HOUR}, NotOnDesk),
    ],
)
def test_an_override_that_cannot_be_is_refused(
    city: City, changes: dict[str, Any], refusal: type[Exception]
):
    person, substitute = make_counselor(), make_counselor()
    by_hand(city, person)

    with pytest.raises(refusal):
        make_override(user_id=substitute, replaced_id=person, **changes)


def test_nobody_takes_their_own_place_or_stands_twice_on_a_desk(city: City):
    person, second = make_counselor(), make_counselor()
    by_hand(city, person)
    by_hand(city, second)

    with pytest.raises(ReplacesItself):
        make_override(user_id=person, replaced_id=person)
    with pytest.raises(AlreadyOnCall):
        make_override(user_id=second, replaced_id=person)


def test_another_district_overrides_nothing_here(city: City):
    person, substitute = make_counselor(), make_counselor()
    by_hand(city, person)
    override_id = make_override(user_id=substitute, replaced_id=person)
    new = NewOverride(
        organization_id=city.municipality.id,
        desk="line",
        starts_at=NOW,
        ends_at=NOW + HOUR,
        user_id=substitute,
        replaced_id=person,
        by_user_id=person,
    )

    assert override_queries.overrides(scope=stranger(city), now=NOW) == ()
    with pytest.raises(NoSuchOverride):
        withdraw(override_id, by=person, scope=stranger(city))
    with pytest.raises(NoSuchOrganization), transaction():
        overrides.add_override(new=new, scope=stranger(city), now=NOW)


def test_a_swap_that_all_want_takes_effect(city: City):
    asker, asked, supervisor = make_counselor(), make_counselor(), make_supervisor()
    swap_id = ask(by_hand(city, asker), asker, asked)

    before = on_line(city, 1)
    answer(swap_id, asked)
    only_agreed = on_line(city, 1)
    settle(swap_id, supervisor)

    assert (before, only_agreed, on_line(city, -1, 1)) == ([[asker]], [[asker]], [[asker], [asked]])
    assert state_of(swap_id) is SwapState.APPROVED


def test_each_side_sees_a_request_until_it_is_settled(city: City):
    asker, asked, supervisor = make_counselor(), make_counselor(), make_supervisor()
    swap_id = ask(by_hand(city, asker), asker, asked)

    to_answer = override_queries.swaps_for(user_id=asked, now=NOW)
    too_early = override_queries.swaps_to_approve(scope=EVERYWHERE, now=NOW)
    answer(swap_id, asked)
    to_approve = override_queries.swaps_to_approve(scope=EVERYWHERE, now=NOW)
    settle(swap_id, supervisor, approves=False)

    assert [one.swap_id for one in (*to_answer, *to_approve)] == [swap_id, swap_id]
    assert too_early == ()
    assert state_of(swap_id) is SwapState.DECLINED
    assert override_queries.swaps_for(user_id=asker, now=NOW) == ()


def test_a_swap_is_declined_or_taken_back_by_its_own_side(city: City):
    asker, asked = make_counselor(), make_counselor()
    shift_id = by_hand(city, asker)
    declined, taken_back = ask(shift_id, asker, asked), ask(shift_id, asker, asked)

    answer(declined, asked, agrees=False)
    with transaction():
        swaps.withdraw_swap(swap_id=taken_back, user_id=asker, now=NOW)

    assert state_of(declined) is SwapState.DECLINED
    assert state_of(taken_back) is SwapState.WITHDRAWN


def test_nobody_answers_twice_or_for_the_other_side(city: City):
    asker, asked, other = make_counselor(), make_counselor(), make_counselor()
    swap_id = ask(by_hand(city, asker), asker, asked)

    with pytest.raises(SwapMoved):
        answer(swap_id, asker)
    with pytest.raises(NoSuchSwap):
        answer(swap_id, other)
    with pytest.raises(SwapMoved), transaction():
        swaps.withdraw_swap(swap_id=swap_id, user_id=asked, now=NOW)
    answer(swap_id, asked)
    with pytest.raises(SwapMoved):
        answer(swap_id, asked)


def test_a_swap_is_approved_once_both_agree_by_somebody_else_of_the_unit(city: City):
    asker, asked, supervisor = make_supervisor(), make_counselor(), make_supervisor()
    swap_id = ask(by_hand(city, asker), asker, asked)

    with pytest.raises(SwapMoved):
        settle(swap_id, supervisor)
    answer(swap_id, asked)
    with pytest.raises(OwnSwap):
        settle(swap_id, asker)
    with pytest.raises(NoSuchSwap):
        settle(swap_id, supervisor, scope=stranger(city))
    with pytest.raises(SwapOver):
        settle(swap_id, supervisor, now=NOW + 9 * HOUR)


def test_a_swap_whose_shift_somebody_else_took_is_refused_and_stays_open(city: City):
    asker, asked, other = make_counselor(), make_counselor(), make_counselor()
    supervisor = make_supervisor()
    swap_id = ask(by_hand(city, asker), asker, asked)
    answer(swap_id, asked)
    make_override(user_id=other, replaced_id=asker, starts_at=NOW, ends_at=NOW + 8 * HOUR)

    with pytest.raises(NotOnDesk):
        settle(swap_id, supervisor)

    assert state_of(swap_id) is SwapState.AGREED


def test_one_asks_for_ones_own_coming_shifts_alone(city: City):
    asker, asked = make_counselor(), make_counselor()
    shift_id = by_hand(city, asker)

    with pytest.raises(NoSuchShift):
        ask(shift_id, asked, asker)
    with pytest.raises(ReplacesItself):
        ask(shift_id, asker, asker)
    with pytest.raises(ShiftOver):
        ask(shift_id, asker, asked, now=NOW + 9 * HOUR)
    by_hand(city, asked)
    with pytest.raises(AlreadyOnCall):
        ask(shift_id, asker, asked)
