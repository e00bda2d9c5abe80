"""Reads `followups.toml`: promises, attempts, hours, and words that are never sent unasked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType

from wellbeing.policy.model import (
    AttemptPolicy,
    CheckInAnswer,
    FollowUpKind,
    FollowUpPolicy,
    MissedStep,
    MissedStepHolder,
    Promise,
    SchoolCalendar,
)
from wellbeing.policy.reading.desks import check_order
from wellbeing.policy.reading.hours import hours, hours_of_a_day, zone
from wellbeing.policy.reading.table import Table, by_level, repeated, words_of


def read_followups(*, table: Table, calendar: SchoolCalendar) -> FollowUpPolicy:
    """Read the whole file; `calendar` holds the school days. Mistakes go to the table's list."""
    place = zone(table=table)
    quiet = table.table(key="quiet_hours")
    policy = FollowUpPolicy(
        zone=place,
        cadence=by_level(table=table, key="cadence", read=_cadence),
        attempts=by_level(table=table, key="attempts", read=_attempts),
        welfare_check_within=by_level(
            table=table, key="welfare_check_within", read=lambda one, name: one.duration(key=name)
        ),
        quiet_hours=hours(table=quiet, zone=place),
        class_hours=hours_of_a_day(tables=table.tables(key="class_hours"), zone=place),
        calendar=calendar,
        check_in_answers=_answers(table=table.table(key="check_in_answers")),
        missed=tuple(_missed(table=entry) for entry in table.tables(key="missed")),
        missed_again=table.duration(key="missed_again"),
        forbidden_words=table.texts(key="forbidden_words"),
        forbidden_patterns=_patterns(table=table),
    )
    quiet.close()
    _check_hours(table=table, policy=policy)
    _check_missed(table=table, steps=policy.missed)
    table.close()
    return policy


def _patterns(*, table: Table) -> tuple[str, ...]:
    found = table.texts(key="forbidden_patterns")
    for one in found:
        try:
            matches_nothing = re.search(one, "") is not None
        except re.error:
            table.wrong(key="forbidden_patterns", says=f"“{one}” is no regular expression")
            return ()
        if matches_nothing:
            table.wrong(key="forbidden_patterns", says=f"“{one}” would refuse every text")
    return found


def _cadence(table: Table, name: str) -> tuple[Promise, ...]:
    entries = table.tables(key=name)
    found = tuple(_promise(table=entry) for entry in entries)
    for entry, (before, after) in zip(entries[1:], pairwise(found), strict=True):
        if after.from_days <= before.to_days:
            entry.wrong(key="from_days", says="overlaps the promise before it")
    return found


def _promise(*, table: Table) -> Promise:
    found = Promise(
        from_days=table.integer(key="from_days", least=1),
        to_days=table.integer(key="to_days", least=1),
        kind=table.word(key="kind", words=words_of(FollowUpKind)),
        only_if_wanted=table.has(key="only_if_wanted") and table.flag(key="only_if_wanted"),
    )
    if found.to_days < found.from_days:
        table.wrong(key="to_days", says="lies before from_days")
    table.close()
    return found


def _attempts(table: Table, name: str) -> AttemptPolicy:
    inner = table.table(key=name)
    found = AttemptPolicy(
        count=inner.integer(key="count", least=1), within=inner.duration(key="within")
    )
    inner.close()
    return found


def _answers(*, table: Table) -> Mapping[str, CheckInAnswer]:
    words: Mapping[str, CheckInAnswer] = words_of(CheckInAnswer)
    found = {key: table.word(key=key, words=words) for key in table.own_keys()}
    for answer in CheckInAnswer:
        if table.values and answer not in found.values():
            table.wrong(key="", says=f"no key means “{answer}”")
    return MappingProxyType(found)


def _missed(*, table: Table) -> MissedStep:
    found = MissedStep(
        holder=table.word(key="holder", words=words_of(MissedStepHolder)),
        after=table.duration(key="after", zero=True),
    )
    table.close()
    return found


def _check_missed(*, table: Table, steps: tuple[MissedStep, ...]) -> None:
    check_order(table=table, key="missed", afters=[step.after for step in steps])
    for holder in repeated(items=[step.holder for step in steps]):
        table.wrong(key="missed", says=f"“{holder}” stands twice")


def _check_hours(*, table: Table, policy: FollowUpPolicy) -> None:
    quiet = policy.quiet_hours
    for place, lesson in enumerate(policy.class_hours, start=1):
        over_midnight = quiet.ends < quiet.starts
        clear = quiet.ends <= lesson.starts and lesson.ends <= quiet.starts
        apart = lesson.ends <= quiet.starts or quiet.ends <= lesson.starts
        if not (clear if over_midnight else apart):
            table.wrong(key=f"class_hours[{place}]", says="overlaps quiet_hours")
