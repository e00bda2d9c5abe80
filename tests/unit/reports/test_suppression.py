"""Small cells: hidden, and not to be computed from what is published."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from wellbeing.reports.rules.suppression import Suppressed, suppressed, with_totals

LARGEST = 4
PAIRS = st.lists(st.lists(st.integers(0, LARGEST), min_size=2, max_size=2), min_size=2, max_size=2)
WIDE = st.integers(1, 3).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 60), min_size=width, max_size=width), min_size=1, max_size=4
    )
)


def hidden_in(table: Suppressed) -> set[tuple[int, int]]:
    return {
        (i, j) for i, row in enumerate(table.cells) for j, count in enumerate(row) if count is None
    }


def agrees(counts: dict[tuple[int, int], int], shown: Suppressed) -> bool:
    return all(shown.cells[i][j] in {None, count} for (i, j), count in counts.items())


def test_a_table_without_small_counts_is_shown_whole():
    found = suppressed(table=[[10, 20], [0, 30]], threshold=10)

    assert found.cells == ((10, 20, 30), (0, 30, 30), (10, 50, 60))


def test_a_small_count_takes_the_smallest_others_with_it():
    found = suppressed(table=[[3, 40, 0], [12, 20, 90], [50, 60, 70]], threshold=10)

    assert found.cells == (
        (None, None, 0, 43),
        (None, None, 90, 122),
        (50, 60, 70, 180),
        (65, 120, 160, 345),
    )


def test_a_small_total_is_hidden_too():
    found = suppressed(table=[[4, 0], [0, 0]], threshold=10)

    assert found.cells[0] == (None, 0, None)
    assert found.total is None


def test_none_at_all_is_said():
    found = suppressed(table=[[0, 0], [0, 0]], threshold=10)

    assert found.cells == ((0, 0, 0), (0, 0, 0), (0, 0, 0))


def test_a_count_that_another_table_hides_is_hidden_here_and_cannot_be_computed():
    found = suppressed(table=[[20, 30], [40, 50]], threshold=10, also=[(2, 2)])

    assert found.total is None
    assert hidden_in(found) == {(0, 0), (0, 2), (2, 0), (2, 2)}


@given(table=WIDE, threshold=st.integers(2, 12))
def test_no_small_count_is_ever_shown_and_what_is_shown_is_true(
    table: list[list[int]], threshold: int
):
    found = suppressed(table=table, threshold=threshold)

    assert agrees(with_totals(table=table), found)
    assert not any(
        count is not None and 0 < count < threshold for row in found.cells for count in row
    )


@settings(max_examples=60, deadline=None)
@given(table=PAIRS, threshold=st.integers(2, LARGEST + 1))
def test_every_hidden_count_could_be_another_one(table: list[list[int]], threshold: int):
    """Every table of whole numbers is tried that gives the same published figures."""
    found = suppressed(table=table, threshold=threshold)
    possible: dict[tuple[int, int], set[int]] = {}

    for a, b, c, d in product(range(LARGEST + 2), repeat=4):
        counts = with_totals(table=[[a, b], [c, d]])
        if agrees(counts, found):
            for cell in hidden_in(found):
                possible.setdefault(cell, set()).add(counts[cell])

    assert all(len(possible[cell]) > 1 for cell in hidden_in(found))


@given(table=WIDE, threshold=st.integers(2, 12))
def test_no_row_and_no_column_hides_a_single_count(table: list[list[int]], threshold: int):
    found = suppressed(table=table, threshold=threshold)

    for line in (*found.cells, *zip(*found.cells, strict=True)):
        assert sum(count is None for count in line) != 1
