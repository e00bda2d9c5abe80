"""Reads `clues.tsv`: weights of pieces of words, one column for each question that they answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from wellbeing.policy.reading.table import Problems, Table
from wellbeing.policy.shapes.triage import CLUE_HEADS, Clues

FILE = "clues.tsv"
BIAS = "(bias)"
BLANK = "␣"
"""Stands for a blank inside a piece, so that no editor trims it away."""
HEADER = ("piece", *CLUE_HEADS)


def read_clues(*, directory: Path, table: Table, problems: Problems) -> Clues:
    """Read the weights beside the policy, and the thresholds of the word list."""
    thresholds = {head: table.fraction(key=head) for head in CLUE_HEADS}
    for head, share in thresholds.items():
        if not 0 < share <= 1:
            table.wrong(key=head, says="must lie above 0 and not above 1")
    table.close()
    rows = _rows(directory / FILE, problems)
    biases = rows.pop(BIAS, None)
    if biases is None:
        problems.lines.append(f"{FILE}: there is no row “{BIAS}”")
    return Clues(
        thresholds=MappingProxyType(thresholds),
        biases=biases or (0.0,) * len(CLUE_HEADS),
        weights=MappingProxyType(rows),
    )


def written(*, biases: Sequence[float], weights: Mapping[str, Sequence[float]]) -> str:
    """Write weights as the file has them; `read_clues` reads them back."""
    rows = [HEADER, (BIAS, *map(str, biases))]
    rows += [(piece.replace(" ", BLANK), *map(str, one)) for piece, one in weights.items()]
    return "".join("\t".join(row) + "\n" for row in rows)


def _rows(path: Path, problems: Problems) -> dict[str, tuple[float, ...]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        problems.lines.append(f"{FILE}: the file is missing or cannot be read as UTF-8 text")
        return {}
    if not lines or tuple(lines[0].split("\t")) != HEADER:
        problems.lines.append(f"{FILE}: line 1: must be {', '.join(HEADER)}")
        return {}
    found: dict[str, tuple[float, ...]] = {}
    for number, line in enumerate(lines[1:], start=2):
        piece, *cells = line.split("\t")
        try:
            values = tuple(float(cell) for cell in cells)
        except ValueError:
            values = ()
        if not piece or len(values) != len(CLUE_HEADS):
            problems.lines.append(
                f"{FILE}: line {number}: must be a piece and {len(CLUE_HEADS)} numbers"
            )
            continue
        found[piece.replace(BLANK, " ")] = values
    return found
