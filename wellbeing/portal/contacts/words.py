"""The word agreed with a student, and the level set with one click. Notes and ends: `record`."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction
from wellbeing.contacts.operations import words
from wellbeing.contacts.queries import words as agreed
from wellbeing.contacts.rules.conversations import ContactRow
from wellbeing.contacts.rules.words import StaleWord
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError
from wellbeing.policy.model import RiskLevel
from wellbeing.portal import pages
from wellbeing.portal.contacts import workspace
from wellbeing.portal.contacts.blueprint import blueprint, opened, subject_of, worked_on
from wellbeing.portal.contacts.facts import Compared, last_saved
from wellbeing.portal.forms.contacts import WordForm
from wellbeing.triage import operations as triage_operations
from wellbeing.triage.rules.levels import Decider, Source

LEVELS = {level.name.lower(): level for level in RiskLevel}
Answer = AnyResponse | tuple[str, int]


@blueprint.post("/contacts/<public_id>/word")
@pages.allowed(Permission.ANSWER_LINE)
def agree_on_word(public_id: str) -> Answer:
    """Keep the word by which the student shows that it is they who hold the phone."""
    contact = worked_on(public_id)
    form = WordForm(prefix="word-")
    if not form.is_valid():
        return workspace.page(opened(public_id), {"word": form}), 422
    try:
        with transaction():
            words.agree(
                contact_id=contact.contact_id,
                word=form.text("word"),
                version=form.version.data or 0,
                now=pages.now(),
            )
            _note(AuditAction.WORD_AGREED, contact, forgotten=not form.text("word"))
    except StaleWord as stale:
        return _conflict(opened(public_id), form), stale.status
    except DomainError as error:
        form.refuse("word", str(error))
        return workspace.page(opened(public_id), {"word": form}), error.status
    flash(
        gettext("The agreed word is kept.")
        if form.text("word")
        else gettext("There is no agreed word any more."),
        "success",
    )
    return redirect(url_for("contacts.show", public_id=public_id, _anchor="word"), 303)


@blueprint.post("/contacts/<public_id>/level")
@pages.allowed(Permission.OPEN_CONTACT)
def set_level(public_id: str) -> Answer:
    """Raise the level with one click; what would lower it needs a reason of its own."""
    contact = worked_on(public_id)
    level = LEVELS.get(request.form.get("level", ""))
    if level is None or level < workspace.least_by_one_click(contact):
        flash(gettext("To set a lower level, please write why."), "warning")
        return _back(contact)
    reader = pages.reader()
    by = Decider(user_id=reader.user_id, is_supervisor=Permission.SUPERVISE in reader.permissions)
    with transaction():
        triage_operations.assess(
            contact_id=contact.contact_id,
            level=level,
            source=Source.COUNSELOR,
            note=gettext("Set with one click during the conversation."),
            by=by,
            now=pages.now(),
        )
        _note(AuditAction.ASSESSED, contact, level=level.value, one_click=True)
    flash(gettext("The level is set."), "success")
    return _back(contact)


def _conflict(contact: ContactRow, form: WordForm) -> str:
    saved = agreed.agreed_with(caller_id=contact.caller_id)
    form.follow(version=saved.version)
    by, at = last_saved(contact=contact, action=AuditAction.WORD_AGREED)
    return render_template(
        "contacts/stale_word.html",
        contact=contact,
        rows=[Compared(label=gettext("Agreed word"), saved=saved.word, yours=form.text("word"))],
        saved_by=by,
        saved_at=saved.at or at,
        form=form,
    )


def _back(contact: ContactRow) -> AnyResponse:
    return redirect(url_for("contacts.show", public_id=contact.public_id, _anchor="level"), 303)


def _note(action: AuditAction, contact: ContactRow, **details: Any) -> None:
    audit.record(
        action=action,
        subject=subject_of(contact),
        actor=pages.actor(),
        details=details,
        now=pages.now(),
    )
