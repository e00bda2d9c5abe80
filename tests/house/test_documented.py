"""Every setting, command and event is written down for the people who need it."""

from __future__ import annotations

import ast
import re
import runpy
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from wellbeing.app import ROOT
from wellbeing.reactions.table import REACTIONS

OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def event_classes() -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for path in sorted((ROOT / "wellbeing").glob("*/events.py")):
        if path.parent.name == "foundation":
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                found[node.name] = ast.get_docstring(node)
    return found


def test_every_setting_is_documented():
    settings = runpy.run_path(str(ROOT / "config" / "default.py"))

    missing = [
        name
        for name in (*settings["REQUIRED"], *settings["OPTIONAL"])
        if f"`{name}`" not in OPERATIONS
    ]

    assert missing == []


def test_every_command_is_documented(app: Flask):
    ours = [
        command
        for command in app.cli.commands.values()
        if getattr(command.callback, "__module__", "").startswith("wellbeing")
        or isinstance(command, AppGroup)
    ]
    names = [
        f"{command.name} {sub}" if isinstance(command, click.Group) else str(command.name)
        for command in ours
        for sub in (command.commands if isinstance(command, click.Group) else [""])
        if command.name != "db"
    ]

    missing = [name for name in names if not re.search(rf"`{re.escape(name)}\b", OPERATIONS)]

    assert "jobs" in names
    assert missing == []


def test_every_event_says_what_happened_and_has_its_line_in_the_table():
    listed = {event.__name__ for event in REACTIONS}

    classes = event_classes()

    assert {name for name, text in classes.items() if not text} == set()
    assert set(classes) - listed == set()


def test_every_folder_of_the_source_is_on_the_map():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    missing = [
        folder.name
        for folder in sorted(Path(ROOT / "wellbeing").iterdir())
        if (folder / "__init__.py").is_file() and folder.name not in readme
    ]

    assert missing == []
