"""A student answers a check-in text: the promise knows it, and no desk is rung for a digit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.factories.cases import make_case
from tests.factories.contacts import claim, scope_of
from tests.factories.followups import forward, make_plan
from tests.factories.moments import NOW
from tests.rooms.hotline.test_a_text_comes_in import STUDENT, only, texts
from wellbeing.contacts.operations import conversations as operations
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.conversations import Disposition
from wellbeing.followups import queries as promises
from wellbeing.followups.rules import FollowUpState
from wellbeing.foundation.database import session, transaction
from wellbeing.policy.model import FollowUpKind, RiskLevel

LATER = timedelta(days=20)


@pytest.fixture
def case_id(counselor: int) -> int:
    """Give the case of a student who was helped, and whose check-in text has just gone out."""
    texts("你好")
    contact_id = only().contact_id
    claim(contact_id=contact_id, user_id=counselor)
    session().rollback()
    case = make_case(owner_id=counselor, contact_id=contact_id, level=RiskLevel.MODERATE)
    with transaction():
        operations.close_contact(
            contact_id=contact_id,
            disposition=Disposition.CASE_OPENED,
            wrap_up="",
            by=counselor,
            now=NOW + timedelta(hours=1),
        )
    make_plan(case=case, level=RiskLevel.MODERATE)
    forward(until=NOW + LATER)
    session().rollback()
    return case.case_id


def states(case_id: int) -> list[FollowUpState]:
    session().rollback()
    rows = promises.of_case(case_id=case_id)
    return [row.state for row in rows if row.kind is FollowUpKind.CHECK_IN]


@pytest.mark.parametrize(
    ("digit", "reply"),
    [("1", "好的，我们很快联系你。"), ("2", "好的，没关系，我们换个时间。")],
)
def test_a_digit_is_answered_and_needs_nobody_at_the_desk(
    digit: str, reply: str, case_id: int, outbox: Callable[[], list[tuple[str, str, str]]]
):
    texts(digit, seconds=LATER.total_seconds() + 60)

    assert outbox()[-1][:2] == ("auto_reply", STUDENT)
    assert outbox()[-1][2].startswith(reply)
    assert contacts.live(scope=scope_of()) == ()


def test_a_good_time_is_noted_on_the_promise(case_id: int):
    texts("1", seconds=LATER.total_seconds() + 60)

    assert FollowUpState.ANSWERED in states(case_id)


def test_words_instead_of_a_digit_wait_for_a_human(case_id: int):
    texts("我不想活了", seconds=LATER.total_seconds() + 60)

    assert only().urgency is RiskLevel.IMMINENT
    assert FollowUpState.ANSWERED in states(case_id)
