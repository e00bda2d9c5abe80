"""How pages reach the reader: numbers of their own, proved by a code, and hours of rest."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.escalation.operations import reach as operations
from wellbeing.escalation.queries import reach
from wellbeing.escalation.rules.words import PageChannel
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError
from wellbeing.portal import pages
from wellbeing.portal.escalations.blueprint import blueprint
from wellbeing.portal.escalations.words import CHANNELS
from wellbeing.portal.forms.reach import CodeForm, ForgetForm, NumberForm, QuietForm

Answer = AnyResponse | tuple[str, int]


@blueprint.get("/account/pages")
@pages.allowed(Permission.RECEIVE_ESCALATION)
def reached() -> str:
    """Show how pages reach the reader."""
    return _page()


@blueprint.post("/account/pages/number")
@pages.allowed(Permission.RECEIVE_ESCALATION)
def set_number() -> Answer:
    """Keep a number and send a code to it, as a text or by a call."""
    form, me = NumberForm(), pages.reader().user_id
    if not form.is_valid():
        return _page(number=form), 422
    try:
        with transaction():
            is_called = operations.set_method(
                user_id=me,
                channel=form.chosen(),
                number=form.text("number"),
                by_call=bool(form.call_me.data),
                now=pages.now(),
            )
            _note("number given")
    except DomainError as error:
        form.refuse("number", str(error))
        return _page(number=form), error.status
    if is_called:
        return _back(gettext("That number is being called: a code is read out twice. Type it in."))
    return _back(gettext("A code is on its way to that number. Type it in below."))


@blueprint.post("/account/pages/code")
@pages.allowed(Permission.RECEIVE_ESCALATION)
def verify() -> Answer:
    """Take the code that arrived; a wrong one counts and is said so."""
    form, me = CodeForm(), pages.reader().user_id
    if not form.is_valid():
        return _page(code=form), 422
    try:
        with transaction():
            is_right = operations.verify(
                user_id=me, channel=form.chosen(), code=form.text("code"), now=pages.now()
            )
            _note("number proved" if is_right else "wrong code")
    except DomainError as error:
        form.refuse("code", str(error))
        return _page(code=form), error.status
    if not is_right:
        form.refuse("code", gettext("This is not the code that was sent."))
        return _page(code=form), 422
    return _back(gettext("Proved. Pages go to that number from now on."))


@blueprint.post("/account/pages/forget")
@pages.allowed(Permission.RECEIVE_ESCALATION)
def forget() -> Answer:
    """Page the account's number again."""
    form = ForgetForm()
    if not form.is_valid():
        return _page(), 422
    with transaction():
        operations.forget(user_id=pages.reader().user_id, channel=form.chosen())
        _note("number forgotten")
    return _back(gettext("Forgotten. Pages go to the number of your account."))


@blueprint.post("/account/pages/quiet")
@pages.allowed(Permission.RECEIVE_ESCALATION)
def set_quiet() -> Answer:
    """Keep the hours in which the reader would rather not be rung."""
    form = QuietForm()
    if not form.is_valid():
        return _page(quiet=form), 422
    try:
        with transaction():
            operations.set_quiet(
                user_id=pages.reader().user_id, starts=form.starts.data, ends=form.ends.data
            )
            _note("quiet hours")
    except DomainError as error:
        form.refuse("ends", str(error))
        return _page(quiet=form), error.status
    return _back(gettext("Your quiet hours are kept."))


def _page(
    *,
    number: NumberForm | None = None,
    code: CodeForm | None = None,
    quiet: QuietForm | None = None,
) -> str:
    me, now = pages.reader().user_id, pages.now()
    found = reach.methods(user_id=me)
    resting = reach.quiet_of(user_ids=[me]).get(me)
    hours = {"starts": resting.starts, "ends": resting.ends} if resting else {}
    return render_template(
        "escalations/reached.html",
        methods=[(str(CHANNELS[one.channel]), one) for one in found],
        awaited=[one for one in found if one.takes_a_code(now=now)],
        account_phone=accounts.user(user_id=me).phone_masked,
        number_form=number or NumberForm(formdata=None),
        code_form=code or CodeForm(formdata=None),
        quiet_form=quiet or QuietForm(formdata=None, data=hours),
        forget_form=ForgetForm(formdata=None),
        channels=PageChannel,
    )


def _note(change: str) -> None:
    audit.record(
        action=AuditAction.USER_CHANGED,
        subject=Subject(kind="user", id=pages.reader().user_id),
        actor=pages.actor(),
        details={"pages": change},
        now=pages.now(),
    )


def _back(said: str) -> AnyResponse:
    flash(said, "success")
    return redirect(url_for("escalations.reached"), 303)
