"""Filling an empty database with the demonstration's city, through the rooms' own operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyotp

from wellbeing.accounts.operations import people as accounts
from wellbeing.accounts.queries import people as accounts_seen
from wellbeing.accounts.queries.people import UserRow
from wellbeing.accounts.rules.people import NewUser, NoSuchUser
from wellbeing.cases.operations import opening
from wellbeing.cli.people import ORGANIZATIONS, PASSWORD, PEOPLE, Person
from wellbeing.contacts.operations import conversations as contacts
from wellbeing.contacts.rules.conversations import Disposition
from wellbeing.foundation.database import transaction
from wellbeing.hotline import text as hotline
from wellbeing.organizations import operations as organizations
from wellbeing.organizations import queries as places
from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import Language, RiskLevel
from wellbeing.roster import operations as roster
from wellbeing.roster.rules import NewShift

SHIFTS_FOR = timedelta(days=399)
"""A year of promises can be watched in virtual time without an empty desk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """An invented person as they were made: how they sign in and where they are reached."""

    person: Person
    user_id: int
    organization_id: int
    totp_secret: str


def seed_organizations(*, districts: Path, now: datetime) -> None:
    """Import the districts and add the demonstration's schools and its university."""
    with transaction():
        organizations.import_districts(path=districts, now=now)
        for new in ORGANIZATIONS:
            organizations.add_organization(new=new, now=now)


def seed_people(*, now: datetime, progress: Callable[[], object] = int) -> Mapping[str, Settled]:
    """Add the invented staff with second factors and put them on their desks."""
    made: dict[str, Settled] = {}
    for person in PEOPLE:
        with transaction():
            made[person.username] = _settle(person, now)
        progress()
    return made


def _settle(person: Person, now: datetime) -> Settled:
    place = places.by_code(code=person.organization)
    secret = pyotp.random_base32()
    user_id = accounts.create_user(
        new=NewUser(
            username=person.username,
            display_name_zh=person.name_zh,
            display_name_en=person.name_en,
            role=person.role,
            organization_id=place.id,
            password=PASSWORD,
            phone=person.phone,
            languages=(Language.ZH, Language.EN),
            totp_secret=secret,
        ),
        now=now,
    )
    for post in person.desks.split():
        desk, position = post.split(":")
        roster.add_shift(
            new=NewShift(
                organization_id=place.id,
                desk=desk,
                user_id=user_id,
                starts_at=now - timedelta(hours=1),
                ends_at=now + SHIFTS_FOR,
                position=int(position),
                by_user_id=user_id,
            ),
            now=now,
        )
    return Settled(person=person, user_id=user_id, organization_id=place.id, totp_secret=secret)


WORDS = (
    "最近睡不好,想找人说说话。",
    "和室友吵架了,心里难受。",
    "快考试了,总是很紧张。",
    "Hello, I feel lonely here and do not know whom to ask.",
)
"""What the invented students of a bench write: none of it is urgent, so nobody is paged."""
BATCH = 100
CASE_EVERY = 10


def seed_contacts(*, count: int, now: datetime, progress: Callable[[int], object] = int) -> None:
    """Add invented conversations through the line itself; every tenth becomes a case."""
    counselor = accounts_seen.by_username(username="district")
    if counselor is None:
        raise NoSuchUser
    scope = accounts_seen.scope_of(user_id=counselor.id)
    for start in range(0, count, BATCH):
        positions = range(start, min(start + BATCH, count))
        with transaction():
            for position in positions:
                _converse(position, counselor, scope, now)
        progress(len(positions))


def _converse(position: int, counselor: UserRow, scope: Scope, now: datetime) -> None:
    number = f"+86138{position:08d}"
    line_number = "+862300000103"
    hotline.receive_text(
        text=hotline.CarrierText(
            sid=f"SM{position:032x}",
            sender=number,
            line_number=line_number,
            body=WORDS[position % len(WORDS)],
            media_count=0,
        ),
        now=now,
    )
    if position % CASE_EVERY:
        return
    contact_id = contacts.claim_next(scope=scope, user_id=counselor.id, now=now)
    opening.open_case(
        contact_id=contact_id,
        by=counselor.id,
        organization_id=counselor.organization_id,
        level=RiskLevel.LOW,
        note="演示个案",
        now=now,
    )
    contacts.close_contact(
        contact_id=contact_id,
        disposition=Disposition.CASE_OPENED,
        wrap_up="",
        by=counselor.id,
        now=now,
    )
