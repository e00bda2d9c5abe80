"""Decisions of the line: keywords, the language of a text, who is paged for whom. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from wellbeing.policy.model import Language, LineNumber, LinePolicy, RiskLevel, TextLinePolicy, Tier
from wellbeing.triage.rules import lexicon
from wellbeing.triage.rules.normalise import is_han

LINE_DESK = "line"
SUPERVISOR_DESK = "supervisor"
ACKNOWLEDGEMENT = "1"
_AROUND_A_WORD = re.compile(r"^[\W_]+|[\W_]+$")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")


def line_of(*, number: str, line: LinePolicy) -> LineNumber:
    """Tell whose line a number is; one that the policy lacks is answered as the first one."""
    return next((one for one in line.numbers if one.number == number), line.numbers[0])


class Keyword(StrEnum):
    """A text that asks the line itself for something."""

    STOP = "stop"
    START = "start"
    HELP = "help"


def keyword_of(*, text: str, words: TextLinePolicy) -> Keyword | None:
    """Tell whether a whole text is a keyword; quotes and marks around it do not matter.

    A keyword inside a sentence is never one: 停不下来 must reach a human.
    """
    bare = _AROUND_A_WORD.sub("", unicodedata.normalize("NFKC", text)).casefold()
    known = (
        (Keyword.STOP, words.stop_words),
        (Keyword.START, words.start_words),
        (Keyword.HELP, words.help_words),
    )
    return next((word for word, spellings in known if bare in spellings), None)


def is_acknowledgement(*, text: str) -> bool:
    """Tell whether a text is the answer to a page: the digit 1, full-width or with a full stop."""
    bare = _AROUND_A_WORD.sub("", unicodedata.normalize("NFKC", text))
    return bare == ACKNOWLEDGEMENT


def language_of(*, text: str) -> Language | None:
    """Tell what a text is written in; None where it does not tell (digits, emoji, one letter).

    Chinese in Latin letters (wo hen nan guo) is Chinese.
    """
    if any(is_han(letter) for letter in text):
        return Language.ZH
    words = _LATIN_WORD.findall(text)
    if not words:
        return None
    return Language.ZH if lexicon.is_pinyin(words=words) else Language.EN


@dataclass(frozen=True, slots=True, kw_only=True)
class PageStep:
    """A desk to be paged; `tier` None means the organization whose line was texted."""

    desk: str
    tier: Tier | None
    after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePlan:
    """Which desks are paged now for a waiting contact, and what comes next, when."""

    now: tuple[PageStep, ...]
    next_step: int
    next_at: datetime


def page_steps(*, level: RiskLevel, line: LinePolicy) -> tuple[PageStep, ...]:
    """List who is paged for a contact of this level that nobody accepts.

    Where the policy names nobody, the line's own desk is, `accept_within` after the arrival.
    """
    named = line.contact_pages.get(level, ())
    steps = (PageStep(desk=one.desk, tier=one.tier, after=one.after) for one in named)
    own = PageStep(desk=LINE_DESK, tier=None, after=line.accept_within)
    return tuple(sorted(steps, key=lambda step: step.after)) or (own,)


def plan_pages(
    *,
    steps: Sequence[PageStep],
    done: int,
    since: datetime,
    now: datetime,
    repeat_every: timedelta,
) -> PagePlan:
    """Decide the paging of a contact that has waited at its level `since`; it never runs out.

    After the last step everybody on the list is paged again every `repeat_every`: a contact that
    waits always has a next step (promise P8).
    """
    first = done if done < len(steps) else 0
    due = tuple(
        step
        for number, step in enumerate(steps)
        if number >= first and (since + step.after <= now or done >= len(steps))
    )
    next_step = first + len(due)
    if next_step < len(steps):
        return PagePlan(now=due, next_step=next_step, next_at=since + steps[next_step].after)
    return PagePlan(now=due, next_step=len(steps), next_at=now + repeat_every)
