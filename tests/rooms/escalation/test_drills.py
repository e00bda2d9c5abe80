"""Test pages: a dead telephone is found on a Wednesday morning, not in the night that needs it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories.roster import make_shift
from tests.rooms.escalation.conftest import Staff
from wellbeing.escalation import queries
from wellbeing.escalation.operations import answers, drills
from wellbeing.escalation.rules.words import AcknowledgedVia, PageState, PageSubjectKind
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session, transaction
from wellbeing.messaging.models import OUTBOUND

WEDNESDAY = datetime(2026, 11, 25, 2, 5, tzinfo=UTC)
"""10:05 in Chongqing, in the half hour of the shipped policy."""
DESKS = {"line", "crisis", "supervisor", "duty_lead", "director"}


@pytest.fixture
def on_duty(staff: Staff) -> Staff:
    """Put one person on each municipal desk on Wednesdays, this week and the next ones."""
    top = staff.city.municipality.id
    people = {
        "line": staff.municipal, "crisis": staff.municipal, "supervisor": staff.supervisor,
        "duty_lead": staff.duty_lead, "director": staff.director,
    }  # fmt: skip
    for week in range(4):
        starts_at = WEDNESDAY + timedelta(days=7 * week, hours=-1)
        for desk, user_id in people.items():
            make_shift(
                user_id=user_id,
                organization_id=top,
                desk=desk,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=8),
            )
    return staff


def start_due(now: datetime) -> int:
    with transaction():
        return drills.start_due(now=now)


def silent(now: datetime) -> set[str]:
    return set(queries.silent_desks(now=now))


def confirm(staff: Staff, now: datetime) -> None:
    for user_id in (staff.municipal, staff.supervisor, staff.duty_lead, staff.director):
        for page in queries.ringing_for(user_id=user_id):
            session().rollback()
            with transaction():
                answers.acknowledge_page(
                    page_id=page.page_id, user_id=user_id, via=AcknowledgedVia.TEXT, now=now
                )


def test_each_desk_of_the_city_is_tested_once_in_its_half_hour(on_duty: Staff):
    assert start_due(WEDNESDAY) == len(DESKS)
    assert start_due(WEDNESDAY + timedelta(minutes=10)) == 0
    assert start_due(WEDNESDAY + timedelta(days=7)) == len(DESKS)


@pytest.mark.parametrize(
    "moment",
    [WEDNESDAY - timedelta(minutes=6), WEDNESDAY + timedelta(minutes=26),
     WEDNESDAY - timedelta(days=1), WEDNESDAY + timedelta(hours=12)],
)  # fmt: skip
def test_at_no_other_time_is_anybody_tested(on_duty: Staff, moment: datetime):
    assert start_due(moment) == 0


def test_a_test_says_that_it_is_one_and_nobody_waits(on_duty: Staff):
    start_due(WEDNESDAY)

    bodies = [
        sealed.open_sealed(blob, place="outbound.body")
        for blob in session().execute(
            OUTBOUND.select().with_only_columns(OUTBOUND.c.body_sealed)
        ).scalars()
        if blob is not None
    ]  # fmt: skip
    assert len(bodies) == len(DESKS)
    assert all("测试" in body and "没有人在等你" in body for body in bodies)


def test_a_desk_where_nobody_confirms_is_an_alarm_after_fifteen_days(on_duty: Staff):
    for week in (0, 1):
        start_due(WEDNESDAY + timedelta(days=7 * week))

    assert silent(WEDNESDAY + timedelta(days=14, hours=23)) == set()
    assert silent(WEDNESDAY + timedelta(days=15)) == DESKS


def test_a_confirmed_test_proves_the_desk(on_duty: Staff):
    start_due(WEDNESDAY)
    confirm(on_duty, WEDNESDAY + timedelta(minutes=1))

    assert silent(WEDNESDAY + timedelta(days=14)) == set()
    assert silent(WEDNESDAY + timedelta(days=15, minutes=2)) == DESKS
    pages = queries.ringing_for(user_id=on_duty.director)
    assert pages == ()


def test_a_desk_that_was_never_tested_is_not_silent(on_duty: Staff):
    assert silent(WEDNESDAY + timedelta(days=365)) == set()


def test_a_test_of_an_empty_desk_tells_so(staff: Staff):
    with transaction():
        started = drills.start(
            organization_id=staff.city.municipality.id,
            desk="crisis",
            now=WEDNESDAY + timedelta(days=300),
        )

    page = queries.page(page_id=started.page_id)
    assert not started.is_covered
    assert (page.state, page.subject.kind) == (PageState.UNANSWERED, PageSubjectKind.TEST)
