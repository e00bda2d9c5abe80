"""The workbench as a fixture; what it is made of is in `workbench`."""

from __future__ import annotations

import pytest

from tests.unit.simulator.workbench import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()
