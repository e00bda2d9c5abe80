"""Ready-made replies: what is in use, what is proposed, and who decides. Using one: `contacts`."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.contacts.operations import canned as operations
from wellbeing.contacts.queries import canned as queries
from wellbeing.contacts.rules.canned import (
    CannedRow,
    CannedState,
    NewCanned,
    NoSuchReply,
    ReplacedMeanwhile,
)
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError
from wellbeing.organizations import queries as organizations
from wellbeing.portal import pages
from wellbeing.portal.forms.contacts import CannedForm

blueprint = Blueprint("canned", __name__)

Page = str | AnyResponse | tuple[str, int]


@blueprint.get("/canned-replies")
@pages.allowed(Permission.SEE_QUEUE)
def index() -> str:
    """List the ready-made replies that the reader may use or decides about."""
    return _page(CannedForm(formdata=None, prefix="canned-"))


@blueprint.get("/canned-replies/<int:canned_id>/change")
@pages.allowed(Permission.ANSWER_LINE)
def change(canned_id: int) -> str:
    """Offer a reply's words for a better proposal; the old ones stay until it is approved."""
    before = _known(canned_id)
    form = CannedForm(
        formdata=None,
        prefix="canned-",
        data={
            "shortcut": before.shortcut,
            "text_zh": before.text_zh,
            "text_en": before.text_en,
            "version": before.canned_id,
        },
    )
    return _page(form)


@blueprint.post("/canned-replies")
@pages.allowed(Permission.ANSWER_LINE)
def propose() -> Page:
    """Propose a ready-made reply; somebody else approves it."""
    form = CannedForm(prefix="canned-")
    if not form.is_valid():
        return _page(form), 422
    replaces = form["version"].data or None
    if replaces is not None and _is_gone(replaces):
        return _stale(form)
    new = NewCanned(
        shortcut=form.text("shortcut"),
        text_zh=form.text("text_zh"),
        text_en=form.text("text_en"),
        replaces_id=replaces,
    )
    reader = pages.reader()
    try:
        with transaction():
            canned_id = operations.propose(
                new=new,
                organization_id=reader.organization_id,
                by=reader.user_id,
                now=pages.now(),
            )
            _note(canned_id, CannedState.PROPOSED)
    except DomainError as error:
        form.refuse("shortcut", str(error))
        return _page(form), error.status
    flash(gettext("Your proposal waits for a supervisor."), "success")
    return redirect(url_for("canned.index"), 303)


@blueprint.post("/canned-replies/<int:canned_id>/approve")
@pages.allowed(Permission.SUPERVISE)
def approve(canned_id: int) -> AnyResponse:
    """Let the unit use a proposal of somebody else."""
    return _decided(canned_id, operations.approve, CannedState.APPROVED)


@blueprint.post("/canned-replies/<int:canned_id>/decline")
@pages.allowed(Permission.ANSWER_LINE)
def decline(canned_id: int) -> AnyResponse:
    """Turn a proposal down, or take one's own back."""
    return _decided(canned_id, operations.decline, CannedState.DECLINED)


@blueprint.post("/canned-replies/<int:canned_id>/retire")
@pages.allowed(Permission.SUPERVISE)
def retire(canned_id: int) -> AnyResponse:
    """Take a reply out of use."""
    return _decided(canned_id, operations.retire, CannedState.RETIRED)


def _decided(canned_id: int, decide: Callable[..., None], state: CannedState) -> AnyResponse:
    try:
        with transaction():
            decide(canned_id=canned_id, scope=pages.reader().scope, now=pages.now())
            _note(canned_id, state)
    except NoSuchReply:
        raise
    except DomainError as error:
        flash(gettext(str(error)), "warning")
    return redirect(url_for("canned.index"), 303)


def _is_gone(canned_id: int) -> bool:
    """Tell whether a reply that the reader may know of went out of use since it was shown."""
    reader, row = pages.reader(), queries.one(canned_id=canned_id)
    is_above = reader.organization_path.startswith(row.organization_path)
    if not (is_above or reader.scope.covers(row.organization_path)):
        raise NoSuchReply
    return row.state in {CannedState.RETIRED, CannedState.DECLINED}


def _stale(form: CannedForm) -> tuple[str, int]:
    """Keep what was typed beside what is in use now; sent again it is a reply of its own."""
    form["version"].data, form["version"].raw_data = 0, None
    form.refuse("shortcut", str(ReplacedMeanwhile()))
    return _page(form), ReplacedMeanwhile.status


def _known(canned_id: int) -> CannedRow:
    reader = pages.reader()
    found = queries.listed(path=reader.organization_path, scope=reader.scope)
    row = next((one for one in found if one.canned_id == canned_id), None)
    if row is None:
        raise NoSuchReply
    return row


def _page(form: CannedForm) -> str:
    reader = pages.reader()
    rows = queries.listed(path=reader.organization_path, scope=reader.scope)
    people = {person for one in rows for person in (one.proposed_by, one.decided_by) if person}
    return render_template(
        "canned/index.html",
        form=form,
        proposed=[one for one in rows if one.state is CannedState.PROPOSED],
        approved=[one for one in rows if one.state is CannedState.APPROVED],
        names=accounts.names_of(user_ids=people),
        units=organizations.many(organization_ids={one.organization_id for one in rows}),
        may_decide={
            one.canned_id
            for one in rows
            if Permission.SUPERVISE in reader.permissions
            and reader.scope.covers(one.organization_path)
        },
        me=reader.user_id,
    )


def _note(canned_id: int, state: CannedState) -> None:
    audit.record(
        action=AuditAction.CANNED_REPLY_CHANGED,
        subject=Subject(kind="canned_reply", id=canned_id),
        actor=pages.actor(),
        details={"state": state.value},
        now=pages.now(),
    )
