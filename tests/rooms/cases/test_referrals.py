"""Referrals: a case stays open until the outcome is known, and silence becomes somebody's duty."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import cases as factory
from tests.factories.moments import NOW
from tests.rooms.cases.conftest import People
from wellbeing.cases.models.referrals import REFERRAL
from wellbeing.cases.operations import referrals
from wellbeing.cases.queries import cases as case_queries
from wellbeing.cases.queries import referrals as queries
from wellbeing.cases.rules.cases import CaseIsClosed
from wellbeing.cases.rules.referrals import (
    Agreed,
    NewReferral,
    NoSuchReferral,
    NoSuchReferralKind,
    OutcomeNeedsWords,
    ReferralNotFilled,
    ReferralOver,
    ReferralState,
    StaleReferral,
)
from wellbeing.foundation.database import session, transaction

DAY = timedelta(days=1)


def refer(case_id: int, *, by: int, kind: str = "green_channel", to: str = "示例医院") -> int:
    new = NewReferral(
        case_id=case_id, kind=kind, to=to, reason="虚构：想请医生看。", agreed=Agreed.STUDENT
    )
    with transaction():
        return referrals.refer(new=new, by=by, now=NOW)


def step(
    case_id: int, referral_id: int, state: ReferralState, *, by: int, version: int, days: int = 0
) -> None:
    row = queries.get(referral_id=referral_id, case_id=case_id)
    with transaction():
        referrals.settle(
            row=row, state=state, words="虚构：约好了。", by=by, version=version,
            now=NOW + days * DAY,
        )  # fmt: skip


def sweep(referral_id: int, *, days: int) -> bool:
    with transaction():
        return referrals.advance(referral_id, now=NOW + days * DAY)


def holds(case_id: int) -> list[str]:
    return [one.kind for one in case_queries.holds(case_id=case_id)]


def duties(case_id: int) -> list[str]:
    return [one.kind for one in case_queries.duties_of(case_id=case_id)]


def test_a_referral_holds_its_case_until_the_student_was_there(people: People):
    made = factory.make_case(owner_id=people.counselor)
    one = refer(made.case_id, by=people.counselor)

    step(made.case_id, one, ReferralState.ACCEPTED, by=people.counselor, version=1)
    while_open = holds(made.case_id)
    step(made.case_id, one, ReferralState.ATTENDED, by=people.counselor, version=2)

    row = queries.get(referral_id=one, case_id=made.case_id)
    assert while_open == ["referral"]
    assert holds(made.case_id) == []
    assert (row.state, row.is_open, row.settled_at) == (ReferralState.ATTENDED, False, NOW)


def test_its_words_are_sealed_under_the_key_of_the_case(people: People):
    made = factory.make_case(owner_id=people.counselor)

    refer(made.case_id, by=people.counselor)

    blob = session().execute(select(REFERRAL.c.words_sealed)).scalar_one()
    assert blob[1:17] == made.data_key_id.bytes
    assert "示例医院".encode() not in blob


def test_silence_beyond_the_policys_time_becomes_one_duty_of_the_owner(people: People):
    made = factory.make_case(owner_id=people.counselor)
    one = refer(made.case_id, by=people.counselor)

    early = queries.due_ids(now=NOW + DAY - timedelta(seconds=1), limit=9)
    due = queries.due_ids(now=NOW + DAY, limit=9)
    moved = [sweep(one, days=1), sweep(one, days=1)]

    assert (early, due) == ((), (one,))
    assert moved == [True, False]
    assert duties(made.case_id) == ["referral_overdue"]
    assert queries.next_due_at() is None


def test_an_answer_ends_the_duty_and_the_visit_has_a_time_of_its_own(people: People):
    made = factory.make_case(owner_id=people.counselor)
    one = refer(made.case_id, by=people.counselor)
    sweep(one, days=1)

    step(made.case_id, one, ReferralState.ACCEPTED, by=people.counselor, version=1, days=2)

    assert duties(made.case_id) == []
    assert queries.next_due_at() == NOW + 9 * DAY


def test_the_duty_stays_while_another_referral_is_overdue(people: People):
    made = factory.make_case(owner_id=people.counselor)
    first, second = (refer(made.case_id, by=people.counselor) for _ in range(2))
    sweep(first, days=1)
    sweep(second, days=1)

    step(made.case_id, first, ReferralState.ATTENDED, by=people.counselor, version=1)
    after_first = duties(made.case_id)
    step(made.case_id, second, ReferralState.ATTENDED, by=people.counselor, version=1)

    assert after_first == ["referral_overdue"]
    assert duties(made.case_id) == []


def test_what_did_not_come_about_needs_words(people: People):
    made = factory.make_case(owner_id=people.counselor)
    one = refer(made.case_id, by=people.counselor)
    row = queries.get(referral_id=one, case_id=made.case_id)

    with pytest.raises(OutcomeNeedsWords), transaction():
        referrals.settle(row=row, state=ReferralState.DECLINED, words=" ", by=1, version=1, now=NOW)


def test_an_outcome_is_final_and_a_late_step_is_refused(people: People):
    made = factory.make_case(owner_id=people.counselor)
    one = refer(made.case_id, by=people.counselor)
    before = queries.get(referral_id=one, case_id=made.case_id)
    step(made.case_id, one, ReferralState.ATTENDED, by=people.counselor, version=1)

    with pytest.raises(ReferralOver):
        step(made.case_id, one, ReferralState.ACCEPTED, by=people.counselor, version=2)
    with pytest.raises(StaleReferral), transaction():
        referrals.settle(
            row=before, state=ReferralState.WITHDRAWN, words="虚构", by=people.colleague,
            version=1, now=NOW,
        )  # fmt: skip

    after = queries.get(referral_id=one, case_id=made.case_id)
    assert after.state is ReferralState.ATTENDED


def test_only_known_places_with_words_are_referred_to_from_a_living_case(people: People):
    made = factory.make_case(owner_id=people.counselor)
    closed = factory.make_case(owner_id=people.counselor)
    factory.close(case=closed)

    with pytest.raises(NoSuchReferralKind):
        refer(made.case_id, by=people.counselor, kind="nowhere")
    with pytest.raises(ReferralNotFilled):
        refer(made.case_id, by=people.counselor, to=" ")
    with pytest.raises(CaseIsClosed):
        refer(closed.case_id, by=people.counselor)


def test_a_referral_of_another_case_is_not_found(people: People):
    made, other = (factory.make_case(owner_id=people.counselor) for _ in range(2))
    one = refer(made.case_id, by=people.counselor)

    with pytest.raises(NoSuchReferral):
        queries.get(referral_id=one, case_id=other.case_id)
