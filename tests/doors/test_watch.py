"""The watch over the scheduled work: what is broken is told outside of the process (promise P8)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from flask import Flask

from tests.factories.accounts import make_counselor
from tests.factories.cases import make_case
from tests.factories.escalation import make_escalation
from tests.factories.organizations import make_city
from tests.factories.roster import make_shift
from wellbeing import jobs
from wellbeing.escalation import queries as escalations
from wellbeing.escalation.models import ESCALATION, PAGE
from wellbeing.foundation import clock
from wellbeing.foundation.database import session, transaction
from wellbeing.jobs import sweeps, watching
from wellbeing.messaging import queries as outbox
from wellbeing.policy.model import RiskLevel
from wellbeing.worklists.queries import auditing
from wellbeing.worklists.rules import Broken, Fault, Promise


@pytest.fixture
def heard() -> Iterator[tuple[str, list[tuple[str, dict[str, object]]]]]:
    """Give the address of a dead man's switch, and what it was told."""
    told: list[tuple[str, dict[str, object]]] = []

    class Switch(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.append((self.path, json.loads(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *parts: object) -> None:
            del parts

    server = HTTPServer(("127.0.0.1", 0), Switch)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/ping/invented", told
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def outside(database: Flask, tmp_path: Path) -> Iterator[Path]:
    """Let the watch write its file."""
    file = tmp_path / "heartbeat.json"
    database.config["HEARTBEAT_FILE"] = str(file)
    yield file
    database.config["HEARTBEAT_FILE"] = database.config["HEARTBEAT_URL"] = None


def escalated() -> int:
    """Pass a red case up, by the service's own clock."""
    city, now = make_city(), clock.now()
    sender = make_counselor(organization_id=city.school.id, phone="+8613700000001")
    district = make_counselor(organization_id=city.district.id, phone="+8613700000002")
    ends_at = now + timedelta(days=30)
    make_shift(user_id=district, organization_id=city.district.id, starts_at=now, ends_at=ends_at)
    case = make_case(owner_id=sender, level=RiskLevel.IMMINENT, now=now)
    return make_escalation(case_id=case.case_id, by=sender, now=now)


def run_sweeps() -> None:
    """Run what moves by the clock; nothing is carried, for no carrier stands here."""
    for sweep in jobs.SWEEPS:
        if sweep.name in {"escalations", "pages", "watch"}:
            sweeps.run(sweep)


def spoil(table: object, **values: object) -> None:
    with transaction():
        session().execute(table.update().values(**values))  # type: ignore[attr-defined]


def test_all_is_well_where_every_promise_has_its_step(outside: Path):
    escalated()

    watching.watch()

    told = json.loads(outside.read_text(encoding="utf-8"))
    assert (told["well"], told["broken"], told["silent"]) == (True, {}, [])


@pytest.mark.parametrize(
    ("table", "kind"), [(ESCALATION, Promise.ESCALATION), (PAGE, Promise.PAGE)]
)
def test_a_promise_without_a_next_step_is_found(database: Flask, table: object, kind: Promise):
    escalated()
    spoil(table, next_step_at=None)

    found = auditing.broken_promises(now=clock.now())

    assert [(one.kind, one.says) for one in found] == [(kind, Fault.NO_STEP)]


def test_a_step_that_nobody_made_is_found_after_two_minutes(database: Flask):
    escalation_id = escalated()
    due = escalations.by_id(escalation_id=escalation_id).next_step_at
    assert due is not None
    spoil(PAGE, next_step_at=None, state="unanswered")

    before = auditing.broken_promises(now=due + timedelta(seconds=119))
    after = auditing.broken_promises(now=due + timedelta(seconds=121))

    expected = Broken(kind=Promise.ESCALATION, id=escalation_id, says=Fault.STALE)
    assert expected not in before
    assert expected in after


def test_a_broken_promise_is_told_outside_and_not_as_well(
    outside: Path,
    database: Flask,
    heard: tuple[str, list[tuple[str, dict[str, object]]]],
    caplog: pytest.LogCaptureFixture,
):
    address, told = heard
    database.config["HEARTBEAT_URL"] = address
    escalated()
    watching.watch()
    spoil(ESCALATION, next_step_at=None)

    watching.watch()

    assert [path for path, _ in told] == ["/ping/invented", "/ping/invented/fail"]
    assert told[1][1]["broken"] == {"escalation": 1}
    assert json.loads(outside.read_text(encoding="utf-8"))["well"] is False
    assert "promises are in danger" in caplog.text
    found = outbox.watched()
    assert found is not None
    assert found.broken == 1


def test_an_address_that_does_not_answer_stops_nothing(
    outside: Path, database: Flask, caplog: pytest.LogCaptureFixture
):
    database.config["HEARTBEAT_URL"] = "http://127.0.0.1:9/nobody"

    watching.watch()

    assert outside.is_file()
    assert "nobody outside hears us" in caplog.text


def test_a_sweep_that_fails_falls_silent_and_is_named(database: Flask):
    jobs.run_due()
    beats = {one.name: one for one in outbox.sweeps()}
    later = clock.now() + timedelta(minutes=3)

    assert set(beats) >= {"deliver", "escalations", "pages", "follow-ups", "watch"}
    assert "pages" in outbox.silent_sweeps(now=later)
    assert "pages" not in outbox.silent_sweeps(now=clock.now())


class Machine:
    """A machine whose wall clock leaps (fault 19)."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
        self.steady = 0.0

    def passes(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.steady += seconds


@pytest.fixture
def machine() -> Iterator[Machine]:
    made = Machine()
    sources = clock.Sources(wall=lambda: made.wall, steady=lambda: made.steady)
    clock.install(path=None, production=False, sources=sources)
    yield made
    clock.install(path=None, production=False)


@pytest.mark.parametrize("leap", [timedelta(days=3), -timedelta(hours=1)])
def test_a_clock_that_leaps_escalates_nobody_early_and_nobody_late(
    outside: Path, machine: Machine, leap: timedelta
):
    """Fault 19: no mass early escalation, and the alarm."""
    ids = [escalated()]
    run_sweeps()
    machine.wall += leap
    machine.passes(60)

    for _ in range(3):
        run_sweeps()

    assert [escalations.by_id(escalation_id=one).step for one in ids] == [1]
    told = json.loads(outside.read_text(encoding="utf-8"))
    assert told["leap_seconds"] == leap.total_seconds()
    assert told["well"] is False

    machine.passes(15 * 60)
    run_sweeps()

    assert [escalations.by_id(escalation_id=one).step for one in ids] == [4]
