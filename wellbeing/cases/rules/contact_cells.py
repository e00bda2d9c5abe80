"""What the cells of a line of a file of contacts mean; `contact_files` reads the file. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wellbeing.contacts.rules.conversations import (
    MEASURE_LIMIT,
    MEASURES,
    Channel,
    ContactFacts,
    Disposition,
)
from wellbeing.contacts.rules.walk_ins import LONGEST_MINUTES, OLDEST
from wellbeing.foundation import phone
from wellbeing.foundation.phone import NotAPhoneNumber
from wellbeing.policy.model import Language, RiskLevel

HEADINGS: Mapping[str, tuple[str, str]] = {
    "happened_at": ("时间", "When"),
    "channel": ("方式", "How"),
    "organization_code": ("单位代码", "Unit code"),
    "minutes": ("时长（分钟）", "Minutes"),
    "number": ("电话", "Telephone number"),
    "language": ("语言", "Language"),
    "caller_type": ("来访者", "Who came"),
    "age_band": ("年龄段", "Age"),
    "reasons": ("来访原因", "Reasons"),
    "distress_start": ("开始时的痛苦程度", "Distress at the start"),
    "distress_end": ("结束时的痛苦程度", "Distress at the end"),
    "intent_start": ("开始时想死的程度", "Wish to die at the start"),
    "intent_end": ("结束时想死的程度", "Wish to die at the end"),
    "hope_start": ("开始时的希望感", "Hope at the start"),
    "hope_end": ("结束时的希望感", "Hope at the end"),
    "ending": ("结果", "How it ended"),
    "wrap_up": ("小结", "Wrap-up note"),
    "level": ("风险等级", "Level"),
    "level_note": ("等级理由", "Reason for the level"),
    "case": ("建立个案", "Open a case"),
}
"""The columns by key, each with its Chinese and its English heading; all three are understood."""
COLUMNS = tuple(HEADINGS)
NEEDED = ("happened_at", "channel", "ending")
LONGEST_NOTE = 4_000
YES = frozenset({"yes", "y", "true", "1", "是"})
NO = frozenset({"no", "n", "false", "0", "否"})
SEPARATORS = ";；、,，|"

Wrong = tuple[str, str]
"""A column and the name of its `ContactProblem`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What may stand in a cell: by column, what is typed (folded) and the key it means."""

    by_column: Mapping[str, Mapping[str, str]]

    def key(self, column: str, typed: str) -> str | None:
        """Give the key that was meant; None for something else."""
        return self.by_column[column].get(folded(typed=typed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """What one line says."""

    channel: Channel
    happened_at: datetime
    minutes: int | None
    number: str | None
    language: Language
    organization_code: str | None
    facts: ContactFacts
    ending: Disposition
    wrap_up: str
    level: RiskLevel | None
    level_note: str
    opens_case: bool


def folded(*, typed: str) -> str:
    """Give what is typed without blanks around it and without regard to capitals."""
    return typed.strip().casefold()


def answers_of(*, words: Mapping[str, Mapping[str, Sequence[str]]]) -> Answers:
    """Make the answers of a file from the words of each key, by column; a key names itself."""
    return Answers(
        by_column={
            column: {
                folded(typed=name): key
                for key, names in keys.items()
                for name in (key, *names)
                if name.strip()
            }
            for column, keys in words.items()
        }
    )


def column_of(*, typed: str) -> str:
    """Give the key of a column by any of its headings; "" for one that means nothing here."""
    wanted = folded(typed=typed)
    for key, names in HEADINGS.items():
        if wanted in {key, *(folded(typed=name) for name in names)}:
            return key
    return ""


def parsed(
    *, row: Mapping[str, str], answers: Answers, zone: ZoneInfo, now: datetime
) -> tuple[Cells | None, list[Wrong]]:
    """Read the cells of a line; either all of them, or what is wrong with which."""
    read = _Cells(row=row, answers=answers)
    values: dict[str, Any] = {
        "channel": read.chosen("channel", Channel, needed=True),
        "happened_at": read.moment(zone, now),
        "minutes": read.number("minutes", LONGEST_MINUTES),
        "number": read.telephone(),
        "language": read.chosen("language", Language) or Language.ZH,
        "organization_code": row.get("organization_code") or None,
        "facts": read.facts(),
        "ending": read.chosen("ending", Disposition, needed=True),
        "wrap_up": read.note("wrap_up"),
        "level": read.chosen("level", lambda key: RiskLevel(int(key))),
        "level_note": read.note("level_note"),
        "opens_case": read.yes("case"),
    }
    read.check_together(values, now)
    return (None, read.wrong) if read.wrong else (Cells(**values), [])


class _Cells:
    """Reads the cells of one line and remembers what is wrong."""

    def __init__(self, *, row: Mapping[str, str], answers: Answers) -> None:
        self.row = row
        self.answers = answers
        self.wrong: list[Wrong] = []

    def chosen(self, column: str, kind: Callable[[str], Any], *, needed: bool = False) -> Any:
        typed = self.row.get(column, "")
        if not typed:
            return self._none(column, "MISSING") if needed else None
        key = self.answers.key(column, typed)
        return self._none(column, "NOT_A_CHOICE") if key is None else kind(key)

    def moment(self, zone: ZoneInfo, now: datetime) -> datetime | None:
        typed = self.row.get("happened_at", "")
        moment, problem = _read_moment(typed, zone, now)
        if problem is not None:
            self.wrong.append(("happened_at", problem))
        return moment

    def number(self, column: str, most: int) -> int | None:
        typed = self.row.get(column, "")
        if not typed:
            return None
        is_number = typed.isascii() and typed.isdigit() and len(typed) <= len(str(most))
        if is_number and int(typed) <= most:
            return int(typed)
        self.wrong.append((column, "NOT_A_NUMBER"))
        return None

    def telephone(self) -> str | None:
        typed = self.row.get("number", "")
        try:
            return phone.normalised(typed) if typed else None
        except NotAPhoneNumber:
            self.wrong.append(("number", "NOT_A_PHONE"))
            return None

    def facts(self) -> ContactFacts:
        measures: dict[str, Any] = {name: self.number(name, MEASURE_LIMIT) for name in MEASURES}
        return ContactFacts(
            caller_type=self.chosen("caller_type", str),
            age_band=self.chosen("age_band", str),
            reasons=tuple(dict.fromkeys(self._reasons())),
            **measures,
        )

    def note(self, column: str) -> str:
        typed = self.row.get(column, "")
        if len(typed) > LONGEST_NOTE:
            self.wrong.append((column, "TOO_LONG"))
        return typed

    def yes(self, column: str) -> bool:
        typed = folded(typed=self.row.get(column, ""))
        if typed and typed not in YES | NO:
            self.wrong.append((column, "NOT_A_CHOICE"))
        return typed in YES

    def check_together(self, values: Mapping[str, Any], now: datetime) -> None:
        moment, minutes = values["happened_at"], values["minutes"]
        if moment is not None and moment + timedelta(minutes=minutes or 0) > now:
            self.wrong.append(("happened_at", "NOT_YET"))
        if values["opens_case"] and not self.row.get("level"):
            self.wrong.append(("level", "LEVEL_MISSING"))
        if (values["level"] or values["opens_case"]) and not values["level_note"]:
            self.wrong.append(("level_note", "REASON_MISSING"))

    def _reasons(self) -> Iterator[str]:
        typed = self.row.get("reasons", "")
        for sign in SEPARATORS[1:]:
            # A reason's own name may hold a comma; whoever names it whole is understood.
            if self.answers.key("reasons", typed) is not None:
                break
            typed = typed.replace(sign, SEPARATORS[0])
        for one in filter(None, (part.strip() for part in typed.split(SEPARATORS[0]))):
            key = self.answers.key("reasons", one)
            if key is None:
                self.wrong.append(("reasons", "NOT_A_CHOICE"))
                return
            yield key

    def _none(self, column: str, problem: str) -> Any:
        self.wrong.append((column, problem))


def _read_moment(typed: str, zone: ZoneInfo, now: datetime) -> tuple[datetime | None, str | None]:
    if not typed:
        return None, "MISSING"
    try:
        read = datetime.fromisoformat(typed.replace("/", "-"))
        moment = read if read.tzinfo else read.replace(tzinfo=zone)
        is_old = moment < now - OLDEST
    except (ValueError, OverflowError):
        return None, "NOT_A_TIME"
    return (None, "TOO_LONG_AGO") if is_old else (moment, None)
