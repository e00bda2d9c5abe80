"""Reads `line.toml`. Whether a number is the site's own, only the carrier can say (`doctor`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import combinations
from types import MappingProxyType

from wellbeing.policy.model import (
    ContactPageStep,
    DeskPolicy,
    Language,
    Lifeline,
    LineNumber,
    LinePolicy,
    RiskLevel,
    TextLinePolicy,
)
from wellbeing.policy.reading.desks import Desks, check_order, check_unique, known_desk
from wellbeing.policy.reading.numbers import dialled, dialled_list
from wellbeing.policy.reading.table import LEVELS, TIERS, Table, words_of
from wellbeing.policy.reading.voice import read_voice

_PAGED = (RiskLevel.HIGH, RiskLevel.IMMINENT)
"""Levels at which a waiting student must be somebody's page."""


def read_line(*, table: Table) -> LinePolicy:
    """Read the whole file; mistakes go to the table's list."""
    desks = tuple(_desk(table=entry) for entry in table.tables(key="desks"))
    check_unique(table=table, desks=desks)
    numbers = tuple(_number(table=entry) for entry in table.tables(key="numbers"))
    named = Desks(entries=desks)
    policy = LinePolicy(
        numbers=numbers,
        default_language=table.word(key="default_language", words=words_of(Language)),
        text=_text(table=table.table(key="text")),
        voice=read_voice(table=table.table(key="voice"), numbers=numbers, desks=named),
        desks=desks,
        lifeline=_lifeline(table=table.table(key="lifeline")),
        emergency_numbers=_emergency(table=table),
        accept_within=table.duration(key="accept_within"),
        contact_pages=_pages(table=table, desks=named),
    )
    _check_numbers(table=table, policy=policy)
    _check_pages(table=table, policy=policy)
    table.close()
    return policy


def _number(*, table: Table) -> LineNumber:
    found = LineNumber(
        number=dialled(table=table, key="number"),
        organization_code=table.text(key="organization_code"),
        languages=table.word_list(key="languages", words=words_of(Language)),
        spares=dialled_list(table=table, key="spares"),
    )
    table.close()
    return found


def _text(*, table: Table) -> TextLinePolicy:
    found = TextLinePolicy(
        contact_reopens_within=table.duration(key="contact_reopens_within"),
        unasked_after=table.duration(key="unasked_after"),
        unanswered_after=table.duration(key="unanswered_after"),
        unanswered_levels=frozenset(table.word_list(key="unanswered_levels", words=LEVELS)),
        expected_wait_minutes=table.integer(key="expected_wait_minutes", least=1),
        stop_words=table.texts(key="stop_words"),
        start_words=table.texts(key="start_words"),
        help_words=table.texts(key="help_words"),
        counselor_thread_cap=table.integer(key="counselor_thread_cap", least=1),
        second_number_after=table.integer(key="second_number_after", least=1),
        second_number_rest=table.duration(key="second_number_rest"),
    )
    lists = {"stop_words": found.stop_words, "start_words": found.start_words}
    lists["help_words"] = found.help_words
    for (first, words), (second, others) in combinations(lists.items(), 2):
        for word in sorted(set(words) & set(others)):
            table.wrong(key=second, says=f"“{word}” is also in {first}")
    table.close()
    return found


def _desk(*, table: Table) -> DeskPolicy:
    found = DeskPolicy(
        key=table.text(key="key"),
        tier=table.word(key="tier", words=TIERS),
        name_zh=table.text(key="name_zh"),
        name_en=table.text(key="name_en"),
        around_the_clock=table.flag(key="around_the_clock"),
    )
    table.close()
    return found


def _lifeline(*, table: Table) -> Lifeline:
    found = Lifeline(spoken=table.text(key="spoken"), dialled=dialled(table=table, key="dialled"))
    table.close()
    return found


def _emergency(*, table: Table) -> tuple[str, ...]:
    numbers = table.texts(key="emergency_numbers")
    for number in numbers:
        if not re.fullmatch(r"\d{3,6}", number):
            table.wrong(key="emergency_numbers", says=f"“{number}” is not a number such as 110")
    return numbers


def _pages(*, table: Table, desks: Desks) -> Mapping[RiskLevel, tuple[ContactPageStep, ...]]:
    inner = table.table(key="contact_pages")
    found = {
        level: tuple(_page(table=entry, desks=desks) for entry in inner.tables(key=name))
        for name, level in LEVELS.items()
        if level in _PAGED or inner.has(key=name)
    }
    inner.close()
    return MappingProxyType(found)


def _page(*, table: Table, desks: Desks) -> ContactPageStep:
    tier = table.word(key="tier", words=TIERS)
    found = ContactPageStep(
        desk=known_desk(table=table, tier=tier, desks=desks),
        tier=tier,
        after=table.duration(key="after", zero=True),
    )
    table.close()
    return found


def _check_numbers(*, table: Table, policy: LinePolicy) -> None:
    seen: set[str] = set()
    for place, entry in enumerate(policy.numbers, start=1):
        for number in entry.senders:
            if number in seen:
                key = "number" if number == entry.number else "spares"
                table.wrong(key=f"numbers[{place}].{key}", says=f"“{number}” stands twice")
            seen.add(number)
    if policy.lifeline.dialled in seen:
        table.wrong(key="lifeline.dialled", says="is the line's own number: a call would loop")


def _check_pages(*, table: Table, policy: LinePolicy) -> None:
    for level, steps in policy.contact_pages.items():
        key = f"contact_pages.{level.name.lower()}"
        check_order(table=table, key=key, afters=[step.after for step in steps])
        if level in _PAGED and steps and steps[0].after > policy.accept_within:
            table.wrong(key=f"{key}[1].after", says="nobody is paged within accept_within")
