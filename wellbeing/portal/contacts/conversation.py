"""Talking with a student: the page, its live messages, the reply and its draft."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.queries import unasked
from wellbeing.contacts.operations import conversations as contacts_operations
from wellbeing.contacts.operations import drafts
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import Conflict, DomainError, NotFound
from wellbeing.messaging.operations import UnsafeText
from wellbeing.portal import pages
from wellbeing.portal.contacts import lost, passed_on, workspace
from wellbeing.portal.contacts.blueprint import blueprint, found, is_mine, opened, subject_of
from wellbeing.portal.contacts.thread import thread
from wellbeing.portal.forms.contacts import ReleaseForm, ReplyForm


@blueprint.get("/contacts/<public_id>")
@pages.allowed(Permission.OPEN_CONTACT)
def show(public_id: str) -> str:
    """Show a conversation with everything that helps to answer it; who gave it on sees to whom."""
    try:
        contact = opened(public_id)
    except NotFound:
        return passed_on.page(public_id)
    return workspace.page(contact)


@blueprint.get("/contacts/<public_id>/messages")
@pages.allowed(Permission.OPEN_CONTACT, poll=True)
def messages(public_id: str) -> Response | tuple[str, int]:
    """Give the conversation again when it changed; 204 when it did not.

    Whose conversation slipped away while the page stood open is told so, once.
    """
    try:
        contact = found(public_id)
    except NotFound:
        return lost.fragment(public_id)
    current = thread(contact_id=contact.contact_id)
    if request.args.get("since") == current.version:
        return "", 204
    pages.note_read(action=AuditAction.OPENED_CONTACT, subject=subject_of(contact))
    fragment = render_template(
        "contacts/_fresh.html", thread=current, contact=contact, **workspace.fresh(contact)
    )
    return Response(fragment, headers={"X-Version": current.version})


@blueprint.post("/contacts/<public_id>/reply")
@pages.allowed(Permission.ANSWER_LINE)
def reply(public_id: str) -> AnyResponse | tuple[str, int]:
    """Send a text to the student: it goes to the outbox, and the page comes back."""
    form = ReplyForm(prefix="reply-")
    try:
        contact = found(public_id)
    except NotFound:
        return lost.page(public_id, words=form.text("body"))
    if not form.is_valid():
        return workspace.page(opened(public_id), {"reply": form}), 422
    try:
        with transaction():
            message_id = contacts_operations.write_reply(
                contact_id=contact.contact_id,
                by=pages.reader().user_id,
                body=form.text("body"),
                never_say=unasked.never_said_in_answer(
                    contact_id=contact.contact_id, user_id=pages.reader().user_id
                ),
                now=pages.now(),
            )
            audit.record(
                action=AuditAction.REPLIED,
                subject=subject_of(contact),
                actor=pages.actor(),
                details={"message": message_id},
                now=pages.now(),
            )
    except DomainError as error:
        form.refuse("body", str(error))
        _name_what_tells(form, error)
        return workspace.page(opened(public_id), {"reply": form}), error.status
    return redirect(url_for("contacts.show", public_id=public_id, _anchor="reply"), 303)


def _name_what_tells(form: ReplyForm, error: DomainError) -> None:
    """Say by the field which of its words a stranger must not read."""
    if isinstance(error, UnsafeText):
        found_words = gettext(
            "The student last wrote long ago. Please leave out: %(words)s",
            words=" · ".join(error.found),
        )
        form["body"].errors = [*form["body"].errors, found_words]


@blueprint.post("/contacts/<public_id>/draft")
@pages.allowed(Permission.ANSWER_LINE)
def draft(public_id: str) -> Response | tuple[Response, int]:
    """Keep what is being typed; 409 when another window kept something newer."""
    contact = found(public_id)
    if not is_mine(contact):
        raise NotFound
    who: dict[str, Any] = {"contact_id": contact.contact_id, "user_id": pages.reader().user_id}
    with transaction():
        known = contacts.draft_of(**who)
        if workspace.draft_version(known) != request.form.get("version", ""):
            return jsonify(version=workspace.draft_version(known)), Conflict.status
        drafts.save_draft(**who, body=request.form.get("body", ""), now=pages.now())
        kept = contacts.draft_of(**who)
    return jsonify(version=workspace.draft_version(kept))


@blueprint.post("/contacts/<public_id>/release")
@pages.allowed(Permission.ANSWER_LINE)
def release(public_id: str) -> AnyResponse | tuple[str, int]:
    """Give the conversation back to the queue, at the place that its student had waited for."""
    contact = found(public_id)
    form = ReleaseForm(prefix="release-")
    if not form.is_valid():
        return workspace.page(opened(public_id), {"release": form}), 422
    with transaction():
        contacts_operations.return_to_queue(
            contact_id=contact.contact_id,
            by=pages.reader().user_id,
            now=pages.now(),
            note=form.text("note"),
        )
        audit.record(
            action=AuditAction.RETURNED,
            subject=subject_of(contact),
            actor=pages.actor(),
            details={},
            now=pages.now(),
        )
    flash(gettext("The conversation is back in the queue."), "success")
    return redirect(url_for("queue.home"), 303)
