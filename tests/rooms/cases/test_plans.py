"""Plans: every save a version, no version lost, nobody's words overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import cases as factory
from tests.factories.moments import NOW
from tests.rooms.cases.conftest import People
from wellbeing.cases.models.plans import DRAFT, PLAN
from wellbeing.cases.operations import plans
from wellbeing.cases.queries import cases as case_queries
from wellbeing.cases.queries import plans as queries
from wellbeing.cases.rules.cases import CaseIsClosed
from wellbeing.cases.rules.plans import (
    DraftRow,
    Heading,
    NoSuchDraft,
    NoSuchPlan,
    PlanKind,
    PlanNotFilled,
    StalePlan,
)
from wellbeing.foundation.database import session, transaction
from wellbeing.foundation.errors import NotFound

SAFETY = PlanKind.SAFETY


def filled(words: str = "虚构：去操场走走。") -> dict[str, str]:
    return {one.value: words for one in Heading}


def save(case_id: int, *, by: int, version: int, typed: Mapping[str, str] | None = None) -> int:
    with transaction():
        return plans.save_safety_plan(
            case_id=case_id, by=by, typed=typed or filled(), version=version, now=NOW
        )


def type_into(case_id: int, *, user_id: int, body: str, field: str = "safety.help") -> None:
    with transaction():
        plans.save_draft(
            case_id=case_id, user_id=user_id, field=field, body=body, base_version=0, now=NOW
        )


def test_every_save_is_a_version_and_old_ones_stay_readable(people: People):
    made = factory.make_case(owner_id=people.counselor)

    save(made.case_id, by=people.counselor, version=0, typed=filled("虚构：第一次。"))
    second = save(made.case_id, by=people.colleague, version=1, typed=filled("虚构：第二次。"))

    newest = queries.latest(case_id=made.case_id, kind=SAFETY)
    first = queries.version(case_id=made.case_id, kind=SAFETY, number=1)
    assert second == 2
    assert newest is not None
    assert (newest.version, newest.words["help"]) == (2, "虚构：第二次。")
    assert (first.by_user_id, first.words["help"]) == (people.counselor, "虚构：第一次。")
    assert [one.version for one in queries.versions(case_id=made.case_id, kind=SAFETY)] == [2, 1]


def test_the_words_of_a_plan_are_sealed_under_the_key_of_its_case(people: People):
    made = factory.make_case(owner_id=people.counselor)

    save(made.case_id, by=people.counselor, version=0)

    blob = session().execute(select(PLAN.c.body_sealed)).scalar_one()
    assert blob[1:17] == made.data_key_id.bytes
    assert "操场".encode() not in blob


@pytest.mark.parametrize("seen", [0, 2, 50])
def test_a_save_over_another_version_loses_nothing(people: People, seen: int):
    """Neither a late save nor a made-up version number may bury what a colleague wrote."""
    made = factory.make_case(owner_id=people.counselor)
    save(made.case_id, by=people.colleague, version=0, typed=filled("虚构：同事写的。"))

    with pytest.raises(StalePlan) as stale:
        save(made.case_id, by=people.counselor, version=seen, typed=filled("虚构：我写的。"))

    assert stale.value.saved is not None
    assert stale.value.saved.words["help"] == "虚构：同事写的。"
    assert stale.value.yours["help"] == "虚构：我写的。"
    assert [one.version for one in queries.versions(case_id=made.case_id, kind=SAFETY)] == [1]


def test_six_headings_need_words_and_the_seventh_does_not(people: People):
    made = factory.make_case(owner_id=people.counselor)

    with pytest.raises(PlanNotFilled) as refused:
        save(made.case_id, by=people.counselor, version=0, typed=filled() | {"help": " \n"})
    save(made.case_id, by=people.counselor, version=0, typed=filled() | {"worth_living": ""})

    assert refused.value.headings == (Heading.HELP,)
    assert [one.version for one in queries.versions(case_id=made.case_id, kind=SAFETY)] == [1]


def test_a_closed_case_takes_no_plan(people: People):
    made = factory.make_case(owner_id=people.counselor)
    factory.close(case=made)

    with pytest.raises(CaseIsClosed):
        save(made.case_id, by=people.counselor, version=0)


def test_a_plan_of_no_case_is_not_found(people: People):
    with pytest.raises(NotFound):
        save(999_999, by=people.counselor, version=0)
    with pytest.raises(NoSuchPlan):
        queries.version(case_id=999_999, kind=SAFETY, number=1)


def test_a_saved_plan_stands_in_the_timeline_without_its_words(people: People):
    made = factory.make_case(owner_id=people.counselor)

    save(made.case_id, by=people.counselor, version=0)

    newest = case_queries.timeline(case_id=made.case_id, limit=1)[0]
    assert newest.kind == "plan_saved"
    assert newest.facts == {"plan_kind": "safety", "plan_version": 1}
    assert newest.details == {}


def test_what_somebody_types_is_kept_for_them_alone(people: People):
    made = factory.make_case(owner_id=people.counselor)

    type_into(made.case_id, user_id=people.counselor, body="虚构：还没写完")
    type_into(made.case_id, user_id=people.counselor, body="虚构：还没写完的话")

    mine = queries.drafts_of(case_id=made.case_id, user_id=people.counselor, prefix="safety.")
    others = queries.drafts_of(case_id=made.case_id, user_id=people.colleague, prefix="safety.")
    assert mine == {
        "safety.help": DraftRow(
            field="safety.help", body="虚构：还没写完的话", base_version=0, saved_at=NOW
        )
    }
    assert others == {}


def test_a_save_ends_the_drafts_of_its_plan_and_no_others(people: People):
    made = factory.make_case(owner_id=people.counselor)
    type_into(made.case_id, user_id=people.counselor, body="虚构")
    type_into(made.case_id, user_id=people.counselor, body="虚构", field="note")
    type_into(made.case_id, user_id=people.colleague, body="虚构")

    save(made.case_id, by=people.counselor, version=0)

    rows = session().execute(select(DRAFT.c.user_id, DRAFT.c.field)).all()
    assert sorted(tuple(row) for row in rows) == sorted(
        [(people.counselor, "note"), (people.colleague, "safety.help")]
    )


def test_a_saved_note_ends_its_draft_and_an_empty_one_is_none(people: People):
    made = factory.make_case(owner_id=people.counselor)
    type_into(made.case_id, user_id=people.counselor, body="虚构", field="note")
    type_into(made.case_id, user_id=people.colleague, body="虚构", field="note")

    factory.make_note(case_id=made.case_id, by=people.counselor)
    type_into(made.case_id, user_id=people.colleague, body="", field="note")

    assert session().execute(select(DRAFT)).all() == []


def test_a_field_that_no_form_has_keeps_nothing(people: People):
    made = factory.make_case(owner_id=people.counselor)

    with pytest.raises(NoSuchDraft):
        type_into(made.case_id, user_id=people.counselor, body="虚构", field="note' OR 1=1")


def test_of_two_who_save_at_the_same_moment_one_is_shown_both(people: People, app: Flask):
    """The key of case, kind and number decides, whatever both read before."""
    made = factory.make_case(owner_id=people.counselor)
    outcomes: list[str] = []
    start = Barrier(2)

    def write(user_id: int) -> None:
        with app.app_context():
            start.wait()
            try:
                save(made.case_id, by=user_id, version=0)
            except StalePlan:
                outcomes.append("conflict")
            else:
                outcomes.append("saved")

    threads = [Thread(target=write, args=[one]) for one in (people.counselor, people.colleague)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["conflict", "saved"]
    assert len(queries.versions(case_id=made.case_id, kind=SAFETY)) == 1
