"""The way in and out: password, second factor, first enrolment, language and theme.

What matches is decided in accounts; one's own account is in `account`.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import segno
from flask import (
    Blueprint,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.operations import sessions as accounts
from wellbeing.accounts.operations import signing_in
from wellbeing.accounts.rules.sessions import SignedIn
from wellbeing.accounts.rules.signing_in import SignInRefused
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import SYSTEM, Actor, ActorKind, AuditAction, Subject
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction
from wellbeing.policy.model import Language
from wellbeing.portal import navigation, pages
from wellbeing.portal.forms.access import CodeForm, RecoveryForm, SignInForm
from wellbeing.portal.forms.base import Form

blueprint = Blueprint("access", __name__)

LOCAL_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
"""A path on this site: a second slash or a backslash would lead to another one."""
PREFERENCE_LASTS = timedelta(days=365)
ISSUER = "逐光成长"

Answer = AnyResponse | str | tuple[str, int]


@blueprint.get("/sign-in")
@pages.public
def sign_in() -> Answer:
    """Show the door; whoever is inside already is sent on."""
    wanted = local_path(request.args.get("next"))
    person = pages.visitor()
    if person is not None and person.second_factor_done:
        return redirect(wanted or "/")
    form = SignInForm(formdata=None, data={"next": wanted or ""})
    return render_template("access/sign_in.html", form=form, refused="")


@blueprint.post("/sign-in")
@pages.public
def check_password() -> Answer:
    """Check name and password; the second factor comes next, whoever it is."""
    form = SignInForm()
    if not form.is_valid():
        return render_template("access/sign_in.html", form=form, refused=""), 422
    try:
        user_id = signing_in.check_password(
            username=form.text("username"),
            password=form.password.data or "",
            address=address(),
            real_now=clock.real_now(),
        )
    except SignInRefused as error:
        return _refused("access/sign_in.html", form, error)
    with transaction():
        token = accounts.start_session(
            user_id=user_id, address=address(), real_now=clock.real_now()
        )
    session.clear()
    wanted = local_path(form.next.data)
    return with_session(redirect(url_for("access.second_factor", next=wanted), 303), token)


@blueprint.route("/second-factor", methods=["GET", "POST"])
@pages.public
def second_factor() -> Answer:
    """Ask for the authenticator's code; a right one opens the session under a new token."""
    halfway = _halfway()
    if halfway is None:
        return redirect(url_for("access.sign_in"))
    if halfway.must_enroll_totp:
        return redirect(url_for("access.enroll", next=local_path(request.values.get("next"))))
    form = CodeForm()
    template = "access/second_factor.html"
    if request.method != "POST":
        form.next.data = local_path(request.args.get("next")) or ""
        return render_template(template, form=form, refused="")
    if not form.is_valid():
        return render_template(template, form=form, refused=""), 422
    try:
        with transaction():
            signing_in.confirm_totp(
                user_id=halfway.user_id,
                code=form.text("code"),
                address=address(),
                real_now=clock.real_now(),
            )
            token = _open_session(halfway)
    except SignInRefused as error:
        return _refused(template, form, error, halfway)
    return _inside(halfway, token, form.next.data)


@blueprint.route("/second-factor/recovery", methods=["GET", "POST"])
@pages.public
def recovery() -> Answer:
    """Take a recovery code instead of the authenticator's."""
    halfway = _halfway()
    if halfway is None:
        return redirect(url_for("access.sign_in"))
    form = RecoveryForm()
    template = "access/recovery.html"
    if request.method != "POST":
        form.next.data = local_path(request.args.get("next")) or ""
        return render_template(template, form=form, refused="")
    if not form.is_valid():
        return render_template(template, form=form, refused=""), 422
    try:
        with transaction():
            signing_in.use_recovery_code(
                user_id=halfway.user_id,
                code=form.text("code"),
                address=address(),
                real_now=clock.real_now(),
            )
            _note(halfway, AuditAction.RECOVERY_CODE_USED)
            token = _open_session(halfway)
    except SignInRefused as error:
        return _refused(template, form, error, halfway)
    flash(gettext("You used a recovery code. New ones are made on your account page."), "info")
    return _inside(halfway, token, form.next.data)


@blueprint.get("/second-factor/set-up")
@pages.public
def enroll() -> Answer:
    """Explain the second factor to somebody who has none yet."""
    if not _may_enroll():
        return redirect(url_for("access.sign_in"))
    form = CodeForm(formdata=None, data={"next": local_path(request.args.get("next")) or ""})
    return render_template("access/enroll.html", form=form, secret="", begun=False, refused="")


@blueprint.post("/second-factor/key")
@pages.public
def begin_enrollment() -> Answer:
    """Make a key for the authenticator and show it, as a picture and in letters."""
    halfway = _may_enroll()
    if halfway is None:
        return redirect(url_for("access.sign_in"), 303)
    with transaction():
        secret = signing_in.begin_totp(user_id=halfway.user_id)
    address_of_key = pyotp.TOTP(secret).provisioning_uri(name=halfway.username, issuer_name=ISSUER)
    form = CodeForm(formdata=None, data={"next": local_path(request.form.get("next")) or ""})
    return render_template(
        "access/enroll.html",
        form=form,
        secret=secret,
        picture=segno.make(address_of_key).png_data_uri(scale=5, border=4),
        begun=True,
        refused="",
    )


@blueprint.post("/second-factor/set-up")
@pages.public
def confirm_enrollment() -> Answer:
    """Complete the set-up with a first code; the recovery codes are shown this once."""
    halfway = _may_enroll()
    if halfway is None:
        return redirect(url_for("access.sign_in"), 303)
    form = CodeForm()
    shown = {"secret": "", "begun": True}
    if not form.is_valid():
        return render_template("access/enroll.html", form=form, refused="", **shown), 422
    try:
        with transaction():
            signing_in.confirm_totp(
                user_id=halfway.user_id,
                code=form.text("code"),
                address=address(),
                real_now=clock.real_now(),
            )
            token = _open_session(halfway)
            codes = signing_in.make_recovery_codes(user_id=halfway.user_id)
    except SignInRefused as error:
        return _refused("access/enroll.html", form, error, halfway, **shown)
    session.clear()
    wanted = local_path(form.next.data) or navigation.start_url(permissions=halfway.permissions)
    page = render_template("access/recovery_codes.html", codes=codes, next_url=wanted)
    return with_session(make_response(page), token)


@blueprint.post("/sign-out")
@pages.public
def sign_out() -> Answer:
    """End the session; its token opens nothing from now on."""
    person = pages.visitor()
    if person is not None:
        with transaction():
            accounts.end_session(session_id=person.session_id, real_now=clock.real_now())
            _note(person, AuditAction.SIGNED_OUT)
    session.clear()
    answer = redirect(url_for("access.sign_in"), 303)
    answer.delete_cookie(
        current_app.config["SIGN_IN_COOKIE_NAME"],
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return answer


@blueprint.post("/preferences")
@pages.public
def preferences() -> Answer:
    """Keep the language or the theme in this browser, signed in or not."""
    answer = redirect(local_path(request.form.get("next")) or "/", 303)
    wanted = {
        pages.LANGUAGE_COOKIE: (request.form.get("language"), tuple(Language)),
        pages.THEME_COOKIE: (request.form.get("theme"), pages.THEMES),
    }
    for name, (value, choices) in wanted.items():
        if value in choices:
            answer.set_cookie(
                name,
                str(value),
                max_age=PREFERENCE_LASTS,
                secure=current_app.config["SESSION_COOKIE_SECURE"],
                httponly=True,
                samesite="Lax",
            )
    return answer


def local_path(wanted: str | None) -> str | None:
    """Give a path of this site that can be opened; anything else is None."""
    if not wanted or not LOCAL_PATH.fullmatch(wanted):
        return None
    try:
        current_app.url_map.bind("").match(wanted.split("?", 1)[0], method="GET")
    except HTTPException:
        return None
    return wanted


def address() -> str:
    """Tell where a request comes from, for slowing guesses down; it is kept as a hash only."""
    return request.remote_addr or ""


def with_session(answer: AnyResponse, token: str) -> AnyResponse:
    """Hand the session's token to the browser; it is nowhere else."""
    answer.set_cookie(
        current_app.config["SIGN_IN_COOKIE_NAME"],
        token,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return answer


def count_refusal(error: SignInRefused, person: SignedIn | None) -> None:
    """Let a refused attempt count, in a transaction of its own."""
    with transaction():
        signing_in.note_refusal(attempt=error.attempt, real_now=clock.real_now())
        audit.record(
            action=AuditAction.SIGN_IN_FAILED,
            subject=Subject(kind="user", id=person.user_id) if person else None,
            actor=SYSTEM,
            details={},
            now=clock.now(),
        )


def _halfway() -> SignedIn | None:
    """Give whoever has shown a password and still owes the second factor."""
    person = pages.visitor()
    return None if person is None or person.second_factor_done else person


def _may_enroll() -> SignedIn | None:
    halfway = _halfway()
    return halfway if halfway and halfway.must_enroll_totp else None


def _open_session(halfway: SignedIn) -> str:
    _note(halfway, AuditAction.SIGNED_IN)
    return accounts.complete_second_factor(session_id=halfway.session_id, real_now=clock.real_now())


def _inside(halfway: SignedIn, token: str, wanted: str | None) -> AnyResponse:
    start = navigation.start_url(permissions=halfway.permissions)
    return with_session(redirect(local_path(wanted) or start, 303), token)


def _refused(
    template: str,
    form: Form,
    error: SignInRefused,
    person: SignedIn | None = None,
    **shown: object,
) -> tuple[str, int]:
    count_refusal(error, person)
    return render_template(template, form=form, refused=gettext(str(error)), **shown), 400


def _note(person: SignedIn, action: AuditAction) -> None:
    audit.record(
        action=action,
        subject=Subject(kind="user", id=person.user_id),
        actor=Actor(kind=ActorKind.USER, user_id=person.user_id),
        details={},
        now=clock.now(),
    )
