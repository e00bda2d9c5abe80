"""What the tests of the line share: a city, people on call with phones, and what was told."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

import wellbeing
from tests.factories.accounts import make_counselor, make_supervisor
from tests.factories.organizations import make_organization
from tests.factories.roster import make_shift
from wellbeing.foundation import events
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session
from wellbeing.messaging.models import OUTBOUND
from wellbeing.organizations.queries import OrganizationRow


class Recorder(dict[type, list[Callable[[object], None]]]):
    """Take every event of every room, and let nobody move."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[object] = []
        for path in sorted(Path(wellbeing.__file__).parent.glob("*/events.py")):
            module = importlib.import_module(f"wellbeing.{path.parent.name}.events")
            for kind in vars(module).values():
                if isinstance(kind, type):
                    self[kind] = [self.heard.append]


@pytest.fixture
def told(database: Flask) -> list[object]:
    recorder = Recorder()
    events.install(reactions=recorder)
    return recorder.heard


@pytest.fixture
def municipality(told: list[object]) -> OrganizationRow:
    return make_organization(code="500000")


@pytest.fixture
def counselor(municipality: OrganizationRow) -> int:
    """Give a counselor who is on call at the municipal line and crisis desks."""
    user_id = make_counselor(phone="+8613900000001")
    for desk in ("line", "crisis"):
        make_shift(user_id=user_id, organization_id=municipality.id, desk=desk)
    return user_id


@pytest.fixture
def supervisor(municipality: OrganizationRow) -> int:
    user_id = make_supervisor(phone="+8613900000002")
    make_shift(user_id=user_id, organization_id=municipality.id, desk="supervisor")
    return user_id


@pytest.fixture
def outbox() -> Callable[[], list[tuple[str, str, str]]]:
    """Read what was queued: purpose, receiver and words, in order."""

    def read() -> list[tuple[str, str, str]]:
        session().rollback()
        return [
            (
                row["purpose"],
                sealed.open_sealed(row["to_sealed"], place="outbound.to"),
                sealed.open_sealed(row["body_sealed"], place="outbound.body")
                if row["body_sealed"]
                else row["kind"],
            )
            for row in session().execute(select(OUTBOUND).order_by(OUTBOUND.c.id)).mappings()
        ]

    return read
