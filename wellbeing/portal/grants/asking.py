"""Asking for access to one case, and opening one in an emergency."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.operations import requests as requests_operations
from wellbeing.accounts.queries import requests
from wellbeing.accounts.rules.grants import AccessRequestRow
from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.cases.operations import access
from wellbeing.cases.queries import access as cases_access
from wellbeing.cases.rules.access import MayOpenAlready, NoCaseNamed
from wellbeing.cases.rules.cases import normalised_reference
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.policy import current as policy
from wellbeing.portal import filters, pages, step_up
from wellbeing.portal.forms.grants import AskForm, EmergencyForm
from wellbeing.portal.grants import deciding
from wellbeing.portal.grants.blueprint import blueprint, note
from wellbeing.portal.grants.words import state_of

Page = str | AnyResponse | tuple[str, int]


@blueprint.get("/access")
@pages.allowed(Permission.OPEN_CASE)
def index() -> str:
    """Show what the reader asked for; a supervisor also sees what waits for them."""
    return _page(AskForm(formdata=None))


@blueprint.post("/access/requests")
@pages.allowed(Permission.OPEN_CASE)
def ask() -> Page:
    """Ask for access to a case; the answer is the same whether there is such a case or not."""
    form = AskForm()
    if not form.is_valid():
        return _page(form), 422
    try:
        with transaction():
            request_id = access.ask(
                typed=form.text("reference"),
                reason=form.text("reason"),
                scope=pages.reader().scope,
                now=pages.now(),
            )
            note(
                action=AuditAction.ACCESS_ASKED,
                subject=Subject(kind="access_request", id=request_id),
                reference=normalised_reference(typed=form.text("reference")),
            )
    except MayOpenAlready as error:
        return _to_case(form, error)
    except DomainError as error:
        form.refuse("reference", str(error))
        return _page(form), error.status
    flash(gettext("Your request was passed on. You see here what was decided."), "success")
    return redirect(url_for("grants.index"), 303)


@blueprint.post("/access/requests/<int:request_id>/withdraw")
@pages.allowed(Permission.OPEN_CASE)
def withdraw(request_id: int) -> Page:
    """Take back one's own request; somebody else's is not there."""
    reader = pages.reader()
    mine = {row.request_id for row in requests.requests_of(user_id=reader.user_id)}
    if request_id not in mine:
        raise NotFound
    with transaction():
        requests_operations.withdraw(request_id=request_id, by=reader.user_id)
        subject = Subject(kind="access_request", id=request_id)
        note(action=AuditAction.GRANT_ENDED, subject=subject, withdrawn=True)
    flash(gettext("The request is withdrawn."), "success")
    return redirect(url_for("grants.index"), 303)


@blueprint.route("/access/emergency", methods=["GET", "POST"])
@pages.allowed(Permission.OPEN_CASE)
def emergency() -> Page:
    """Open a case without asking, after a fresh proof of who one is; its owner hears of it."""
    step_up.demand()
    form = EmergencyForm()
    limits = policy.current().privacy.break_glass
    shown: dict[str, Any] = {"form": form, "limits": limits}
    if request.method != "POST":
        return render_template("grants/emergency.html", **shown)
    if not form.is_valid():
        return render_template("grants/emergency.html", **shown), 422
    try:
        reference = _broken(form)
    except MayOpenAlready as error:
        return _to_case(form, error)
    except NoCaseNamed as error:
        # Told by the field: whoever mistypes at three in the morning must see where.
        named = normalised_reference(typed=form.text("reference"))
        pages.note_refusal(arguments={"reference": named})
        form.refuse("reference", str(error))
        return render_template("grants/emergency.html", **shown), 404
    except DomainError as error:
        form.refuse("reason", str(error))
        return render_template("grants/emergency.html", **shown), error.status
    flash(gettext("The case is open to you now. Its owner was told."), "info")
    return redirect(url_for("cases.show", reference=reference), 303)


def _broken(form: EmergencyForm) -> str:
    with transaction():
        case, view = access.open_in_emergency(
            typed=form.text("reference"),
            reason=form.text("reason"),
            scope=pages.reader().scope,
            now=pages.now(),
        )
        note(
            action=AuditAction.BROKE_GLASS,
            subject=Subject(kind="case", id=case.case_id),
            view=view.view_id,
            until=view.ends_at.isoformat(),
        )
    return case.reference


def _to_case(form: AskForm | EmergencyForm, error: DomainError) -> AnyResponse:
    flash(gettext(str(error)), "info")
    reference = normalised_reference(typed=form.text("reference"))
    return redirect(url_for("cases.show", reference=reference), 303)


def _page(form: AskForm) -> str:
    reader = pages.reader()
    mine = requests.requests_of(user_id=reader.user_id)
    waiting = cases_access.to_decide(scope=reader.scope, now=pages.now())
    views = cases_access.to_review(scope=reader.scope)
    pages.note_read(
        action=AuditAction.LISTED,
        details={
            "list": "access",
            "own": [row.request_id for row in mine],
            "requests": [item.row.request_id for item in waiting],
            "views": [item.row.view_id for item in views],
        },
    )
    return render_template(
        "grants/index.html",
        form=form,
        mine=[_mine(row) for row in mine],
        now=pages.now(),
        **deciding.listed(waiting=waiting, views=views),
    )


def _mine(row: AccessRequestRow) -> dict[str, Any]:
    words, tone = state_of(row)
    return {
        "id": row.request_id,
        "reference": row.asked_for,
        "asked_at": row.asked_at,
        "state_words": words,
        "state_tone": tone,
        "reason": row.reason,
        "decision": row.decision,
        "until": filters.local_time(row.ends_at) if row.ends_at else None,
        "is_waiting": row.is_waiting(now=pages.now()),
    }
