"""A city on its night: the demonstration's people, their phones, the pretend carrier, a clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests.browsing import Browser
from tests.vocabulary import Phone, VirtualClock, Wire, pretend_carrier, still, unhurried
from wellbeing.accounts.queries import people as accounts
from wellbeing.cli import seeding
from wellbeing.cli.commands import DISTRICTS
from wellbeing.cli.people import PASSWORD, STUDENTS
from wellbeing.cli.seeding import Settled
from wellbeing.foundation import clock as ground_clock
from wellbeing.foundation.database import transaction
from wellbeing.roster.operations import shifts as roster
from wellbeing.roster.queries import shifts as roster_queries
from wellbeing.roster.rules.shifts import Interval
from wellbeing.simulator.core import Core

MONDAY_EVENING = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
"""21:00 in Chongqing: before quiet hours, after lessons."""
DISTRICT_LINE = "+862300000103"


@dataclass
class City:
    """Everything that a story touches."""

    app: Flask
    core: Core
    clock: VirtualClock
    people: Mapping[str, Settled]
    browsers: dict[str, Browser] = field(default_factory=dict)
    phones: dict[str, Phone] = field(default_factory=dict)

    def phone(self, name: str) -> Phone:
        """Give the phone of a member of staff, or of "student" and "other student"."""
        if name not in self.phones:
            number = self._number(name)
            handset = self.core.add_handset(number=number, label=name)
            self.phones[name] = Phone(handset, self.clock)
        return self.phones[name]

    def at_desk(self, username: str) -> Browser:
        """Give the browser of a member of staff, signed in."""
        if username not in self.browsers:
            browser = Browser(self.app)
            browser.signs_in(
                username=username,
                password=PASSWORD,
                totp_secret=self.people[username].totp_secret,
            )
            self.browsers[username] = browser
        return self.browsers[username]

    def empty_desks(self) -> None:
        """End everybody's shift now."""
        now = ground_clock.now()
        with self.app.app_context(), transaction():
            scope = accounts.scope_of(user_id=self.people["director"].user_id)
            within = Interval(starts_at=now, ends_at=now + timedelta(seconds=1))
            for shift in roster_queries.shifts_between(scope=scope, within=within):
                roster.remove_shift(shift_id=shift.shift_id, scope=scope, now=now)

    def _number(self, name: str) -> str:
        students = {"student": STUDENTS[0].phone, "other student": STUDENTS[1].phone}
        return students.get(name) or self.people[name].person.phone


@pytest.fixture
def begins_at() -> datetime:
    """Tell when the story begins; a story of another season says so itself."""
    return MONDAY_EVENING


@pytest.fixture
def city(app: Flask, tmp_path: Path, begins_at: datetime) -> Iterator[City]:
    """Give the demonstration's city on its evening, with nobody waiting."""
    with unhurried(), settled(app, tmp_path, begins_at) as made:
        yield made


@contextmanager
def settled(
    app: Flask, folder: Path, begins_at: datetime, *, wire: Wire | None = None
) -> Iterator[City]:
    """Settle the city on an empty database, beside a carrier and a clock of its own."""
    ground_clock.install(path=str(folder / "clock"), production=False, sources=still())
    try:
        with pretend_carrier(app, wire=wire) as core:
            virtual = VirtualClock(app, core)
            virtual.start_at(begins_at)
            with app.app_context():
                seeding.seed_organizations(districts=DISTRICTS, now=ground_clock.now())
                people = seeding.seed_people(now=ground_clock.now())
            made = City(app, core, virtual, people)
            for name in ("student", "other student", *people):
                made.phone(name)
            yield made
    finally:
        ground_clock.install(path=None, production=False)
