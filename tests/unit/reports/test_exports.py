"""Files for spreadsheets run nothing."""

from __future__ import annotations

import pytest

from wellbeing.reports.exports import inert


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1+1", "＠x"]
)
def test_a_cell_that_looks_like_a_formula_is_text(cell: str):
    assert inert(cell=cell) == f"'{cell}"


@pytest.mark.parametrize(("cell", "written"), [("示例区", "示例区"), (12, 12), (0, 0), (None, "")])
def test_other_cells_stay_as_they_are(cell: str | int | None, written: str | int):
    assert inert(cell=cell) == written
