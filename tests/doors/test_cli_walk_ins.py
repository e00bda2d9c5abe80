"""The command for contacts made elsewhere: line by line, all or none, by somebody's rights."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from tests.doors.portal import conftest as portal
from wellbeing.audit import queries as audit
from wellbeing.audit.queries import EventFilter
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseFilters
from wellbeing.foundation import clock

city = portal.city
people = portal.people

HEADING = "channel,happened_at,number,caller_type,ending,wrap_up,level,level_note,case\n"
FIRST, SECOND = "school.counselor", "principal"


@pytest.fixture
def runner(app: Flask) -> CliRunner:
    return app.test_cli_runner()


@pytest.fixture
def file(app: Flask, people: Any, tmp_path: Path) -> Path:
    """Give a file of two contacts, and the people who may or may not write them down."""
    for label in ("school counselor", "principal", "other school counselor"):
        people(label)
    day = (clock.now() - timedelta(days=1)).date()
    path = tmp_path / "book.csv"
    path.write_text(
        HEADING
        + f"walk_in,{day} 14:30,13900000001,self,supported,示例：愿意再来。,low,示例：没有。,yes\n"
        + f"letter,{day} 09:00,,friend,supported,示例：一封信。,,,\n",
        encoding="utf-8",
    )
    return path


def run(runner: CliRunner, *args: Any) -> Any:
    return runner.invoke(args=["import-contacts", *map(str, args)])


def imports(app: Flask) -> list[Any]:
    with app.app_context():
        return list(audit.events(wanted=EventFilter(action=AuditAction.IMPORTED), limit=9))


def test_each_line_says_what_became_of_it_and_twice_is_as_once(
    app: Flask, runner: CliRunner, file: Path
):
    first = run(runner, file, "--by", FIRST)
    second = run(runner, file, "--by", FIRST)

    lines = first.output.splitlines()
    assert lines[0].startswith("book.csv:2: written down: ")
    assert "walk_in" in lines[0]
    assert "level LOW, opens a case" in lines[0]
    assert lines[1].startswith("book.csv:3: written down: ")
    assert lines[2] == "2 contacts were written down, 0 were there already."
    assert "book.csv:2: there already" in second.output
    assert second.output.endswith("0 contacts were written down, 2 were there already.\n")
    assert len(imports(app)) == 2


def test_no_word_of_a_student_and_no_whole_number_is_printed(runner: CliRunner, file: Path):
    said = run(runner, file, "--by", FIRST).output

    assert "示例" not in said
    assert "13900000001" not in said


def test_a_dry_run_tells_the_same_and_writes_nothing(app: Flask, runner: CliRunner, file: Path):
    dry = run(runner, file, "--by", FIRST, "--dry-run")
    after = run(runner, file, "--by", FIRST)

    assert dry.output.splitlines()[0].startswith("book.csv:2: new: ")
    assert dry.output.endswith("2 contacts would be written down, 0 were there already.\n")
    assert after.output.endswith("2 contacts were written down, 0 were there already.\n")
    assert len(imports(app)) == 1


def test_one_mistake_stops_every_line_and_is_named(app: Flask, runner: CliRunner, file: Path):
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("letter", "pigeon"), encoding="utf-8")

    answer = run(runner, file, "--by", FIRST)

    assert answer.exit_code == 1
    assert "book.csv:3: channel: This is none of the possible answers." in answer.output
    assert imports(app) == []


@pytest.mark.parametrize("username", [SECOND, "nobody"])
def test_whoever_may_not_write_contacts_down_may_not_by_command(
    app: Flask, runner: CliRunner, file: Path, username: str
):
    answer = run(runner, file, "--by", username)

    assert answer.exit_code == 1
    assert "nobody who may write contacts down has this user name" in answer.output
    assert imports(app) == []


def test_a_unit_of_somebody_else_is_refused(app: Flask, runner: CliRunner, file: Path):
    lines = file.read_text(encoding="utf-8").splitlines()
    places = ["organization_code", "south-school", "north-school"]
    file.write_text(
        "\n".join(f"{line},{place}" for line, place in zip(lines, places, strict=True)),
        encoding="utf-8",
    )

    answer = run(runner, file, "--by", FIRST)

    assert answer.exit_code == 1
    assert "book.csv:2: organization_code: There is no such unit among yours." in answer.output
    assert imports(app) == []


def test_what_is_written_down_is_the_counselors(
    app: Flask, runner: CliRunner, file: Path, people: Any
):
    run(runner, file, "--by", FIRST)

    reader = people("school counselor")
    with app.app_context():
        found = cases.list_cases(
            scope=reader.scope, filters=CaseFilters(), now=clock.now(), limit=5
        )
        assert [one.owner_id for one in found] == [reader.user_id]
