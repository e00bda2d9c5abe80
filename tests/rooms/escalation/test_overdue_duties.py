"""A duty that nobody did in time calls people, and its silence is a broken promise."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.factories.cases import make_case, make_duty
from tests.factories.moments import NOW
from tests.rooms.escalation.conftest import Staff
from wellbeing.cases.operations import duties
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.escalation import queries
from wellbeing.escalation.operations import overdue, pages
from wellbeing.escalation.rules.words import AcknowledgedVia, PageSubject, PageSubjectKind
from wellbeing.foundation.database import transaction
from wellbeing.policy.model import RiskLevel
from wellbeing.worklists.queries import auditing
from wellbeing.worklists.rules import Promise

BY = NOW + timedelta(hours=1)
DAY = timedelta(hours=24)


@pytest.fixture
def duty(staff: Staff, case: CaseRow) -> int:
    """A duty of the district about a red case, due in an hour."""
    return make_duty(
        holder_id=staff.district_supervisor,
        organization_id=staff.city.district.id,
        case_id=case.case_id,
    )


def sweep(now: datetime) -> list[bool]:
    ids = queries.overdue_duty_ids(now=now, limit=10)
    moved = []
    for one in ids:
        with transaction():
            moved.append(overdue.advance(one, now=now))
    return moved


def rung(duty: int) -> list[int]:
    subject = PageSubject(kind=PageSubjectKind.DUTY, id=duty)
    return [ring.user_id for ring in queries.attempts_of(subjects=[subject])]


def silent(now: datetime) -> list[int]:
    return [one.id for one in auditing.broken_promises(now=now) if one.kind is Promise.DUTY]


def test_before_its_time_nobody_is_called(staff: Staff, duty: int):
    assert sweep(BY - timedelta(seconds=1)) == []
    assert rung(duty) == []


def test_once_it_is_late_the_supervisors_are_called_once(staff: Staff, duty: int):
    assert sweep(BY) == [True]
    assert sweep(BY + timedelta(minutes=1)) == []

    assert set(rung(duty)) == {staff.district_supervisor}


def test_after_a_day_the_desk_above_hears_of_it(staff: Staff, duty: int):
    sweep(BY)
    subject = PageSubject(kind=PageSubjectKind.DUTY, id=duty)
    with transaction():
        from_page = queries.pages_of(subject=subject)[0].page_id
        pages.mark_acknowledged(
            page_id=from_page, user_id=staff.district_supervisor,
            via=AcknowledgedVia.KEY, now=BY,
        )  # fmt: skip

    assert sweep(BY + DAY) == [True]

    called = [(page.organization_id, page.desk) for page in queries.pages_of(subject=subject)]
    assert called[:2] == [
        (staff.city.district.id, "supervisor"),
        (staff.city.municipality.id, "supervisor"),
    ]


def test_a_duty_that_is_done_calls_nobody(staff: Staff, duty: int):
    with transaction():
        duties.settle_duty(duty_id=duty, by=staff.district_supervisor, now=NOW)

    assert sweep(BY + DAY) == []


def test_at_a_lower_level_the_night_is_kept(staff: Staff):
    case = make_case(owner_id=staff.sender, level=RiskLevel.LOW)
    night = NOW + timedelta(hours=3)
    duty = make_duty(
        holder_id=staff.district_supervisor, organization_id=staff.city.district.id,
        case_id=case.case_id, by_at=night,
    )  # fmt: skip

    sweep(night)

    assert rung(duty) == []


def test_the_auditor_sees_a_late_duty_that_calls_nobody(staff: Staff, duty: int):
    assert silent(BY + timedelta(minutes=5)) == [duty]

    sweep(BY + timedelta(minutes=5))

    assert silent(BY + timedelta(minutes=6)) == []
