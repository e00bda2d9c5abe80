"""Which figures of a table are hidden, so that none can be computed from the others. Pure.

A table with its totals is a network of whole numbers: rows and columns are its nodes, each figure
flows from its row to its column, the totals lead back. A hidden figure can be computed exactly if
and only if no other flow fits the published ones, that is if no cycle of hidden figures runs
through it. So every small figure is given such a cycle, of the smallest figures that make one.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

Cell = tuple[int, int]
Node = tuple[str, int]
_TOTAL_ROW: Node = ("total row", 0)
_TOTAL_COLUMN: Node = ("total column", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """A table with its totals in the last row and the last column; None is hidden."""

    cells: tuple[tuple[int | None, ...], ...]

    @property
    def total(self) -> int | None:
        """Give the figure in the corner."""
        return self.cells[-1][-1]


def suppressed(
    *, table: Sequence[Sequence[int]], threshold: int, also: Collection[Cell] = ()
) -> Suppressed:
    """Add totals to a table of counts and hide what is small, and what would give it away.

    Counts from 1 to below `threshold` are small; none at all may be said. `also` are places of the
    table with its totals that must be hidden because another table shows the same count.
    """
    counts = with_totals(table=table)
    small = [cell for cell, count in counts.items() if 0 < count < threshold]
    hidden = {*small, *also}
    for cell in sorted(hidden):
        hidden |= _cover(counts, cell, hidden)
    rows, columns = _size(counts)
    return Suppressed(
        cells=tuple(
            tuple(
                None if (row, column) in hidden else counts[row, column]
                for column in range(columns + 1)
            )
            for row in range(rows + 1)
        )
    )


def with_totals(*, table: Sequence[Sequence[int]]) -> dict[Cell, int]:
    """Give the counts of a table by place, totals in one more row and one more column."""
    wide = [[*row, sum(row)] for row in table]
    full = [*wide, [sum(column) for column in zip(*wide, strict=True)]]
    return {(i, j): count for i, row in enumerate(full) for j, count in enumerate(row)}


def _size(counts: Mapping[Cell, int]) -> Cell:
    return max(counts)


def _ends(cell: Cell, size: Cell) -> tuple[Node, Node]:
    """Tell from which node to which a figure flows."""
    row: Node = ("row", cell[0]) if cell[0] < size[0] else _TOTAL_ROW
    column: Node = ("column", cell[1]) if cell[1] < size[1] else _TOTAL_COLUMN
    is_row_total = cell[0] < size[0] and cell[1] == size[1]
    is_column_total = cell[0] == size[0] and cell[1] < size[1]
    return (column, row) if is_row_total or is_column_total else (row, column)


def _cover(counts: Mapping[Cell, int], cell: Cell, hidden: Collection[Cell]) -> set[Cell]:
    """Find the cheapest figures with which this one can grow, or else shrink, unseen."""
    tail, head = _ends(cell, _size(counts))
    ways = [_way(counts, cell, hidden, head, tail)]
    if counts[cell]:
        ways.append(_way(counts, cell, hidden, tail, head))
    return set(min(ways)[1])


def _way(
    counts: Mapping[Cell, int], cell: Cell, hidden: Collection[Cell], start: Node, goal: Node
) -> tuple[int, list[Cell]]:
    best: list[tuple[int, list[Cell], Node]] = [(0, [], start)]
    done: set[Node] = set()
    while best:
        cost, path, node = heapq.heappop(best)
        if node == goal:
            return cost, path
        if node in done:
            continue
        done.add(node)
        for other, following in _leaving(counts, node):
            if other != cell and following not in done:
                price = 0 if other in hidden else _price(counts, other)
                heapq.heappush(best, (cost + price, [*path, other], following))
    raise AssertionError("the totals close every way, if only by growing")


def _leaving(counts: Mapping[Cell, int], node: Node) -> Iterator[tuple[Cell, Node]]:
    """List the figures that can change on from a node: any can grow, only counts can shrink."""
    size = _size(counts)
    for cell, count in counts.items():
        tail, head = _ends(cell, size)
        if tail == node:
            yield cell, head
        elif head == node and count:
            yield cell, tail


def _price(counts: Mapping[Cell, int], cell: Cell) -> int:
    """Rather hide a small figure than a large one, and a nought only where nothing else helps."""
    return counts[cell] or sum(counts.values()) + 1
