"""What a student does not wish any more is not sent, up to the last second before it leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import people as vault
from tests.factories.cases import make_case
from tests.factories.contacts import make_contact
from tests.factories.followups import forward, make_plan
from tests.rooms.followups.test_keeping import CHECK_IN, NUMBER
from wellbeing.cases.operations import consents, reaching
from wellbeing.cases.queries import consents as consent_queries
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.people import Permission, Relation, Safety, Wish
from wellbeing.followups import queries
from wellbeing.followups.operations import wishes
from wellbeing.followups.rules import FollowUpState
from wellbeing.foundation.database import session, transaction
from wellbeing.messaging.models import OUTBOUND
from wellbeing.messaging.rules import OrderState
from wellbeing.policy.model import FollowUpKind, RiskLevel


@pytest.fixture
def case(owner: int) -> CaseRow:
    """A red case whose student's number is known to the test."""
    contact_id = make_contact(sender=NUMBER)
    return make_case(owner_id=owner, contact_id=contact_id, level=RiskLevel.IMMINENT)


def refuse(case: CaseRow, wish: Permission, **changes: object) -> None:
    person = vault.make_person(case_id=case.case_id, by=case.owner_id, **changes)
    vault.make_number(person=person, typed=NUMBER, by=case.owner_id)
    with transaction():
        reaching.set_permission(
            person=person, wish=wish, version=0, by=case.owner_id, now=CHECK_IN - timedelta(hours=1)
        )


def texts() -> list[str]:
    return list(session().execute(select(OUTBOUND.c.state)).scalars())


def test_a_wish_is_asked_at_the_last_moment_and_a_person_calls_instead(case: CaseRow):
    _, second, *_ = make_plan(case=case)
    refuse(case, Permission(may_text=Wish.NO))

    forward(until=CHECK_IN)

    row = queries.by_id(follow_up_id=second)
    assert (row.kind, row.state) == (FollowUpKind.CALL, FollowUpState.PLANNED)
    assert texts() == []


def test_a_phone_of_somebody_who_is_not_safe_is_not_texted(case: CaseRow):
    _, second, *_ = make_plan(case=case)
    refuse(case, Permission(safety=Safety.UNSAFE), relation=Relation.FATHER, name="示例乙")

    forward(until=CHECK_IN)

    assert queries.by_id(follow_up_id=second).kind is FollowUpKind.CALL
    assert texts() == []


def test_a_text_that_has_not_left_is_taken_back_with_the_consent(case: CaseRow):
    consent_id = vault.make_consent(case_id=case.case_id, by=case.owner_id)
    _, second, *_ = make_plan(case=case)
    forward(until=CHECK_IN)
    queued = texts()
    consent = consent_queries.consent(consent_id=consent_id, case_id=case.case_id)

    with transaction():
        consents.withdraw_consent(
            consent=consent, reason="虚构：不想再收短信", by=case.owner_id, now=CHECK_IN
        )
        stopped = wishes.stop_texts(case_id=case.case_id, now=CHECK_IN)

    row = queries.by_id(follow_up_id=second)
    assert (queued, texts()) == ([OrderState.QUEUED], [OrderState.WITHDRAWN])
    assert stopped == 1
    assert (row.kind, row.state) == (FollowUpKind.CALL, FollowUpState.PLANNED)


def test_without_a_wish_the_text_goes_out(case: CaseRow):
    """The proof that the tests above could fail."""
    make_plan(case=case)

    forward(until=CHECK_IN)

    assert texts() == [OrderState.QUEUED]
