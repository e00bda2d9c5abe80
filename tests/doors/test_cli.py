"""Commands: what they do, what they say, and that they end with a code that a script can read."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from flask import Flask

from wellbeing.app import ROOT
from wellbeing.carrier import twiml
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseFilters
from wellbeing.cli import fallbacks
from wellbeing.cli.back_fill import Since
from wellbeing.foundation import clock
from wellbeing.foundation.database import session
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.rules import Scope
from wellbeing.policy import current as policy


def test_the_shipped_policy_is_fit(app: Flask):
    answer = app.test_cli_runner().invoke(args=["check-policy"])

    assert answer.exit_code == 0
    assert "complete" in answer.output


def test_a_spoiled_policy_is_named_by_file_and_key(app: Flask, tmp_path: Path):
    shutil.copytree(ROOT / "config", tmp_path / "config")
    tiers = tmp_path / "config" / "tiers.toml"
    tiers.write_text(tiers.read_text(encoding="utf-8").replace("15 min", "-15 min", 1))

    answer = app.test_cli_runner().invoke(args=["check-policy", str(tmp_path / "config")])

    assert answer.exit_code == 1
    assert "tiers.toml" in answer.output
    assert "acknowledge" in answer.output


def test_organizations_are_imported_or_every_mistake_is_named(app: Flask, tmp_path: Path):
    runner = app.test_cli_runner()
    bad = tmp_path / "bad.csv"
    bad.write_text(
        "code,kind,parent_code,name_zh,name_en,region_group,valid_from,valid_to\n"
        "X1,castle,,城堡,Castle,,,\n",
        encoding="utf-8",
    )

    refused = runner.invoke(args=["import-organizations", str(bad)])
    fine = runner.invoke(
        args=["import-organizations", str(ROOT / "config/organizations/chongqing.csv")]
    )

    assert refused.exit_code == 1
    assert "bad.csv:2: kind" in refused.output
    assert fine.exit_code == 0
    with app.app_context():
        assert organizations.by_code(code="500103").name_en == "Yuzhong District"


def test_a_person_is_created_and_a_weak_password_is_refused(app: Flask):
    runner = app.test_cli_runner()
    runner.invoke(args=["import-organizations", str(ROOT / "config/organizations/chongqing.csv")])
    words = ["create-user", "--username", "example", "--name-zh", "示例", "--name-en", "Example"]
    words += ["--role", "counselor", "--organization", "500103"]

    weak = runner.invoke(args=[*words, "--password", "123456789012"])
    fine = runner.invoke(args=[*words, "--password", "an invented sentence"])

    assert weak.exit_code == 1
    assert fine.exit_code == 0


def test_seeding_makes_people_conversations_and_cases(app: Flask, tmp_path: Path):
    phones = tmp_path / "phones.json"

    answer = app.test_cli_runner().invoke(
        args=["seed", "--phones-file", str(phones), "--contacts", "20"]
    )

    assert answer.exit_code == 0, answer.output
    listed = json.loads(phones.read_text(encoding="utf-8"))
    assert len(listed) == 16
    assert sum("authenticator" in phone for phone in listed) == 14
    with app.app_context():
        city = organizations.municipality()
        everything = Scope(
            user_id=0, paths=(city.path,), permissions=frozenset({"supervise", "open_case"})
        )
        found = cases.count_cases(scope=everything, filters=CaseFilters(), now=clock.now())
        assert found == 2


def test_a_filled_database_is_not_seeded_again(app: Flask):
    runner = app.test_cli_runner()
    runner.invoke(args=["seed"])

    again = runner.invoke(args=["seed"])

    assert again.exit_code == 1
    assert "not empty" in again.output


def test_a_real_service_is_never_seeded(app: Flask, monkeypatch: pytest.MonkeyPatch):
    is_real = True
    monkeypatch.setitem(app.config, "PRODUCTION", is_real)

    answer = app.test_cli_runner().invoke(args=["seed"])

    assert answer.exit_code == 1


def test_a_whole_audit_chain_verifies(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(app.config, "AUDIT_ANCHOR_FILE", "")

    answer = app.test_cli_runner().invoke(args=["audit", "verify"])

    assert answer.exit_code == 0
    with app.app_context():
        session().rollback()


def heard_in(document: str) -> list[tuple[str, str]]:
    return [(verb.tag, verb.text) for verb in ET.fromstring(document) if verb.text]  # noqa: S314 - our own


def test_the_fallback_documents_are_written_for_each_number_for_texts_and_for_each_kind_of_call(
    app: Flask, tmp_path: Path
):
    answer = app.test_cli_runner().invoke(args=["carrier-fallback", "--out", str(tmp_path)])

    assert answer.exit_code == 0, answer.output
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "code.xml",
        "page.xml",
        "text.xml",
        "voice-862300000000.xml",
        "voice-862300000103.xml",
    ]
    document = (tmp_path / "voice-862300000103.xml").read_text(encoding="utf-8")
    assert heard_in(document)[-1] == ("Dial", "+862300012356")
    assert 'callerId="+862300000103"' in document


def test_a_fallback_document_depends_on_nothing_of_ours(app: Flask):
    """When it is needed, our addresses do not answer."""
    answer = app.test_cli_runner().invoke(args=["carrier-fallback"])

    assert "action=" not in answer.output
    assert "http" not in answer.output
    assert "/twilio/" not in answer.output


def test_the_municipal_desk_is_dialled_before_the_lifeline_while_we_are_down(app: Flask):
    """product.md 1.7: the fallback document dials the municipal desk and the lifeline."""
    with app.app_context():
        shipped = policy.current()
    voice = replace(shipped.line.voice, fallback_numbers=("+862300000001", "+862300000002"))
    changed = replace(shipped, line=replace(shipped.line, voice=voice))

    document = fallbacks.documents(policy=changed)["voice-862300000000.xml"]

    assert len(document.encode()) < twiml.MOST_BYTES
    verbs = heard_in(document)
    assert [tag for tag, _ in verbs] == ["Say", "Say", "Dial", "Dial", "Say", "Say", "Dial"]
    dialled = [text for tag, text in verbs if tag == "Dial"]
    assert dialled == ["+862300000001", "+862300000002", "+862300012356"]


@pytest.mark.parametrize("since", ["yesterday", "30", "30x", "2026-13-01"])
def test_a_back_fill_from_an_unreadable_moment_is_refused_with_a_hint(app: Flask, since: str):
    answer = app.test_cli_runner().invoke(args=["back-fill", "--since", since])

    assert answer.exit_code == 2
    assert "30m" in answer.output


def test_a_back_fill_says_that_the_carrier_does_not_answer(
    app: Flask, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(app.config, "TELEPHONY_BASE_URL", "http://127.0.0.1:9")

    answer = app.test_cli_runner().invoke(args=["back-fill", "--since", "30m"])

    assert answer.exit_code == 1
    assert "the carrier does not answer" in answer.output


def test_since_is_a_stretch_before_now_or_a_moment():
    moment = Since().convert("2026-11-23T22:00+08:00", None, None)
    without_zone = Since().convert("2026-11-23T22:00", None, None)
    stretch = Since().convert("2h", None, None)

    assert moment == datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    assert without_zone == datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
    assert timedelta(minutes=119) < clock.now() - stretch < timedelta(minutes=121)
