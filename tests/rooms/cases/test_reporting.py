"""Reports required by law: opened at once, decided by a supervisor, closed by no counselor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.factories import cases as factory
from tests.factories.accounts import make_supervisor
from tests.factories.cases import counselor_decides, supervisor_decides
from tests.factories.contacts import make_contact
from tests.factories.moments import NOW
from tests.rooms.cases.conftest import People
from wellbeing.cases.events import ReportClosed, ReportLate, ReportOpened
from wellbeing.cases.models.cases import ENTRY
from wellbeing.cases.models.reporting import REPORT
from wellbeing.cases.operations import opening
from wellbeing.cases.operations import reporting as operations
from wellbeing.cases.queries import reporting as queries
from wellbeing.cases.rules import reporting as rules
from wellbeing.cases.rules.cases import HoldsRemain
from wellbeing.cases.rules.reporting import (
    DecidedBefore,
    FiledBefore,
    Filing,
    NewReport,
    NoSuchReport,
    NotFiledYet,
    OnlySupervisors,
    ReportOver,
    ReportReasonMissing,
    ReportState,
    UnknownSituation,
)
from wellbeing.foundation.database import session, transaction
from wellbeing.organizations.rules import Scope
from wellbeing.policy import loader
from wellbeing.triage.rules.levels import Decider

ScopeOf = Callable[[int], Scope]
SAID = "虚构：继父打了他三次"
POLICY = loader.load(Path(__file__).resolve().parents[3] / "config").safety.report
FILING = Filing(organ="police", receipt="示例-0001", at=NOW)


def opened(**changes: Any) -> int:
    now = changes.pop("now", NOW)
    known = {"situations": ("injuries",), "account": SAID} | changes
    with transaction():
        return operations.open_report(new=NewReport(**known), now=now)


def decide(report_id: int, by: Decider, *, reportable: bool = True, reason: str = SAID) -> None:
    with transaction():
        operations.decide(report_id=report_id, reportable=reportable, reason=reason, by=by, now=NOW)


def file(report_id: int, by: int, filing: Filing = FILING) -> None:
    with transaction():
        operations.file(report_id=report_id, filing=filing, by=by, now=NOW)


def close(report_id: int, by: Decider) -> None:
    with transaction():
        operations.close(report_id=report_id, by=by, now=NOW)


def state_of(report_id: int) -> ReportState:
    return queries.by_id(report_id=report_id).state


@pytest.mark.parametrize(
    ("opened_at", "report_by"),
    [
        (datetime(2026, 11, 23, 2, 0, tzinfo=UTC), datetime(2026, 11, 23, 16, 0, tzinfo=UTC)),
        (datetime(2026, 11, 23, 15, 30, tzinfo=UTC), datetime(2026, 11, 23, 17, 30, tzinfo=UTC)),
    ],
)
def test_it_is_decided_within_an_hour_and_reported_on_the_same_day(
    opened_at: datetime, report_by: datetime
):
    """What is found at 23:30 in Chongqing still leaves two hours."""
    found = rules.deadlines(policy=POLICY, opened_at=opened_at)

    assert found == (opened_at + timedelta(hours=1), report_by)


def test_a_report_holds_its_case_until_a_supervisor_closed_it(people: People, told: list[object]):
    made = factory.make_case(owner_id=people.counselor)
    report_id = opened(case_id=made.case_id, by=people.counselor)

    with pytest.raises(HoldsRemain) as refused:
        factory.close(case=made)
    decide(report_id, supervisor_decides(people.supervisor))
    file(report_id, people.counselor)
    filed = state_of(report_id)
    close(report_id, supervisor_decides(people.supervisor))

    row = queries.by_id(report_id=report_id)
    assert refused.value.kinds == ("report",)
    assert (filed, row.state) == (ReportState.FILED, ReportState.REPORTED)
    assert (row.organ, row.receipt, row.filed_by, row.closed_by) == (
        "police", "示例-0001", people.counselor, people.supervisor,
    )  # fmt: skip
    factory.close(case=made)
    assert [type(one) for one in told if isinstance(one, ReportOpened | ReportClosed)] == [
        ReportOpened, ReportClosed,
    ]  # fmt: skip


def test_no_counselor_decides_or_closes(people: People):
    report_id = opened(contact_id=make_contact(), by=people.counselor)
    by = counselor_decides(people.counselor)

    with pytest.raises(OnlySupervisors):
        decide(report_id, by, reportable=False)
    file(report_id, people.counselor)
    with pytest.raises(OnlySupervisors):
        close(report_id, by)

    assert state_of(report_id) is ReportState.FILED


def test_not_reportable_needs_a_reason_and_ends_it(people: People):
    report_id = opened(contact_id=make_contact())
    by = supervisor_decides(people.supervisor)

    with pytest.raises(ReportReasonMissing):
        decide(report_id, by, reportable=False, reason=" \n")
    decide(report_id, by, reportable=False, reason="虚构：是小说情节。")

    row = queries.by_id(report_id=report_id)
    assert (row.state, row.reason, row.closed_by) == (
        ReportState.NOT_REPORTABLE, "虚构：是小说情节。", people.supervisor,
    )  # fmt: skip
    for again in (
        lambda: decide(report_id, by),
        lambda: file(report_id, people.counselor),
        lambda: close(report_id, by),
    ):
        with pytest.raises(ReportOver):
            again()


def test_a_decision_and_a_receipt_are_taken_once(people: People):
    other = make_supervisor(organization_id=people.city.municipality.id)
    report_id = opened(contact_id=make_contact())
    decide(report_id, supervisor_decides(people.supervisor))

    with pytest.raises(DecidedBefore):
        decide(report_id, supervisor_decides(other), reportable=False)
    with pytest.raises(NotFiledYet):
        close(report_id, supervisor_decides(other))
    file(report_id, people.counselor)
    with pytest.raises(FiledBefore):
        file(report_id, people.colleague, Filing(organ="education", receipt="x", at=NOW))

    assert queries.by_id(report_id=report_id).receipt == "示例-0001"


@pytest.mark.parametrize("organ", ["", "neighbors"])
def test_a_report_goes_to_an_organ_of_the_list_with_a_receipt(people: People, organ: str):
    report_id = opened(contact_id=make_contact())

    with pytest.raises(UnknownSituation):
        file(report_id, people.counselor, Filing(organ=organ, receipt="1", at=NOW))
    with pytest.raises(ReportReasonMissing):
        file(report_id, people.counselor, Filing(organ="police", receipt=" ", at=NOW))


def test_a_situation_that_the_law_does_not_name_is_refused(people: People):
    with pytest.raises(UnknownSituation):
        opened(contact_id=make_contact(), situations=("bad_marks",))

    assert session().execute(select(REPORT)).all() == []


def test_what_is_added_to_an_open_report_is_kept_and_opens_no_second(people: People):
    contact_id = make_contact()

    first = opened(contact_id=contact_id, situations=(), account="", by=None)
    second = opened(contact_id=contact_id, situations=("injuries",), account=SAID)
    third = opened(contact_id=contact_id, situations=("other", "injuries"), account="又说：昨晚")

    row = queries.by_id(report_id=first)
    assert first == second == third
    assert row.situations == ("injuries", "other")
    assert row.account == f"{SAID}\n又说：昨晚"


def test_a_conversations_report_goes_along_into_its_case(people: People):
    contact_id = make_contact()
    report_id = opened(contact_id=contact_id)
    made = factory.make_case(owner_id=people.counselor, contact_id=contact_id)

    with transaction():
        operations.take_along(contact_id=contact_id, case_id=made.case_id, now=NOW)

    assert queries.by_id(report_id=report_id).case_id == made.case_id
    with pytest.raises(HoldsRemain):
        factory.close(case=made)


def test_two_reports_of_one_student_become_one_and_lose_nothing(people: People):
    made = factory.make_case(owner_id=people.counselor)
    of_case = opened(case_id=made.case_id, situations=("missing",), account="虚构：甲")
    contact_id = make_contact(sender="+8613900000091")
    of_contact = opened(contact_id=contact_id, situations=("begging",), account="虚构：乙")
    with transaction():
        opening.attach_contact(
            case_id=made.case_id, contact_id=contact_id, by=people.counselor, now=NOW
        )

    with transaction():
        operations.take_along(contact_id=contact_id, case_id=made.case_id, now=NOW)

    row = queries.by_id(report_id=of_case)
    assert (row.situations, row.account) == (("missing", "begging"), "虚构：甲\n虚构：乙")
    assert state_of(of_contact) is ReportState.MERGED


def test_no_word_of_a_report_lies_readable(people: People):
    made = factory.make_case(owner_id=people.counselor)
    report_id = opened(case_id=made.case_id)
    decide(report_id, supervisor_decides(people.supervisor))
    file(report_id, people.counselor, Filing(organ="police", receipt=SAID, at=NOW))

    stored = [
        value
        for table in (REPORT, ENTRY)
        for row in session().execute(select(table))
        for value in row
        if isinstance(value, bytes | str | dict | list)
    ]
    assert not any(
        SAID.encode() in value if isinstance(value, bytes) else SAID in str(value)
        for value in stored
    )


def test_what_is_late_is_called_again_and_again_until_it_is_closed(
    people: People, told: list[object]
):
    report_id = opened(contact_id=make_contact())

    for minutes in range(0, 100, 5):
        for due in queries.due_ids(now=NOW + timedelta(minutes=minutes), limit=10):
            with transaction():
                operations.advance(due, now=NOW + timedelta(minutes=minutes))
    decide(report_id, supervisor_decides(people.supervisor), reportable=False)

    late = [one for one in told if isinstance(one, ReportLate)]
    assert [(one.calls, (one.at - NOW) // timedelta(minutes=1)) for one in late] == [
        (1, 60), (2, 75), (3, 90),
    ]  # fmt: skip
    assert queries.due_ids(now=NOW + timedelta(days=9), limit=10) == ()


def test_who_may_not_open_the_record_may_not_know_of_its_report(people: People, scope_of: ScopeOf):
    made = factory.make_case(owner_id=people.counselor)
    report_id = opened(case_id=made.case_id)

    found = queries.get(report_id=report_id, scope=scope_of(people.supervisor), now=NOW)
    with pytest.raises(NoSuchReport):
        queries.get(report_id=report_id, scope=scope_of(people.colleague), now=NOW)

    assert found.report_id == report_id
    assert [one.report_id for one in queries.waiting(scope=scope_of(people.supervisor))] == [
        report_id
    ]
    assert queries.waiting(scope=scope_of(people.colleague)) == ()
