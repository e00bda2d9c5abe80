"""One's own account: who one is here, other sessions, recovery codes."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.operations import sessions as accounts_operations
from wellbeing.accounts.operations import signing_in
from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.queries import sessions
from wellbeing.accounts.rules.roles import Permission, Role
from wellbeing.accounts.rules.signing_in import SignInRefused
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction
from wellbeing.portal import filters, navigation, pages
from wellbeing.portal.access import address, count_refusal
from wellbeing.portal.forms.access import CodeForm

blueprint = Blueprint("account", __name__)


@blueprint.get("/account")
@pages.allowed(None)
def show() -> str:
    """Show the reader their own account."""
    return _page(CodeForm(formdata=None))


@blueprint.post("/account/sessions/end")
@pages.allowed(None)
def end_other_sessions() -> AnyResponse:
    """End every session of the reader but this one."""
    person = pages.reader()
    with transaction():
        ended = accounts_operations.end_all_sessions(
            user_id=person.user_id,
            real_now=clock.real_now(),
            except_session_id=person.session_id,
        )
        _note(AuditAction.SESSIONS_ENDED, ended=ended)
    flash(
        ngettext("%(num)d other session was ended.", "%(num)d other sessions were ended.", ended),
        "success",
    )
    return redirect(url_for("account.show"), 303)


@blueprint.post("/account/recovery-codes")
@pages.allowed(None)
def renew_recovery_codes() -> str | tuple[str, int]:
    """Make new recovery codes after a fresh code of the authenticator; they are shown once."""
    person = pages.reader()
    form = CodeForm()
    if not form.is_valid():
        return _page(form), 422
    try:
        with transaction():
            signing_in.confirm_totp(
                user_id=person.user_id,
                code=form.text("code"),
                address=address(),
                real_now=clock.real_now(),
            )
            accounts_operations.step_up(session_id=person.session_id, real_now=clock.real_now())
            codes = signing_in.make_recovery_codes(user_id=person.user_id)
            _note(AuditAction.STEPPED_UP, purpose="recovery_codes")
    except SignInRefused as error:
        count_refusal(error, person)
        return _page(form, refused=gettext(str(error))), 400
    return render_template(
        "access/recovery_codes.html",
        codes=codes,
        next_url=navigation.start_url(permissions=person.permissions),
    )


def _page(form: CodeForm, *, refused: str = "") -> str:
    person = accounts.user(user_id=pages.reader().user_id)
    live = sessions.sessions_of(user_id=person.id, real_now=clock.real_now())
    facts = (
        (gettext("Name"), person.display_name(language=pages.language())),
        (gettext("User name"), person.username),
        (gettext("Role"), filters.words(Role(person.role))),
        (gettext("Organization"), filters.in_language(pages.reader(), "organization_name")),
        (gettext("Phone for pages"), person.phone_masked if person.has_phone else None),
        (gettext("Signed-in browsers"), len(live)),
    )
    return render_template(
        "account/show.html",
        form=form,
        facts=facts,
        refused=refused,
        pages_reach_me=Permission.RECEIVE_ESCALATION in pages.reader().permissions,
    )


def _note(action: AuditAction, **details: int | str) -> None:
    audit.record(
        action=action,
        subject=Subject(kind="user", id=pages.reader().user_id),
        actor=pages.actor(),
        details=details,
        now=pages.now(),
    )
