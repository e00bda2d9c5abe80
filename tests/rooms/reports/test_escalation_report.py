"""The escalation report over real escalations, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from tests.factories.accounts import make_counselor, make_supervisor
from tests.factories.cases import make_case
from tests.factories.escalation import make_escalation
from tests.factories.moments import NOW
from tests.factories.organizations import City, make_city
from tests.factories.statements import counted
from wellbeing.accounts.queries import people as accounts
from wellbeing.escalation.operations import escalations
from wellbeing.escalation.rules.words import AcknowledgedVia
from wellbeing.foundation.database import session, transaction
from wellbeing.policy.model import RiskLevel, Tier
from wellbeing.reports import queries as reports
from wellbeing.reports.rules.figures import EscalationReport, Figures, Measure, Percentiles, Timing
from wellbeing.reports.rules.periods import Period, Preset, period_of
from wellbeing.worklists import queries as worklists

LATER = NOW + timedelta(hours=1)
TODAY = period_of(preset=Preset.TODAY, now=NOW, zone="Asia/Shanghai")
DISTRICT_K = 5


@pytest.fixture
def city(database: Flask) -> Iterator[City]:
    yield make_city()
    session().rollback()


def sent(city: City, *, count: int, by: int | None = None) -> list[int]:
    """Let a district's counselor pass on `count` cases in imminent danger."""
    counselor = by or make_counselor(organization_id=city.district.id)
    made = []
    for _ in range(count):
        case = make_case(owner_id=counselor, level=RiskLevel.IMMINENT)
        made.append(make_escalation(case_id=case.case_id, by=counselor))
    return made


def answered(ids: list[int], *, by: int, after: timedelta) -> None:
    for one in ids:
        with transaction():
            escalations.acknowledge(
                escalation_id=one, by=by, via=AcknowledgedVia.PORTAL, now=NOW + after
            )
        with transaction():
            escalations.accept(escalation_id=one, by=by, now=NOW + 2 * after)


def report_for(user_id: int, *, period: Period = TODAY) -> EscalationReport:
    session().rollback()
    scope = accounts.scope_of(user_id=user_id)
    return reports.escalation_report(scope=scope, period=period, now=LATER)


def selects(statements: list[str]) -> list[str]:
    return [one for one in statements if one.startswith("SELECT")]


def count(found: Figures, measure: Measure) -> int | None:
    return found.total.counts[measure]


def test_what_a_district_sent_and_the_city_accepted_is_counted_exactly(city: City):
    ids = sent(city, count=6)
    answered(ids[:5], by=make_counselor(), after=timedelta(minutes=4))
    supervisor = make_supervisor(organization_id=city.district.id)

    found = report_for(supervisor).current

    assert count(found, Measure.SENT) == 6
    assert count(found, Measure.ACKNOWLEDGED) == 5
    assert count(found, Measure.ACCEPTED) == 5
    assert count(found, Measure.DECLINED) == 0
    assert found.total.times[Timing.ACKNOWLEDGE] == Percentiles(p50=240.0, p90=240.0)
    assert found.total.times[Timing.ACCEPT] == Percentiles(p50=480.0, p90=480.0)
    assert {flow.sender: flow.accepted[Tier.MUNICIPAL] for flow in found.flows} == {
        Tier.SCHOOL: 0,
        Tier.DISTRICT: 5,
        Tier.MUNICIPAL: 0,
        None: 5,
    }


def test_another_district_counts_none_of_it_and_the_city_hides_so_few(city: City):
    sent(city, count=6)

    other = report_for(make_supervisor(organization_id=city.other_district.id))
    whole = report_for(make_supervisor())

    assert count(other.current, Measure.SENT) == 0
    assert other.open_now == ()
    assert count(whole.current, Measure.SENT) is None
    assert whole.rules.threshold == 10
    assert whole.open_count == 6


def test_a_district_counts_what_its_schools_sent(city: City):
    sent(city, count=5, by=make_counselor(organization_id=city.school.id))

    found = report_for(make_supervisor(organization_id=city.district.id))

    assert count(found.current, Measure.SENT) == 5
    assert found.rules.threshold == DISTRICT_K


def test_a_school_sees_totals_without_a_cross_table(city: City):
    sent(city, count=5, by=make_counselor(organization_id=city.school.id))

    found = report_for(make_supervisor(organization_id=city.school.id))

    assert found.rules.totals_only
    assert len(found.current.rows) == 1
    assert count(found.current, Measure.SENT) == 5


def test_a_missed_clock_is_counted_while_it_still_runs(city: City):
    sent(city, count=5)

    found = report_for(make_supervisor(organization_id=city.district.id))

    assert count(found.current, Measure.ACKNOWLEDGE_MISSED) == 5
    assert count(found.current, Measure.CONTACT_MISSED) == 0


def test_a_case_that_was_passed_on_before_is_counted_as_escalated_again(city: City):
    counselor = make_counselor(organization_id=city.district.id)
    for one in sent(city, count=5, by=counselor):
        with transaction():
            escalations.release(escalation_id=one, by=counselor, now=NOW + timedelta(minutes=1))
    again = report_for(make_supervisor(organization_id=city.district.id)).open_now
    for case_id in _cases_of(counselor):
        make_escalation(case_id=case_id, by=counselor, now=NOW + timedelta(minutes=2))

    found = report_for(make_supervisor(organization_id=city.district.id))

    assert again == ()
    assert count(found.current, Measure.SENT) == 10
    assert count(found.current, Measure.RELEASED) == 5
    assert count(found.current, Measure.ESCALATED_AGAIN) == 5


def test_yesterday_stands_beside_today(city: City):
    sent(city, count=5)
    tomorrow = period_of(preset=Preset.TODAY, now=NOW + timedelta(days=1), zone="Asia/Shanghai")

    found = report_for(make_supervisor(organization_id=city.district.id), period=tomorrow)

    assert count(found.current, Measure.SENT) == 0
    assert count(found.previous, Measure.SENT) == 5


def test_a_reference_is_shown_only_to_who_may_open_the_case(city: City):
    (one, *_rest) = sent(city, count=2)
    answered(_rest, by=make_counselor(), after=timedelta(minutes=4))
    district = make_supervisor(organization_id=city.district.id)

    (waiting,) = report_for(district).open_now

    assert waiting.escalation_id == one
    assert waiting.reference is not None
    assert waiting.reference.startswith("WB-")


def test_the_oldest_open_one_stands_first(city: City):
    counselor = make_counselor(organization_id=city.district.id)
    late, early = (make_case(owner_id=counselor).case_id for _ in range(2))
    second = make_escalation(case_id=late, by=counselor, now=NOW + timedelta(minutes=5))
    first = make_escalation(case_id=early, by=counselor, now=NOW)

    found = report_for(make_supervisor(organization_id=city.district.id)).open_now

    assert [one.escalation_id for one in found] == [first, second]


def test_a_report_costs_four_statements_however_much_there_is_to_count(city: City):
    supervisor = make_supervisor(organization_id=city.district.id)
    scope = accounts.scope_of(user_id=supervisor)
    with counted() as few:
        reports.escalation_report(scope=scope, period=TODAY, now=LATER)
    sent(city, count=6)
    session().rollback()

    with counted() as many:
        reports.escalation_report(scope=scope, period=TODAY, now=LATER)

    assert len(selects(few)) == len(selects(many)) == 4


def _cases_of(counselor: int) -> list[int]:
    scope = accounts.scope_of(user_id=counselor)
    found = worklists.my_work(scope=scope, user_id=counselor, now=NOW)
    return [case.case_id for case in found.cases]
