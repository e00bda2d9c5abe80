"""One TOML table, read key by key: every mistake becomes a line, and reading goes on.

What a key means for the service is checked in the modules beside this one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import Enum
from itertools import pairwise
from types import MappingProxyType
from typing import Any, TypeVar

from wellbeing.policy.model import RiskLevel, Tier

UNREADABLE = "\N{REPLACEMENT CHARACTER}"
"""Stands for a text that could not be read, so that reading can go on."""
LEVELS = MappingProxyType({level.name.lower(): level for level in RiskLevel})
TIERS = MappingProxyType({tier.name.lower(): tier for tier in Tier})
_UNITS = MappingProxyType({"s": "seconds", "min": "minutes", "h": "hours", "d": "days"})
_DURATION = re.compile(r"(\d{1,6}) (s|min|h|d)")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_MISSING = object()

Word = TypeVar("Word")


@dataclass(slots=True)
class Problems:
    """The mistakes found so far, in the order of reading."""

    lines: list[str] = field(default_factory=list)

    def add(self, *, file: str, where: str, says: str) -> None:
        """Note one mistake by file and by table and key."""
        self.lines.append(f"{file}: {where}: {says}")


@dataclass(slots=True)
class Table:
    """A table of one file; what was not asked for is an unknown key when it is closed."""

    file: str
    path: str
    values: Mapping[str, Any]
    problems: Problems
    asked: set[str] = field(default_factory=set)

    def wrong(self, *, key: str, says: str) -> None:
        """Note a mistake at a key of this table; an empty key means the table itself."""
        where = ".".join(part for part in (self.path, key) if part)
        self.problems.add(file=self.file, where=where, says=says)

    def close(self) -> None:
        """Name every key that nobody asked for."""
        for key in self.values:
            if key not in self.asked:
                self.wrong(key=key, says="unknown key")

    def has(self, *, key: str) -> bool:
        """Tell whether an optional key is there; it counts as asked for."""
        self.asked.add(key)
        return key in self.values

    def text(self, *, key: str) -> str:
        """Read a text that is not blank."""
        value = self._get(key=key)
        if isinstance(value, str) and value.strip():
            return value
        self._mistyped(key=key, value=value, wanted="a text")
        return UNREADABLE

    def texts(self, *, key: str, may_be_empty: bool = False) -> tuple[str, ...]:
        """Read a list of texts: at least one unless it may be empty, none blank, none twice."""
        value = self._get(key=key)
        is_list = isinstance(value, list) and all(_is_text(item) for item in value)
        if not is_list or not (value or may_be_empty):
            self._mistyped(key=key, value=value, wanted="a list of texts")
            return ()
        for item in repeated(items=value):
            self.wrong(key=key, says=f"“{item}” stands twice")
        return tuple(value)

    def integer(self, *, key: str, least: int) -> int:
        """Read a whole number of at least `least`."""
        value = self._get(key=key)
        if _is_whole(value, least):
            return int(value)
        self._mistyped(key=key, value=value, wanted=f"a whole number of at least {least}")
        return least

    def fraction(self, *, key: str) -> float:
        """Read a number that is not negative."""
        value = self._get(key=key)
        if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
            return float(value)
        self._mistyped(key=key, value=value, wanted="a number that is not negative")
        return 0.0

    def flag(self, *, key: str) -> bool:
        """Read true or false."""
        value = self._get(key=key)
        if isinstance(value, bool):
            return value
        self._mistyped(key=key, value=value, wanted="true or false")
        return False

    def duration(self, *, key: str, zero: bool = False) -> timedelta:
        """Read a duration such as "15 min"; units are s, min, h and d."""
        value = self._get(key=key)
        match = _DURATION.fullmatch(value) if isinstance(value, str) else None
        length = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else None
        if length is not None and (length or zero):
            return length
        floor = "" if zero else ", longer than nothing"
        self._mistyped(key=key, value=value, wanted=f'a duration such as "15 min"{floor}')
        return timedelta(seconds=1)

    def moment(self, *, key: str) -> time:
        """Read a wall time such as "22:00"."""
        value = self._get(key=key)
        match = _TIME.fullmatch(value) if isinstance(value, str) else None
        if match:
            return time(int(match[1]), int(match[2]))
        self._mistyped(key=key, value=value, wanted='a time such as "22:00"')
        return time()

    def day(self, *, key: str) -> date:
        """Read a day of the calendar, written 2026-10-01 without quotes."""
        value = self._get(key=key)
        if type(value) is date:
            return value
        self._mistyped(key=key, value=value, wanted="a day such as 2026-10-01")
        return date.min

    def days(self, *, key: str) -> tuple[date, ...]:
        """Read a list of days, in order, none twice; it may be empty."""
        value = self._get(key=key)
        if not isinstance(value, list) or not all(type(item) is date for item in value):
            self._mistyped(key=key, value=value, wanted="a list of days such as 2026-10-01")
            return ()
        if any(after <= before for before, after in pairwise(value)):
            self.wrong(key=key, says="days must stand in order, none twice")
        return tuple(value)

    def integers(self, *, key: str, least: int) -> tuple[int, ...]:
        """Read a list of whole numbers of at least `least`, none twice."""
        value = self._get(key=key)
        if not isinstance(value, list) or not value or not all(_is_whole(i, least) for i in value):
            wanted = f"a list of whole numbers of at least {least}"
            self._mistyped(key=key, value=value, wanted=wanted)
            return ()
        for item in repeated(items=[str(one) for one in value]):
            self.wrong(key=key, says=f"{item} stands twice")
        return tuple(value)

    def word(self, *, key: str, words: Mapping[str, Word]) -> Word:
        """Read one of a closed set of words."""
        value = self._get(key=key)
        if isinstance(value, str) and value in words:
            return words[value]
        self._mistyped(key=key, value=value, wanted=f"one of {', '.join(words)}")
        return next(iter(words.values()))

    def word_list(self, *, key: str, words: Mapping[str, Word]) -> tuple[Word, ...]:
        """Read a list out of a closed set of words: at least one, none twice."""
        items = self.texts(key=key)
        for item in items:
            if item not in words:
                self.wrong(key=key, says=f"“{item}” is not one of {', '.join(words)}")
        return tuple(words[item] for item in items if item in words)

    def table(self, *, key: str) -> Table:
        """Read a table inside this one; the reader closes it."""
        value = self._get(key=key)
        path = ".".join(part for part in (self.path, key) if part)
        if isinstance(value, dict):
            return Table(file=self.file, path=path, values=value, problems=self.problems)
        self._mistyped(key=key, value=value, wanted=f"a table [{path}]")
        return absent(file=self.file, path=path)

    def tables(self, *, key: str) -> tuple[Table, ...]:
        """Read a list of tables, at least one; their paths count from 1."""
        value = self._get(key=key)
        path = ".".join(part for part in (self.path, key) if part)
        if not isinstance(value, list) or not value or not all(isinstance(i, dict) for i in value):
            self._mistyped(key=key, value=value, wanted=f"a list of tables [[{path}]]")
            return ()
        return tuple(
            Table(file=self.file, path=f"{path}[{place}]", values=item, problems=self.problems)
            for place, item in enumerate(value, start=1)
        )

    def own_keys(self) -> tuple[str, ...]:
        """Name the keys of a table whose keys are the site's own words; all count as asked for."""
        self.asked.update(self.values)
        return tuple(self.values)

    def _get(self, *, key: str) -> Any:
        self.asked.add(key)
        return self.values.get(key, _MISSING)

    def _mistyped(self, *, key: str, value: object, wanted: str) -> None:
        says = f"missing key ({wanted})" if value is _MISSING else f"must be {wanted}"
        self.wrong(key=key, says=says)


def absent(*, file: str, path: str) -> Table:
    """Stand in for a table that is not there: said once already, not again for each of its keys."""
    return Table(file=file, path=path, values={}, problems=Problems())


def by_level(
    *, table: Table, key: str, read: Callable[[Table, str], Word]
) -> Mapping[RiskLevel, Word]:
    """Read an inner table that must have an entry for each of the four levels."""
    inner = table.table(key=key)
    found = {level: read(inner, name) for name, level in LEVELS.items()}
    inner.close()
    return MappingProxyType(found)


def words_of(enum: type[Enum]) -> Mapping[str, Any]:
    """List the members of an enum of strings by their value."""
    return {member.value: member for member in enum}


def repeated(*, items: Iterable[str]) -> tuple[str, ...]:
    """Name what stands more than once, each once, in the order of its second appearance."""
    seen: set[str] = set()
    twice: dict[str, None] = {}
    for item in items:
        if item in seen:
            twice[item] = None
        seen.add(item)
    return tuple(twice)


def _is_whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
