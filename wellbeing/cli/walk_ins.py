"""The command that takes contacts made elsewhere over from a file, by the rules of the page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import with_appcontext

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.queries.people import UserRow
from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import Actor, ActorKind, AuditAction, Subject
from wellbeing.cases.operations import contact_files
from wellbeing.cases.operations.contact_files import ContactsImported, Plan, Row
from wellbeing.cases.rules.contact_files import ContactError
from wellbeing.foundation import clock, phone
from wellbeing.foundation.database import session, transaction
from wellbeing.foundation.errors import DomainError
from wellbeing.portal.contacts import file_answers
from wellbeing.triage.rules.levels import Decider


def init_app(app: Flask) -> None:
    """Register the command with the application."""
    app.cli.add_command(import_contacts)


@click.command("import-contacts")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", "username", required=True, help="User name of the counselor who saw them.")
@click.option("--dry-run", "is_dry", is_flag=True, help="Only tell, line by line.")
@with_appcontext
def import_contacts(path: Path, *, username: str, is_dry: bool) -> None:
    """Write down contacts made elsewhere: all lines, or none and every mistake."""
    person = _counselor(username)
    content = path.read_bytes()
    plan = contact_files.read(content=content, **_for(person))
    session().rollback()
    if plan.errors:
        _refuse(path, plan.errors)
    fresh = len(plan.fresh)
    if not is_dry:
        try:
            fresh = len(_written(content, person, plan).contact_ids)
        except DomainError as error:
            raise click.ClickException(str(error)) from error
    for row in plan.rows:
        click.echo(_said(path, row, is_dry=is_dry))
    click.echo(_sum(fresh, len(plan.rows), is_dry=is_dry))


def _counselor(username: str) -> UserRow:
    found = accounts.by_username(username=username)
    if found is None or not accounts.scope_of(user_id=found.id).may(Permission.ANSWER_LINE):
        raise click.ClickException("nobody who may write contacts down has this user name")
    return found


def _for(person: UserRow) -> dict[str, Any]:
    return {
        "answers": file_answers.understood(),
        "scope": accounts.scope_of(user_id=person.id),
        "organization_id": person.organization_id,
        "now": clock.now(),
    }


def _written(content: bytes, person: UserRow, plan: Plan) -> ContactsImported:
    is_supervisor = accounts.scope_of(user_id=person.id).may(Permission.SUPERVISE)
    by = Decider(user_id=person.id, is_supervisor=is_supervisor)
    session().rollback()
    with transaction():
        done = contact_files.import_contacts(content=content, by=by, **_for(person))
        details = {
            "new": len(done.contact_ids), "unchanged": done.unchanged, "cases": len(done.cases),
            "ids": list(done.contact_ids), "by": person.id, "lines": len(plan.rows),
        }  # fmt: skip
        audit.record(
            action=AuditAction.IMPORTED,
            subject=Subject(kind="contact"),
            actor=Actor(kind=ActorKind.COMMAND),
            details=details,
            now=clock.now(),
        )
    return done


def _refuse(path: Path, errors: Sequence[ContactError]) -> None:
    for one in errors:
        click.echo(f"{path.name}:{one.line}: {one.column}: {one.problem.value}", err=True)
    raise click.ClickException("The file has mistakes, so nothing of it was taken over.")


def _said(path: Path, row: Row, *, is_dry: bool) -> str:
    """Say of one line what becomes of it; never a word of the student, and no whole number."""
    contact = row.new.walk_in
    facts = [f"{contact.happened_at:%Y-%m-%d %H:%M} UTC", contact.channel.value]
    facts += [phone.masked(contact.number)] if contact.number else []
    facts += [f"level {row.new.level.name}"] if row.new.level else []
    facts += ["opens a case"] if row.new.opens_case else []
    new = "new" if is_dry else "written down"
    standing = "there already" if row.is_known else new
    return f"{path.name}:{row.line}: {standing}: {', '.join(facts)}"


def _sum(fresh: int, lines: int, *, is_dry: bool) -> str:
    done = "would be written down" if is_dry else "were written down"
    return f"{fresh} contacts {done}, {lines - fresh} were there already."
