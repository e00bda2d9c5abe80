"""The commands of the roster: a file taken over or refused, rotations written ahead."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from tests.factories.accounts import make_counselor
from tests.factories.organizations import make_organization
from tests.factories.workbooks import make_workbook
from wellbeing.audit import queries as audit
from wellbeing.audit.queries import EventFilter
from wellbeing.audit.rules import AuditAction
from wellbeing.cli import rosters
from wellbeing.foundation import clock

HEADING = "organization_code,desk,username,starts_at,ends_at,position\n"


@pytest.fixture
def runner(app: Flask) -> CliRunner:
    if "roster" not in app.cli.commands:
        rosters.init_app(app)
    return app.test_cli_runner()


def row(app: Flask, *, username: str = "heron") -> str:
    with app.app_context():
        day = (clock.now() + timedelta(days=2)).date()
    return f"900000,line,{username},{day} 08:00,{day} 20:00,1\n"


@pytest.fixture
def file(app: Flask, tmp_path: Path) -> Path:
    with app.app_context():
        make_organization()
        make_counselor(username="heron")
    path = tmp_path / "roster.csv"
    path.write_text(HEADING + row(app), encoding="utf-8")
    return path


def imports(app: Flask) -> int:
    with app.app_context():
        return len(audit.events(wanted=EventFilter(action=AuditAction.IMPORTED), limit=9))


def test_a_file_is_taken_over_and_twice_is_as_once(app: Flask, runner: CliRunner, file: Path):
    first = runner.invoke(args=["roster", "import", str(file)])
    second = runner.invoke(args=["roster", "import", str(file)])

    assert first.output == "1 shifts were added, 0 were there already.\n"
    assert second.output == "0 shifts were added, 1 were there already.\n"
    assert imports(app) == 2


def test_a_dry_run_only_tells(app: Flask, runner: CliRunner, file: Path):
    dry = runner.invoke(args=["roster", "import", "--dry-run", str(file)])

    assert dry.output == "1 shifts would be added, 0 were there already.\n"
    assert imports(app) == 0


def test_every_mistake_is_named_by_line_and_column(app: Flask, runner: CliRunner, file: Path):
    file.write_text(HEADING + row(app) + row(app, username="nobody"), encoding="utf-8")

    answer = runner.invoke(args=["roster", "import", str(file)])

    assert answer.exit_code == 1
    assert "roster.csv:3: username: Nobody has this user name." in answer.output
    assert imports(app) == 0


def test_a_workbook_is_taken_over(app: Flask, runner: CliRunner, file: Path):
    book = file.with_suffix(".xlsx")
    lines = file.read_text(encoding="utf-8").splitlines()
    book.write_bytes(make_workbook(*(tuple(line.split(",")) for line in lines)))

    answer = runner.invoke(args=["roster", "import", str(book)])

    assert answer.output == "1 shifts were added, 0 were there already.\n"
    assert imports(app) == 1


def test_a_broken_workbook_is_told(app: Flask, runner: CliRunner, file: Path):
    book = file.with_suffix(".xlsx")
    book.write_bytes(make_workbook(("organization_code",))[:-50])

    answer = runner.invoke(args=["roster", "import", str(book)])

    assert answer.exit_code == 1
    assert "roster.xlsx:1: : The workbook cannot be read" in answer.output
    assert imports(app) == 0


def test_an_empty_database_is_told(runner: CliRunner, tmp_path: Path):
    path = tmp_path / "roster.csv"
    path.write_text(HEADING, encoding="utf-8")

    answer = runner.invoke(args=["roster", "import", str(path)])

    assert answer.exit_code == 1
    assert "no organization was imported yet" in answer.output


def test_rotations_are_written_ahead_by_hand(runner: CliRunner):
    answer = runner.invoke(args=["roster", "materialise"])

    assert answer.output == "0 shifts changed.\n"
