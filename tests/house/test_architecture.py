"""The house stands as architecture.md draws it: floors, furniture, sizes, no left-overs."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "wellbeing"
FILE_LIMIT = 400
FUNCTION_LIMIT = 40
FORBIDDEN_NAMES = {"utils", "helpers", "common", "services", "managers"}
LEFT_OVER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError")

VIOLATIONS = [
    ("floors", "wellbeing/contacts/rules", "import wellbeing.cases.rules"),
    ("furniture", "wellbeing/contacts/models", "import wellbeing.contacts.operations"),
    ("pure", "wellbeing/contacts/rules", "import sqlalchemy"),
    ("rooms", "wellbeing/contacts/queries", "import flask"),
    ("twilio", "wellbeing/jobs", "import twilio"),
    ("doors", "wellbeing/carrier/webhooks", "import wellbeing.contacts.models"),
    ("simulator", "wellbeing/carrier/gateway", "import wellbeing.simulator"),
]


def modules() -> list[Path]:
    return [path for path in sorted(SOURCE.rglob("*.py")) if "static" not in path.parts]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(  # noqa: S603 - our own linter
        [program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_import_contracts_hold():
    answer = lint(ROOT)

    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize(("contract", "module", "line"), VIOLATIONS)
def test_a_seeded_violation_breaks_its_contract(
    contract: str, module: str, line: str, tmp_path: Path
):
    shutil.copytree(SOURCE, tmp_path / "wellbeing", ignore=shutil.ignore_patterns("static"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    place = tmp_path / module
    target = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    target.write_text(target.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")

    answer = lint(tmp_path)

    broken = re.findall(r"^(.+) BROKEN$", answer.stdout, re.MULTILINE)
    assert contract_name(contract) in broken, answer.stdout


def contract_name(contract: str) -> str:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(rf'id = "{contract}"\nname = "(.+)"', text)
    assert found
    return found.group(1)


def test_a_new_folder_must_be_given_its_floor(tmp_path: Path):
    shutil.copytree(SOURCE, tmp_path / "wellbeing", ignore=shutil.ignore_patterns("static"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "wellbeing" / "attic").mkdir()
    (tmp_path / "wellbeing" / "attic" / "__init__.py").write_text('"""No floor."""\n')

    answer = lint(tmp_path)

    assert "attic" in answer.stdout
    assert answer.returncode != 0


def test_files_keep_to_their_size():
    too_long = {
        str(path.relative_to(ROOT)): lines
        for path in modules()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LIMIT
    }

    assert too_long == {}


def functions(path: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.relative_to(ROOT)}:{node.name}", node


def test_functions_keep_to_their_size():
    too_long = {
        name: lines
        for path in modules()
        for name, node in functions(path)
        if (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LIMIT
    }

    assert too_long == {}


def test_every_module_says_what_lives_there():
    silent = [
        str(path.relative_to(ROOT))
        for path in modules()
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert silent == []


def test_no_folder_or_module_has_a_name_that_says_nothing():
    found = [path for path in SOURCE.rglob("*") if path.stem in FORBIDDEN_NAMES]

    assert found == []


def test_no_left_overs():
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in modules()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if LEFT_OVER.search(line)
    ]

    assert found == []


def test_no_import_inside_a_function():
    found = [
        name
        for path in modules()
        for name, node in functions(path)
        if any(isinstance(inner, ast.Import | ast.ImportFrom) for inner in ast.walk(node))
    ]

    assert found == []


def test_the_base_folder_holds_only_what_the_design_lists():
    tracked = subprocess.run(
        ["git", "ls-files"],  # noqa: S607 - git is what CI cloned with
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\n")  # fmt: skip

    top = {name.split("/")[0] for name in tracked if name}

    assert top <= {
        "README.md", "pyproject.toml", "wsgi.py", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE",
        "requirements.lock", "requirements-dev.lock", "script", ".ci", "config", "migrations",
        "templates", "docs", "benchmarks", "tests", "wellbeing", ".gitignore",
        ".pre-commit-config.yaml",
    }  # fmt: skip
