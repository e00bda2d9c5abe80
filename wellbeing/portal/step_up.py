"""Proving again who one is before the gravest steps: reveals, exports, break-glass, roles.

A view calls `demand()` once it knows that its reader may know of the record, so that the page
that asks never tells that there is one. How fresh the proof must be says `privacy.toml`.
"""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.operations import sessions, signing_in
from wellbeing.accounts.rules.sessions import is_fresh
from wellbeing.accounts.rules.signing_in import SignInRefused
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction
from wellbeing.policy import current as policy
from wellbeing.portal import navigation, pages
from wellbeing.portal.access import address, count_refusal, local_path
from wellbeing.portal.forms.access import StepUpForm

blueprint = Blueprint("step_up", __name__)

TEMPLATE = "access/step_up.html"


def demand(*, back: str | None = None) -> None:
    """Send a reader whose proof is no longer fresh to give it; afterwards they come to `back`.

    Without `back` it is the page that was asked for; a form's own address must give one, unless
    the same address also shows the form.
    """
    limits = policy.current().privacy.step_up
    stepped_up_at = pages.reader().stepped_up_at
    if not is_fresh(stepped_up_at=stepped_up_at, limits=limits, real_now=clock.real_now()):
        wanted = local_path(back or request.full_path.rstrip("?"))
        abort(redirect(url_for("step_up.ask", next=wanted), 303))


@blueprint.route("/step-up", methods=["GET", "POST"])
@pages.allowed(None)
def ask() -> AnyResponse | str | tuple[str, int]:
    """Ask for the authenticator's code or the password; either is proof enough inside a session."""
    form = StepUpForm()
    if request.method != "POST":
        form.next.data = local_path(request.args.get("next")) or ""
        return render_template(TEMPLATE, form=form, refused="")
    if not form.is_valid():
        return render_template(TEMPLATE, form=form, refused=""), 422
    try:
        _check(form)
    except SignInRefused as error:
        count_refusal(error, pages.reader())
        return render_template(TEMPLATE, form=form, refused=gettext(str(error))), 400
    start = navigation.start_url(permissions=pages.reader().permissions)
    return redirect(local_path(form.next.data) or start, 303)


def _check(form: StepUpForm) -> None:
    person, real_now = pages.reader(), clock.real_now()
    if not form.text("code"):
        # Outside of the transaction: hashing takes its time and writes nothing.
        signing_in.check_password(
            username=person.username,
            password=form.password.data or "",
            address=address(),
            real_now=real_now,
        )
    with transaction():
        if form.text("code"):
            signing_in.confirm_totp(
                user_id=person.user_id,
                code=form.text("code"),
                address=address(),
                real_now=real_now,
            )
        sessions.step_up(session_id=person.session_id, real_now=real_now)
        audit.record(
            action=AuditAction.STEPPED_UP,
            subject=Subject(kind="user", id=person.user_id),
            actor=pages.actor(),
            details={"by": "code" if form.text("code") else "password"},
            now=pages.now(),
        )
