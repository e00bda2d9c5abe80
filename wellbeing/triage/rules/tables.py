"""Tab-separated messages as a site brings them: read with patience, refused by line. Pure.

What the messages mean is read in `conversation`; files are opened by the door.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from wellbeing.foundation.errors import DomainError
from wellbeing.policy.model import RiskLevel

TEXT_COLUMNS = ("id", "lang", "conversation", "turn", "text")
LABEL_COLUMNS = ("id", "level", "text")
MARKS = ("act_now", "abuse", "third_party")
GROUPS = ("lang", "dialect", "age_band")
LEVEL_WORDS = MappingProxyType(
    {
        **{level.name.lower(): level for level in RiskLevel},
        "blue": RiskLevel.LOW,
        "yellow": RiskLevel.MODERATE,
        "orange": RiskLevel.HIGH,
        "red": RiskLevel.IMMINENT,
    }
)
"""The words of the policy, and the colors that people say."""
_YES = frozenset({"1", "yes", "true", "y"})
_NO = frozenset({"", "0", "no", "false", "n"})


class NotATable(DomainError):
    """A file of messages cannot be read; the line and the reason are named."""

    def __init__(self, *, line: int, says: str) -> None:
        super().__init__(line=line, says=says)
        self.line = line
        self.says = says

    def __str__(self) -> str:
        return f"line {self.line}: {self.says}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One message of a table; without a conversation it stands alone."""

    id: str
    conversation: str
    turn: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A message with what a person judged it to be; `part` says tune or held, or nothing.

    `groups` are other columns by which figures are told apart: language, dialect, age band.
    """

    text: Text
    level: RiskLevel
    marks: frozenset[str]
    part: str
    groups: Mapping[str, str] = field(default_factory=dict)


def read_texts(*, content: str | Iterable[str]) -> Iterator[Text]:
    """Read messages to score, one at a time: a file may be larger than the memory.

    Raises:
        NotATable: a column is missing, or a row does not fit the columns.

    """
    for line, row in _rows(content, TEXT_COLUMNS):
        yield _text(line, row)


def read_labelled(*, content: str | Iterable[str]) -> tuple[Labelled, ...]:
    """Read messages that a person has labelled; conversation, turn, marks and split may be absent.

    Raises:
        NotATable: a column is missing, or a row or a label cannot be read.

    """
    return tuple(_labelled(line, row) for line, row in _rows(content, LABEL_COLUMNS))


def _labelled(line: int, row: Mapping[str, str]) -> Labelled:
    level = LEVEL_WORDS.get(row["level"].strip().lower())
    if level is None:
        raise NotATable(line=line, says=f"“{row['level']}” is not one of {', '.join(LEVEL_WORDS)}")
    marks = frozenset(mark for mark in MARKS if _flag(line, mark, row.get(mark, "")))
    groups = {column: row[column] for column in GROUPS if row.get(column)}
    return Labelled(
        text=_text(line, row), level=level, marks=marks, part=row.get("split", ""), groups=groups
    )


def _flag(line: int, column: str, value: str) -> bool:
    word = value.strip().lower()
    if word not in _YES | _NO:
        raise NotATable(line=line, says=f"{column} must be 1 or 0, not “{value}”")
    return word in _YES


def _text(line: int, row: Mapping[str, str]) -> Text:
    turn = row.get("turn", "").strip() or "1"
    if not (turn.isascii() and turn.isdigit()):
        raise NotATable(line=line, says=f"turn must be a whole number, not “{turn}”")
    return Text(
        id=row["id"],
        conversation=row.get("conversation", "").strip(),
        turn=int(turn),
        text=row["text"],
    )


def _rows(
    content: str | Iterable[str], needed: Sequence[str]
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Split a table into its rows; a byte order mark and foreign line ends are no mistake."""
    if isinstance(content, str):
        content = content.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = iter(content)
    first = next(lines, "").removeprefix("\ufeff").rstrip("\r\n")
    columns = [_plain(name).strip().lower() for name in first.split("\t")]
    missing = [name for name in needed if name not in columns]
    if missing:
        hint = "" if "\t" in first else "; the columns must have tabs between them"
        raise NotATable(line=1, says=f"missing columns: {', '.join(missing)}{hint}")
    if twice := [name for name in columns if columns.count(name) > 1]:
        raise NotATable(line=1, says=f"the column {twice[0]} stands twice")
    for number, line in enumerate(lines, start=2):
        if line.strip():
            yield number, _row(number, line.rstrip("\r\n"), columns)


def _row(number: int, line: str, columns: Sequence[str]) -> Mapping[str, str]:
    values = [_plain(value) for value in line.split("\t")]
    if len(values) == len(columns) - 1:
        # An editor that trims lines takes an empty last column with it.
        values.append("")
    if len(values) != len(columns):
        raise NotATable(line=number, says=f"{len(values)} columns instead of {len(columns)}")
    return dict(zip(columns, values, strict=True))


def _plain(value: str) -> str:
    """Take off the quotes that a spreadsheet puts around a value, and only those."""
    inner = value[1:-1]
    quoted = len(value) > 1 and value[0] == value[-1] == '"'
    return inner.replace('""', '"') if quoted and '"' not in inner.replace('""', "") else value
