"""Giving cases to others, tags, caseloads, care plans: by the rules, and within one's units."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from tests.factories import cases as factory
from tests.factories.accounts import make_counselor, make_user
from tests.factories.contacts import make_contact
from tests.factories.moments import NOW
from tests.rooms.cases.conftest import People
from wellbeing.accounts.rules.roles import Role
from wellbeing.cases.operations import care, work
from wellbeing.cases.queries import cases, plans
from wellbeing.cases.queries import work as queries
from wellbeing.cases.rules.cases import CaseIsClosed, StaleCase
from wellbeing.cases.rules.plans import (
    CareWords,
    Measure,
    MeasureUnfit,
    NothingPlanned,
    PlanKind,
    ReviewOutOfReach,
    StalePlan,
    opened_care,
)
from wellbeing.cases.rules.work import (
    NoSuchTag,
    NotAnAssignee,
    ReasonMissing,
    SameOwner,
    TagExists,
    TagUnfit,
    TimelineFilter,
)
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import NotFound
from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import RiskLevel

ScopeOf = Callable[[int], Scope]
DAY = timedelta(days=1)
TODAY = NOW.date()


def assign(case_id: int, to: int, by: Scope, reason: str = "虚构：值班表变了。") -> None:
    with transaction():
        work.assign_case(case_id=case_id, to_user_id=to, by=by, reason=reason, now=NOW)


def tag(case_id: int, name: str, by: int) -> bool:
    with transaction():
        return work.tag_case(case_id=case_id, tag=name, by=by, now=NOW)


def test_a_supervisor_gives_a_case_to_a_colleague_with_all_that_hangs_on_it(
    people: People, scope_of: ScopeOf
):
    made = factory.make_case(owner_id=people.counselor)
    factory.make_duty(
        holder_id=people.counselor, organization_id=people.city.school.id, case_id=made.case_id
    )

    assign(made.case_id, people.district, scope_of(people.supervisor))

    after = cases.case_by_id(case_id=made.case_id)
    assert (after.owner_id, after.organization_id) == (people.district, people.city.district.id)
    assert [one.holder_id for one in cases.duties_of(case_id=made.case_id)] == [people.district]
    with pytest.raises(NotFound):
        cases.get(case_id=made.case_id, scope=scope_of(people.counselor), now=NOW)
    newest = cases.timeline(case_id=made.case_id, limit=1)[0]
    assert (newest.kind, newest.actor_id) == ("assigned", people.supervisor)
    assert newest.details == {"reason": "虚构：值班表变了。"}


def test_nobody_gives_a_case_out_of_their_units_or_to_who_cannot_follow_it(
    people: People, scope_of: ScopeOf
):
    made = factory.make_case(owner_id=people.counselor)
    scope = scope_of(people.supervisor)
    above = make_counselor(organization_id=people.city.municipality.id)
    principal = make_user(role=Role.PRINCIPAL, organization_id=people.city.school.id)

    for wrong in (above, principal, 999_999):
        with pytest.raises(NotAnAssignee):
            assign(made.case_id, wrong, scope)
    with pytest.raises(SameOwner):
        assign(made.case_id, people.counselor, scope)
    with pytest.raises(ReasonMissing):
        assign(made.case_id, people.district, scope, reason=" ")
    with pytest.raises(NotAnAssignee):
        assign(made.case_id, people.colleague, scope_of(people.counselor))
    with pytest.raises(NotFound):
        assign(made.case_id, people.district, scope_of(people.colleague))

    assert cases.case_by_id(case_id=made.case_id).owner_id == people.counselor


def test_a_case_carries_each_tag_once_and_lets_it_go(people: People):
    made = factory.make_case(owner_id=people.counselor)

    told = [tag(made.case_id, "bullying", people.counselor) for _ in range(2)]
    carried = queries.tags_of(case_ids=[made.case_id])
    with transaction():
        gone = work.untag_case(case_id=made.case_id, tag="bullying", by=people.counselor, now=NOW)

    assert told == [True, False]
    assert carried == {made.case_id: ("bullying",)}
    assert gone
    assert queries.tags_of(case_ids=[made.case_id]) == {}


def test_a_case_that_somebody_else_changed_meanwhile_stays_as_it_is(
    people: People, scope_of: Callable[..., Any]
):
    case = factory.make_case(owner_id=people.counselor)
    by = scope_of(people.supervisor)

    with pytest.raises(StaleCase), transaction():
        work.assign_case(
            case_id=case.case_id,
            to_user_id=people.district,
            by=by,
            reason="虚构",
            version=case.version + 1,
            now=NOW,
        )
    with pytest.raises(StaleCase), transaction():
        work.tag_case(
            case_id=case.case_id,
            tag="bullying",
            by=people.counselor,
            version=case.version + 1,
            now=NOW,
        )

    assert cases.case_by_id(case_id=case.case_id) == case
    assert queries.tags_of(case_ids=[case.case_id]) == {}


def test_a_retired_tag_is_put_on_no_case_and_stays_on_those_that_have_it(
    people: People, scope_of: Callable[..., Any]
):
    key = make_tag("晚自习", people)
    case = factory.make_case(owner_id=people.counselor)
    put = {"case_id": case.case_id, "tag": key, "by": people.counselor, "now": NOW}
    with transaction():
        work.tag_case(**put)
        work.retire_tag(key=key, by=scope_of(people.supervisor), now=NOW)
        work.untag_case(**put)

    with pytest.raises(NoSuchTag), transaction():
        work.tag_case(**put)
    with pytest.raises(NoSuchTag), transaction():
        work.retire_tag(key=key, by=scope_of(people.supervisor), now=NOW)

    assert queries.site_tags_named(keys=[key])[key].name == "晚自习"


@pytest.mark.parametrize("key", ["own:999", "own:", "own:x", "bullying", "own:" + "9" * 40])
def test_there_is_no_tag_to_retire(people: People, scope_of: Callable[..., Any], key: str):
    with pytest.raises(NoSuchTag), transaction():
        work.retire_tag(key=key, by=scope_of(people.supervisor), now=NOW)


def test_a_unit_below_retires_no_tag_of_a_unit_above(people: People, scope_of: Callable[..., Any]):
    key = make_tag("晚自习", people)

    with pytest.raises(NoSuchTag), transaction():
        work.retire_tag(key=key, by=scope_of(people.counselor), now=NOW)


def make_tag(name: str, people: People) -> str:
    with transaction():
        return work.make_tag(
            name=name, organization_id=people.city.district.id, by=people.supervisor, now=NOW
        )


def test_a_tag_of_a_unit_serves_the_units_below_and_no_others(people: People):
    key = make_tag("  晚自习  ", people)
    below = factory.make_case(owner_id=people.counselor)
    elsewhere = factory.make_case(
        owner_id=make_counselor(organization_id=people.city.municipality.id)
    )

    assert tag(below.case_id, key, people.counselor)
    with pytest.raises(NoSuchTag):
        tag(elsewhere.case_id, key, people.counselor)
    assert queries.site_tags_named(keys=[key])[key].name == "晚自习"


@pytest.mark.parametrize("name", ["", "  ", "王小明13800000000", "字" * 21, "room 3"])
def test_a_tag_is_a_word_and_nothing_that_could_be_somebodys(people: People, name: str):
    with pytest.raises(TagUnfit):
        make_tag(name, people)


def test_a_tag_is_made_once_and_never_in_place_of_one_of_all(people: People):
    make_tag("晚自习", people)

    for name in ("晚自习", "Bullying", "校园欺凌"):
        with pytest.raises(TagExists):
            make_tag(name, people)


def test_an_unknown_tag_and_a_closed_case_take_nothing(people: People):
    made = factory.make_case(owner_id=people.counselor)

    with pytest.raises(NoSuchTag):
        tag(made.case_id, "own:999", people.counselor)
    factory.close(case=made)
    with pytest.raises(CaseIsClosed):
        tag(made.case_id, "bullying", people.counselor)


def test_caseloads_count_living_cases_within_the_supervisors_units(
    people: People, scope_of: ScopeOf
):
    factory.make_case(owner_id=people.counselor, level=RiskLevel.HIGH)
    factory.make_case(owner_id=people.counselor)
    factory.close(case=factory.make_case(owner_id=people.counselor))
    factory.make_case(owner_id=make_counselor(organization_id=people.city.municipality.id))

    loads = queries.loads(scope=scope_of(people.supervisor), now=NOW)

    assert [(one.user_id, one.cases, one.high, one.imminent) for one in loads] == [
        (people.counselor, 2, 1, 0)
    ]
    units = queries.loads_by_unit(scope=scope_of(people.supervisor))
    assert units == {people.city.school.id: 2}


def test_other_cases_of_the_same_number_are_shown_to_who_may_open_them(
    people: People, scope_of: ScopeOf
):
    first = factory.make_case(
        owner_id=people.counselor, contact_id=make_contact(sender="+8613900000001")
    )
    factory.close(case=first)
    again = make_contact(sender="+8613900000001", line_number="+862300000009")
    second = factory.make_case(owner_id=people.colleague, contact_id=again)
    factory.make_case(owner_id=people.colleague)

    def others(reader: int) -> list[int]:
        found = queries.others_of(found=second, scope=scope_of(reader), now=NOW)
        return [one.case_id for one in found]

    assert others(people.supervisor) == [first.case_id]
    assert others(people.colleague) == []


def test_the_timeline_is_filtered_by_person_and_day(people: People):
    made = factory.make_case(owner_id=people.counselor)
    factory.make_note(case_id=made.case_id, by=people.colleague)

    def kinds(**wanted: object) -> list[str]:
        only = TimelineFilter(**wanted)  # type: ignore[arg-type]  # names of the filter
        return [
            one.kind for one in cases.timeline(case_id=made.case_id, kinds=(), only=only, limit=9)
        ]

    assert kinds(actor_id=people.colleague) == ["note_added"]
    assert kinds(since=NOW + DAY) == []
    assert kinds(until=NOW) == []
    assert "note_added" in kinds(since=NOW, until=NOW + DAY)


def written(**changes: object) -> CareWords:
    values = {
        "goals": "虚构：睡够八小时。",
        "strengths": "",
        "measures": (Measure(what="虚构：十点关灯", who="虚构：妈妈", until=TODAY + 7 * DAY),),
        "review_on": TODAY + 30 * DAY,
    } | changes
    return CareWords(**values)  # type: ignore[arg-type]  # names of the plan


def save(case_id: int, typed: CareWords, *, by: int, version: int = 0) -> int:
    with transaction():
        return care.save_care_plan(case_id=case_id, by=by, typed=typed, version=version, now=NOW)


def test_a_care_plan_is_read_as_it_was_written_without_its_empty_lines(people: People):
    made = factory.make_case(owner_id=people.counselor)
    lines = (*written().measures, Measure(what=" ", who=""))

    save(made.case_id, written(measures=lines), by=people.counselor)

    found = plans.latest(case_id=made.case_id, kind=PlanKind.CARE)
    assert found is not None
    assert opened_care(words=found.words) == written()


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"goals": " "}, NothingPlanned),
        ({"measures": ()}, NothingPlanned),
        ({"measures": (Measure(what="虚构", who=" "),)}, NothingPlanned),
        ({"measures": (Measure(what="长" * 201, who="虚构"),)}, MeasureUnfit),
        ({"review_on": TODAY}, ReviewOutOfReach),
        ({"review_on": TODAY + 400 * DAY}, ReviewOutOfReach),
        ({"review_on": date.max}, ReviewOutOfReach),
    ],
)
def test_a_plan_that_nobody_could_keep_is_refused(
    people: People, changes: dict[str, object], refusal: type[Exception]
):
    made = factory.make_case(owner_id=people.counselor)

    with pytest.raises(refusal):
        save(made.case_id, written(**changes), by=people.counselor)


def test_a_due_review_becomes_a_duty_once_and_the_review_settles_it(people: People):
    made = factory.make_case(owner_id=people.counselor)
    save(made.case_id, written(), by=people.counselor)
    at = NOW + 31 * DAY

    early = plans.due_review_ids(now=NOW + 29 * DAY, limit=9)
    (plan_id,) = plans.due_review_ids(now=at, limit=9)
    with transaction():
        moved = [care.advance(plan_id, now=at), care.advance(plan_id, now=at)]
    due = [one.kind for one in cases.duties_of(case_id=made.case_id)]
    save(made.case_id, written(), by=people.counselor, version=1)

    assert early == ()
    assert moved == [True, False]
    assert due == ["care_plan_review"]
    assert cases.duties_of(case_id=made.case_id) == ()


def test_a_newer_version_takes_the_review_along_and_a_stale_one_is_refused(people: People):
    made = factory.make_case(owner_id=people.counselor)
    save(made.case_id, written(), by=people.counselor)
    save(made.case_id, written(review_on=TODAY + 60 * DAY), by=people.counselor, version=1)

    with pytest.raises(StalePlan):
        save(made.case_id, written(), by=people.colleague, version=1)

    assert plans.due_review_ids(now=NOW + 31 * DAY, limit=9) == ()
    assert len(plans.due_review_ids(now=NOW + 61 * DAY, limit=9)) == 1
