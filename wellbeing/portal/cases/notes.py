"""Notes of a case: a new one, a changed one, and two versions of one."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.operations import notes
from wellbeing.cases.queries import notes as queries
from wellbeing.cases.rules.cases import CaseRow, NoteRow, NotYourNote, StaleNote
from wellbeing.cases.rules.plans import change_field
from wellbeing.foundation.database import transaction
from wellbeing.portal import pages
from wellbeing.portal.cases import drafting
from wellbeing.portal.cases.blueprint import (
    blueprint,
    decider,
    found,
    head,
    note_change,
    opened,
)
from wellbeing.portal.cases.drafting import Draft
from wellbeing.portal.cases.naming import look_up
from wellbeing.portal.cases.posting import is_sent, status
from wellbeing.portal.forms.cases import NoteForm

Page = str | AnyResponse | tuple[str, int]


@blueprint.post("/cases/<reference>/notes")
@pages.allowed(Permission.EDIT_CASE)
def add_note(reference: str) -> Page:
    """Save a new note; a refused one stays in its form."""
    case = found(reference)
    form = NoteForm()
    if not is_sent(form=form):
        return _form(opened(reference), form, note=None), 422
    with transaction():
        note_id = notes.add_note(
            case_id=case.case_id, by=decider(), body=form.text("body"), now=pages.now()
        )
        note_change(case=case, action=AuditAction.NOTE_WRITTEN, details={"note": note_id})
    flash(gettext("The note is saved."), "success")
    return _back(reference)


@blueprint.route("/cases/<reference>/notes/<int:note_id>", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def edit_note(reference: str, note_id: int) -> Page:
    """Change a note; a save over somebody else's is a page with both versions."""
    case = opened(reference)
    note = _note(case, note_id)
    draft = drafting.kept(case=case, prefix=change_field(note_id=note_id)).get(
        change_field(note_id=note_id)
    )
    # Who typed over an older version meets both when saving, also after a crash.
    seen = {"body": draft.body, "version": draft.base_version} if draft else None
    form = NoteForm(data=seen or {"body": note.body, "version": note.version})
    if not is_sent(form=form):
        return _form(case, form, note=note), status()
    try:
        with transaction():
            notes.edit_note(
                case_id=case.case_id,
                note_id=note_id,
                body=form.text("body"),
                version=form.version.data or 0,
                by=pages.reader().user_id,
                now=pages.now(),
            )
            note_change(case=case, action=AuditAction.NOTE_WRITTEN, details={"note": note_id})
    except StaleNote as stale:
        return _conflict(case, form, stale), StaleNote.status
    flash(gettext("The note is saved."), "success")
    return _back(reference)


def _note(case: CaseRow, note_id: int) -> NoteRow:
    note = queries.note(note_id=note_id, case_id=case.case_id)
    if note.by_user_id != pages.reader().user_id:
        raise NotYourNote
    return note


def _form(case: CaseRow, form: NoteForm, *, note: NoteRow | None) -> str:
    return render_template(
        "cases/note.html",
        case=head(case=case),
        form=form,
        title=gettext("Change a note") if note else gettext("Write a note"),
        action=_action(case, note),
        draft=_draft(case, note, form) if note else None,
    )


def _draft(case: CaseRow, note: NoteRow, form: NoteForm) -> Draft:
    field = change_field(note_id=note.note_id)
    known = drafting.kept(case=case, prefix=field)
    version = form.version.data or note.version
    return drafting.places(case=case, fields=[field], known=known, version=version)[field]


def _conflict(case: CaseRow, form: NoteForm, stale: StaleNote) -> str:
    saved = stale.saved
    names = look_up(users=[case.owner_id, saved.by_user_id], organizations_=[case.organization_id])
    # Saving again is meant for the version that is now on the screen.
    form.follow(version=saved.version)
    return render_template(
        "cases/note_conflict.html",
        case=head(case=case, names=names),
        form=form,
        rows=[{"label": gettext("What to write down"), "saved": saved.body, "yours": stale.yours}],
        saved={"by": names.user(saved.by_user_id), "at": saved.edited_at or saved.at},
        action=_action(case, saved),
    )


def _action(case: CaseRow, note: NoteRow | None) -> str:
    if note is None:
        return url_for("cases.add_note", reference=case.reference)
    return url_for("cases.edit_note", reference=case.reference, note_id=note.note_id)


def _back(reference: str) -> AnyResponse:
    return redirect(url_for("cases.show", reference=reference, _anchor="notes-title"), 303)
