"""What a counselor does with a call: take it, bring somebody in, hold, hang up, call back."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.contacts.queries import calls
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.calls import BusyNow
from wellbeing.contacts.rules.conversations import NotYours
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.hotline.voice import bringing_in, outgoing, waiting
from wellbeing.portal import pages
from wellbeing.portal.calls import colleagues, one
from wellbeing.portal.calls.blueprint import blueprint, found_call
from wellbeing.portal.contacts import passed_on
from wellbeing.portal.contacts.blueprint import found, subject_of

NO_PHONE = _("No phone of yours can ring now. Open the phone in the browser first.")
MY_PHONE_BUSY = _("Your phone is ringing or in a call already.")


@blueprint.get("/calls/<public_id>/fragment")
@pages.allowed(Permission.OPEN_CONTACT, poll=True)
def fragment(public_id: str) -> Response | tuple[str, int]:
    """Give the state of a call again when it changed; 204 when it did not.

    Who gave the call on while the page stood open is told to whom, once.
    """
    try:
        contact, _call = found_call(public_id)
    except NotFound:
        return passed_on.fragment(public_id)
    talk = one.shown(contact)
    if talk is None:
        return pages.never()
    if request.args.get("since") == talk["version"]:
        return "", 204
    pages.note_read(action=AuditAction.OPENED_CONTACT, subject=subject_of(contact))
    html = render_template("calls/_call.html", contact=contact, talk=talk, now=pages.now())
    return Response(html, headers={"X-Version": talk["version"]})


@blueprint.post("/calls/<public_id>/take")
@pages.allowed(Permission.ANSWER_LINE)
def take(public_id: str) -> AnyResponse:
    """Ring the reader's own phone now for a caller who waits."""
    call = calls.by_public_id(public_id=public_id)
    reader = pages.reader()
    try:
        with transaction():
            waiting.take(
                contact_id=call.contact_id,
                scope=reader.scope,
                user_id=reader.user_id,
                now=pages.now(),
            )
        flash(gettext("Your phone rings now. Pick up to talk with the caller."), "success")
    except NotFound:
        raise
    except DomainError as error:
        flash(_of_my_phone(error), "warning")
    return redirect(url_for("queue.home"), 303)


@blueprint.post("/calls/<public_id>/bring-in")
@pages.allowed(Permission.ANSWER_LINE)
def bring_in(public_id: str) -> AnyResponse:
    """Ring a colleague who is on duty, to come into this call."""
    contact, _call = found_call(public_id)
    chosen = colleagues.chosen(user_id=request.form.get("user_id", ""))
    if chosen is None:
        flash(gettext("This colleague is not on duty any more. Please choose again."), "warning")
        return _back(public_id)
    try:
        with transaction():
            bringing_in.bring_in(
                contact_id=contact.contact_id,
                by=pages.reader().user_id,
                user_id=chosen.user_id,
                kind=chosen.kind,
                now=pages.now(),
            )
        flash(gettext("%(name)s is being rung. Stay on the line.", name=chosen.name), "success")
    except NotFound:
        raise
    except DomainError as error:
        flash(gettext(str(error)), "warning")
    return _back(public_id)


@blueprint.post("/calls/<public_id>/hold")
@pages.allowed(Permission.ANSWER_LINE)
def hold(public_id: str) -> AnyResponse:
    """Let the caller wait for a moment, or take them back."""
    contact, _call = found_call(public_id)
    held = request.form.get("held") == "yes"
    with transaction():
        bringing_in.hold(
            contact_id=contact.contact_id, by=pages.reader().user_id, held=held, now=pages.now()
        )
    return _back(public_id)


@blueprint.post("/calls/<public_id>/hang-up")
@pages.allowed(Permission.ANSWER_LINE)
def hang_up(public_id: str) -> AnyResponse:
    """End the call for everybody; its record and its closing follow."""
    contact, _call = found_call(public_id)
    with transaction():
        bringing_in.hang_up(
            contact_id=contact.contact_id, by=pages.reader().user_id, now=pages.now()
        )
    flash(gettext("The call is over. Please close it with a short note."), "success")
    return redirect(
        url_for("contacts.show", public_id=public_id, open="ending", _anchor="ending"), 303
    )


@blueprint.post("/calls/<public_id>/call-student")
@pages.allowed(Permission.ANSWER_LINE)
def call_student(public_id: str) -> AnyResponse:
    """Call the student of a contact: the reader's own phone rings first."""
    contact = found(public_id)
    if not one.may_call(contact):
        raise NotYours
    try:
        with transaction():
            made = outgoing.call_student(
                contact_id=contact.contact_id, by=pages.reader().user_id, now=pages.now()
            )
        flash(gettext("Your phone rings first, then the student's."), "success")
        public_id = contacts.contact_by_id(contact_id=made).public_id
    except NotFound:
        raise
    except DomainError as error:
        flash(_of_my_phone(error), "warning")
    return _back(public_id)


def _of_my_phone(error: DomainError) -> str:
    if isinstance(error, bringing_in.CannotBeReached | waiting.NoPhone):
        return str(NO_PHONE)
    return str(MY_PHONE_BUSY) if isinstance(error, BusyNow) else gettext(str(error))


def _back(public_id: str) -> AnyResponse:
    return redirect(url_for("contacts.show", public_id=public_id), 303)
