"""The doctor says what is wrong, where, and what to do; all is well only if all is well."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.factories.accounts import make_counselor, make_user
from tests.factories.moments import NOW
from tests.factories.organizations import make_organization
from tests.factories.roster import make_shift
from tests.fakes import FakeTelephony
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import SYSTEM, AuditAction, Subject
from wellbeing.cli import checks, doctor
from wellbeing.cli.checks import Finding, Patient
from wellbeing.foundation import clock
from wellbeing.foundation.crypto import ring, sealed
from wellbeing.foundation.database import transaction
from wellbeing.messaging import operations as messaging
from wellbeing.messaging.operations import beats
from wellbeing.messaging.rules import SweepBeat
from wellbeing.policy import current as policy
from wellbeing.telephony.gateway import CarrierNumber

BASE = "https://line.example.test"
OVERRIDES = "#rc=2&rp=ct,5xx,rt&ct=1000&rt=3500"
BIN = "https://carrier.example.test/documents/"
DESKS = ("line", "crisis", "supervisor", "duty_lead", "director")
REAL = {
    "PRODUCTION": True,
    "SECRET_KEY": "an invented key that nobody else has read",
    "KEY_RING": "k1=other",
    "INDEX_KEY": "other",
    "TWILIO_ACCOUNT_SID": "AC11111111111111111111111111111111",
    "TWILIO_AUTH_TOKENS": ("another",),
    "DATABASE_URL": "postgresql://database.example.test/wellbeing",
}


def carriers(number: str) -> CarrierNumber:
    return CarrierNumber(
        number=number,
        voice_url=f"{BASE}/twilio/voice/in{OVERRIDES}",
        voice_fallback_url=f"{BIN}voice",
        text_url=f"{BASE}/twilio/text/in{OVERRIDES}",
        text_fallback_url=f"{BIN}text",
        status_callback=f"{BASE}/twilio/voice/status{OVERRIDES}",
    )


CITY, DISTRICT = carriers("+862300000000"), carriers("+862300000103")
SPARE = carriers("+862300000001")


@pytest.fixture
def carrier() -> FakeTelephony:
    return FakeTelephony(now=lambda: NOW, own_numbers=(CITY, DISTRICT, SPARE))


@pytest.fixture
def patient(database: Flask, carrier: FakeTelephony) -> Patient:
    """Give a service that is well: jobs live, a city, and somebody on each of its desks."""
    city = make_organization(code="500000")
    user_id = make_counselor(phone="+8613900000001")
    for desk in DESKS:
        make_shift(user_id=user_id, organization_id=city.id, desk=desk)
    with transaction():
        messaging.heartbeat(process="one", now=NOW)
        beats.note(beat=SweepBeat(name="deliver", at=NOW, every=timedelta(seconds=1)), now=NOW)
        audit.seal_due(now=NOW, limit=1_000)
    return Patient(config=database.config, gateway=carrier, now=NOW)


def with_settings(patient: Patient, settings: Mapping[str, Any]) -> Patient:
    return replace(patient, config={**patient.config, **settings})


def wrong(patient: Patient) -> list[tuple[str, str]]:
    """List what is wrong as check and words; whatever is wrong says what to do."""
    found = [one for one in doctor.examine(patient=patient) if not one.ok]
    assert all(one.do for one in found)
    return [(one.check, one.says) for one in found]


def test_a_service_that_is_well_has_nothing_wrong(patient: Patient):
    assert wrong(patient) == []


def test_a_database_that_was_not_upgraded_is_said_so(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(checks.ScriptDirectory, "get_heads", lambda _: ["9999"])

    ((check, says),) = wrong(patient)

    assert check == "database"
    assert says.endswith("this software: 9999")


def test_no_living_jobs_process_is_said_so(patient: Patient):
    later = replace(patient, now=NOW + timedelta(minutes=5))

    assert wrong(later) == [
        ("jobs", "no jobs process gave a sign of life"),
        ("sweeps", "silent: deliver"),
    ]


def test_events_that_nobody_seals_are_said_so(patient: Patient):
    with transaction():
        audit.record(
            action=AuditAction.RECEIVED_CALL,
            subject=Subject(kind="contact", id=1),
            actor=SYSTEM,
            now=NOW - timedelta(minutes=3),
        )

    assert wrong(patient) == [("audit", "the oldest unsealed event waits for 180 s")]


def test_a_folder_of_anchors_that_is_not_there_is_said_so(patient: Patient):
    found = wrong(with_settings(patient, {"AUDIT_ANCHOR_FILE": "/nowhere/anchor.txt"}))

    assert found == [("audit", "the folder of AUDIT_ANCHOR_FILE is not there: /nowhere")]


def test_a_municipal_desk_without_anybody_is_said_so(patient: Patient):
    """product.md 6: the municipal desk must be covered 24 hours."""
    later = replace(patient, now=NOW + timedelta(hours=9))

    desks = [check for check, _ in wrong(later) if check.startswith("desk")]

    assert desks == [
        f"desk {key}" for key in ("line", "crisis", "supervisor", "duty_lead", "director")
    ]


def test_somebody_on_call_without_a_phone_does_not_count(database: Flask, carrier: FakeTelephony):
    city = make_organization(code="500000")
    make_shift(user_id=make_user(phone=None), organization_id=city.id, desk="line")
    patient = Patient(config=database.config, gateway=carrier, now=NOW)

    found = dict(wrong(patient))

    assert found["desk line"] == "1 on call, 0 with a phone that can ring"


def test_a_missing_master_key_is_said_so(patient: Patient, monkeypatch: pytest.MonkeyPatch):
    # A process that has just started has opened nothing yet.
    monkeypatch.setattr(sealed, "_cache", sealed._Cache())
    ring.install(ring=ring.KeyRing(masters={"new": bytes(32)}, index_key=bytes(32)))

    found = dict(wrong(patient))

    assert found["keys"] == "what is stored does not open: a master key is missing on the ring"


def test_a_carrier_that_refuses_us_is_said_so(patient: Patient, carrier: FakeTelephony):
    carrier.fails_to_list = True

    ((check, says),) = wrong(patient)

    assert check == "carrier"
    assert says.startswith("does not take our request")


def test_a_number_that_is_not_ours_is_said_so(patient: Patient, carrier: FakeTelephony):
    carrier.own_numbers = (CITY, SPARE)

    assert wrong(patient) == [("number +862300000103", "is not in the carrier's account")]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"voice_url": f"{BASE}/twilio/voice/in"}, f"its voice URL is {BASE}/twilio/voice/in"),
        ({"text_url": ""}, "its messaging URL is not set"),
        ({"status_callback": ""}, "its status callback is not set"),
        ({"voice_fallback_url": ""}, "its voice fallback is not set"),
        ({"text_fallback_url": ""}, "its messaging fallback is not set"),
    ],
)
def test_a_number_that_leads_elsewhere_is_said_so(
    patient: Patient, carrier: FakeTelephony, changes: dict[str, str], says: str
):
    carrier.own_numbers = (replace(CITY, **changes), DISTRICT, SPARE)

    assert wrong(patient) == [("number +862300000000", says)]


def test_a_fallback_on_the_service_itself_is_none_for_a_real_service(
    patient: Patient, carrier: FakeTelephony
):
    """product.md 1.7: it is needed when we are down."""
    carrier.own_numbers = (
        replace(CITY, voice_fallback_url=f"{BASE}/twilio/fallback"),
        DISTRICT,
        SPARE,
    )

    found = wrong(with_settings(patient, REAL))

    assert (
        "number +862300000000",
        "its voice fallback is on this service, which is down when it is needed",
    ) in found


def test_secrets_that_everybody_can_read_are_refused_for_a_real_service(patient: Patient):
    found = wrong(with_settings(patient, {"PRODUCTION": True}))

    named = {says.split(" ", 1)[0] for check, says in found if check == "settings"}
    assert {
        "SECRET_KEY",
        "KEY_RING",
        "INDEX_KEY",
        "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKENS",
    } <= named


def test_a_real_service_with_settings_of_its_own_has_only_the_invented_numbers_to_change(
    patient: Patient,
):
    ((check, says),) = wrong(with_settings(patient, REAL))

    assert check == "policy"
    assert "+862300000000" in says
    assert "+862300012356" in says


def test_a_clock_that_is_not_the_databases_is_said_so(patient: Patient):
    ahead = clock.Sources(wall=lambda: datetime.now(tz=UTC) + timedelta(seconds=30))
    clock.install(path=None, production=False, sources=ahead)
    try:
        ((check, says),) = wrong(patient)
    finally:
        clock.install(path=None, production=False)

    assert check == "clock"
    assert says in {"30.0 s from the database's clock", "29.9 s from the database's clock"}


def test_a_clock_that_was_moved_is_none_for_a_real_service(patient: Patient, tmp_path: Path):
    clock.install(path=str(tmp_path / "clock"), production=False)
    clock.set_offset(offset=timedelta(hours=1))
    try:
        found = wrong(with_settings(patient, REAL))
    finally:
        clock.install(path=None, production=False)

    assert ("clock", "moved by 3600 s") in found


def test_an_empty_database_is_said_so(database: Flask, carrier: FakeTelephony):
    patient = Patient(config=database.config, gateway=carrier, now=NOW)

    found = dict(wrong(patient))

    assert found["desks"] == "there are no organizations yet"


class Broken(FakeTelephony):
    """A carrier whose answer nobody foresaw."""

    def numbers(self) -> tuple[CarrierNumber, ...]:
        raise RuntimeError


def test_a_check_that_fails_by_itself_is_told_and_stops_no_other(patient: Patient):
    found = doctor.examine(patient=replace(patient, gateway=Broken(now=lambda: NOW)))

    assert [one.ok for one in found].count(False) == 1
    assert found[-1] == Finding(
        check="account",
        ok=False,
        says="could not be looked at: RuntimeError",
        do="see the log; is the database up?",
    )


def test_the_command_ends_with_a_code_that_a_script_can_read(
    app: Flask, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(app.config, "TELEPHONY_BASE_URL", "http://127.0.0.1:9")

    answer = app.test_cli_runner().invoke(args=["doctor"])

    assert answer.exit_code == 1
    assert "ok     policy: complete and consistent" in answer.output
    assert "WRONG  carrier: does not take our request" in answer.output
    assert "→ check TWILIO_ACCOUNT_SID" in answer.output


def test_the_same_is_there_for_a_program(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(app.config, "TELEPHONY_BASE_URL", "http://127.0.0.1:9")

    answer = app.test_cli_runner().invoke(args=["doctor", "--json"])

    told = json.loads(answer.stdout)
    assert told["ok"] is False
    assert {"check": "policy", "ok": True, "says": "complete and consistent", "do": ""} in told[
        "findings"
    ]


def test_the_expected_carrier_addresses_are_those_of_our_routes(app: Flask):
    with app.app_context():
        assert len(policy.current().line.numbers) == 2
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    assert {"/twilio/voice/in", "/twilio/text/in", "/twilio/voice/status"} <= rules
