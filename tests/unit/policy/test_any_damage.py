"""Whatever is damaged in a file, the answer is a PolicyError by file and key, never a traceback."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.policy.conftest import SHIPPED
from wellbeing.policy import loader
from wellbeing.policy.model import PolicyError

FILES = (
    "calendar.toml", "cases.toml", "followups.toml", "line.toml", "privacy.toml",
    "prompts/en.toml", "prompts/zh.toml", "safety.toml", "screeners/asq.toml",
    "screeners/beijing.toml", "screeners/cssrs.toml", "screeners/gad7.toml",
    "screeners/phq9.toml", "screeners/phqa.toml", "tiers.toml", "triage.toml",
)  # fmt: skip
OPTIONAL = ("only_if_wanted", "to_years", "1", "2", "points", "tripwire")
"""Keys that may be left out by themselves; what then fits no more is told elsewhere."""
SETTING = re.compile(r"^(\S+) = (?!\[$)(.+)$")
VALUES = st.sampled_from(['""', '"?"', "-1", "0", "1.5", "true", "[]", "[[1]]", "{}", "1979-05-27"])


def settings_of(*, file: str) -> list[int]:
    lines = (SHIPPED / file).read_text(encoding="utf-8").splitlines()
    return [place for place, line in enumerate(lines) if SETTING.match(line)]


def required_settings_of(*, file: str) -> list[int]:
    """Leave the word list out: it may lose words, and `test_loader` spoils its keys one by one."""
    lines = (SHIPPED / file).read_text(encoding="utf-8").splitlines()
    words = next((n for n, line in enumerate(lines) if line.startswith("[lexicon")), len(lines))
    return [
        place
        for place in settings_of(file=file)
        if place < words and lines[place].split(" = ")[0] not in OPTIONAL
    ]


ANY = st.sampled_from([(file, place) for file in FILES for place in settings_of(file=file)])
REQUIRED = st.sampled_from(
    [(file, place) for file in FILES for place in required_settings_of(file=file)]
)


def problems_with(*, file: str, place: int, line: str | None) -> tuple[str, ...]:
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        for name in ("prompts", "screeners"):
            shutil.copytree(SHIPPED / name, directory / name)
        for one in (*SHIPPED.glob("*.toml"), SHIPPED / "clues.tsv"):
            shutil.copyfile(one, directory / one.name)
        lines = (SHIPPED / file).read_text(encoding="utf-8").splitlines()
        lines[place : place + 1] = [] if line is None else [line]
        (directory / file).write_text("\n".join(lines), encoding="utf-8")
        try:
            loader.load(directory)
        except PolicyError as error:
            return error.problems
        return ()


@settings(max_examples=60, deadline=None)
@given(setting=REQUIRED)
def test_a_setting_that_is_left_out_is_named(setting: tuple[str, int]):
    file, place = setting
    line = (SHIPPED / file).read_text(encoding="utf-8").splitlines()[place]

    problems = problems_with(file=file, place=place, line=None)

    key = line.split(" = ")[0]
    assert any(one.startswith(f"{file}: ") and key in one for one in problems), problems


@settings(max_examples=80, deadline=None)
@given(setting=ANY, value=VALUES)
def test_a_setting_of_another_kind_never_breaks_the_loader(setting: tuple[str, int], value: str):
    file, place = setting
    key = (SHIPPED / file).read_text(encoding="utf-8").splitlines()[place].split(" = ")[0]

    problems = problems_with(file=file, place=place, line=f"{key} = {value}")

    assert all(re.match(r"^[a-z0-9/]+\.toml: [^:]+: .", one) for one in problems), problems
