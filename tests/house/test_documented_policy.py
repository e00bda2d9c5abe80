"""docs/policy.md explains every file, table and key of the policy, and nothing else."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "config"
PAGE = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
LEVELS = frozenset({"low", "moderate", "high", "imminent"})
SCREENERS = ("asq", "beijing", "cssrs", "gad7", "phq9", "phqa")
OPTIONAL = {"answers[].points", "items[].tripwire", "bands[].key", "bands[].from_points",
            "bands[].name_zh", "bands[].name_en"}  # fmt: skip
"""Keys of a screener that only notes have; all of them are explained in one section."""
OWN_WORDS = {
    "rescue.steps": "<step>",
    "lexicon.scoring.floors": "<kind>",
    "lexicon.scoring.context_factors": "<context>",
    "lexicon.homophones": "<variant>",
    "lexicon.pieces": "<name>",
    "lexicon.classes": "<class>",
    "lexicon.clues": "<question>",
    "paging.code_words": "<desk>",
    "check_in_answers": "<digit>",
}
"""Tables whose keys are words of the site: they are explained once, by what the word stands for."""


def policy_files() -> list[str]:
    return sorted(
        file.relative_to(CONFIG).as_posix()
        for file in (*CONFIG.glob("*.toml"), *CONFIG.glob("*/*.toml"))
    )


def section_of(*, name: str) -> str:
    # Six files of one shape are explained once.
    name = "screeners/*.toml" if name.startswith("screeners/") else name
    for section in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        if name in section.splitlines()[0]:
            return section
    return ""


def explained_in(*, name: str) -> set[str]:
    return set(re.findall(r"^\| `([^`]+)` \| \S", section_of(name=name), flags=re.MULTILINE))


def keys_of(*, values: dict[str, Any], path: str = "") -> Iterator[str]:
    for key, value in values.items():
        own = OWN_WORDS.get(path) or ("<level>" if key in LEVELS else key)
        here = f"{path}.{own}" if path else own
        if isinstance(value, dict):
            yield from keys_of(values=value, path=here)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for entry in value:
                yield from keys_of(values=entry, path=f"{here}[]")
        else:
            yield here


def test_there_are_files_to_explain():
    assert policy_files() == [
        "calendar.toml",
        "cases.toml",
        "followups.toml",
        "line.toml",
        "privacy.toml",
        "prompts/en.toml",
        "prompts/zh.toml",
        "safety.toml",
        *(f"screeners/{one}.toml" for one in SCREENERS),
        "tiers.toml",
        "triage.toml",
    ]


@pytest.mark.parametrize("file", policy_files())
def test_every_key_of_a_file_is_explained_and_no_other(file: str):
    values = tomllib.loads((CONFIG / file).read_text(encoding="utf-8"))

    optional = OPTIONAL if file.startswith("screeners/") else set()
    keys = set(keys_of(values=values))
    assert keys | optional == explained_in(name=file)


@pytest.mark.parametrize("file", sorted((CONFIG / "organizations").glob("*.csv")))
def test_every_column_of_the_organizations_is_explained_and_no_other(file: Path):
    with file.open(encoding="utf-8", newline="") as text:
        columns = next(csv.reader(text))

    assert set(columns) == explained_in(name=f"organizations/{file.name}")
