"""Two drafts of one reply: shown side by side, and one of them kept. Autosave is `conversation`."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.contacts.operations import drafts
from wellbeing.contacts.queries import canned
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.conversations import ContactRow
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import Conflict, NotFound
from wellbeing.portal import pages
from wellbeing.portal.contacts import lost, workspace
from wellbeing.portal.contacts.blueprint import blueprint, found, is_mine, opened
from wellbeing.portal.forms.contacts import ReplyForm


@blueprint.post("/contacts/<public_id>/draft/compare")
@pages.allowed(Permission.ANSWER_LINE)
def compare_drafts(public_id: str) -> AnyResponse | tuple[str, int]:
    """Show the words of this window beside those kept from another one, or keep these."""
    typed = ReplyForm(prefix="reply-").text("body")
    try:
        contact = found(public_id)
    except NotFound:
        return lost.page(public_id, words=typed)
    if not is_mine(contact):
        raise NotFound
    if request.form.get("keep") and _kept(contact, typed, request.form.get("version", "")):
        flash(gettext("Your version is the draft now."), "success")
        return redirect(url_for("contacts.show", public_id=public_id, _anchor="reply"), 303)
    return _both(opened(public_id), typed), Conflict.status


@blueprint.post("/contacts/<public_id>/canned")
@pages.allowed(Permission.ANSWER_LINE)
def use_canned(public_id: str) -> AnyResponse | tuple[str, int]:
    """Put a ready-made reply behind what was typed, as the draft; scripts do it in the page."""
    typed = ReplyForm(prefix="reply-").text("body")
    try:
        contact = found(public_id)
    except NotFound:
        return lost.page(public_id, words=typed)
    if not is_mine(contact):
        raise NotFound
    chosen = request.form.get("canned", "")
    usable = canned.usable(path=pages.reader().organization_path)
    reply = next((one for one in usable if str(one.canned_id) == chosen), None)
    if reply is None:
        # Taken out of use since the page was opened: what was typed is kept all the same.
        flash(gettext("This ready-made reply is no longer in use."), "warning")
    added = reply.text(language=contact.language) if reply else ""
    body = "\n".join(filter(None, (typed, added)))
    with transaction():
        drafts.save_draft(**_who(contact), body=body, now=pages.now())
    return redirect(url_for("contacts.show", public_id=public_id, _anchor="reply"), 303)


def _who(contact: ContactRow) -> dict[str, Any]:
    return {"contact_id": contact.contact_id, "user_id": pages.reader().user_id}


def _kept(contact: ContactRow, typed: str, version: str) -> bool:
    """Keep these words if the other draft is still the one that was shown beside them."""
    with transaction():
        if workspace.draft_version(contacts.draft_of(**_who(contact))) != version:
            return False
        drafts.save_draft(**_who(contact), body=typed, now=pages.now())
    return True


def _both(contact: ContactRow, typed: str) -> str:
    saved = contacts.draft_of(**_who(contact))
    return render_template(
        "contacts/drafts.html",
        contact=contact,
        typed=typed,
        saved=saved,
        version=workspace.draft_version(saved),
        rows=[
            {"label": gettext("Your reply"), "saved": saved.body if saved else "", "yours": typed}
        ],
        now=pages.now(),
    )
