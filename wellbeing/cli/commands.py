"""The commands: parse, call a room, say what happened, and what to do next when it did not work."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from rich.progress import Progress

from wellbeing.accounts.operations import people as accounts
from wellbeing.accounts.rules.people import NewUser
from wellbeing.accounts.rules.roles import Role
from wellbeing.audit import queries as audit
from wellbeing.cli import back_fill, doctor, paging, rosters, seeding, walk_ins
from wellbeing.cli.fallbacks import carrier_fallback
from wellbeing.cli.people import PEOPLE, STUDENTS
from wellbeing.cli.triaging import triage_group
from wellbeing.foundation import clock
from wellbeing.foundation.database import session, transaction
from wellbeing.foundation.errors import DomainError
from wellbeing.organizations import operations as organizations
from wellbeing.organizations import queries as places
from wellbeing.organizations.rules import ImportRefused
from wellbeing.policy import loader
from wellbeing.policy.model import PolicyError

ROOT = Path(__file__).resolve().parents[2]
DISTRICTS = ROOT / "config" / "organizations" / "chongqing.csv"

audit_group = AppGroup("audit", short_help="The audit log.")


def init_app(app: Flask) -> None:
    """Register every command with the application."""
    for command in (
        check_policy,
        import_organizations,
        create_user,
        seed,
        carrier_fallback,
        back_fill.command,
        doctor.command,
        triage_group,
    ):
        app.cli.add_command(command)
    rosters.init_app(app)
    paging.init_app(app)
    walk_ins.init_app(app)
    app.cli.add_command(audit_group)


@click.command("check-policy")
@click.argument("directory", type=click.Path(path_type=Path), default=ROOT / "config")
def check_policy(directory: Path) -> None:
    """Check the policy files; every mistake is named by file, table and key."""
    try:
        loader.load(directory=directory)
    except PolicyError as error:
        raise click.ClickException(str(error)) from error
    click.echo("The policy is complete and consistent.")


@click.command("import-organizations")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@with_appcontext
def import_organizations(path: Path) -> None:
    """Import organizations from a CSV file: all rows, or none and every mistake by line."""
    try:
        with transaction():
            result = organizations.import_organizations(path=path, now=clock.now())
    except ImportRefused as error:
        for one in error.errors:
            click.echo(f"{path.name}:{one.line}: {one.column}: {one.problem}", err=True)
        raise click.ClickException(str(error)) from error
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(str(result))


@click.command("create-user")
@click.option("--username", required=True)
@click.option("--name-zh", required=True, help="Display name in Chinese.")
@click.option("--name-en", required=True, help="Display name in English.")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--organization", required=True, help="Code of the organization.")
@click.option("--phone", help="Where pages reach this person.")
@click.password_option()
@with_appcontext
def create_user(**given: str) -> None:
    """Add a person; they set up their second factor when they first sign in."""
    try:
        with transaction():
            place = places.by_code(code=given["organization"])
            accounts.create_user(
                new=NewUser(
                    username=given["username"],
                    display_name_zh=given["name_zh"],
                    display_name_en=given["name_en"],
                    role=Role(given["role"]),
                    organization_id=place.id,
                    password=given["password"],
                    phone=given["phone"] or None,
                ),
                now=clock.now(),
            )
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{given['username']} can sign in now.")


@click.command("seed")
@click.option("--phones-file", type=click.Path(path_type=Path), help="Where to write the phones.")
@click.option("--contacts", default=0, help="How many invented conversations to add.")
@with_appcontext
def seed(phones_file: Path | None, contacts: int) -> None:
    """Fill an empty database with the demonstration's invented city."""
    if current_app.config["PRODUCTION"]:
        raise click.ClickException("invented people do not belong into a real service")
    if not places.is_empty():
        raise click.ClickException("the database is not empty; seed a fresh one")
    session().rollback()
    seeding.seed_organizations(districts=DISTRICTS, now=clock.now())
    with Progress() as progress:
        task = progress.add_task("People", total=len(PEOPLE))
        settled = seeding.seed_people(now=clock.now(), progress=lambda: progress.advance(task))
        if contacts:
            told = progress.add_task("Conversations", total=contacts)
            seeding.seed_contacts(
                count=contacts, now=clock.now(), progress=lambda made: progress.advance(told, made)
            )
    if phones_file is not None:
        _write_phones(phones_file, settled)
    click.echo(f"{len(settled)} invented people are in.")


def _write_phones(path: Path, settled: Mapping[str, seeding.Settled]) -> None:
    phones = [{"number": student.phone, "label": student.name_zh} for student in STUDENTS]
    phones += [
        {
            "number": one.person.phone,
            "label": f"{one.person.name_zh} · {one.person.username}",
            "authenticator": one.totp_secret,
        }
        for one in settled.values()
    ]
    path.write_text(json.dumps(phones, ensure_ascii=False, indent=1), encoding="utf-8")


@audit_group.command("verify")
@with_appcontext
def audit_verify() -> None:
    """Check the whole audit chain; the first bad row is named and the exit code is 1."""
    anchor = current_app.config["AUDIT_ANCHOR_FILE"]
    found = audit.verify(anchor_path=Path(anchor) if anchor else None, now=clock.now())
    if found.ok:
        click.echo(f"The chain is whole: {found.count} events.")
        return
    click.echo(f"The chain is broken: {found.problem} at event {found.first_bad_id}.", err=True)
    sys.exit(1)
