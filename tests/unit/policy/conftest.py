"""A copy of the shipped policy that a test may spoil. Spoiling is textual: as an editor does it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from wellbeing.policy import loader
from wellbeing.policy.model import Policy, PolicyError

SHIPPED = Path(__file__).parents[3] / "config"

Spoil = Callable[[str, str, str], tuple[str, ...]]


@pytest.fixture(scope="session")
def shipped() -> Policy:
    return loader.load(SHIPPED)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for folder in ("prompts", "screeners"):
        (tmp_path / folder).mkdir()
    for file in (*SHIPPED.glob("*.toml"), *SHIPPED.glob("*/*.toml"), SHIPPED / "clues.tsv"):
        shutil.copyfile(file, tmp_path / file.relative_to(SHIPPED))
    return tmp_path


@pytest.fixture
def problems_after(directory: Path) -> Iterator[Spoil]:
    """Replace a text that stands in the file, first time only, and tell what the loader says."""

    def spoil(file: str, before: str, after: str) -> tuple[str, ...]:
        path = directory / file
        text = path.read_text(encoding="utf-8")
        assert before in text, f"{file} no longer says {before!r}"
        path.write_text(text.replace(before, after, 1), encoding="utf-8")
        with pytest.raises(PolicyError) as caught:
            loader.load(directory)
        return caught.value.problems

    return spoil
