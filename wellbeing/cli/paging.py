"""Commands of paging: call a desk for a test, and see who answered."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext

from wellbeing.accounts.queries import people as accounts
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import Actor, ActorKind, AuditAction, Subject
from wellbeing.escalation import queries as escalation
from wellbeing.escalation.operations import drills
from wellbeing.escalation.rules.rows import PageRow
from wellbeing.escalation.rules.words import PageState
from wellbeing.foundation import clock
from wellbeing.foundation.database import session, transaction
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.rules import NoSuchOrganization
from wellbeing.policy import current as policy

LOOK_EVERY_S = 2.0

page_group = AppGroup("page", short_help="Test pages.")


def init_app(app: Flask) -> None:
    """Register the commands with the application."""
    app.cli.add_command(page_group)


@page_group.command("test")
@click.option("--desk", required=True, help="Key of the desk in line.toml.")
@click.option("--organization", help="Code of its organization; left out: the municipality.")
@click.option("--wait", "wait_s", default=0, help="Seconds to wait for an answer.")
@with_appcontext
def test(desk: str, organization: str | None, wait_s: int) -> None:
    """Call whoever is on call at a desk, by text and telephone, saying that it is a test."""
    page_id = _started(desk, organization)
    ends_at = clock.now() + timedelta(seconds=wait_s)
    page = _awaited(page_id, lambda: clock.now() < ends_at)
    _tell(page)
    if wait_s and page.state is not PageState.ACKNOWLEDGED:
        raise click.ClickException(f"nobody confirmed within {wait_s} s")


@page_group.command("proof")
@with_appcontext
def proof() -> None:
    """Tell for each desk of the municipality when it was tested and last confirmed a page."""
    found = escalation.proofs(organization_id=organizations.municipality().id)
    for desk, one in sorted(found.items()):
        tested = f"{one.last_test_at:%Y-%m-%d %H:%M}" if one.last_test_at else "never"
        heard = f"{one.confirmed_at:%Y-%m-%d %H:%M}" if one.confirmed_at else "never"
        click.echo(f"{desk}: tested {tested}, confirmed {heard} (UTC)")


def _started(desk: str, code: str | None) -> int:
    try:
        place = organizations.by_code(code=code) if code else organizations.municipality()
    except NoSuchOrganization as error:
        raise click.ClickException("there is no such organization") from error
    known = {one.key for one in policy.current().line.desks if one.tier is place.tier}
    if desk not in known:
        raise click.ClickException(f"{place.name_en} has the desks {', '.join(sorted(known))}")
    session().rollback()
    with transaction():
        started = drills.start(organization_id=place.id, desk=desk, now=clock.now())
        audit.record(
            action=AuditAction.DESK_TESTED,
            subject=Subject(kind="page", id=started.page_id),
            actor=Actor(kind=ActorKind.COMMAND),
            details={"desk": desk},
            now=clock.now(),
        )
    if not started.is_covered:
        raise click.ClickException("nobody with a phone is on call there")
    return started.page_id


def _awaited(page_id: int, may_wait: Callable[[], bool]) -> PageRow:
    while True:
        page = escalation.page(page_id=page_id)
        session().rollback()
        if page.state is not PageState.PAGING or not may_wait():
            return page
        time.sleep(LOOK_EVERY_S)


def _tell(page: PageRow) -> None:
    click.echo(f"Page {page.page_id}: {page.state.value}")
    for ring in escalation.attempts_of(subjects=[page.subject]):
        name = accounts.user(user_id=ring.user_id).username
        outcome = ring.outcome.value if ring.outcome else "under way"
        click.echo(f"  {ring.at:%H:%M:%S} {ring.channel.value} to {name}: {outcome}")
