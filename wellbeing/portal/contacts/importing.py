"""Taking contacts made elsewhere over from a file: first what it would do, then all or nothing."""

from __future__ import annotations

import base64
import binascii
import csv
import io
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.cases.operations import contact_files
from wellbeing.cases.operations.contact_files import ContactsImported, Plan
from wellbeing.cases.rules.contact_cells import HEADINGS
from wellbeing.cases.rules.contact_files import MOST_BYTES, MOST_ROWS, ContactsRefused
from wellbeing.foundation import phone
from wellbeing.foundation.database import transaction
from wellbeing.policy.model import Language
from wellbeing.portal import filters, pages
from wellbeing.portal.cases.blueprint import decider
from wellbeing.portal.contacts import file_answers
from wellbeing.portal.contacts.blueprint import blueprint
from wellbeing.portal.contacts.file_words import PROBLEMS
from wellbeing.portal.forms.walk_ins import ContactsFileForm, ContactsNowForm

Page = str | AnyResponse | tuple[str, int]
EXAMPLES: tuple[Mapping[str, str], ...] = (
    {
        "channel": "walk_in", "minutes": "40",
        "caller_type": "self", "reasons": "school_bullying", "ending": "supported",
        "wrap_up": "示例：他愿意再来。", "level": "low", "level_note": "示例：没有想死的念头。",
    },
    {
        "channel": "letter", "caller_type": "friend",
        "ending": "referred", "wrap_up": "示例：心理信箱里的一封信。",
    },
)  # fmt: skip


@blueprint.get("/contacts/elsewhere/import")
@pages.allowed(Permission.ANSWER_LINE)
def choose_file() -> str:
    """Ask for the file, and say what may stand in it."""
    return _page(ContactsFileForm(formdata=None))


@blueprint.get("/contacts/elsewhere/example")
@pages.allowed(Permission.ANSWER_LINE)
def example() -> Response:
    """Give a file with the headings in the reader's language and two invented contacts."""
    place = 0 if pages.language() is Language.ZH else 1
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet)
    writer.writerow([names[place] for names in HEADINGS.values()])
    yesterday = filters.local_time(pages.now() - timedelta(days=1))
    for row in EXAMPLES:
        known = {"happened_at": yesterday, **row}
        writer.writerow([known.get(column, "") for column in HEADINGS])
    return Response(
        sheet.getvalue().encode("utf-8-sig"),
        mimetype="text/csv",
        headers={"Content-Disposition": "attachment; filename=contacts.csv"},
    )


@blueprint.post("/contacts/elsewhere/import")
@pages.allowed(Permission.ANSWER_LINE)
def look_at_file() -> Page:
    """Show what a file would do, line by line; nothing is written."""
    form = ContactsFileForm()
    if not form.is_valid():
        return _page(form), 422
    content = form.content()
    plan = _read(content)
    return _preview(plan, content), 422 if plan.errors else 200


@blueprint.post("/contacts/elsewhere/import/now")
@pages.allowed(Permission.ANSWER_LINE)
def import_file() -> Page:
    """Write down what the file holds, all of it or nothing; twice is as once."""
    content = _sent_back(ContactsNowForm())
    try:
        with transaction():
            done = contact_files.import_contacts(content=content, by=decider(), **_as_read())
            _note(done)
    except ContactsRefused as refused:
        return _preview(Plan(errors=refused.errors), content), 422
    flash(
        gettext(
            "%(new)s contacts are written down, %(old)s were there already.",
            new=len(done.contact_ids),
            old=done.unchanged,
        ),
        "success",
    )
    return redirect(url_for("queue.mine"), 303)


def _read(content: bytes) -> Plan:
    return contact_files.read(content=content, **_as_read())


def _as_read() -> dict[str, Any]:
    reader = pages.reader()
    return {
        "answers": file_answers.understood(),
        "scope": reader.scope,
        "organization_id": reader.organization_id,
        "now": pages.now(),
    }


def _sent_back(form: ContactsNowForm) -> bytes:
    """Give the file as its own preview sent it back; anything odd is an empty file."""
    try:
        return base64.b64decode(form.text("content"), validate=True) if form.is_valid() else b""
    except binascii.Error:
        return b""


def _note(done: ContactsImported) -> None:
    details = {
        "new": len(done.contact_ids), "unchanged": done.unchanged, "cases": len(done.cases),
        "ids": list(done.contact_ids),
    }  # fmt: skip
    audit.record(
        action=AuditAction.IMPORTED,
        subject=Subject(kind="contact"),
        actor=pages.actor(),
        details=details,
        now=pages.now(),
    )


def _page(form: ContactsFileForm) -> str:
    place = 0 if pages.language() is Language.ZH else 1
    return render_template(
        "contacts/import.html",
        form=form,
        most=MOST_ROWS,
        columns=[names[place] for names in HEADINGS.values()],
    )


def _preview(plan: Plan, content: bytes) -> str:
    kept = base64.b64encode(content).decode("ascii") if len(content) <= MOST_BYTES else ""
    place = 0 if pages.language() is Language.ZH else 1
    return render_template(
        "contacts/import_preview.html",
        errors=[
            {
                "line": one.line,
                "column": HEADINGS[one.column][place] if one.column in HEADINGS else one.column,
                "words": PROBLEMS[one.problem],
            }
            for one in plan.errors
        ],
        rows=[_shown(row) for row in plan.rows] if not plan.errors else [],
        fresh=len(plan.fresh),
        form=ContactsNowForm(formdata=None, data={"content": kept}),
    )


def _shown(row: Any) -> dict[str, Any]:
    new = row.new
    return {
        "line": row.line,
        "at": new.walk_in.happened_at,
        "channel": new.walk_in.channel,
        "number": phone.masked(new.walk_in.number),
        "level": new.level,
        "ending": new.ending,
        "case": new.opens_case,
        "is_known": row.is_known,
    }
