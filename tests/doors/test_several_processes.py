"""Fault 4: two and three job processes at once; each due step is made, and made once."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask

from tests.factories.accounts import make_counselor
from tests.factories.cases import make_case
from tests.factories.escalation import make_escalation, rings_of
from tests.factories.organizations import make_city
from tests.factories.roster import make_shift
from wellbeing.escalation import queries
from wellbeing.escalation.operations import sweeps
from wellbeing.foundation import clock
from wellbeing.foundation.database import db
from wellbeing.jobs import RowSweep
from wellbeing.policy.model import RiskLevel

CASES = 12


@pytest.mark.parametrize("processes", [2, 3])
def test_each_due_step_is_made_once_by_however_many_processes(database: Flask, processes: int):
    city, sent_at = make_city(), clock.now() - timedelta(minutes=16)
    sender = make_counselor(organization_id=city.school.id, phone="+8613700000001")
    for place, number in ((city.district, "2"), (city.municipality, "3")):
        user_id = make_counselor(organization_id=place.id, phone=f"+861370000000{number}")
        ends_at = sent_at + timedelta(days=2)
        make_shift(user_id=user_id, organization_id=place.id, starts_at=sent_at, ends_at=ends_at)
    ids = [
        make_escalation(
            case_id=make_case(owner_id=sender, level=RiskLevel.IMMINENT, now=sent_at).case_id,
            by=sender,
            now=sent_at,
        )
        for _ in range(CASES)
    ]
    gate, failures, moved = Barrier(processes), [], []

    def process() -> None:
        with database.app_context():
            sweep = RowSweep("escalations", queries.due_ids, sweeps.advance)
            gate.wait()
            try:
                moved.append(sum(sweep() for _ in range(3)))
            except BaseException as error:  # noqa: BLE001 - told by the assertion below
                failures.append(error)
            finally:
                db.session.remove()

    threads = [Thread(target=process) for _ in range(processes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert sum(moved) == CASES
    for escalation_id in ids:
        row = queries.by_id(escalation_id=escalation_id)
        receivers = [one for one in queries.receivers(row=row) if one.joined_at is not None]
        assert len(receivers) == row.step == 4
        rings = [(one.page_id, one.channel, one.user_id) for one in rings_of(escalation_id)]
        assert len(rings) == len(set(rings))
