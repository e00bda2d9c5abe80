"""Third-party files are exactly those of their manifests: listed, hashed and licensed."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = [ROOT / "wellbeing" / "portal" / "static" / "vendor", ROOT / "tests" / "house" / "vendor"]


def _packages(folder: Path) -> list[dict[str, object]]:
    return list(tomllib.loads((folder / "MANIFEST.toml").read_text(encoding="utf-8"))["package"])


def _listed(folder: Path) -> dict[str, str]:
    return {
        file["path"]: file["sha256"]
        for package in _packages(folder)
        for file in package["file"]  # type: ignore[attr-defined]
    }


@pytest.mark.parametrize("folder", FOLDERS, ids=["portal", "tests"])
def test_every_vendored_file_has_the_hash_of_its_manifest(folder: Path):
    found = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "MANIFEST.toml"
    }

    assert found == _listed(folder)


@pytest.mark.parametrize("folder", FOLDERS, ids=["portal", "tests"])
def test_every_vendored_package_brings_its_license(folder: Path):
    for package in _packages(folder):
        paths = [file["path"] for file in package["file"]]  # type: ignore[attr-defined]

        assert package["license"]
        assert any("LICENSE" in path for path in paths), package["name"]


@pytest.mark.parametrize("folder", FOLDERS, ids=["portal", "tests"])
def test_no_vendored_file_asks_for_a_source_map(folder: Path):
    asking = [
        path for path in _listed(folder) if b"sourceMappingURL=" in (folder / path).read_bytes()
    ]

    assert asking == []
