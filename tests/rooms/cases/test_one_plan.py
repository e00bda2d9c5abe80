"""One care plan per student (一生一策): another case of the same student may begin with it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests.factories import cases as factory
from tests.factories import people as made
from tests.factories.moments import NOW
from tests.rooms.cases.conftest import People
from wellbeing.accounts.queries import people as accounts
from wellbeing.cases.models.cases import CASE
from wellbeing.cases.models.plans import PLAN
from wellbeing.cases.operations import care, matching
from wellbeing.cases.operations import people as people_operations
from wellbeing.cases.queries import cases, plans, taken_plans
from wellbeing.cases.rules.cases import CaseIsClosed, CaseRow
from wellbeing.cases.rules.people import PersonRow, Relation, Verdict
from wellbeing.cases.rules.plans import (
    CareWords,
    Measure,
    OfferedPlan,
    Origin,
    PlanKind,
    StalePlan,
)
from wellbeing.foundation.database import session, transaction

DAY = timedelta(days=1)
TODAY = NOW.date()


def write(case: CaseRow, *, by: int, goals: str = "虚构：睡够八小时。", version: int = 0) -> None:
    typed = CareWords(
        goals=goals,
        strengths="",
        measures=(Measure(what="虚构：十点关灯", who="虚构：妈妈"),),
        review_on=TODAY + 30 * DAY,
    )
    with transaction():
        care.save_care_plan(case_id=case.case_id, by=by, typed=typed, version=version, now=NOW)


def two(
    people: People, *, other: int | None = None, relation: Relation = Relation.STUDENT
) -> tuple[CaseRow, CaseRow, PersonRow, PersonRow]:
    """A case of the district without a plan, and one with a plan, of an equal name."""
    here = factory.make_case(owner_id=people.district)
    there = factory.make_case(owner_id=other or people.district)
    one = made.make_person(case_id=here.case_id, by=people.district)
    same = made.make_person(case_id=there.case_id, by=people.district, relation=relation)
    write(there, by=other or people.district)
    return here, there, one, same


def offered(case: CaseRow, *, to: int) -> OfferedPlan | None:
    reader = accounts.scope_of(user_id=to)
    return plans.care_elsewhere(case_id=case.case_id, scope=reader, now=NOW)


def take(case: CaseRow, offer: OfferedPlan | None, *, by: int) -> int:
    assert offer is not None
    with transaction():
        return care.take_over(case_id=case.case_id, plan=offer.plan, by=by, now=NOW)


def test_the_plan_of_the_same_students_other_case_is_offered(people: People):
    here, there, one, same = two(people)
    before = offered(here, to=people.district)

    made.make_link(one=one, other=same, by=people.district)

    found = offered(here, to=people.district)
    assert before is None
    assert found is not None
    assert (found.reference, found.plan.version) == (there.reference, 1)
    assert found.plan.words["goals"] == "虚构：睡够八小时。"


def test_it_is_offered_whichever_of_the_two_was_written_down_first(people: People):
    here, _, one, same = two(people)
    made.make_link(one=same, other=one, by=people.district)
    later = factory.make_case(owner_id=people.district)
    again = made.make_person(case_id=later.case_id, by=people.district)
    made.make_link(one=again, other=same, by=people.district)

    assert offered(here, to=people.district) == offered(later, to=people.district)
    assert offered(later, to=people.district) is not None


def test_of_two_versions_and_two_cases_the_newest_is_offered(people: People):
    here, there, one, same = two(people)
    third = factory.make_case(owner_id=people.district)
    again = made.make_person(case_id=third.case_id, by=people.district)
    for other in (same, again):
        made.make_link(one=one, other=other, by=people.district)
    write(third, by=people.district, goals="虚构：第三个个案。")
    write(there, by=people.district, goals="虚构：第二版。", version=1)

    found = offered(here, to=people.district)

    assert found is not None
    assert (found.reference, found.plan.version) == (there.reference, 2)
    assert found.plan.words["goals"] == "虚构：第二版。"


def test_a_case_that_the_reader_may_not_open_is_not_offered(people: People):
    here, _, one, same = two(people, other=people.counselor)
    made.make_link(one=one, other=same, by=people.supervisor)

    assert offered(here, to=people.district) is None
    assert offered(here, to=people.supervisor) is not None


@pytest.mark.parametrize("status", ["sealed", "erased"])
def test_a_record_at_rest_is_never_offered(people: People, status: str):
    here, there, one, same = two(people)
    made.make_link(one=one, other=same, by=people.district)
    with transaction():
        at_rest = update(CASE).where(CASE.c.id == there.case_id)
        session().execute(at_rest.values(status=status, closed_at=NOW))

    assert offered(here, to=people.district) is None
    assert offered(here, to=people.supervisor) is None


def test_a_closed_case_still_gives_its_plan(people: People):
    here, there, one, same = two(people)
    made.make_link(one=one, other=same, by=people.district)
    with transaction():
        shut = update(CASE).where(CASE.c.id == there.case_id)
        session().execute(shut.values(status="closed", closed_at=NOW))

    assert offered(here, to=people.district) is not None


def test_it_is_offered_no_more_once_the_two_are_told_apart(people: People):
    here, _, one, same = two(people)
    link_id = made.make_link(one=one, other=same, by=people.district)

    with transaction():
        matching.take_back(
            link_id=link_id, case_id=here.case_id, reason="虚构", by=people.district, now=NOW
        )
    taken_back = offered(here, to=people.district)
    with transaction():
        matching.decide(
            one=one, other=same, verdict=Verdict.DIFFERENT, reason="虚构", by=people.district,
            now=NOW,
        )  # fmt: skip

    assert taken_back is None
    assert offered(here, to=people.district) is None


def test_the_plan_of_a_case_where_the_person_is_no_student_is_not_offered(people: People):
    """Somebody's sister calls about herself: the plan of the other student is not hers."""
    here, _, one, same = two(people, relation=Relation.SIBLING)
    made.make_link(one=one, other=same, by=people.district)

    assert offered(here, to=people.district) is None


def test_a_removed_person_leads_to_no_plan(people: People):
    here, _, one, same = two(people)
    made.make_link(one=one, other=same, by=people.district)
    with transaction():
        people_operations.remove_person(
            person=same, reason="虚构：记错了", by=people.district, now=NOW
        )

    assert offered(here, to=people.district) is None


def test_it_becomes_version_one_here_sealed_under_the_key_of_this_case(people: People):
    here, there, one, same = two(people)
    made.make_link(one=one, other=same, by=people.district)

    version = take(here, offered(here, to=people.district), by=people.district)

    blob = session().execute(select(PLAN.c.body_sealed).where(PLAN.c.case_id == here.case_id))
    ours = plans.latest(case_id=here.case_id, kind=PlanKind.CARE)
    theirs = plans.latest(case_id=there.case_id, kind=PlanKind.CARE)
    assert version == 1
    assert blob.scalar_one()[1:17] == here.data_key_id.bytes
    assert ours is not None
    assert theirs is not None
    assert (ours.words, theirs.version) == (theirs.words, 1)
    assert cases.timeline(case_id=here.case_id, limit=1)[0].kind == "plan_saved"


def test_a_review_whose_day_has_passed_is_due_here_at_once(people: People):
    here, _, one, same = two(people)
    made.make_link(one=one, other=same, by=people.district)
    late = NOW + 40 * DAY
    found = offered(here, to=people.district)
    assert found is not None

    with transaction():
        care.take_over(case_id=here.case_id, plan=found.plan, by=people.district, now=late)
        for plan_id in plans.due_review_ids(now=late, limit=9):
            care.advance(plan_id, now=late)

    assert date.fromisoformat(found.plan.words["review_on"]) < late.date()
    assert [one.kind for one in cases.duties_of(case_id=here.case_id)] == ["care_plan_review"]


def test_a_case_with_a_plan_of_its_own_takes_none_over(people: People):
    here, _, one, same = two(people)
    made.make_link(one=one, other=same, by=people.district)
    found = offered(here, to=people.district)
    write(here, by=people.district, goals="虚构：自己的。")

    with pytest.raises(StalePlan):
        take(here, found, by=people.district)

    ours = plans.latest(case_id=here.case_id, kind=PlanKind.CARE)
    assert ours is not None
    assert (ours.version, ours.words["goals"]) == (1, "虚构：自己的。")


def test_a_closed_case_takes_none_over(people: People):
    here, _, one, same = two(people)
    made.make_link(one=one, other=same, by=people.district)
    found = offered(here, to=people.district)
    with transaction():
        shut = update(CASE).where(CASE.c.id == here.case_id)
        session().execute(shut.values(status="closed", closed_at=NOW))

    with pytest.raises(CaseIsClosed):
        take(here, found, by=people.district)


def origin(case: CaseRow, *, to: int, now: datetime = NOW) -> Origin | None:
    plan = plans.latest(case_id=case.case_id, kind=PlanKind.CARE)
    assert plan is not None
    found = taken_plans.origin_of(plan=plan, scope=accounts.scope_of(user_id=to), now=now)
    session().rollback()
    return found


def taken(people: People, *, other: int | None = None) -> tuple[CaseRow, CaseRow, int]:
    here, there, one, same = two(people, other=other)
    link_id = made.make_link(one=one, other=same, by=people.supervisor)
    take(here, offered(here, to=people.supervisor), by=people.district)
    return here, there, link_id


def test_it_says_where_it_came_from(people: People):
    here, there, _ = taken(people)

    assert origin(here, to=people.district) == Origin(
        reference=there.reference, version=1, is_same_student=True, changed=None
    )
    assert origin(there, to=people.district) is None


def test_it_warns_once_the_source_has_changed_until_somebody_reviews_here(people: People):
    here, there, _ = taken(people)
    write(there, by=people.district, goals="虚构：换了目标。", version=1)

    warned = origin(here, to=people.district)
    with transaction():
        session().execute(update(PLAN).where(PLAN.c.case_id == there.case_id).values(at=NOW - DAY))
    write(here, by=people.district, goals="虚构：看过了。", version=1)
    reviewed = origin(here, to=people.district)

    assert warned is not None
    assert warned.changed is not None
    assert (warned.changed.version, warned.changed.by_user_id) == (2, people.district)
    assert reviewed is not None
    assert (reviewed.reference, reviewed.changed) == (there.reference, None)


def test_who_may_not_open_the_source_learns_neither_its_name_nor_its_changes(people: People):
    here, there, _ = taken(people, other=people.counselor)
    write(there, by=people.counselor, goals="虚构：换了目标。", version=1)

    assert origin(here, to=people.district) == Origin(
        reference=None, version=1, is_same_student=True, changed=None
    )


def test_two_persons_after_all_are_told_at_the_plan(people: People):
    here, _, link_id = taken(people)
    with transaction():
        matching.take_back(
            link_id=link_id, case_id=here.case_id, reason="虚构", by=people.district, now=NOW
        )

    found = origin(here, to=people.district)

    assert found is not None
    assert found.is_same_student is False
