"""The shapes of `line.toml`: numbers, desks, lifelines, the text line. No behaviour lives here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from wellbeing.policy.shapes.voice import VoicePolicy
from wellbeing.policy.shapes.words import Language, Named, RiskLevel, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class LineNumber:
    """A number of the hotline (E.164), whose line it is, and what is spoken on it."""

    number: str
    organization_code: str
    languages: tuple[Language, ...]
    spares: tuple[str, ...] = ()
    """Numbers from which its texts go while it fails, in this order; what comes to them is its."""

    @property
    def senders(self) -> tuple[str, ...]:
        """Give the numbers from which its texts may go, its own first."""
        return (self.number, *self.spares)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLinePolicy:
    """How a text conversation is opened, answered, handed back and stopped."""

    contact_reopens_within: timedelta
    unasked_after: timedelta
    unanswered_after: timedelta
    unanswered_levels: frozenset[RiskLevel]
    expected_wait_minutes: int
    stop_words: tuple[str, ...]
    start_words: tuple[str, ...]
    help_words: tuple[str, ...]
    counselor_thread_cap: int
    second_number_after: int
    second_number_rest: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPolicy(Named):
    """A post of the roster; `key` and `tier` together name it (each tier has a `line` desk)."""

    key: str
    tier: Tier
    around_the_clock: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifeline:
    """The outside lifeline: what is said, and the full number a carrier can dial."""

    spoken: str
    dialled: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPageStep:
    """A desk paged for a contact that still waits `after` its arrival or its turn to this level."""

    desk: str
    tier: Tier
    after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePolicy:
    """The line itself: numbers, desks, lifeline, and who is paged while a student waits."""

    numbers: tuple[LineNumber, ...]
    default_language: Language
    text: TextLinePolicy
    voice: VoicePolicy
    desks: tuple[DeskPolicy, ...]
    lifeline: Lifeline
    emergency_numbers: tuple[str, ...]
    accept_within: timedelta
    contact_pages: Mapping[RiskLevel, tuple[ContactPageStep, ...]]

    def senders_of(self, *, number: str) -> tuple[str, ...]:
        """Give the numbers from which the texts of a number of ours may go, itself first."""
        return next((one.senders for one in self.numbers if one.number == number), (number,))

    def home_of(self, *, number: str) -> str:
        """Tell whose spare a number is; any other number is its own."""
        return next((one.number for one in self.numbers if number in one.spares), number)

    def own_numbers(self) -> tuple[str, ...]:
        """List every number of ours, spares included."""
        return tuple(number for one in self.numbers for number in one.senders)
