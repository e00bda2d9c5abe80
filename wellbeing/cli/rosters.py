"""Commands of the duty roster: shifts from a file, and rotations written further ahead."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext

from wellbeing.audit import operations as audit
from wellbeing.audit.rules import Actor, ActorKind, AuditAction, Subject
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.rules import NoSuchOrganization, Scope
from wellbeing.roster.operations import rotations
from wellbeing.roster.operations.imports import import_shifts
from wellbeing.roster.rules.imports import ShiftsImported, ShiftsRefused

roster_group = AppGroup("roster", short_help="The duty roster.")


def init_app(app: Flask) -> None:
    """Register the commands with the application."""
    app.cli.add_command(roster_group)


@roster_group.command("import")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", "is_dry", is_flag=True, help="Only tell what would be done.")
@with_appcontext
def import_roster(path: Path, *, is_dry: bool) -> None:
    """Import shifts from CSV or .xlsx: all rows, or none and every mistake by line and column."""
    try:
        result = _import(path, is_dry=is_dry)
    except ShiftsRefused as error:
        for one in error.errors:
            click.echo(f"{path.name}:{one.line}: {one.column}: {one.problem.value}", err=True)
        raise click.ClickException(str(error)) from error
    except NoSuchOrganization as error:
        raise click.ClickException("no organization was imported yet") from error
    done = "would be added" if is_dry else "were added"
    click.echo(f"{result.added} shifts {done}, {result.unchanged} were there already.")


@roster_group.command("materialise")
@with_appcontext
def materialise() -> None:
    """Write rotations down as shifts five weeks ahead; the jobs do this by themselves."""
    with transaction():
        changed = rotations.materialise(now=clock.now())
    click.echo(f"{changed} shifts changed.")


def _import(path: Path, *, is_dry: bool) -> ShiftsImported:
    with transaction():
        everywhere = Scope(
            user_id=0, paths=(organizations.municipality().path,), permissions=frozenset()
        )
        result = import_shifts(
            content=path.read_bytes(), scope=everywhere, by=None, is_dry=is_dry, now=clock.now()
        )
        if not is_dry:
            audit.record(
                action=AuditAction.IMPORTED,
                subject=Subject(kind="shift"),
                actor=Actor(kind=ActorKind.COMMAND),
                details={"added": result.added, "unchanged": result.unchanged},
                now=clock.now(),
            )
    return result
