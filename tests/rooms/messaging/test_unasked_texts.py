"""Texts that nobody asked for are held to their rule when written and again when sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from tests.factories.messaging import queued_text
from tests.fakes import FakeTelephony, FrozenClock
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session, transaction
from wellbeing.messaging import queries
from wellbeing.messaging.events import TextSettled
from wellbeing.messaging.models import OUTBOUND
from wellbeing.messaging.operations import UnsafeText
from wellbeing.messaging.rules import DeliveryStatus, OrderState, Purpose

Deliver = Callable[[], int]
NOON = datetime(2026, 11, 24, 4, 30, tzinfo=UTC)
"""Tuesday, 12:30 in Chongqing: no quiet hours, no lesson."""
IN_A_LESSON = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
AFTER_LESSONS = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "body", ["明天心理老师找你", "W B - 7 K 3 M 9 Q", "小树，今天方便吗", "see www.x.test"]
)
def test_what_says_too_much_is_never_even_written(body: str, told: list[object]):
    with pytest.raises(UnsafeText) as refused:
        queued_text(scheduled=True, body=body, never_say=("小树",))

    assert refused.value.found
    assert session().execute(OUTBOUND.select()).first() is None


def test_an_answer_that_somebody_waits_for_may_say_what_it_must(
    carrier: FakeTelephony, deliver: Deliver
):
    queued_text(body="学校的心理老师明天在。")

    deliver()

    assert len(carrier.texts) == 1


def test_what_was_safe_when_written_is_looked_at_again_when_it_is_sent(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock, told: list[object]
):
    """Somebody wrote another body past the operation; it must not leave all the same."""
    still.moment = NOON
    outbound_id = queued_text(scheduled=True, purpose=Purpose.CHECK_IN, now=NOON)
    _rewrites(outbound_id, "你的心理老师在等你")

    deliver()

    row = queries.order(outbound_id=outbound_id)
    assert carrier.texts == []
    assert row is not None
    assert row.state is OrderState.FAILED
    assert told == [
        TextSettled(
            outbound_id=outbound_id,
            purpose=Purpose.CHECK_IN,
            purpose_id=1,
            status=DeliveryStatus.FAILED,
            at=NOON,
        )
    ]


def test_a_name_that_must_not_be_said_is_remembered_until_it_is_sent(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    still.moment = NOON
    outbound_id = queued_text(scheduled=True, never_say=("小树", "青禾"), now=NOON)
    _rewrites(outbound_id, "小 树，今天方便吗")

    deliver()

    assert carrier.texts == []


def test_names_do_not_lie_open_beside_the_text(told: list[object]):
    outbound_id = queued_text(scheduled=True, never_say=("小树",))

    row = session().execute(OUTBOUND.select().where(OUTBOUND.c.id == outbound_id)).mappings().one()

    assert row["never_sealed"] is not None
    assert "小树".encode() not in row["never_sealed"]


def test_a_scheduled_text_waits_for_the_end_of_the_lesson(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    still.moment = IN_A_LESSON
    queued_text(scheduled=True, now=IN_A_LESSON)
    queued_text(body="有人在等这一条", now=IN_A_LESSON)

    deliver()
    in_the_lesson = [one.body for one in carrier.texts]
    still.moment = AFTER_LESSONS
    deliver()

    assert in_the_lesson == ["有人在等这一条"]
    assert len(carrier.texts) == 2


def _rewrites(outbound_id: int, body: str) -> None:
    row = session().execute(OUTBOUND.select().where(OUTBOUND.c.id == outbound_id)).mappings().one()
    blob = sealed.seal(body, key_id=row["data_key_id"], place="outbound.body")
    session().rollback()
    with transaction():
        session().execute(
            update(OUTBOUND).where(OUTBOUND.c.id == outbound_id).values(body_sealed=blob)
        )


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        (datetime(2026, 10, 1, 2, 30, tzinfo=UTC), True),
        (datetime(2026, 10, 10, 2, 30, tzinfo=UTC), False),
        (datetime(2026, 11, 28, 2, 30, tzinfo=UTC), True),
        (datetime(2026, 8, 5, 2, 30, tzinfo=UTC), True),
        (IN_A_LESSON, False),
    ],
    ids=["National Day", "make-up Saturday", "usual Saturday", "summer", "school day"],
)
def test_lessons_follow_the_school_calendar(
    carrier: FakeTelephony,
    deliver: Deliver,
    still: FrozenClock,
    now: datetime,
    leaves: bool,  # noqa: FBT001 - a table
):
    still.moment = now
    queued_text(scheduled=True, now=now)

    deliver()

    assert bool(carrier.texts) is leaves


def test_who_has_no_lessons_is_not_spared_them(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    still.moment = IN_A_LESSON
    queued_text(scheduled=True, has_lessons=False, now=IN_A_LESSON)

    deliver()

    assert len(carrier.texts) == 1


def test_the_night_is_quiet_for_students_of_a_university_too(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    night = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
    still.moment = night
    queued_text(scheduled=True, has_lessons=False, now=night)

    deliver()

    assert carrier.texts == []
